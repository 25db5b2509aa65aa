/**
 * What the widget's modules hand each other, and what the relay hands them: global types, never
 * loaded by a browser. What a site's own scripts see is in helpdesk.d.ts.
 *
 * Reasons that the shipped modules leave out, to stay small:
 * - request: what is refused as TEMPORARY is sent again later; an agent may reopen an older request
 *   once the latest has ended.
 * - widget: the relay puts the name of the release's folder into it; where storage is denied or
 *   full, memory stands in; on the site's own colour one writes black or white, at least 4.5:1, so it is made opaque, and
 *   may not depend on `currentColor`; what cannot be had in another language stays as it is; the queue may name the site after it has
 *   used what is kept, so the prefix is read each time; another tab may open the first request.
 * - panel: a chat that ended unseen is shown first; `show` would move the focus; one drawing for
 *   all frames of a turn; a phone's keyboard covers a page without changing its size; a page kept
 *   for the way back must have no socket; another tab may have written, or forgotten who the
 *   customer is; of the page's address, query and fragment may hold secrets; a frozen tab may hold a
 *   lock for ever.
 * - parts: a live region reads out what is set, so only what is new is; what was said before must
 *   not be read out as new, so the log is busy until a moment after it is there; a reversed column stays at its end by itself; a sound waits, since by then
 *   a tab that shows the text has said so; of the others, one gets the lock.
 * - session: a token that is gone is a logout to the other tabs, so a refused one is emptied;
 *   without the lock two tabs that open at once would become two customers; a text too
 *   large for a frame would make the relay hang up, after every reload again; a hole that the relay
 *   cannot fill is not asked for again before the next welcome; of each kind of frame it keeps the
 *   `ref` that is not answered; only `open` takes who writes, and a request that is open stays the
 *   same.
 */

/** What came over the wire: the fold's rules know the fields of each type. */
type Frame = { type: string } & Record<string, any>;

interface Message {
  seq: number;
  kind: 'text' | 'activity';
  by: { role: 'customer' | 'agent' | 'desk'; name?: string | null };
  text: string;
  at: string;
  activity?: string;
  /** On the author's own messages, what they were sent with. */
  ref?: string;
}

interface HelpRequest {
  id: number;
  status: 'waiting' | 'active' | 'closed';
  agent: { name: string } | null;
  /** The last `seq` read by each side. */
  read: { customer: number; agent: number };
  rating?: { score: number; comment: string | null } | null;
}

/** A text of the customer's that the relay has not acknowledged. */
interface Unsent {
  ref: string;
  text: string;
  /** The request it was written for, null before there was one. */
  request: number | null;
  refused: { code: string; message: string } | null;
  /** Given with it; stored in browsers under this name, so it stays. */
  person?: Contact;
}

interface Desk {
  name: string;
  online: boolean;
  away_message: string | null;
}

/** What the customer's side knows. */
interface State {
  epoch: string | null;
  request: HelpRequest | null;
  /** In order of `seq`, each once. */
  messages: readonly Message[];
  /** In the order they were written. */
  unsent: readonly Unsent[];
  /** Whether an agent is writing. */
  typing: boolean;
  desk: Desk | null;
  /** The relay's: characters of a text, bytes of a frame. 0, or none yet, is no limit. */
  limits: { text?: number; frame?: number };
  /** The number of the last request that was deleted, 0 for none. */
  gone: number;
}

/** What a frame makes of a state: the same object where it says nothing new. */
type Rule = (state: State, frame: Frame) => State;

interface FoldParts {
  /** In *request*, whose messages are kept if it is the same. */
  entered(state: State, request: HelpRequest): State;
  received(state: State, incoming: readonly Message[]): State;
  /** Marks only ever move forward. */
  read(known: HelpRequest['read'], told?: Partial<HelpRequest['read']>): HelpRequest['read'];
  updated: Rule;
  /** The number of the last request that was heard of. */
  latest(state: State): number;
  fold: Rule;
  /** Whether it is waiting or active. */
  isLive(request: HelpRequest | null): boolean;
  /** 0 for none. */
  lastSeq(state: State): number;
  /** Ranges of `seq` that are missing. */
  gaps(state: State): [number, number][];
  /** How many of the agents' texts the customer has not read. */
  unread(state: State): number;
  /** Whether an agent has read the customer's last text. */
  seen(state: State): boolean;
  fits(state: State, send: object): boolean;
}

