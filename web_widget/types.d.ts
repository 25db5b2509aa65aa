/**
 * Types shared by the widget's modules, and those of the relay's frames: global types, never loaded
 * by a browser. The types for a site's scripts are in helpdesk.d.ts.
 *
 * Rules of the modules. link.js does not interpret frames beyond `welcome`; request.js is pure: no
 * page, no socket; session.js does not touch the page; the panel's modules send nothing to the relay and turn no text into markup;
 * widget.js connects, fetches and stores nothing before a click,
 * except to resume an open request.
 *
 * Comments that the served modules leave out to stay small:
 * - link.js: a signed identity may take longer to come than the relay waits for a hello, so the
 *   socket is opened after it. A page is told of whole frames only, and 50 messages may take 13 s at
 *   8 kB/s; so `welcome`, `history` and `opened` have 30 s.
 * - request.js: frames refused as TEMPORARY are sent again later. An agent may reopen an older
 *   request once the latest has ended.
 * - widget.js: an element with the id or name `helpdesk` is a property of the window, but not an own
 *   one. A browser without what the widget needs loads `unsupported.js` as its panel. `medium` is the font size that the customer has set in the browser; all lengths follow
 *   it by `zoom`, but those of the viewport. The relay inserts the name of the release's folder. Memory replaces storage that is
 *   denied or full. Text on the site's own colour is black or white, at least 4.5:1, so the colour is
 *   made opaque and may not depend on `currentColor`. If another language cannot be loaded, the
 *   panel stays as it is. The queue may set the site late, so the storage prefix is read each time.
 *   Another tab may open the first request. Input that is for the widget ends at the window, before
 *   the page's own listeners, so the widget's elements have their handlers as properties (`onclick`),
 *   which `take` calls; a key or a button that was pressed outside is released outside. Everything
 *   outside a modal dialog is inert, so the element moves into it; one in a shadow root shows itself
 *   by its focus.
 * - panel.js: focus traps act on a `focusout` that says what has got the focus, so the page hears that
 *   nothing has. An element that is moved loses the focus, with an event in some browsers only, hence the
 *   delay. A chat that ended unseen is shown first. `show` would move the focus. All frames of a
 *   turn cause one drawing. A phone's keyboard covers a page without changing its size. A page in
 *   the back-forward cache must have no socket. Another tab may have changed the draft or logged
 *   out. Query and fragment of the page's address may hold secrets. A frozen tab may hold a lock
 *   forever.
 * - elements.js: a live region announces every change, so only changed text is set.
 * - log.js: earlier messages must not be announced as new, so the log is busy until shortly after
 *   they are drawn. A reversed column stays scrolled to its end.
 * - long_log.js: a window of `STEP` to `MOST` rows moves along with the customer. Rows that were drawn
 *   below it leave a space of their size; above it there is none, since a reversed column keeps its
 *   distance from the end. Steps are tasks of their own, so that the page stays responsive.
 * - markup.js: the rules are those of docs/message-format.md and relay/markup.py. No pattern may look
 *   at the same place twice, because anybody may send a text of any length.
 * - notify.js: a sound waits until a tab that shows the text has marked it as read; of the other tabs,
 *   one gets the lock.
 * - session.js: whoever ends a chat leaves nothing to the next person at a shared computer, so the
 *   token then lives in this tab's memory alone, for the rating, until another request is opened. What
 *   a signed-in customer left is neither shown nor sent for anybody else. A token is replaced by a welcome alone, and removed by a logout, which the other tabs
 *   follow: a refused hello changes nothing that is stored. Without the lock two tabs that open at once would become two customers. A text too
 *   large for a frame would end the connection, again after every reload. A gap that the relay cannot
 *   fill is not requested again before the next welcome. At most one frame of each type is
 *   unanswered. Only `open` carries contact fields; while a request is open it adds to that one.
 */

/** A frame from the relay; the fold's rules know the fields of each type. */
type Frame = { type: string } & Record<string, any>;

interface Message {
  seq: number;
  kind: 'text' | 'activity';
  by: { role: 'customer' | 'agent' | 'desk'; name?: string | null };
  text: string;
  at: string;
  activity?: string;
  /** The `ref` it was sent with, on the author's own messages. */
  ref?: string;
}

