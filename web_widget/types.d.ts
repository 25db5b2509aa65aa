/**
 * The seams between the widget's modules: what each is handed from outside. Types only; nothing
 * here is loaded by a browser.
 */

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