/** What the browser keeps; `site` for all tabs, `tab` for this one. */
interface Shelf {
  /** Whether what is kept survives a reload. */
  durable: boolean;
  readonly prefix: string;
  area(where: string): Storage;
  read(where: 'site' | 'tab', name: string): string | null;
  /** null removes it. */
  write(where: 'site' | 'tab', name: string, value: string | null): void;
  /** The names kept for the site that begin with *start*. */
  names(start: string): string[];
  /** Forgets all but what the customer likes. */
  clear(): void;
}

/** Time and chance, so that tests can have their own. */
interface Clock {
  now(): number;
  after(act: () => void, ms: number): any;
  cancel(timer: any): void;
  /** In [0, 1). */
  random(): number;
}

interface Place {
  page: { url: string; title: string; referrer: string };
  locale: string;
}

/** The contact fields that hold something, by their names in `CONTACT`; unverified. */
type Contact = Record<string, string>;

type Rating = { request: number | undefined; score: number; comment: string };

type Phase = 'off' | 'connecting' | 'online' | 'waiting' | 'ended';

/** What a link connects. */
interface Ends {
  url: string;
  Socket: new (url: string, protocol: string) => WebSocket;
  clock: Clock;
  /** The first frame of each socket. */
  hello(): object | Promise<object>;
  received(frame: Frame): void;
  /** `phase` or `code` has. */
  changed(): void;
}

/** One connection over many sockets. */
interface Link {
  phase: Phase;
  /** The close code of the socket that was lost last, 0 while all is well. */
  code: number;
  /** Connects, unless that is under way or the relay has ended it for good. */
  start(): void;
  /** Hangs up until `start`. Nothing is received after this call. */
  stop(): void;
  /** Hangs up, even if the relay had ended it for good. */
  reset(): void;
  /** Dials anew, even if the relay had ended it for good. */
  redial(): void;
  /** The network may have changed: tries now, or asks whether the socket still lives. */
  poke(): void;
  /** Returns whether *frame* was handed to a socket. */
  send(frame: object): boolean;
}

type MakeLink = (ends: Ends) => Link;

/** *frame* as text, in which half a surrogate pair, which the relay refuses, is a replacement. */
type Encoded = (frame: object) => string;

interface LinkParts extends Link {
  socket: WebSocket | null;
  dial(): void;
  heard(frame: Frame): void;
  probe(): void;
  lost(code?: number): void;
  drop(): void;
  write(frame: object): void;
  set(act: () => void, ms: number): void;
  enter(phase: Phase): void;
}

/** What a session needs of the page around it. */
interface Surroundings {
  /** The relay's socket for customers. */
  url: string;
  site: string;
  shelf: Shelf;
  clock: Clock;
  Socket: new (url: string, protocol: string) => WebSocket;
  place(): Place;
  newRef(): string;
  /** Waits until no other tab holds *name*, and returns what lets it go. */
  alone(name: string): Promise<(done: void) => void>;
  /** Whether the customer is to write, or fill in a form, before a request is opened. */
  asks(): boolean;
  /** A signed identity, what fetches one, or nothing. */
  identity(): import('./helpdesk').Identity | undefined;
}

type Around = (host: Host) => Surroundings;

/** `changed`: there is something else to show; `reset`: the customer is forgotten. */
type News = 'changed' | 'reset' | 'message' | 'error';