interface HelpRequest {
  id: number;
  /** The number of the last message. */
  seq?: number;
  status: 'waiting' | 'active' | 'closed';
  agent: { name: string } | null;
  /** The last `seq` read by each side. */
  read: { customer: number; agent: number };
  rating?: { score: number; comment: string | null } | null;
}

/** A text by the customer that the relay has not acknowledged. */
interface Unsent {
  ref: string;
  text: string;
  /** The request it was written for, null before there was one. */
  request: number | null;
  refused: { code: string; message: string } | null;
  /** Sent with it. Browsers store unsent texts, so this name must not change. */
  person?: Contact;
}

interface Desk {
  name: string;
  online: boolean;
  away_message: string | null;
}

/** The state of the customer's side. */
interface State {
  epoch: string | null;
  request: HelpRequest | null;
  /** In order of `seq`, each once. */
  messages: readonly Message[];
  /** In the order they were written. */
  unsent: readonly Unsent[];
  /** True while an agent is typing. */
  typing: boolean;
  desk: Desk | null;
  /** The relay's limits: characters of a text, bytes of a frame. 0 or undefined is no limit. */
  limits: { text?: number; frame?: number };
  /** The number of the last request that is not here any more, 0 for none. */
  gone: number;
  /** True if the relay has said that it was deleted. */
  deleted: boolean;
}

/** Returns the state after a frame: the same object if nothing changed. */
type Rule = (state: State, frame: Frame) => State;

interface FoldParts {
  /** Returns the state in *request*; keeps the messages if it is the same request. */
  enter(state: State, request: HelpRequest): State;
  merge(state: State, incoming: readonly Message[]): State;
  /** Merges read marks, which never go back. */
  read(known: HelpRequest['read'], other?: Partial<HelpRequest['read']>): HelpRequest['read'];
  update: Rule;
  /** Returns the number of the last known request. */
  latest(state: State): number;
  fold: Rule;
  /** Returns true if *request* is waiting or active. */
  isLive(request: HelpRequest | null): boolean;
  /** Returns the last `seq`, 0 for none. */
  lastSeq(state: State): number;
  /** Returns the missing ranges of `seq` between messages; all of them if there is no message. */
  gaps(state: State): [number, number][];
  /** Returns the number of messages before the first one, which are fetched only when wanted. */
  older(state: State): number;
  /** Returns the number of agents' texts that the customer has not read. */
  unread(state: State): number;
  /** Returns true if an agent has read the customer's last text. */
  seen(state: State): boolean;
  fits(state: State, send: object): boolean;
}

/** The browser's storage: `site` is shared by all tabs, `tab` belongs to this one. */
interface SiteStorage {
  /** True if stored values survive a reload. */
  durable: boolean;
  readonly prefix: string;
  area(where: string): Storage;
  read(where: 'site' | 'tab', name: string): string | null;
  /** Stores *value*; null removes it. */
  write(where: 'site' | 'tab', name: string, value: string | null): void;
  /** Returns the names stored for the site that begin with *start*. */
  names(start: string): string[];
  /** Removes everything except the customer's preferences. */
  clear(): void;
}

/** Time, timers and randomness; replaced in tests. */
interface Clock {
  now(): number;
  after(act: () => void, ms: number): any;
  cancel(timer: any): void;
  /** Returns a number in [0, 1). */
  random(): number;
}

interface Context {
  page: { url: string; title: string; referrer: string };
  locale: string;
}

/** The contact fields that hold something, by their names in `CONTACT`; unverified. */
type Contact = Record<string, string>;

type Rating = { request: number | undefined; score: number; comment: string };

type Phase = 'off' | 'connecting' | 'online' | 'waiting' | 'ended';

/** Options of a link. */
interface LinkOptions {
  url: string;
  Socket: new (url: string, protocol: string) => WebSocket;
  clock: Clock;
  /** Returns the first frame of each socket. */
  hello(): object | Promise<object>;
  received(frame: Frame): void;
  /** Called when `phase` or `code` has changed. */
  changed(): void;
}

