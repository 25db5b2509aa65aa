// @ts-check
/**
 * The Box: the one classic script a site embeds. It draws a button and imports the HelpPanel when
 * the customer wants help. It must never connect, fetch or store anything before that, unless
 * there is a request to come back to.
 */
(() => {
  const TAG = 'helpdesk-widget';
  // The relay puts the name of this release's folder here.
  const MODULES = 'widget/';
  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  if (!script || customElements.get(TAG)) return;
  const relay = new URL(script.src);
  const site = script.dataset.site ?? 'default';

  /** @typedef {'site' | 'tab'} Where */

  /**
   * What the browser keeps: `site` for every tab, `tab` for this one. Where storage is denied or
   * full, memory stands in, and it is not `durable`.
   */
  class Shelf {
    durable = true;
    /** @type {Map<string, string | null>} */
    #memory = new Map();
    /** @param {string} prefix */
    constructor(prefix) {
      this.prefix = prefix;
    }

    /** @param {Where} where @param {string} name @returns {string | null} */
    read(where, name) {
      const held = this.#memory.get(where + name);
      if (held !== undefined) return held;
      try {
        return area(where).getItem(this.prefix + name);
      } catch {
        return null;
      }
    }

    /** @param {Where} where @param {string} name @param {string | null} value null removes it */
    write(where, name, value) {
      try {
        if (value === null) area(where).removeItem(this.prefix + name);
        else area(where).setItem(this.prefix + name, value);
        this.#memory.delete(where + name);
      } catch {
        this.#memory.set(where + name, value);
        this.durable = false;
      }
    }

    /** @param {string} start @returns {string[]} the names kept for the site that begin so */
    names(start) {
      try {
        const kept = Object.keys(localStorage).filter((key) => key.startsWith(this.prefix + start));
        return kept.map((key) => key.slice(this.prefix.length));
      } catch {
        return [];
      }
    }
  }

  /** @param {Where} where @returns {Storage} Throws where the browser denies storage. */
  function area(where) {
    return where === 'site' ? localStorage : sessionStorage;
  }

  const LOOK = `
    :host { all: initial; position: fixed; inset-block-end: 20px; inset-inline-end: 20px;
      z-index: 2147483000; font: 400 15px/1.45 var(--helpdesk-font, system-ui, sans-serif);
      --accent: #3a4fd0; --on-accent: #fff; --back: #fff; --soft: #f2f3f8; --ink: #1b1d29;
      --faint: #5d6275; --line: #d9dce8; --field: #82879c; --bad: #b3261e; --good: #1a7f4b;
      --shadow: 0 1px 2px #1b1d2926, 0 12px 40px #1b1d2933; color: var(--ink); }
    @media (prefers-color-scheme: dark) { :host { --accent: #a9b6ff; --on-accent: #11152e;
      --back: #1a1c26; --soft: #262935; --ink: #eceef7; --faint: #a4a9bd; --line: #363a4a;
      --field: #7c8198; --bad: #ffb4ab; --good: #6fd8a0;
      --shadow: 0 1px 2px #0008, 0 12px 40px #000a; } }
    [hidden] { display: none !important; }
    .box { all: unset; box-sizing: border-box; position: relative; display: flex; gap: 9px;
      align-items: center; min-block-size: 50px; padding: 0 20px 0 17px; border-radius: 25px;
      border: 1px solid transparent; background: var(--accent); color: var(--on-accent);
      font-weight: 600; box-shadow: var(--shadow); cursor: pointer; transition: filter .15s; }
    .box:hover { filter: brightness(1.1); }
    .box:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
    .box svg { inline-size: 22px; block-size: 22px; fill: currentColor; }
    .count { position: absolute; inset-block-start: -6px; inset-inline-end: -4px;
      min-inline-size: 22px; line-height: 22px; border-radius: 11px; text-align: center;
      background: #c62c22; color: #fff; font-size: 12px; }
    .trouble { margin: 0 0 10px; padding: 10px 14px; max-inline-size: 240px; border-radius: 12px;
      background: var(--back); color: var(--bad); box-shadow: var(--shadow); }
    .trouble:empty { display: none; }
    @media (prefers-reduced-motion: reduce) { .box { transition: none; } }
    @media print { :host { display: none; } }`;

  const BUBBLE = 'M12 3C6.5 3 2 6.8 2 11.5c0 2.4 1.2 4.6 3.1 6.1L4.4 21.6 8.9 19.6c1 .2 2 .4 '
    + '3.1.4 5.5 0 10-3.8 10-8.5S17.5 3 12 3z';

  /** @returns {SVGElement} */
  function icon() {
    const picture = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    picture.setAttribute('viewBox', '0 0 24 24');
    picture.setAttribute('aria-hidden', 'true');
    path.setAttribute('d', BUBBLE);
    picture.append(path);
    return picture;
  }

  class HelpdeskWidget extends HTMLElement {
    #shelf = new Shelf(`helpdesk:${site}@${relay.host}:`);
    #box = document.createElement('button');
    #count = document.createElement('span');
    #trouble = document.createElement('p');
    /** @type {Promise<import('./panel.js').HelpPanel> | null} */
    #panel = null;

    connectedCallback() {
      if (this.shadowRoot) return;
      this.#draw();
      if (this.#shelf.read('tab', 'panel') ?? this.#shelf.read('site', 'open')) this.#resume(1000);
    }

    /** Nobody may be there to click. @param {number} wait */
    async #resume(wait) {
      if (await this.#use((panel) => panel.resume(!!this.#shelf.read('tab', 'panel')))) return;
      await new Promise((resolve) => {
        setTimeout(resolve, wait * (1 + Math.random()));
        addEventListener('online', resolve, { once: true });
      });
      this.#resume(Math.min(2 * wait, 60_000));
    }

    /** @returns {Promise<unknown>} */
    open() {
      return this.#use((panel) => panel.open());
    }

    close() {
      return this.#panel ? this.#use((panel) => panel.close()) : Promise.resolve();
    }

    toggle() {
      return this.#use((panel) => panel.toggle());
    }

    #draw() {
      const root = this.attachShadow({ mode: 'open' });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(LOOK);
      root.adoptedStyleSheets = [sheet];
      this.#box.type = 'button';
      this.#box.className = 'box';
      this.#box.setAttribute('aria-expanded', 'false');
      this.#count.className = 'count';
      this.#count.hidden = true;
      this.#count.setAttribute('aria-hidden', 'true');
      this.#box.append(icon(), 'Help', this.#count);
      this.#box.addEventListener('click', () => void this.toggle());
      this.#trouble.className = 'trouble';
      this.#trouble.setAttribute('role', 'status');
      root.append(this.#trouble, this.#box);
    }

    /** @param {(panel: import('./panel.js').HelpPanel) => void} act with the panel, once here */
    async #use(act) {
      this.#panel ??= this.#load();
      try {
        const panel = await this.#panel;
        this.#trouble.textContent = '';
        act(panel);
        return true;
      } catch (error) {
        this.#panel = null;
        this.#trouble.textContent = 'Help could not be loaded. Please try again.';
        console.error('helpdesk: the panel could not be loaded', error);
        return false;
      }
    }

    async #load() {
      const { HelpPanel } = /** @type {typeof import('./panel.js')} */ (
        await import(new URL('panel.js', new URL(MODULES, relay)).href));
      const root = /** @type {ShadowRoot} */ (this.shadowRoot);
      const socket = new URL('v1/customer', relay);
      socket.protocol = relay.protocol === 'https:' ? 'wss:' : 'ws:';
      return new HelpPanel({
        root, box: this.#box, count: this.#count, shelf: this.#shelf, site, url: socket.href });
    }
  }

  customElements.define(TAG, HelpdeskWidget);
  const embed = () => {
    const present = document.querySelector(TAG);
    const widget = /** @type {HelpdeskWidget} */ (present ?? document.createElement(TAG));
    if (!present) document.body.append(widget);
    Object.assign(window, { HelpPanel: {
      open: () => widget.open(), close: () => widget.close(), toggle: () => widget.toggle() } });
  };
  if (document.body) embed();
  else document.addEventListener('DOMContentLoaded', embed, { once: true });
})();