interface Session {
  state: State;
  link: Link;
  /** Whether there is a request that is waiting or active. */
  readonly live: boolean;
  /** The `ref` of the `open` under way. */
  opening: string | null;
  /** The customer is to write, or fill in a form, before a request is opened. */
  asking: boolean;
  /** The number of the request that the customer has ended. */
  ending: number | null;
  /** Given, and not acknowledged. */
  rating: Rating | null;
  /** What the customer wrote is being erased. */
  erasing: true | null;
  erased: boolean;
  /** Whether an open request is expected that the relay has not confirmed yet. */
  coming: boolean;
  /** Why the relay did not do what it was asked. */
  failure: string | null;
  /** Whoever shows the session puts a function here. */
  tell(event: News, detail?: any): void;
  /** Comes back to a request, or to the opening of one, after a load. */
  resume(): void;
  /** Asks for help: opens a request unless one is open or being opened. */
  open(): void;
  /** What the customer wrote, and who they say to be if they just did; empty text is dropped. */
  write(text: string, person?: Contact): void;
  /** Forgets a refused text. */
  discard(ref: string): void;
  /** Ends the request, after what was written before has gone out. */
  end(): void;
  rate(score: number, comment: string): void;
  /** Has the relay erase the customer and all they wrote. */
  erase(): void;
  /** Forgets who the customer is, here and in the browser; *erased*: the relay has, too. */
  reset(erased?: boolean): void;
  /** The identity is another one: greets the relay anew, if it was greeted. */
  identify(): void;
  /** Whether the composer holds a new text. */
  typed(on: boolean): void;
  /** Tells the relay what has been read, if the customer can see it. */
  attend(seen?: boolean): void;
  /** Tells the relay where the customer is, if that has changed. */
  moved(): void;
  /** Hangs up when there is nothing to wait for. */
  rest(): void;
  /** What the browser keeps for all tabs under *name*; null if that is nothing, or garbage. */
  kept(name: string): any;
  /** Nothing, if *value* is falsy. */
  keep(name: string, value?: unknown): void;
}

/** What is asked for until the relay has done it, by the type of its frame. */
type Due = Record<string, 'ending' | 'rating' | 'erasing'>;

type StartSession = (around: Surroundings) => Session;

interface SessionParts extends Session {
  /** The opening is over, for good or ill; if it is not *done*, it is taken up after a reload. */
  settle(done?: boolean): void;
  /** It is asked for until the relay has done it. */
  due(name: 'ending' | 'rating' | 'erasing', value?: unknown): void;
  /** Takes up what the browser keeps unsent, another tab's too. */
  recover(): void;
  hello(): object | Promise<object>;
  unwelcome(error: Frame): void;
  /** True, unless another tab was given a token. */
  welcomed(welcome: Frame): boolean | void;
  received(frame: Frame): void;
  refused(kind: string | undefined, error: Frame): void;
  wait(seconds?: number): void;
  advance(): void;
  /** One unanswered frame of each kind. */
  say(kind: string, fields: object): void;
  take(frame: Frame): void;
  become(state: State): void;
  linked(): void;
}

type Settings = import('./helpdesk').Settings;
type Helpdesk = import('./helpdesk').Helpdesk;

type Texts = typeof import('./texts/en.js').default & Record<string, string>;

interface Words {
  /** Who helps. */
  aboutOf(t: Texts, session: Session): string;
  /**
   * Why there is no connection, if one is wanted, or why the relay refused something.
   * *durable*: what is written survives a reload.
   */
  lineOf(t: Texts, session: Session, durable: boolean, network: boolean): string;
  /** Why no chat is open. */
  outcomeOf(t: Texts, session: Session): string;
  /** How little room is left, or why *text* cannot be sent, and whether that is so. */
  roomOf(t: Texts, text: string, state: State): [string, boolean];
}

type MakeElement = <Name extends keyof HTMLElementTagNameMap>(
  name: Name, attributes: Record<string, string>, ...children: (Node | string)[]
) => HTMLElementTagNameMap[Name];

/** *name* is for those who do not see what *text* stands for. */
type MakeButton = (
  text: string, kind: string, act?: (() => void) | null, name?: string | null) => HTMLButtonElement;

type Say = (element: HTMLElement, text: string, name?: string) => void;

/** A text in pieces, its addresses as links. */
type Linked = (text: string) => (Node | string)[];

/** *asker* shows it; the first answer does *act*, the second goes back. Both hide it. */
type MakeQuestion = (
  asker: HTMLElement, question: string, yes: string, no: string, act: () => void) => HTMLElement;

/** What *message* says to the customer and, unless it is an activity, who wrote it. */
type Told = (t: Texts, message: Message) => [text: string, author?: string];