/** The connection to the relay: one socket at a time, reconnecting with backoff. */
interface Link {
  phase: Phase;
  /** The close code of the socket that was lost last, 0 while all is well. */
  code: number;
  /** True if the relay refused the last socket because the customer's network address has too many. */
  full: boolean;
  /** True if no socket was ever welcomed in several attempts, and the relay does not say why. */
  readonly unreachable: boolean;
  /** Connects, unless it is connecting or the relay has ended it permanently. */
  start(): void;
  /** Disconnects until `start`. Nothing is received after this call. */
  stop(): void;
  /** Disconnects, even if the relay had ended it permanently. */
  reset(): void;
  /** Connects again, even if the relay had ended it permanently. */
  reconnect(): void;
  /** Call when the network may have changed: reconnects now, or pings an open socket. */
  check(): void;
  /** Returns true if *frame* was written to a socket. */
  send(frame: { type: string; ref?: string; [name: string]: unknown }): boolean;
}

type MakeLink = (options: LinkOptions) => Link;

/** Returns *frame* as JSON, with lone surrogates replaced, which the relay would refuse. */
type Encode = (frame: object) => string;

interface LinkParts extends Link {
  socket: WebSocket | null;
  /** Identifies the last attempt to connect while its first frame is being made. */
  attempt: object | null;
  connect(): void;
  /** Opens a socket, whose first frame is *first*. */
  dial(first: object): void;
  receive(frame: Frame): void;
  probe(): void;
  closed(code?: number, reason?: string): void;
  closeSocket(): void;
  write(frame: object): void;
  setTimer(act: () => void, ms: number): void;
  setPhase(phase: Phase): void;
}

/** The page and browser functions that a session uses. */
interface Environment {
  /** The address of the relay's socket for customers. */
  url: string;
  site: string;
  storage: SiteStorage;
  clock: Clock;
  Socket: new (url: string, protocol: string) => WebSocket;
  context(): Context;
  newRef(): string;
  /** Waits for the lock *name* across tabs, and returns a function that releases it. */
  lock(name: string): Promise<(done: void) => void>;
  /** Returns true if the request is opened by the first text instead of the click. */
  asks(): boolean;
  /** Returns a signed identity, a function that fetches one, or undefined. */
  identity(): import('./helpdesk').Identity | undefined;
}

type MakeEnv = (host: Host) => Environment;

/**
 * `changed`: the state has changed; `reset`: the customer was logged out or erased; `identified`:
 * the relay has accepted the signed identity that is the detail.
 */
type SessionEvent = 'changed' | 'reset' | 'message' | 'error' | 'identified';

interface Session {
  state: State;
  link: Link;
  /** True if there is a request that is waiting or active. */
  readonly live: boolean;
  /** The `ref` of the unanswered `open`. */
  opening: string | null;
  /** True while the first text, which opens the request, is being written. */
  drafting: boolean;
  /** The number of the request that the customer has ended. */
  ending: number | null;
  /** A rating that is not acknowledged. */
  rating: Rating | null;
  /** True while the customer's data is being erased. */
  erasing: true | null;
  erased: boolean;
  /** True after the customer has ended the chat, until they open another. */
  left: boolean;
  /** True while an open request is expected that the relay has not confirmed yet. */
  restoring: boolean;
  /** Why the relay refused the last hello, as the name of a text: no identity, or not a good one. */
  refusal: 'signIn' | 'expired' | null;
  /** The code with which the relay refused the last act. */
  failure: string | null;
  /** Set by the panel that shows the session. */
  emit(event: SessionEvent, detail?: any): void;
  /** Resumes a request, or the opening of one, after the page was loaded. */
  resume(): void;
  /** Opens a request unless one is open or being opened. */
  open(): void;
  /** Sends a text, with the contact fields just given; ignores an empty text. */
  write(text: string, person?: Contact): void;
  /** Deletes a refused text. */
  discard(ref: string): void;
  /** Ends the request, after the texts written before have been sent. */
  end(): void;
  rate(score: number, comment: string): void;
  /** Asks the relay to erase the customer with all their data. */
  erase(): void;
  /** Forgets the customer here and in the browser; *erased*: the relay has erased them. */
  reset(erased?: boolean): void;
  /** Returns false if what is stored belongs to a signed-in customer, and not to this one. */
  own(): boolean;
  /** Returns true if the customer has logged out or left while the page was cached. */
  isStale(): boolean;
  /** Reconnects with a changed identity. */
  identify(): void;
  /** Reports typing, throttled; *on*: the composer holds a text. */
  typing(on: boolean): void;
  /** Moves the read mark, if the customer can see the messages. */
  read(seen?: boolean): void;
  /**
   * Fetches *count* messages before the first one, or all with `Infinity`. Resolves when they are in
   * `state`, or cannot be had now: without a connection, or if the relay does not have them.
   */
  fetchOlder(count?: number): Promise<void>;
  /** Sends the customer's page, if it has changed. */
  page(): void;
  /** Disconnects if there is nothing to wait for. */
  idle(): void;
  /** Returns the JSON value stored for all tabs under *name*; null if missing or invalid. */
  load(name: string): any;
  /** Stores *value* as JSON; removes *name* if it is falsy. */
  save(name: string, value?: unknown): void;
}

