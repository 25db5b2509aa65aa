/**
 * What the widget's modules hand each other, and what the relay hands them. Types only; nothing
 * here is loaded by a browser.
 */

/** What came over the wire: the fold's rules know the fields of each type. */
export type Frame = { type: string } & Record<string, any>;

export interface Message {
  seq: number;
  kind: 'text' | 'activity';
  by: { role: 'customer' | 'agent' | 'desk'; name?: string | null };
  text: string;
  at: string;
  activity?: string;
  /** On the author's own messages, what they were sent with. */
  ref?: string;
}

export interface HelpRequest {
  id: number;
  status: 'waiting' | 'active' | 'closed';
  agent: { name: string } | null;
  /** The last `seq` read by each side. */
  read: { customer: number; agent: number };
}

/** A text of the customer's that the relay has not acknowledged. */
export interface Unsent {
  ref: string;
  text: string;
  /** The request it was written for, null before there was one. */
  request: number | null;
  refused: { code: string; message: string } | null;
}

/** What the customer's side knows. */
export interface State {
  epoch: string | null;
  request: HelpRequest | null;
  /** In order of `seq`, each once. */
  messages: readonly Message[];
  /** In the order they were written. */
  unsent: readonly Unsent[];
  /** Whether an agent is writing. */
  typing: boolean;
  desk: { name: string; online: boolean; away_message: string | null } | null;
  /** The relay's: characters of a text, bytes of a frame. 0, or none yet, is no limit. */
  limits: { text?: number; frame?: number };
  /** The number of the last request that was deleted, 0 for none. */
  gone: number;
}

/** What the browser keeps; `site` for all tabs, `tab` for this one. */
export interface Shelf {
  /** Whether what is kept survives a reload. */
  readonly durable: boolean;
  readonly prefix: string;
  read(where: 'site' | 'tab', name: string): string | null;
  /** null removes it. */
  write(where: 'site' | 'tab', name: string, value: string | null): void;
  /** The names kept for the site that begin with *start*. */
  names(start: string): string[];
}

/** Time and chance, so that tests can have their own. */
export interface Clock {
  now(): number;
  after(act: () => void, ms: number): unknown;
  cancel(timer: unknown): void;
  /** In [0, 1). */
  random(): number;
}

export interface Place {
  page: { url: string; title: string; referrer: string };
  locale: string;
}

/** What a session needs of the page around it. */
export interface Surroundings {
  /** The relay's socket for customers. */
  url: string;
  site: string;
  shelf: Shelf;
  clock: Clock;
  Socket: new (url: string, protocol: string) => WebSocket;
  place(): Place;
  newRef(): string;
  /** Waits until no other tab holds *name*, and returns what lets it go. */
  alone(name: string): Promise<() => void>;
  /** Called after every change of what there is to show. */
  changed(): void;
}

/** What the Box hands to the HelpPanel. */
export interface Host {
  root: ShadowRoot;
  box: HTMLButtonElement;
  count: HTMLElement;
  shelf: Shelf;
  site: string;
  url: string;
}
