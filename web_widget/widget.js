/**
 * The Box imports the rest when it is needed. Before that it must never connect, fetch or store,
 * unless there is a request to come back to.
 */
(() => {
  const TAG = 'helpdesk-widget';
  const MODULES = 'widget/';
  const LABELS = new Map(Object.entries({
    en: 'Help', de: 'Hilfe', fr: 'Aide', es: 'Ayuda', pt: 'Ajuda', ar: 'مساعدة', ja: 'ヘルプ' }));
  const LOOK = `
    :host { all: initial !important; display: block !important; position: fixed !important;
      inset: auto 0 0 auto !important; z-index: 2147483647 !important; }
    :host::backdrop { display: none !important; }
    .all { --left: auto; --right: 20px; --accent: light-dark(#2f41b8, #a9b6ff);
      --on-accent: light-dark(#fff, #000); --back: light-dark(#fff, #1a1c26);
      --soft: light-dark(#f2f3f8, #262935); --ink: light-dark(#1b1d29, #eceef7);
      --faint: light-dark(#454a5c, #bec3d4); --line: light-dark(#d9dce8, #363a4a);
      --field: light-dark(#82879c, #7c8198); --bad: light-dark(#93150f, #ffc4bd);
      --good: light-dark(#1a7f4b, #6fd8a0); --shadow: 0 1px 2px #0003, 0 12px 40px #0004;
      color: var(--ink); color-scheme: light dark;
      font: 400 15px/1.45 var(--helpdesk-font, system-ui, sans-serif); }
    .light { color-scheme: light; }
    .dark { color-scheme: dark; }
    .left, [dir=rtl]:not(.right) { --left: 20px; --right: auto; }
    [hidden] { display: none !important; }
    .box { all: unset; box-sizing: border-box; position: fixed;
      inset: auto var(--right) 20px var(--left); display: flex; gap: 9px; align-items: center;
      min-block-size: 50px; padding-inline: 17px 20px; border: 1px solid transparent;
      border-radius: 25px; background: var(--accent); color: var(--on-accent); font-weight: 600;
      box-shadow: var(--shadow); cursor: pointer; }
    .box::before { content: ''; inline-size: 24px; block-size: 24px; background: currentColor;
      clip-path: path('M12 3C6 3 2 7 2 12q0 4 3 6L4 22 9 20C16 21 22 18 22 12 22 7 18 3 12 3z'); }
    .box:hover { text-decoration: underline 2px; }
    .box:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px;
      box-shadow: 0 0 0 2px var(--back); }
    .count { position: absolute; inset-block-start: -6px; inset-inline-end: -4px;
      min-inline-size: 22px; line-height: 22px; border-radius: 11px; text-align: center;
      background: #a3150e; color: #fff; font-size: 12px; }
    .count::before { content: attr(data-unseen); }
    .trouble { position: fixed; inset: auto var(--right) 80px var(--left); margin: 0;
      padding: 10px 14px; border-radius: 12px; background: var(--back); color: var(--bad);
      box-shadow: var(--shadow); }
    .trouble:empty { display: none; }
    @media print { .all { display: none; } }`;

  const early = /** @type {any} */ (window.helpdesk);
  if (early?.destroy) return;
  const script = /** @type {HTMLScriptElement | null} */ (
    document.currentScript ?? document.querySelector('script[src*="/widget.js"]'));
  /** @type {Settings} */
  const settings = { ...script?.dataset };
  const news = new EventTarget();

  const memory = new Map();
  /** @type {Shelf} */
  const shelf = {
    area: (where) => (where === 'site' ? localStorage : sessionStorage),
    durable: true,
    prefix: '',
    read(where, name) {
      try {
        return memory.get(where + name) ?? shelf.area(where).getItem(shelf.prefix + name);
      } catch {
        return null;
      }
    },
    write(where, name, value) {
      memory.delete(where + name);
      try {
        if (value === null) shelf.area(where).removeItem(shelf.prefix + name);
        else shelf.area(where).setItem(shelf.prefix + name, value);
      } catch {
        memory.set(where + name, value);
        shelf.durable = false;
      }
    },
    names(start) {
      const { prefix } = shelf;
      try {
        return Object.keys(localStorage).flatMap((key) => (
          key.startsWith(prefix + start) ? key.slice(prefix.length) : []));
      } catch {
        return [];
      }
    },
    clear() {
      memory.clear();
      for (const name of shelf.names('')) {
        if (!/^(sound|flash)$/.test(name)) shelf.write('site', name, null);
      }
    },
  };

  const host = /** @type {BoxHost} */ (document.createElement(TAG));
  const root = host.attachShadow({ mode: 'open' });
  /** @type {MakePart} */
  const part = (name, kind, ...children) => {
    const made = Object.assign(document.createElement(name), { className: kind });
    made.append(...children);
    return made;
  };
  const [words, count, trouble] = [part('span', ''), part('span', 'count'), part('p', 'trouble')];
  const box = part('button', 'box', words, count);
  const all = part('div', '', trouble, box);
  const [drawn, colours, look] = [new CSSStyleSheet(), new CSSStyleSheet(), new CSSStyleSheet()];

  /** @type {BoxParts} */
  const my = {
    panel: null,
    lang() {
      const tag = settings.lang || document.documentElement.lang || navigator.language;
      const known = tag.slice(0, 2).toLowerCase();
      return LABELS.has(known) ? known : 'en';
    },
    label: () => settings.label || `${LABELS.get(my.lang())}`,
    relay: () => new URL(settings.relay ?? script?.src ?? '', location.href),
    tell: (event, detail) => void news.dispatchEvent(new CustomEvent(event, { detail })),

    paint() {
      const accent = `rgb(from ${settings.color} r g b)`;
      colours.replaceSync(CSS.supports('color', `contrast-color(${accent})`)
        ? `.all { --accent: ${accent}; --on-accent: contrast-color(${accent}); }` : '');
      all.className = `all ${settings.theme} ${settings.position}`;
      all.lang = my.lang();
      all.dir = all.lang === 'ar' ? 'rtl' : 'ltr';
      box.hidden = settings.box === 'hidden';
      words.textContent = my.label();
    },

    async load(session) {
      const [{ makePanel }, { default: texts }] = await Promise.all(
        ['panel', `texts/${my.lang()}`].map((name) => (
          import(new URL(`${MODULES}${name}.js`, my.relay()).href))));
      const own = settings.texts ?? {};
      return makePanel({ ...my, all, box, count, shelf, settings, look,
        texts: { ...texts, ...typeof own === 'string' ? JSON.parse(own) : own } }, session);
    },

    async use(act) {
      try {
        const here = await (my.panel ??= my.load());
        trouble.textContent = '';
        act(here);
        return true;
      } catch (error) {
        my.panel = null;
        trouble.textContent = settings.failed ?? 'Help could not be loaded. Please try again.';
        my.tell('error', { code: 'not_loaded', message: `${error}` });
        console.error(error);
        return false;
      }
    },

    async resume(shown, wait = 1000) {
      if (await my.use((here) => here.resume(shown))) return;
      await new Promise((resolve) => {
        setTimeout(resolve, wait * (1 + Math.random()));
        addEventListener('online', resolve, { once: true });
      });
      my.resume(shown, Math.min(2 * wait, 60_000));
    },

    start() {
      if (Array.isArray(early)) api.push(...early);
      my.paint();
      shelf.prefix = `helpdesk:${settings.site ?? 'default'}@${my.relay().host}:`;
      host.moved();
      settings.open ||= settings.open === '';
      const shown = shelf.read('tab', 'panel') ?? (settings.open && 'shown');
      if (shown === 'shown' || shelf.read('site', 'open')) my.resume(shown === 'shown');
      my.tell('ready');
    },
  };

  /** @type {Helpdesk} */
  const api = {
    push: (...calls) => calls.forEach(([name, ...given]) => /** @type {any} */ (api)[name](...given)),
    settings(more) {
      Object.assign(settings, more);
      my.paint();
    },
    open: () => my.use((here) => here.open(true)),
    close: async () => !my.panel || my.use((here) => here.close()),
    toggle: () => my.use((here) => (here.shown ? here.close() : here.open(true))),
    identify(identity) {
      settings.identity = identity;
      my.panel?.then(({ session }) => session.identify());
    },
    page(url, title) {
      settings.page = { url, title };
      my.panel?.then(({ session }) => session.moved());
    },
    setLocale(lang) {
      api.settings({ lang });
      my.panel &&= my.panel.then(async (old) => {
        const fresh = await my.load(old.session);
        old.remove();
        fresh.resume(old.shown);
        return fresh;
      });
    },
    logout() {
      delete settings.identity;
      if (my.panel) my.use((here) => here.forget());
      else shelf.clear();
    },
    destroy() {
      my.panel?.then((here) => {
        here.remove();
        here.session.link.reset();
      });
      host.moved = () => {};
      host.remove();
      window.helpdesk = [];
    },
    on(event, listener) {
      const hear = (/** @type {any} */ { detail }) => listener(detail);
      news.addEventListener(event, hear);
      return () => news.removeEventListener(event, hear);
    },
  };

  customElements.get(TAG) ?? customElements.define(TAG, class extends HTMLElement {
    /** @this {BoxHost} */
    connectedCallback() {
      if (this.moved) this.moved();
      else this.remove();
    }

    /** @this {BoxHost} */
    disconnectedCallback() {
      setTimeout(() => this.moved?.());
    }
  });
  customElements.upgrade(host);
  host.popover = 'manual';
  host.moved = () => {
    if (!host.isConnected) document.body.append(host);
    else if (!host.matches(':popover-open')) host.showPopover();
  };
  drawn.replaceSync(LOOK);
  root.adoptedStyleSheets = [drawn, colours, look];
  root.append(all);
  box.type = 'button';
  box.ariaExpanded = 'false';
  box.addEventListener('click', api.toggle);
  count.hidden = true;
  trouble.role = 'status';
  window.helpdesk = api;
  if (document.body) my.start();
  else document.addEventListener('DOMContentLoaded', my.start, { once: true });
})();