/** Acts that are sent until the relay acknowledges them, by the type of their frame. */
type Goals = Record<string, 'ending' | 'rating' | 'erasing'>;

/** Returns the claim `sub` of a JWT, whose signature only the relay can verify; null if it has none. */
type SubjectOf = (jwt: unknown) => string | null;

type StartSession = (env: Environment) => Session;

interface SessionParts extends Session {
  /** Ends the opening; if it is not *done*, it is resumed after a reload. */
  endOpening(done?: boolean): void;
  /** Sets and stores one of the `GOALS`; null when the relay has acknowledged it. */
  persist(name: 'ending' | 'rating' | 'erasing', value?: unknown): void;
  /** Loads the stored unsent texts, including those of other tabs. */
  loadUnsent(): void;
  /** Forgets everything, stored or not, except *unsent*. */
  forget(erased?: boolean, unsent?: readonly Unsent[]): void;
  /** Removes what the next person at this browser must not find, once the customer has ended the chat. */
  leave(): void;
  /** Forgets the former customer if *jwt* is another one's. */
  meet(jwt: string): void;
  hello(): object | Promise<object>;
  denied(error: Frame): void;
  /** Returns true unless another tab was given a token meanwhile. */
  welcome(welcome: Frame): boolean | void;
  onFrame(frame: Frame): void;
  onError(kind: string | undefined, error: Frame): void;
  /** Resolves the promises of `fetchOlder`, unless more is to come. */
  endFetch(): void;
  backOff(seconds?: number): void;
  sendNext(): void;
  /** Sends a frame, unless one of its type is unanswered. */
  ask(kind: string, fields: object): void;
  apply(frame: Frame): void;
  setState(state: State): void;
  linkChanged(): void;
}

type Settings = import('./helpdesk').Settings;
type Helpdesk = import('./helpdesk').Helpdesk;

type Texts = typeof import('./texts/en.js').default & Record<string, string>;

interface StatusText {
  /** Returns the reason for a refusal with *code*, in the panel's language; nothing for none. */
  reasonOf(t: Texts, code: string | null): string;
  /** Returns the line about the desk or the agent. */
  aboutOf(t: Texts, session: Session): string;
  /** Returns what is said to a customer who waits while nobody is at the desk. */
  noticeOf(t: Texts, session: Session): string;
  /**
   * Returns the reason why there is no connection, or why the relay refused an act.
   * *durable*: texts survive a reload.
   */
  lineOf(t: Texts, session: Session, durable: boolean, network: boolean): string;
  /** Returns the reason why no chat is open. */
  outcomeOf(t: Texts, session: Session): string;
  /** Returns the note about the length of *text*, and true if it cannot be sent. */
  roomOf(t: Texts, text: string, state: State): [string, boolean];
}

type MakeElement = <Name extends keyof HTMLElementTagNameMap>(
  name: Name, attributes: Record<string, string>, ...children: (Node | string)[]
) => HTMLElementTagNameMap[Name];

/** *name*: an accessible name that replaces *text*. */
type MakeButton = (
  text: string, kind: string, act?: (() => void) | null, name?: string | null) => HTMLButtonElement;

/** Returns the initials of *name* as a picture, which screen readers pass over. */
type MakeFace = (name: string) => HTMLElement;

/** Adds the styles of a module that was loaded later to *sheet*. */
type AddStyles = (sheet: CSSStyleSheet, module: { STYLES?: string }) => void;

type SetText = (element: HTMLElement, text: string, name?: string) => void;

/**
 * Part of a line. *formats*: letters of `a` (address), `b` (bold), `c` (code) and `i` (italic), in
 * this order.
 */
type Piece = [words: string, formats: string];

/** Lines of one kind: a paragraph, code, or a list, whose items are lines. */
type Block = [kind: 'p' | 'pre' | 'ul' | 'ol', lines: Piece[][], start?: string];

