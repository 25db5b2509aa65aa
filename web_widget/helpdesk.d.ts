/**
 * The widget's interface for a site's own scripts, before and after it has loaded:
 *
 *     window.helpdesk = window.helpdesk || [];
 *     helpdesk.push(['settings', { lang: 'de' }], ['on', 'unread', (count) => …]);
 */

/** A JWT signed by the site's back end, or a function that fetches one whenever it is needed. */
export type Identity = string | (() => string | Promise<string>);

export interface Settings {
  /** One of the sites in the relay's settings; `default` if left out. */
  site?: string;
  /** The side of the Box; by default where a line ends in the widget's language. */
  side?: 'left' | 'right';
  /** The former name of `side`. */
  position?: 'left' | 'right';
  /** The CSS property `z-index`; without it the widget is above everything on the page. */
  z?: string;
  /** Address of a picture of the desk, shown in the panel's header; by default its initials. */
  avatar?: string;
  /** `off`: no preview of a new message beside the Box while the panel is hidden. */
  preview?: 'off';
  /** Any CSS colour except `currentColor`; text on it is black or white, whichever has more contrast. */
  color?: string;
  /** Distance of the Box from its place, as the CSS property `margin`: `0 0 60px`. */
  offset?: string;
  /** `session`: everything stored is forgotten with the tab, and other tabs do not share it. */
  remember?: 'session';
  theme?: 'light' | 'dark' | 'auto';
  /** A language tag; by default the page's, or else the browser's. */
  lang?: string;
  /** The text of the Box. */
  label?: string;
  /** Shown when the panel, and therefore its texts, cannot be loaded. */
  failed?: string;
  /** Shown above the conversation. */
  greeting?: string;
  /** A mail address or the address of a page, shown as a link where the relay cannot be reached. */
  fallback?: string;
  /** Contact fields asked before a chat, as `name email*`; one with a star is required. */
  form?: string;
  /** Start with the panel open, unless the customer has hidden it. */
  open?: boolean | string;
  /** `hidden`: no Box; the page opens the panel by a method. */
  box?: 'hidden';
  /** Replacement texts, by the names in `texts/en.js`; as an attribute, JSON. */
  texts?: Partial<Record<string, string>> | string;
  /** The relay's address, for a page that imports the script. */
  relay?: string;
  identity?: Identity;
  page?: { url: string; title: string };
  /** `label`, `greeting`, `failed` and `fallback` in one language: `greeting.de`. */
  [inLanguage: `${string}.${string}`]: string | undefined;
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
  /** The relay's code, or one of `not_loaded`, `wrong_call`, `no_identity` and `unreachable`. */
  error: { code: string; message: string };
}

export interface Helpdesk {
  settings(more: Settings): void;
  /** Resolves to false if the panel could not be loaded, as do the next two. */
  open(): Promise<boolean>;
  /** Hides the panel; the request goes on. */
  close(): Promise<boolean>;
  toggle(): Promise<boolean>;
  identify(identity: Identity): void;
  /** Sets the customer's page, on a site that changes its address without loading. */
  page(url: string, title: string): void;
  setLocale(lang: string): void;
  /** Forgets the customer's identity in all tabs. */
  logout(): void;
  destroy(): void;
  /** Returns a function that removes *listener*. */
  on<Name extends keyof Events>(event: Name, listener: (detail: Events[Name]) => void): () => void;
  push(...calls: Call[]): unknown;
}

type Methods = Omit<Helpdesk, 'push'>;

/** The name of a method and its arguments. */
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
