/** The HelpPanel: shows a session, with its form. */

import { button, h, setText } from './elements.js';
import { makeForm } from './form.js';
import { makeHeader } from './header.js';
import { makeLoader } from './loader.js';
import { LOG_STYLES, isQuestion, makeLog } from './log.js';
import { statusText, unread } from './request.js';
import { startSession } from './session.js';
import { STYLES } from './styles.js';

/** @type {MakeEnv} */
const env = ({ storage, settings, relay }) => ({
  url: new URL('v1/customer', relay()).href.replace('http', 'ws'),
  storage,
  Socket: WebSocket,
  site: settings.site ?? 'default',
  identity: () => settings.identity,
  asks: () => !!(settings.open
    || (settings.form && !settings.identity && !storage.read('site', 'known'))),
  context: () => ({
    locale: settings.lang || document.documentElement.lang || navigator.language || 'en',
    page: {
      url: location.origin + location.pathname,
      title: document.title,
      referrer: document.referrer && new URL(document.referrer).origin,
      ...settings.page,
    },
  }),
  clock: {
    now: Date.now,
    random: Math.random,
    after: (act, ms) => setTimeout(act, ms),
    cancel: (timer) => clearTimeout(timer),
  },
  newRef: () => crypto.getRandomValues(new Uint32Array(4)).join('-'),
  lock: (name) => new Promise((resolve) => {
    const none = () => resolve(() => {});
    navigator.locks?.request(name, { signal: AbortSignal.timeout(5000) }, () => new Promise(resolve))
      .catch(none) ?? none();
  }),
});