/** Returns *link* without what ends the sentence around it. *italic*: so does `_`. */
type Trim = (link: string, italic: boolean) => string;

/** Returns the pieces of *line*; with *formats*, which all of it has, no marks are looked for. */
type SplitLine = (line: string, formats?: string) => Piece[];

/** Returns how many lines from *at* on are items of one list. */
type CountItems = (lines: string[], at: number) => number;

type Parse = (text: string) => Block[];

type DrawPiece = (piece: Piece) => Node | string;

/** Returns the nodes that show *text* with its formats. */
type DrawText = (text: string) => (Node | string)[];

/**
 * Returns the text of *message* for the customer and its author. An activity has a sentence and a
 * name for the place `{name}` in it; one that this release does not know has the relay's sentence.
 */
type Describe = (t: Texts, message: Message) => [text: string, author: string | null, name?: string];

/** Hands all messages to the customer as a text file, with times in the browser's zone. */
type SaveTranscript = (t: Texts, lang: string, state: State) => void;

interface LogActs {
  again(text: Unsent): void;
  discard(ref: string): void;
  /** Fetches messages before the first one. */
  older(): Promise<void>;
}

type MakeLog = (host: Pick<Host, 'texts' | 'lang' | 'say' | 'styles'>, on: LogActs) => Log;

interface Log {
  element: HTMLElement;
  /** *online*: texts are being sent; *restoring*: earlier messages are not loaded yet. */
  show(state: State, online: boolean, restoring: boolean): void;
  /** Scrolls to where the customer was, after the page has moved the element. */
  giveBack(): void;
}

/** A row; its key changes with its contents. */
type Row = [key: string, draw: () => HTMLElement];

/** Returns a function that makes *within* hold exactly the given rows, in order. */
type Reconcile = (within: HTMLElement, rows?: Map<string, HTMLElement>) => (wanted: Row[]) => void;

/** Decides which messages are drawn. */
interface LogView {
  /** Returns the messages to draw, of all. */
  select(messages: readonly Message[]): readonly Message[];
  /** Runs *change*, and leaves what the customer sees at its place. */
  keep(change: () => void): void;
  /** Draws or fetches more if the customer is near the first or the last row. */
  fit(): void;
}

interface LogParts extends Log {
  list: HTMLElement;
  /** The `seq` of the first message that is drawn, 0 for none. */
  first: number;
  draw(): void;
  drawUnsent(online: boolean): void;
  /**
   * Loads the module *name* and then draws; returns true until it is loaded. Without `markup` texts
   * are shown as typed, without `long_log` the last messages alone.
   */
  awaits(name: 'markup' | 'long_log'): boolean;
  /** Draws again, without announcing what was not drawn before. */
  redraw(): void;
  /** Lets messages be announced after all are drawn; *quiet*: none before that. */
  settle(quiet?: boolean): void;
  /** Fetches older messages if the customer is near the first one. */
  fetch(): Promise<void>;
  /** *last*: the message drawn before it; *before*: the last `seq` before it. */
  row(message: Message, last: Message | undefined, before: number): Row;
  content(message: Message): HTMLElement[];
  text(text: string): HTMLElement;
  time(at: string, style: Intl.DateTimeFormat): HTMLElement;
  pending(text: Unsent, status: string): HTMLElement;
}

/** Returns true if *message* is a text by the customer. */
type IsQuestion = (message: Message) => boolean;

/** Takes over the log's view from the row that is the first. */
type MakeLongLog = (log: LogParts) => LogView;

interface LongLog extends LogView {
  /** Shows the end, and follows it. */
  follow(): void;
  /** Returns the distance of a row's upper edge from the end of the log. */
  depth(row: HTMLElement): number;
}

/** Values and functions that the Box passes to the HelpPanel. */
interface Host {
  /** The element that holds everything, in the shadow root. */
  all: HTMLElement;
  box: HTMLButtonElement;
  count: HTMLElement;
  /** The style sheet for the panel. */
  styles: CSSStyleSheet;
  storage: SiteStorage;
  settings: Settings;
  texts: Texts;
  relay(): URL;
  lang(): string;
  label(): string;
  /** Returns the setting *name* in the widget's language, if it has been given for that. */
  say(name: 'label' | 'greeting' | 'failed' | 'fallback'): string | undefined;
  /** Returns *words* and a link to the site's `fallback`; nothing if there is none that a link may lead to. */
  fallback(words?: string): (string | HTMLAnchorElement)[];
  emit(event: string, detail?: unknown): void;
}

