/** The HelpPanel: shows a session, with its form. */

import { button, h, setText } from './elements.js';
import { LOG_STYLES, makeLog } from './log.js';
import { makeQuestion } from './menu.js';
import { STYLES, makeExtras } from './parts.js';
import { statusText, unread } from './request.js';
import { startSession } from './session.js';

/** The contact fields. */
const CONTACT = {
  name: { type: 'text', maxlength: '100' },
  email: { type: 'email', maxlength: '254' },
};

/** @type {MakeEnv} */
const env = ({ storage, settings, relay }) => ({
  url: new URL('v1/customer', relay()).href.replace('http', 'ws'),
  storage,
  Socket: WebSocket,
  site: settings.site ?? 'default',
  network: () => navigator.onLine,
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
  const abort = new AbortController();
  const tabs = new BroadcastChannel(storage.prefix);
  let [drawing, counted, composing, modal] = [false, 0, false, false];
  /** @type {HTMLElement | null} */
  let focused = null;

  const extras = makeExtras(host, session);
  const heading = h('h2', { tabindex: '-1' }, label());
  const about = h('p', {});
  const line = h('p', { class: 'line', role: 'status' });
  const instead = h('p', { class: 'line' }, ...fallback(t.instead));
  const typing = h('p', { role: 'status' });
  const end = button(t.end, 'plain');
  const ask = makeQuestion(end, t.endAsk, t.endNow, t.cancel, () => my.end());
  const inputs = Object.entries(CONTACT).map(([name, rest]) => h('input', {
    name, autocomplete: name, dir: 'auto', ...rest, pattern: '.*\\S.*' }));
  const field = h('textarea', { name: 'text', 'aria-label': t.composer, placeholder: t.composer, rows: '1', dir: 'auto',
    enterkeyhint: 'send' });
  const fields = [...inputs, field];
  const room = h('p', { role: 'status' });
  const form = h('form', {},
    ...inputs.map((input) => h('label', {}, `${t[input.name]}`, input)),
    field, button(t.send, 'strong', () => my.submit()), room);
  const outcome = h('p', {});
  const start = button(t.startNew, 'strong', () => my.begin());
  const over = h('div', { class: 'over' }, outcome, extras.rating, start);
  const log = makeLog(host, { again: (text) => my.retry(text), discard: session.discard, older: session.fetchOlder });
  const dialog = h('dialog', { id: 'panel', 'aria-label': label() },
    h('div', { class: 'head' }, h('div', { class: 'title' }, heading, about), end, extras.more,
      button('×', 'icon', () => my.close(), t.hide)),
    extras.menu, line, instead, log.element, typing, ask, over, form);

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
      ask.hidden = true;
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
      extras.stopAlert();
      dialog.remove();
    },

    refresh(focus = false) {
      if (!document.hidden) session.link.check();
      session.read(my.visible());
      session.page();
      my.draw();
      if (focus) (form.hidden || matchMedia('(pointer: coarse)').matches ? heading : field).focus();
    },

    submit() {
      if (form.reportValidity()) my.write();
    },

    write() {
      const { text, ...person } = my.draft();
      if (!text) return;
      const given = Object.keys(person).join();
      if (given) storage.write('site', 'known', given);
      if (session.drafting) session.open();
      session.write(text, given ? person : undefined);
      my.setDraft(null);
      my.changed();
      my.draw();
      log.element.scrollTop = 0;
    },

    draft: () => Object.fromEntries(
      fields.map(({ name, value }) => [name, value.trim()]).filter(([, text]) => text)),

    loadDraft: () => my.setDraft(session.own() ? session.load('draft') : null),

    leave() {
      delete settings.identity;
      session.reset();
    },

    setDraft(draft) {
      for (const input of fields) input.value = draft?.[input.name] ?? '';
      my.validate();
    },

    validate() {
      const [why, bad] = statusText.roomOf(t, field.value.trim(), session.state);
      setText(room, why);
      field.setCustomValidity(bad ? why : '');
    },

    changed() {
      const draft = my.draft();
      my.validate();
      session.save('draft', Object.keys(draft).length && draft);
      session.typing(!!field.value.trim());
    },

    retry({ ref, text, person = {} }) {
      session.open();
      my.draw();
      if (form.hidden) return;
      const both = [text, field.value].filter(Boolean).join('\n');
      my.setDraft({ ...my.draft(), ...person, text: both });
      my.showFields();
      my.changed();
      session.discard(ref);
      field.focus();
    },

    end() {
      session.end();
      my.draw();
      heading.focus();
    },

    begin() {
      session.open();
      my.draw();
      field.focus();
    },

    onEvent(event, detail) {
      if (event === 'reset') return my.setDraft(null);
      if (event === 'changed') {
        const { code, phase } = session.link;
        if (code === 4102 && phase === 'waiting' && !document.hidden) tabs.postMessage(null);
        if (!drawing) queueMicrotask(my.draw);
        drawing = true;
        return;
      }
      if (event === 'identified') {
        if (!Object.keys(my.draft()).length) my.loadDraft();
        return tabs.postMessage(detail);
      }
      emit(event, detail);
      if (detail.code === 'unreachable') console.error(detail.message);
      if (event === 'message' && detail.by === 'agent' && !my.visible()) extras.alert();
    },

    draw() {
      const { state, link, opening, restoring, drafting, ending } = session;
      const busy = !!opening || restoring;
      const active = link.phase !== 'ended' && (session.live || busy || drafting);
      const online = link.phase === 'online';
      const agent = state.request?.agent?.name ?? t.agent;
      drawing = false;
      if (my.shown) log.show(state, online, restoring);
      extras.draw();
      setText(about, [state.desk?.name, statusText.aboutOf(t, session)].filter(Boolean).join(' · '), agent);
      setText(line, statusText.lineOf(t, session, storage.durable, navigator.onLine));
      instead.hidden = link.phase !== 'ended' && !link.unreachable;
      setText(typing, state.typing && online ? t.typing : '', agent);
      end.hidden = !active || busy || drafting || !!ending;
      ask.hidden ||= end.hidden;
      form.hidden = !active || !!ending || (!!settings.form && !state.desk);
      my.showFields();
      over.hidden = active || link.phase === 'ended' || (!state.epoch && link.phase !== 'off');
      setText(outcome, statusText.outcomeOf(t, session));
      if (!over.hidden && dialog.querySelector('[hidden]:focus, [hidden] :focus')) start.focus();
      my.showUnread(my.visible() ? 0 : unread(state));
    },

    showFields() {
      const { desk, request } = session.state;
      const left = desk?.online === false && request?.status === 'waiting';
      const wanted = settings.form ?? '';
      const known = storage.read('site', 'known') ?? '';
      for (const input of inputs) {
        const needed = !settings.identity && !known.includes(input.name)
          && (left || (session.drafting && wanted.includes(input.name)));
        input.disabled = !needed && !input.value;
        input.required = wanted.includes(`${input.name}*`);
      }
    },

    showUnread(unseen) {
      host.count.hidden = unseen === 0;
      host.count.dataset.unseen = `${unseen}`;
      box.ariaLabel = label() + (unseen ? `, ${t.unread.replace('{count}', `${unseen}`)}` : '');
      if (unseen !== counted) emit('unread', unseen);
      counted = unseen;
      if (!unseen || !document.hidden) extras.stopAlert();
    },

    onKey(event) {
      const { type, key, shiftKey, isComposing, keyCode } = event;
      const cancels = type === 'cancel';
      const sends = key === 'Enter' && !shiftKey && fields.some((one) => one === event.composedPath()[0]);
      const composes = composing || isComposing || keyCode === 229;
      if (cancels || (!composes && (sends || key === 'Escape'))) event.preventDefault();
      if (composes) return;
      if (sends) my.submit();
      if (cancels || key === 'Escape') my.escape();
    },

    escape() {
      const no = dialog.querySelector('.ask:not([hidden]) .plain');
      if (no instanceof HTMLElement) no.click();
      else my.close();
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
    oncancel: my.onKey,
  });
  form.oninput = my.changed;
  my.listen(all, 'moved', my.giveBack);
  my.listen(document, 'visibilitychange', () => {
    if (!document.hidden && (my.shown || session.live)) session.resume();
    my.refresh();
  });
  my.listen(visualViewport, 'resize scroll', ({ target: { scale, offsetTop, height } }) => {
    if (scale > 1) return;
    dialog.style.cssText = `--top: ${offsetTop}px; --high: ${height}px`;
  });
  my.listen(window, 'online offline', session.link.check);
  my.listen(window, 'pagehide', session.link.stop);
  my.listen(window, 'pageshow', ({ persisted }) => {
    if (!persisted) return;
    if (session.isStale()) return my.leave();
    my.loadDraft();
    if (my.shown || session.live) session.resume();
  });
  my.listen(window, 'popstate hashchange', session.page);
  my.listen(window, 'storage', ({ key, newValue }) => {
    if (key === `${storage.prefix}draft`) my.setDraft(JSON.parse(newValue));
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
  my.loadDraft();
  my.draw();
  return my;
}
