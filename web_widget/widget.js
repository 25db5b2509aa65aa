/** The Box and the public methods. */
(() => {
  const TAG = 'helpdesk-widget';
  /** @type {Record<string, string[]>} */
  const LABELS = {
    en: ['Help', 'Loading failed. Try again.'],
    de: ['Hilfe', 'Laden misslungen. Erneut versuchen.'],
    fr: ['Aide', 'Échec. Réessayez.'],
    es: ['Ayuda', 'Error. Reintente.'],
    pt: ['Ajuda', 'Falhou. Tente de novo.'],
    ar: ['مساعدة', 'فشل. حاول ثانية.'],
    ja: ['ヘルプ', '失敗。再試行してください。'],
  };
  const INPUT = `keydown keyup keypress beforeinput input copy cut paste wheel touchstart touchmove
    touchend pointerdown pointerup mousedown mouseup click dblclick contextmenu selectstart
    drop dragover focus blur focusin focusout compositionstart compositionupdate compositionend`.split(/\s+/);
  const STYLES = `
    :host { all: initial !important; display: block !important; -webkit-user-select: text !important; }
    :host::backdrop { display: none !important; }
    .all { zoom: var(--zoom); --shadow: 0 4px 36px #0005;
      --accent: light-dark(#2f41b8, #a9b6ff); --bad: light-dark(#93150f, #ffc4bd); --on-accent: light-dark(#fff, #000); position: fixed; color-scheme: light dark;
      pointer-events: none; inset: auto 20px 20px auto; display: grid; gap: 14px; color: CanvasText;
      font: 400 15px/1.45 var(--helpdesk-font, system-ui, sans-serif); justify-items: right; }
    .all > * { pointer-events: auto !important; }
    .light { color-scheme: light; }
    .dark { color-scheme: dark; }
    .left, [dir=rtl]:not(.right) { justify-items: left; inset: auto auto 20px 20px; }
    [hidden], p:empty { display: none !important; }
    .box { all: unset; gap: 9px; display: flex; color: var(--on-accent);
      border: 1px solid transparent; cursor: pointer; position: relative; background: var(--accent);
      padding: 0 20px; align-items: center; min-block-size: 50px; box-shadow: var(--shadow);
      border-radius: 25px; font-weight: 600; }
    [aria-busy=true] { cursor: progress; }
    [aria-busy=true]::before { opacity: .4; }
    @media (prefers-reduced-motion: no-preference) {
      [aria-busy=true]::before { animation: .5s infinite alternate busy; } }
    @keyframes busy { from { opacity: 1; } }
    .box[aria-expanded=true] { padding: 0 15px; gap: 0; font-size: 0; }
    .box::before { content: ''; border: 10px solid; border-radius: 50% 50% 50% 4px; }
    .box[aria-expanded=true]::before { content: '×'; border: 0; inline-size: 20px; font: 30px/18px system-ui; text-align: center; }
    :focus-visible { outline: 3px solid CanvasText; outline-offset: 2px;
      box-shadow: 0 0 0 2px Canvas; }
    .count { color: light-dark(#fff, #000); position: absolute; inset-block-start: -6px;
      text-align: center; min-inline-size: 22px; line-height: 22px; inset-inline-end: -4px;
      border-radius: 11px; font-size: 12px; background: var(--bad); }
    .count::before { content: attr(data-unseen); }
    .trouble { padding: 10px 14px; color: var(--bad); margin: 0; box-shadow: var(--shadow);
      border-radius: 12px; background: Canvas; }
    @media print { .all { display: none; } }`;

  const early = Object.hasOwn(window, 'helpdesk') ? window.helpdesk : null;
  if (early?.destroy) return;
  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  /** @type {Settings} */
  const settings = { ...script?.dataset };
  const events = new EventTarget();
  const life = new AbortController();

  const memory = new Map();
  /** @type {SiteStorage} */
  const storage = {
    area: (where) => (
      where === 'site' && settings.remember !== 'session' ? localStorage : sessionStorage),
    durable: true,
    get prefix() {
      return `helpdesk:${settings.site ?? 'default'}@${my.relay().host}:`;
    },
    read(where, name) {
      try {
        return memory.get(where + name) ?? storage.area(where).getItem(storage.prefix + name);
      } catch {
        return null;
      }
    },
    write(where, name, value) {
      memory.delete(where + name);
      try {
        if (value === null) storage.area(where).removeItem(storage.prefix + name);
        else storage.area(where).setItem(storage.prefix + name, value);
      } catch {
        memory.set(where + name, value);
        storage.durable = false;
      }
    },
    names(start) {
      const { prefix } = storage;
      try {
        return Object.keys(storage.area('site')).flatMap((key) => (
          key.startsWith(prefix + start) ? key.slice(prefix.length) : []));
      } catch {
        return [];
      }
    },
    clear() {
      memory.clear();
      for (const name of storage.names('')) {
        if (!/^(sound|flash)$/.test(name)) storage.write('site', name, null);
      }
    },
  };

  customElements.get(TAG) ?? customElements.define(TAG, class extends HTMLElement {
    attach(_ = false) {
      this.remove();
    }

    connectedCallback() {
      this.attach();
    }

    disconnectedCallback() {
      setTimeout(() => this.attach(true));
    }
  });
  const host = document.createElement(TAG);
  const root = host.attachShadow({ mode: 'open' });
  const old = !('showPopover' in host && CSS.supports('color', 'light-dark(#fff, #000)'));
  /** @type {MakePart} */
  const element = (name, kind, ...children) => {
    const made = document.createElement(name);
    made.className = kind;
    made.append(...children);
    return made;
  };
  const [words, count, trouble] = [element('span', ''), element('span', 'count'), element('p', 'trouble')];
  const box = element('button', 'box', words, count);
  const all = element('div', '', trouble, box);
  const [boxStyles, styles] = [new CSSStyleSheet(), new CSSStyleSheet()];

  /** @type {BoxParts} */
  const my = {
    panel: null,
    loading: false,
    wanted: false,
    modals: [],
    begun: {},
    lang() {
      const tag = settings.lang || document.documentElement.lang || navigator.language || '';
      const known = tag.replace(/[-_].*/, '').toLowerCase();
      return Object.hasOwn(LABELS, known) ? known : 'en';
    },
    say: (name) => settings[`${name}.${my.lang()}`] || settings[name],
    label: () => my.say('label') || `${LABELS[my.lang()]?.[0]}`,
    fallback(words = '') {
      const given = my.say('fallback') || 'x:';
      const link = element('a', '', given);
      link.href = given.replace(/^[^/:]+@/, 'mailto:$&');
      return /^(https?|mailto):$/.test(link.protocol) ? [`${words} `, link] : [];
    },
    relay: () => new URL(settings.relay ?? script?.src ?? '', location.href),
    emit: (event, detail) => void events.dispatchEvent(new CustomEvent(event, { detail })),

    take(event) {
      const { type } = event;
      const path = event.composedPath();
      const at = path.indexOf(host);
      const [, gesture = '', phase] = /^(key|pointer|mouse)(down|up)$/.exec(type) ?? [];
      if (phase === 'down') my.begun[gesture] = at >= 0;
      if (at < 0 && type === 'focusin') path.reverse().forEach(my.follow);
      if (at < 0 || (phase === 'up' && !my.begun[gesture])) return;
      event.stopImmediatePropagation();
      for (const node of path.slice(0, at)) Reflect.get(node, `on${type}`)?.(event);
    },

    follow(node) {
      if (!(node instanceof HTMLDialogElement) || !my.isModal(node)) return;
      my.modals = [...my.modals.filter((one) => one !== node && my.isModal(one)), node];
      node.addEventListener('close', my.attach);
      my.attach();
    },

    isModal: (dialog) => dialog.isConnected && dialog.matches(':modal'),

    attach: () => host.attach(),

    place(moved) {
      const strayed = !host.isConnected || host.closest('dialog');
      const to = my.modals.findLast(my.isModal) ?? (strayed && document.body);
      if (to && to !== host.parentNode) {
        if (host.isConnected && to.moveBefore) to.moveBefore(host, null);
        else to.append(host);
        host.hidePopover();
      }
      host.togglePopover(!settings.z);
      if (moved) all.dispatchEvent(new Event('moved'));
    },

    watch() {
      const page = new MutationObserver((changes) => {
        host.inert = false;
        host.removeAttribute('aria-hidden');
        for (const { target } of changes) my.follow(target);
        my.attach();
      });
      page.observe(document, { subtree: true, attributeFilter: ['open', 'inert', 'aria-hidden'] });
      life.signal.onabort = () => page.disconnect();
      document.querySelectorAll('dialog').forEach(my.follow);
      for (const type of INPUT) addEventListener(type, my.take, { capture: true, signal: life.signal });
    },

    paint() {
      const { style } = all;
      style.cssText = '';
      style.color = `${settings.color}`;
      const accent = `rgb(from ${getComputedStyle(all).color} r g b / 1)`;
      const ink = `contrast-color(${accent})`;
      style.cssText = /^(?!current)./i.test(style.color) && CSS.supports('color', ink)
        ? `--accent: ${accent}; --on-accent: ${ink}` : '';
      style.margin = settings.offset ?? '';
      style.zIndex = settings.z ?? '';
      style.setProperty('--zoom', `${parseFloat(getComputedStyle(host).fontSize) / 16}`);
      all.className = `all ${settings.theme} ${settings.side ?? settings.position}`;
      all.lang = my.lang();
      all.dir = all.lang === 'ar' ? 'rtl' : 'ltr';
      box.hidden = settings.box === 'hidden';
      words.textContent = my.label();
    },

    async load(session) {
      const from = new URL('widget/', my.relay());
      const [{ makePanel }, { default: texts }] = await Promise.all([
        import(`${from}${old ? 'unsupported' : 'panel'}.js`), import(`${from}texts/${my.lang()}.js`)]);
      const own = settings.texts ?? {};
      return makePanel({ ...my, all, box, count, storage, settings, styles,
        texts: { ...texts, ...typeof own === 'string' ? JSON.parse(own) : own } }, session);
    },

    async withPanel(act) {
      my.loading = !my.panel || my.loading;
      box.ariaBusy = `${my.loading}`;
      try {
        const here = await (my.panel ??= my.load());
        trouble.textContent = '';
        act(here);
        return true;
      } catch (error) {
        my.panel = null;
        my.loadFailed(error);
        return false;
      } finally {
        my.loading = false;
        box.ariaBusy = 'false';
      }
    },

    want(shown) {
      my.wanted = shown;
      return my.withPanel((here) => {
        if (my.wanted === shown) here[shown ? 'open' : 'close'](true);
      });
    },

    loadFailed(error) {
      trouble.replaceChildren(
        my.say('failed') ?? `${LABELS[my.lang()]?.[1]}`, ...my.fallback());
      my.emit('error', { code: 'not_loaded', message: `${error}` });
      console.error(error);
    },

    async resume(shown, wait = 1000) {
      if (await my.withPanel((here) => here.resume(shown))) return;
      await new Promise((resolve) => {
        setTimeout(resolve, wait * (1 + Math.random()));
        addEventListener('online', resolve);
      });
      my.resume(shown, Math.min(2 * wait, 60_000));
    },

    start() {
      if (Array.isArray(early)) api.push(...early);
      if (old) return void (settings.box || api.open());
      my.attach();
      my.watch();
      my.paint();
      settings.open ||= settings.open === '';
      const shown = storage.read('tab', 'panel') ?? (settings.open && 'shown');
      if (shown === 'shown' || storage.read('site', 'open')) my.resume(shown === 'shown');
      my.emit('ready');
    },
  };

  /** @type {Helpdesk} */
  const api = {
    push: (...calls) => calls.forEach((call) => {
      try {
        const [name, ...given] = call;
        Reflect.apply(api[name], api, given);
      } catch (error) {
        my.emit('error', { code: 'wrong_call', message: `${error}` });
      }
    }),
    settings(more) {
      Object.assign(settings, more);
      my.paint();
      my.panel &&= my.panel.then(async (last) => {
        const fresh = await my.load(last.session).catch(my.loadFailed);
        if (!fresh) return last;
        const focused = !!root.activeElement?.closest('dialog');
        trouble.textContent = '';
        last.remove();
        fresh.resume(last.shown, focused);
        return fresh;
      });
    },
    open: () => my.want(true),
    close: async () => !my.panel || my.want(false),
    toggle: async () => my.want(my.loading || !my.panel || !(await my.panel).shown),
    identify(identity) {
      settings.identity = identity;
      if (my.panel) my.withPanel(({ session }) => session.identify());
    },
    page(url, title) {
      settings.page = { url: new URL(url, location.href).href, title };
      if (my.panel) my.withPanel(({ session }) => session.page());
    },
    setLocale: (lang) => api.settings({ lang }),
    logout() {
      delete settings.identity;
      if (my.panel) my.withPanel((here) => here.logout());
      else storage.clear();
    },
    destroy() {
      my.panel?.then((here) => {
        here.remove();
        here.session.link.reset();
      });
      life.abort();
      host.attach = () => {};
      host.remove();
      window.helpdesk = [];
    },
    on(event, listener) {
      const handle = (/** @type {any} */ { detail }) => listener(detail);
      events.addEventListener(event, handle);
      return () => events.removeEventListener(event, handle);
    },
  };

  host.popover = 'manual';
  host.attach = my.place;
  boxStyles.replaceSync(STYLES);
  root.adoptedStyleSheets = [boxStyles, styles];
  root.append(all);
  box.ariaExpanded = 'false';
  box.onclick = api.toggle;
  count.hidden = true;
  trouble.role = 'status';
  window.helpdesk = api;
  addEventListener('storage', ({ key, newValue }) => {
    if (newValue && key === `${storage.prefix}open`) my.resume(false);
  }, life);
  if (document.body) my.start();
  else addEventListener('DOMContentLoaded', my.start);
})();