/** The widget's one element on the page; a copy made by the page removes itself. */
type BoxHost = HTMLElement & { attach(moved?: boolean): void };

interface HTMLElementTagNameMap {
  'helpdesk-widget': BoxHost;
}

type MakePart = <Name extends keyof HTMLElementTagNameMap>(
  name: Name, kind: string, ...children: (Node | string)[]
) => HTMLElementTagNameMap[Name];

interface BoxParts extends Pick<Host, 'relay' | 'label' | 'emit' | 'say' | 'fallback'> {
  /** Returns one of the supported languages. */
  lang(): string;
  /** Loading or loaded; null before and after a failure. */
  panel: Promise<HelpPanel> | null;
  paint(): void;
  /** The page's modal dialogs, in the order in which they were opened. */
  modals: HTMLDialogElement[];
  /** True for each gesture (`key`, `pointer`, `mouse`) that began in the widget. */
  begun: Record<string, boolean>;
  /** Ends an event of the widget's input here and runs the widget's handlers. */
  take(event: Event): void;
  /** Moves into *node* if it is a modal dialog of the page that was opened last. */
  follow(node: EventTarget): void;
  isModal(dialog: HTMLDialogElement): boolean;
  attach(): void;
  /** Puts the element where the customer can use it: on top, in the page's modal dialog if there is one. */
  place(moved?: boolean): void;
  /** Begins to watch the page's dialogs and the widget's input. */
  watch(): void;
  /** True while the panel is being loaded because somebody wants it. */
  loading: boolean;
  /** What was wanted last: the panel shown or hidden. */
  wanted: boolean;
  load(session?: Session): Promise<HelpPanel>;
  /** Shows or hides the panel, unless the other is wanted by the time that it is loaded. */
  want(shown: boolean): Promise<boolean>;
  withPanel(act: (panel: HelpPanel) => void): Promise<boolean>;
  /** Shows the failure to the customer and emits an event. */
  loadFailed(error: unknown): void;
  resume(shown: boolean, wait?: number): Promise<void>;
  start(): void;
}

interface HelpPanel {
  session: Session;
  shown: boolean;
  open(focus: boolean): void;
  /** Hides the panel; the request stays open. */
  close(): void;
  /** Restores the state from before the page was loaded. */
  resume(shown: boolean, focus?: boolean): void;
  /** Hides the panel, and forgets the customer. */
  logout(): void;
  /** Removes the panel from the page; the session stays. */
  remove(): void;
}

type MakePanel = (host: Host, session?: Session) => HelpPanel;

/** The non-empty fields of the form, by name. */
type Draft = Record<string, string>;

interface PanelParts extends HelpPanel {
  /** Gives focus and scroll position back, after the page has moved the element. */
  giveBack(): void;
  /** Returns true if the customer can see the panel. */
  visible(): boolean;
  show(focus: boolean): void;
  /** Reconnects, marks as read, sends the page and draws. */
  refresh(focus?: boolean): void;
  write(): void;
  /** Forgets the identity and the customer, as another tab has. */
  leave(): void;
  changed(): void;
  retry(text: Unsent): void;
  end(): void;
  begin(): void;
  onEvent(event: SessionEvent, detail?: any): void;
  draw(): void;
  showUnread(unseen: number): void;
  /** Enter sends, Escape hides, unless an input method takes the key. */
  onKey(event: Event & Partial<KeyboardEvent>): void;
  /** Hides the menu or its question, or else the panel. */
  escape(): void;
  /** Returns true if the customer can end the chat now. */
  mayEnd(): boolean;
  /** Shows the away message: first, or below what the customer has written. */
  placeNotice(): void;
  /** Sends what the form holds, or shows what is wrong with it. */
  submit(): void;
  listen(at: EventTarget | null | undefined, names: string, act: (event: any) => void): void;
}

interface Header {
  element: HTMLElement;
  heading: HTMLElement;
  draw(): void;
}

type MakeHeader = (
  host: Pick<Host, 'texts' | 'settings' | 'label'>, session: Session, more: HTMLElement, hide: () => void) => Header;