/** @type {MakePanel} */
export function makePanel(host, session = startSession(env(host))) {
  const { all, box, storage, settings, texts: t, label, emit, fallback } = host;
  const abort = Object.assign(new AbortController(), { capture: true });
  const tabs = new BroadcastChannel(storage.prefix);
  let [drawing, counted, composing, modal] = [false, 0, false, false];
  /** @type {HTMLElement | null} */
  let focused = null;

  const loader = makeLoader(host, session, {
    mayEnd: () => my.mayEnd(),
    end: () => my.end(),
  });
  const header = makeHeader(host, session, loader.more, () => my.close());
  const line = h('p', { class: 'line', role: 'status' });
  const instead = h('p', { class: 'line' }, ...fallback(t.instead));
  const notice = h('p', { class: 'text notice', role: 'status', dir: 'auto' });
  const form = makeForm(host, session, () => my.submit());
  const { field, fields } = form;
  const outcome = h('p', {});
  const over = h('div', { class: 'over' }, outcome, loader.rating,
    button(t.startNew, 'start', () => my.begin()));
  const log = makeLog(host, { again: (text) => my.retry(text), discard: session.discard, older: session.fetchOlder });
  const dialog = h('dialog', { id: 'panel', 'aria-label': label() },
    header.element, loader.menu, line, instead, log.element, over, form.element);

  /** @type {PanelParts} */
  const my = {
    session,
    shown: false,
    visible: () => my.shown && !document.hidden,

    open(focus) {
      const unseen = my.shown || (!session.live && unread(session.state) > 0);
      settings.open = false;
      my.show(focus);
      if (!unseen) session.open();
      my.refresh(focus);
    },

    resume(shown, focus = false) {
      if (shown) my.show(focus);
      session.resume();
      if (shown && settings.open) session.open();
      my.refresh(focus);
    },

    show(focus) {
      if (my.shown) return;
      my.shown = true;
      modal = focus && getComputedStyle(dialog).position === 'fixed';
      if (modal) dialog.showModal();
      else dialog.setAttribute('open', '');
      storage.write('tab', 'panel', 'shown');
      box.ariaExpanded = 'true';
      emit('open');
    },

    giveBack() {
      const before = focused;
      if (modal && my.shown) {
        dialog.removeAttribute('open');
        dialog.showModal();
      }
      before?.focus({ preventScroll: true });
      log.giveBack();
    },

    close() {
      if (!my.shown) return;
      const inside = dialog.matches(':focus-within');
      my.shown = false;
      loader.hide();
      dialog.close();
      storage.write('tab', 'panel', 'hidden');
      box.ariaExpanded = 'false';
      if (inside) box.focus();
      session.read(false);
      session.idle();
      emit('close');
    },

    logout() {
      my.close();
      session.reset();
    },

    remove() {
      abort.abort();
      tabs.close();
      loader.stopAlert();
      dialog.remove();
    },

    refresh(focus = false) {
      if (!document.hidden) session.link.check();
      session.read(my.visible());
      session.page();
      my.draw();
      if (focus) (form.element.hidden || matchMedia('(pointer: coarse)').matches ? header.heading : field).focus();
    },

    submit() {
      if (form.isReady()) my.write();
    },

    write() {
      const { text, ...person } = form.draft();
      if (!text) return;
      const given = Object.keys(person).join();
      if (given) storage.write('site', 'known', given);
      if (session.drafting) session.open();
      session.write(text, given ? person : undefined);
      form.set(null);
      my.changed();
      my.draw();
      log.element.scrollTop = 0;
    },

    leave() {
      delete settings.identity;
      session.reset();
    },

    changed() {
      const draft = form.draft();
      form.measure();
      session.save('draft', Object.keys(draft).length && draft);
      session.typing(!!field.value.trim());
    },

    retry({ ref, text, person = {} }) {
      session.open();
      my.draw();
      if (form.element.hidden) return;
      const both = [text, field.value].filter(Boolean).join('\n');
      form.set({ ...form.draft(), ...person, text: both });
      form.show();
      my.changed();
      session.discard(ref);
      field.focus();
    },

    end() {
      session.end();
      my.draw();
      header.heading.focus();
    },

    begin() {
      session.open();
      my.draw();
      field.focus();
    },

    onEvent(event, detail) {
      if (event === 'reset') return form.set(null);
      if (event === 'changed') {
        const { code, phase } = session.link;
        if (code === 4102 && phase === 'waiting' && !document.hidden) tabs.postMessage(null);
        if (!drawing) queueMicrotask(my.draw);
        drawing = true;
        return;
      }
      if (event === 'identified') {
        if (!Object.keys(form.draft()).length) form.load();
        return tabs.postMessage(detail);
      }
      emit(event, detail);
      if (detail.code === 'unreachable') console.error(detail.message);
      if (event === 'message' && detail.by === 'agent' && !my.visible()) loader.alert(detail);
    },

    draw() {
      const { state, link, opening, restoring, drafting, ending } = session;
      const busy = !!opening || restoring;
      const active = link.phase !== 'ended' && (session.live || busy || drafting);
      const online = link.phase === 'online';
      const agent = state.request?.agent?.name ?? t.agent;
      drawing = false;
      if (my.shown) log.show(state, online, restoring);
      loader.draw();
      header.draw();
      setText(line, statusText.lineOf(t, session, storage.durable, navigator.onLine));
      instead.hidden = link.phase !== 'ended' && !link.unreachable;
      setText(form.typing, state.typing && online ? t.typing : '', agent);
      my.placeNotice();
      form.element.hidden = !active || !!ending || (!!settings.form && !state.desk);
      form.show();
      over.hidden = active || link.phase === 'ended' || (!state.epoch && link.phase !== 'off');
      setText(outcome, statusText.outcomeOf(t, session));
      if (!over.hidden && dialog.querySelector('[hidden]:focus, [hidden] :focus')) header.heading.focus();
      my.showUnread(my.visible() ? 0 : unread(state));
    },

    showUnread(unseen) {
      host.count.hidden = unseen === 0;
      host.count.dataset.unseen = `${unseen}`;
      box.ariaLabel = label() + (unseen ? `, ${t.unread.replace('{count}', `${unseen}`)}` : '');
      if (unseen !== counted) emit('unread', unseen);
      counted = unseen;
      if (!unseen || !document.hidden) loader.stopAlert();
    },

    onKey(event) {
      const { type, key, shiftKey, isComposing, keyCode } = event;
      const cancels = type === 'cancel';
      dialog.className = 'keys';
      const sends = key === 'Enter' && !shiftKey && fields.some((one) => one === event.composedPath()[0]);
      const composes = composing || isComposing || keyCode === 229;
      if (cancels || (!composes && (sends || key === 'Escape'))) event.preventDefault();
      if (composes) return;
      if (sends) my.submit();
      if (cancels || key === 'Escape') my.escape();
    },

    escape() {
      if (!loader.hide()) my.close();
    },

    mayEnd: () => session.live && session.link.phase !== 'ended'
      && !session.opening && !session.restoring && !session.ending,

    placeNotice() {
      const asked = session.state.messages.some(isQuestion);
      const content = log.element.firstElementChild;
      setText(notice, statusText.noticeOf(t, session));
      if (notice !== (asked ? content?.lastChild : content?.firstChild)) content?.[asked ? 'append' : 'prepend'](notice);
    },

    listen(at, names, act) {
      for (const name of names.split(' ')) at?.addEventListener(name, act, abort);
    },
  };

  Object.assign(all, {
    onfocusin: (/** @type {FocusEvent} */ event) => {
      const [inner] = event.composedPath();
      focused = inner instanceof HTMLElement ? inner : null;
    },
    onfocusout: (/** @type {FocusEvent} */ { relatedTarget }) => {
      if (relatedTarget) focused = null;
      setTimeout(() => {
        if (!all.matches(':focus-within')) focused = null;
      }, 50);
    },
  });
  Object.assign(dialog, {
    oncompositionstart: () => {
      composing = true;
    },
    oncompositionend: () => setTimeout(() => {
      composing = false;
    }),
    onkeydown: my.onKey,
    onpointerdown: () => {
      dialog.className = '';
    },
    oncancel: my.onKey,
  });
  form.element.oninput = my.changed;
  my.listen(all, 'moved', my.giveBack);
  my.listen(document, 'visibilitychange', () => {
    if (!document.hidden && (my.shown || session.live)) session.resume();
    my.refresh();
  });
  my.listen(visualViewport, 'resize scroll', ({ target: { scale, offsetTop, height } }) => {
    if (scale > 1) return;
    dialog.style.cssText = `--top: ${offsetTop}px; --high: ${height}px`;
  });
  my.listen(window, 'blur focusout', (event) => {
    if (event.relatedTarget?.shadowRoot?.contains(all)) Object.defineProperty(event, 'relatedTarget', { value: null });
  });
  my.listen(window, 'online offline', session.link.check);
  my.listen(window, 'pagehide', session.link.stop);
  my.listen(window, 'pageshow', ({ persisted }) => {
    if (!persisted) return;
    if (session.isStale()) return my.leave();
    form.load();
    if (my.shown || session.live) session.resume();
  });
  my.listen(window, 'popstate hashchange', session.page);
  my.listen(window, 'storage', ({ key, newValue }) => {
    if (key === `${storage.prefix}draft`) form.set(JSON.parse(newValue));
    if (key !== `${storage.prefix}token` || newValue !== null) return;
    my.leave();
  });
  my.listen(tabs, 'message', ({ data }) => {
    if (!data && document.hidden) session.link.stop();
    if (!data || settings.identity) return;
    settings.identity = data;
    session.identify();
  });
  my.listen(window.navigation, 'navigatesuccess', () => setTimeout(session.page));

  host.styles.replaceSync(STYLES + LOG_STYLES);
  all.prepend(dialog);
  box.setAttribute('aria-controls', 'panel');
  session.emit = my.onEvent;
  form.load();
  my.draw();
  return my;
}
