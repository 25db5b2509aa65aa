/**
 * What a site's own scripts may say to the widget, before and after it has loaded:
 *
 *     window.helpdesk = window.helpdesk || [];
 *     helpdesk.push(['settings', { lang: 'de' }], ['on', 'unread', (count) => …]);
 */

/** A JWT that the site's back end has signed, or what fetches one whenever it is needed. */
export type Identity = string | (() => string | Promise<string>);

export interface Settings {
  /** One of the sites in the relay's settings; `default` if left out. */
  site?: string;
  /** Where the Box is; by default at the end of a line in the widget's language. */
  position?: 'left' | 'right';
  /** Any CSS colour but `currentColor`; what is written on it is made to stand out. */
  color?: string;
  theme?: 'light' | 'dark' | 'auto';
  /** A language tag; the page's, or else the browser's, if left out. */
  lang?: string;
  /** What the Box says. */
  label?: string;
  /** Said when the panel cannot be loaded, and hence its texts cannot either. */
  failed?: string;
  /** What stands above the conversation. */
  greeting?: string;
  /** What is asked before a chat: `name`, `email`, or both; with a star it must be given. */
  form?: string;
  /** Start with the panel open, unless the customer has hidden it. */
  open?: boolean | string;
  /** `hidden`: the page opens the panel by itself. */
  box?: 'hidden';
  /** Other words for the names in `texts/en.js`; as an attribute, JSON. */
  texts?: Partial<Record<string, string>> | string;
  /** Where the relay is, for a page that imports the script. */
  relay?: string;
  identity?: Identity;
  page?: { url: string; title: string };
}

export interface Said {
  by: 'customer' | 'agent' | 'desk';
  name: string | null;
  text: string;
  at: string;
}

export interface Events {
  ready: undefined;
  open: undefined;
  close: undefined;
  message: Said;
  unread: number;
  /** The relay's code, or one of `not_loaded`, `wrong_call` and `no_identity`. */
  error: { code: string; message: string };
}

export interface Helpdesk {
  settings(more: Settings): void;
  /** True unless the panel could not be loaded; so do the next two. */
  open(): Promise<boolean>;
  /** Hides the panel; the request goes on. */
  close(): Promise<boolean>;
  toggle(): Promise<boolean>;
  identify(identity: Identity): void;
  /** Where the customer is, on a site that changes its address by itself. */
  page(url: string, title: string): void;
  setLocale(lang: string): void;
  /** Forgets who the customer is, in all tabs. */
  logout(): void;
  destroy(): void;
  /** Returns what takes *listener* off again. */
  on<Name extends keyof Events>(event: Name, listener: (detail: Events[Name]) => void): () => void;
  push(...calls: Call[]): unknown;
}

type Methods = Omit<Helpdesk, 'push'>;

/** The name of a method and what it is given. */
export type Call = {
  [Name in keyof Methods]: Name extends 'on'
    ? { [E in keyof Events]: ['on', E, (detail: Events[E]) => void] }[keyof Events]
    : [Name, ...Parameters<Methods[Name]>];
}[keyof Methods];

declare global {
  interface Window {
    /** An array of calls until the script has loaded. */
    helpdesk: Pick<Helpdesk, 'push'> & Partial<Methods>;
  }
}