interface HeaderParts extends Header {
  /** Shows the site's picture, if it is the face *ofDesk*, or the initials of *name*. */
  drawFace(name: string, ofDesk: boolean): void;
}

interface Form {
  element: HTMLElement;
  /** The composer's field. */
  field: HTMLTextAreaElement;
  fields: readonly (HTMLInputElement | HTMLTextAreaElement)[];
  /** Holds the line that says that the agent is typing. */
  typing: HTMLElement;
  draft(): Draft;
  set(draft: Draft | null): void;
  /** Shows the stored draft, if it is this customer's. */
  load(): void;
  /** Checks the length of the text, and the fields that are marked as wrong. */
  measure(): void;
  /** Returns true if all is well; moves the focus to the first field that is wrong. */
  isReady(): boolean;
  /** Shows the contact fields that are wanted now. */
  show(): void;
}

type MakeForm = (
  host: Pick<Host, 'texts' | 'settings' | 'storage'>, session: Session, submit: () => void) => Form;

interface FormParts extends Form {
  /** Shows below *input* what is wrong with it; returns true if nothing is. */
  check(input: HTMLInputElement): boolean;
}

interface LoaderActs {
  /** Returns true if the customer can end the chat now. */
  mayEnd(): boolean;
  end(): void;
}

interface Loader {
  /** The button of the menu. */
  more: HTMLElement;
  menu: HTMLElement;
  rating: HTMLElement;
  /** Hides the menu and its question; returns true if one was shown. */
  hide(): boolean;
  /** Shows or hides the rating, and what the menu offers. */
  draw(): void;
  /** Notifies by a preview, by title and by sound; one tab plays the sound. */
  alert(said: Said): void;
  /** Ends the notification. */
  stopAlert(): void;
}

type Said = import('./helpdesk').Said;

/** The modules that are loaded later, by name. */
interface Later {
  menu: typeof import('./menu.js');
  notify: typeof import('./notify.js');
  score: typeof import('./score.js');
  transcript: typeof import('./transcript.js');
}

type MakeLoader = (host: Host, session: Session, acts: LoaderActs) => Loader;

interface LoaderParts extends Loader {
  /** Loaded with the first notification. */
  notifier: Notifier | null;
  /** Loaded when a chat has ended. */
  form: RatingForm | null;
  /** The menu, loaded when it is first opened. */
  options: Menu | null;
  /** Calls *act* with the module *name*, whose styles are added; the page is told if it cannot be loaded. */
  use<Name extends keyof Later>(name: Name, act: (module: Later[Name]) => unknown): Promise<void>;
  toggleMenu(): void;
  save(): void;
}

interface Menu {
  /** The menu and its question. */
  elements: readonly HTMLElement[];
  toggle(): void;
  /** Hides both; returns true if one was shown. */
  hide(): boolean;
  /** Shows what can be done now, and what is on. */
  draw(): void;
}

/** *more*: the button that opens the menu. */
type MakeMenu = (
  host: Pick<Host, 'texts' | 'storage'>, session: Session, more: HTMLElement, on: LoaderActs & { save(): void }) => Menu;

type MakeItem = (text: string, act: () => void, role?: string) => HTMLButtonElement;

interface MenuParts extends Menu {
  /** Shows the question *words*; *yes* runs *act*. It goes when it is not *relevant* any more. */
  ask(words: string, yes: string, act: () => void, relevant?: () => boolean): void;
  /** Moves the focus by the keys of a menu. */
  move(event: KeyboardEvent): void;
  /** Hides the menu once the focus has left it, as a click elsewhere makes it. */
  leave(): void;
}

type MakeRating = (host: Pick<Host, 'texts'>, session: Session) => RatingForm;

interface RatingForm {
  element: HTMLElement;
  /** Shows the form, or thanks for the rating that was given. */
  draw(): void;
}

interface RatingParts extends RatingForm {
  given(): { score: number; comment: string | null } | null | undefined;
  /** Returns the number of stars, 0 for none. */
  score(): number;
  send(): void;
  /** Shows the rating that was given, to be changed. */
  change(): void;
}

type MakeNotifier = (host: Host, session: Session) => Notifier;

interface Notifier {
  alert(said: Said): void;
  stop(): void;
}

interface NotifierParts extends Notifier {
  audio: AudioContext | null;
  /** Shows a preview of what *name* has written. */
  show(name: string, text: string): void;
  beep(): void;
  flash(): void;
}
