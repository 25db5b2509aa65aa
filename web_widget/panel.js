/** The HelpPanel: shows a session. */

import { LOOK, button, h, makeExtras, makeLog, makeQuestion, say } from './parts.js';
import { unread, words } from './request.js';
import { startSession } from './session.js';

/** The contact fields. */
const CONTACT = {
  name: { type: 'text', maxlength: '100' },
  email: { type: 'email', maxlength: '254' },
};

/** @type {Around} */
const around = ({ shelf, settings, relay }) => ({
  url: new URL('v1/customer', relay()).href.replace('http', 'ws'),
  shelf,
  Socket: WebSocket,
  site: settings.site ?? 'default',
  identity: () => settings.identity,
  asks: () => !!(settings.open
    || (settings.form && !settings.identity && !shelf.read('site', 'known'))),
  place: () => ({
    locale: settings.lang ?? navigator.language,
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
  alone: (name) => new Promise((resolve) => {
    const none = () => resolve(() => {});
    navigator.locks?.request(name, { signal: AbortSignal.timeout(5000) }, () => new Promise(resolve))
      .catch(none) ?? none();
  }),
});

/** @type {MakePanel} */
export function makePanel(host, session = startSession(around(host))) {
  const { all, box, shelf, settings, texts: t, label, tell } = host;
  const leave = new AbortController();
  let [drawing, counted] = [false, 0];

  const extras = makeExtras(host, session);
  const heading = h('h2', { tabindex: '-1' }, label());
  const about = h('p', {});
  const line = h('p', { class: 'line', role: 'status' });
  const typing = h('p', { role: 'status' });
  const end = button(t.end, 'plain');
  const ask = makeQuestion(end, t.endAsk, t.endNow, t.cancel, () => my.end());
  const inputs = Object.entries(CONTACT).map(([name, rest]) => h('input', {
    name, autocomplete: name, ...rest, pattern: '.*\\S.*' }));
  const field = h('textarea', { name: 'text', 'aria-label': t.composer, placeholder: t.composer, rows: '1',
    enterkeyhint: 'send' });
  const fields = [...inputs, field];
  const room = h('p', { role: 'status' });
  const form = h('form', {},
    ...inputs.map((input) => h('label', {}, `${t[input.name]}`, input)),
    field, h('button', { class: 'strong' }, t.send), room);
  const outcome = h('p', {});
  const start = button(t.startNew, 'strong', () => my.begin());
  const over = h('div', { class: 'over' }, outcome, extras.rating, extras.thanks, start);
  const log = makeLog(host, { again: (text) => my.again(text), discard: session.discard });
  const dialog = h('dialog', { id: 'panel', 'aria-label': label() },
    h('div', { class: 'head' }, h('div', { class: 'title' }, heading, about), end, extras.more,
      button('×', 'icon', () => my.close(), t.hide)),
    extras.menu, line, log.element, typing, ask, over, form);

  /** @type {PanelParts} */
  const my = {
    session,
    shown: false,
    seen: () => my.shown && !document.hidden,

    open(focus) {
      const unseen = my.shown || (!session.live && unread(session.state) > 0);
      settings.open = false;
      my.show(focus);
      if (!unseen) session.open();
      my.look(focus);
    },

    resume(shown, focus = false) {
      if (shown) my.show(focus);
      session.resume();
      if (shown && settings.open) session.open();
      my.look(focus);
    },

    show(focus) {
      if (my.shown) return;
      my.shown = true;
      if (focus && getComputedStyle(dialog).position === 'fixed') dialog.showModal();
      else dialog.setAttribute('open', '');
      shelf.write('tab', 'panel', 'shown');
      box.ariaExpanded = 'true';
      tell('open');
    },

    close() {
      if (!my.shown) return;
      const focused = dialog.matches(':focus-within');
      my.shown = false;
      ask.hidden = true;
      dialog.close();
      shelf.write('tab', 'panel', 'hidden');
      box.ariaExpanded = 'false';
      if (focused) box.focus();
      session.attend(false);
      session.rest();
      tell('close');
    },

    forget() {
      my.close();
      session.reset();
    },

    remove() {
      leave.abort();
      extras.calm();
      dialog.remove();
    },

    look(focus = false) {
      if (!document.hidden) session.link.poke();
      session.attend(my.seen());
      session.moved();
      my.draw();
      if (focus) (form.hidden || matchMedia('(pointer: coarse)').matches ? heading : field).focus();
    },

    write() {
      const { text, ...person } = my.draft();
      if (!text) return;
      const given = Object.keys(person).join();
      if (given) shelf.write('site', 'known', given);
      if (session.asking) session.open();
      session.write(text, given ? person : undefined);
      my.fill(null);
      my.edited();
      my.draw();
      log.element.scrollTop = 0;
    },

    draft: () => Object.fromEntries(
      fields.map(({ name, value }) => [name, value.trim()]).filter(([, text]) => text)),

    fill(draft) {
      for (const input of fields) input.value = draft?.[input.name] ?? '';
      my.measure();
    },

    measure() {
      const [why, bad] = words.roomOf(t, field.value.trim(), session.state);
      say(room, why);
      field.setCustomValidity(bad ? why : '');
    },

    edited() {
      const draft = my.draft();
      my.measure();
      session.keep('draft', Object.keys(draft).length && draft);
      session.typed(!!field.value.trim());
    },

    again({ ref, text, person = {} }) {
      session.open();
      my.draw();
      if (form.hidden) return;
      const both = [text, field.value].filter(Boolean).join('\n');
      my.fill({ ...my.draft(), ...person, text: both });
      my.fields();
      my.edited();
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

    told(event, detail) {
      if (event === 'reset') return my.fill(null);
      if (event === 'changed') {
        if (!drawing) queueMicrotask(my.draw);
        drawing = true;
        return;
      }
      tell(event, detail);
      if (event === 'message' && detail.by === 'agent' && !my.seen()) extras.alert();
    },

    draw() {
      const { state, link, opening, coming, asking, ending } = session;
      const busy = !!opening || coming;
      const active = link.phase !== 'ended' && (session.live || busy || asking);
      const online = link.phase === 'online';
      const agent = state.request?.agent?.name ?? t.agent;
      drawing = false;
      log.show(state, online, coming);
      extras.draw();
      say(about, [state.desk?.name, words.aboutOf(t, session)].filter(Boolean).join(' · '), agent);
      say(line, words.lineOf(t, session, shelf.durable, navigator.onLine));
      say(typing, state.typing && online ? t.typing : '', agent);
      end.hidden = !active || busy || asking || !!ending;
      ask.hidden ||= end.hidden;
      form.hidden = !active || !!ending || (!!settings.form && !state.desk);
      my.fields();
      over.hidden = active || link.phase === 'ended' || (!state.epoch && link.phase !== 'off');
      say(outcome, words.outcomeOf(t, session));
      if (!over.hidden && dialog.querySelector('[hidden]:focus, [hidden] :focus')) start.focus();
      my.count(my.seen() ? 0 : unread(state));
    },

    fields() {
      const { desk, request } = session.state;
      const left = desk?.online === false && request?.status === 'waiting';
      const wanted = settings.form ?? '';
      const known = shelf.read('site', 'known') ?? '';
      for (const input of inputs) {
        const needed = !settings.identity && !known.includes(input.name)
          && (left || (session.asking && wanted.includes(input.name)));
        input.disabled = !needed && !input.value;
        input.required = wanted.includes(`${input.name}*`);
      }
    },

    count(unseen) {
      host.count.hidden = unseen === 0;
      host.count.dataset.unseen = `${unseen}`;
      box.ariaLabel = label() + (unseen ? `, ${t.unread.replace('{count}', `${unseen}`)}` : '');
      if (unseen !== counted) tell('unread', unseen);
      counted = unseen;
      if (!unseen || !document.hidden) extras.calm();
    },

    listen(at, names, act) {
      for (const name of names.split(' ')) at?.addEventListener(name, act, leave);
    },
  };

  my.listen(dialog, 'cancel keydown', (event) => {
    if (event.type !== 'cancel' && (event.key !== 'Escape' || event.isComposing)) return;
    event.preventDefault();
    const no = dialog.querySelector('.ask:not([hidden]) .plain');
    if (no instanceof HTMLElement) no.click();
    else my.close();
  });
  my.listen(form, 'submit', (event) => {
    event.preventDefault();
    my.write();
  });
  my.listen(field, 'keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  my.listen(form, 'input', my.edited);
  my.listen(document, 'visibilitychange', () => my.look());
  my.listen(visualViewport, 'resize scroll', ({ target: { scale, offsetTop, height } }) => {
    if (scale > 1) return;
    dialog.style.cssText = `--top: ${offsetTop}px; --high: ${height}px`;
  });
  my.listen(window, 'online offline', session.link.poke);
  my.listen(window, 'pagehide', session.link.stop);
  my.listen(window, 'pageshow', ({ persisted }) => {
    if (persisted && (my.shown || session.live)) session.resume();
  });
  my.listen(window, 'popstate hashchange', session.moved);
  my.listen(window, 'storage', ({ key, newValue }) => {
    if (key === `${shelf.prefix}draft`) my.fill(JSON.parse(newValue));
    if (key === `${shelf.prefix}token` && newValue === null) session.reset();
  });
  my.listen(window.navigation, 'navigatesuccess', () => setTimeout(session.moved));

  host.look.replaceSync(LOOK);
  all.prepend(dialog);
  box.setAttribute('aria-controls', 'panel');
  session.tell = my.told;
  my.fill(session.kept('draft'));
  my.draw();
  return my;
}