interface LogActs {
  again(text: Unsent): void;
  discard(ref: string): void;
}

type MakeExtras = (host: Host, session: Session) => Extras;

type MakeLog = (host: Pick<Host, 'texts' | 'lang' | 'settings'>, on: LogActs) => Log;

interface Log {
  element: HTMLElement;
  /** *online*: texts are going out; *coming*: what was said before is not here yet. */
  show(state: State, online: boolean, coming: boolean): void;
}

/** The key changes with whatever there is to see. */
type Row = [key: string, draw: () => HTMLElement];

/** What makes *within* hold exactly the rows it is given, in order. */
type Keyed = (within: HTMLElement, rows?: Map<string, HTMLElement>) => (wanted: Row[]) => void;

interface LogParts extends Log {
  /** *last*: the message before it. */
  row(message: Message, last: Message | undefined, state: State): Row;
  said(message: Message): HTMLElement[];
  time(at: string, style: Intl.DateTimeFormatOptions): HTMLElement;
  pending(text: Unsent, fate: string): HTMLElement;
}

/** What the Box hands to the HelpPanel. */
interface Host {
  /** The element that holds everything, in the shadow root. */
  all: HTMLElement;
  box: HTMLButtonElement;
  count: HTMLElement;
  /** The look of what was loaded. */
  look: CSSStyleSheet;
  shelf: Shelf;
  settings: Settings;
  texts: Texts;
  relay(): URL;
  lang(): string;
  label(): string;
  tell(event: string, detail?: unknown): void;
}

/** The widget's one element on the page; a copy that the page has made takes itself off. */
type BoxHost = HTMLElement & { moved(): void };

interface HTMLElementTagNameMap {
  'helpdesk-widget': BoxHost;
}

type MakePart = <Name extends keyof HTMLElementTagNameMap>(
  name: Name, kind: string, ...children: Node[]
) => HTMLElementTagNameMap[Name];

interface BoxParts extends Pick<Host, 'relay' | 'label' | 'tell'> {
  /** One of the languages that there are. */
  lang(): string;
  /** Under way or loaded, null before and after a failure. */
  panel: Promise<HelpPanel> | null;
  paint(): void;
  load(session?: Session): Promise<HelpPanel>;
  use(act: (panel: HelpPanel) => void): Promise<boolean>;
  /** Tells the customer and the site. */
  failed(error: unknown): void;
  resume(shown: boolean, wait?: number): Promise<void>;
  start(): void;
}

interface HelpPanel {
  session: Session;
  shown: boolean;
  open(focus: boolean): void;
  /** Hides it; the request goes on. */
  close(): void;
  /** Comes back to what was under way before the page was loaded. */
  resume(shown: boolean, focus?: boolean): void;
  /** Hides it, and forgets who the customer is. */
  forget(): void;
  /** Takes it off the page; the session stays as it is. */
  remove(): void;
}

type MakePanel = (host: Host, session?: Session) => HelpPanel;

/** The composer's fields, by name, that hold something. */
type Draft = Record<string, string>;

interface PanelParts extends HelpPanel {
  /** Whether the customer can see it. */
  seen(): boolean;
  show(focus: boolean): void;
  /** The customer may look again, at something else. */
  look(focus?: boolean): void;
  write(): void;
  draft(): Draft;
  fill(draft: Draft | null): void;
  /** Whether the text is too long. */
  measure(): void;
  edited(): void;
  again(text: Unsent): void;
  end(): void;
  begin(): void;
  told(event: News, detail?: any): void;
  draw(): void;
  fields(): void;
  count(unseen: number): void;
  listen(at: EventTarget | null | undefined, names: string, act: (event: any) => void): void;
}

interface Extras {
  more: HTMLElement;
  menu: HTMLElement;
  rating: HTMLElement;
  thanks: HTMLElement;
  /** What of the rating is to be seen. */
  draw(): void;
  /** Something was said, and nobody looks: once, in one tab. */
  alert(): void;
  /** Somebody looks. */
  calm(): void;
}

interface ExtrasParts extends Extras {
  audio: AudioContext | null;
  /** Shows or hides the menu. */
  toggle(): void;
  save(): void;
  beep(): void;
  flash(): void;
}
