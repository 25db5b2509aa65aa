/** The HelpPanel: shows what the session knows. It must never speak to the relay. */

import { around } from './link.js';
import { button, h, makeLog, say, words } from './log.js';
import { isLive, unread } from './request.js';
import { startSession } from './session.js';
import { LOOK } from './styles.js';

const NARROW = matchMedia('(max-width: 480px), (max-height: 420px)');
const TOUCH = matchMedia('(pointer: coarse)');

/** @type {(host: Host, session?: Session) => HelpPanel} */
export function makePanel(host, session = startSession(around(host))) {
  const { all, box, shelf, settings, texts: t, label, tell } = host;
  const leave = new AbortController();
  let [drawing, confirming, counted] = [false, false, 0];

  const heading = h('h2', { id: 'heading', tabindex: '-1' }, label());
  const about = h('p', { class: 'about' });
  const line = h('p', { class: 'line', role: 'status' });
  const typing = h('p', { class: 'typing', role: 'status' });
  const end = button(t.end, 'plain', () => my.confirm(true));
  const more = button('⋯', 'icon', () => my.extra((here) => here.menu()));
  const hide = button('×', 'icon', () => my.close());
  const endNow = button(t.endNow, 'strong', () => my.endChat());
  const ask = h('div', { class: 'ask', role: 'group', 'aria-labelledby': 'ask' },
    h('p', { id: 'ask' }, t.endAsk), endNow, button(t.endNot, 'plain', () => my.confirm(false)));
  const inputs = /** @type {const} */ (['name', 'email']).map((name) => h('input', {
    name, autocomplete: name, type: name === 'name' ? 'text' : name, maxlength: '100' }));
  const labels = inputs.map((input) => h('label', {}, t[/** @type {'name'} */ (input.name)], input));
  const field = h('textarea', { id: 'field', rows: '1', placeholder: t.hint,
    'aria-describedby': 'room', autocomplete: 'off', enterkeyhint: 'send' });
  const room = h('p', { id: 'room', role: 'status' });
  const form = h('form', { class: 'composer' }, ...labels,
    h('label', { for: 'field', class: 'unseen' }, t.composer), field,
    h('button', { class: 'strong' }, t.send), room);
  const outcome = h('p');
  const start = button(t.startNew, 'strong', () => my.startNew());
  const over = h('div', { class: 'over' }, outcome, start);
  const log = makeLog(t, host.lang(), settings.greeting ?? '', {
    again: ({ ref, text }) => my.again(ref, text), discard: ({ ref }) => session.discard(ref) });
  const dialog = h('dialog', { id: 'panel', 'aria-labelledby': 'heading' },
    h('div', { class: 'inside' },
      h('div', { class: 'head' }, h('div', { class: 'title' }, heading, about), end, more, hide),
      line, log.element, typing, ask, over, form));

  /** @type {PanelParts} */
  const my = {
    session,
    extras: null,
    shown: false,
    seen: () => my.shown && !document.hidden,

    open(focus) {
      const unseen = my.shown || (!session.live && unread(session.state) > 0);
      settings.open = false;
      my.show(NARROW.matches && focus);
      if (!unseen) session.open();
      my.attend();
      my.draw();
      if (focus) (TOUCH.matches || form.hidden ? heading : field).focus();
    },

    resume(shown) {
      if (shown) my.show(false);
      session.resume();
      if (shown && settings.open) session.open();
      my.attend();
    },

    show(modal) {
      if (my.shown) return;
      my.shown = true;
      if (modal) dialog.showModal();
      else dialog.setAttribute('open', '');
      shelf.write('tab', 'panel', 'shown');
      box.setAttribute('aria-expanded', 'true');
      log.toEnd();
      tell('open');
    },

    close() {
      if (!my.shown) return;
      const focused = dialog.matches(':focus-within');
      my.shown = false;
      dialog.close();
      shelf.write('tab', 'panel', 'hidden');
      box.setAttribute('aria-expanded', 'false');
      if (focused) box.focus();
      my.confirm(false);
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
      my.extras?.then((here) => here.calm());
      dialog.remove();
    },

    extra(act) {
      my.extras ??= import('./extras.js').then(
        ({ makeExtras }) => makeExtras(host, session, { more, outcome, line }));
      my.extras.then(act, (error) => {
        my.extras = null;
        tell('error', { code: 'not_loaded', message: `${error}` });
      });
    },

    attend() {
      if (!document.hidden) session.link.poke();
      session.attend(my.seen());
      session.moved();
    },

    write() {
      const text = field.value;
      if (field.ariaInvalid === 'true' || !text.trim() || !form.reportValidity()) return;
      const given = inputs.filter((input) => input.value.trim() && input.checkVisibility());
      const person = Object.fromEntries(given.map(({ name, value }) => [name, value.trim()]));
      if (given.length) shelf.write('site', 'known', 'yes');
      if (session.asking) session.open();
      field.value = '';
      my.edited();
      session.write(text, given.length ? person : undefined);
      my.draw();
      log.toEnd();
    },

    edited() {
      const text = field.value;
      const [why, bad] = words.roomOf(t, text.trim(), session.state);
      say(room, why);
      field.ariaInvalid = String(bad);
      shelf.write('site', 'draft', text || null);
      session.typed(text.trim() !== '');
    },

    again(ref, text) {
      session.open();
      my.draw();
      if (form.hidden) return;
      field.value = [text, field.value].filter(Boolean).join('\n');
      my.edited();
      session.discard(ref);
      field.focus();
    },

    confirm(asked) {
      if (confirming === asked) return;
      confirming = asked;
      my.draw();
      if (my.shown) (asked ? endNow : end).focus();
    },

    endChat() {
      confirming = false;
      session.end();
      my.draw();
      heading.focus();
    },

    startNew() {
      session.open();
      my.draw();
      field.focus();
    },

    told(event, detail) {
      if (event === 'changed') {
        if (!drawing) queueMicrotask(my.draw);
        drawing = true;
        return;
      }
      tell(event, detail);
      if (event === 'message' && detail.by === 'agent' && !my.seen()) {
        my.extra((here) => here.alert());
      }
    },

    draw() {
      const { state, link, opening, coming, asking, ending } = session;
      const busy = !!opening || coming;
      const active = link.phase !== 'ended' && (session.live || busy || asking);
      const online = link.phase === 'online';
      const agent = state.request?.agent?.name ?? t.agent;
      const { activeElement } = /** @type {ShadowRoot} */ (all.getRootNode());
      drawing = false;
      if (!active) confirming = false;
      log.show(state, online);
      say(about, [state.desk?.name, words.aboutOf(t, session)].filter(Boolean).join(' · '), agent);
      about.classList.toggle('online', online && !!state.desk?.online);
      say(line, words.lineOf(t, session, shelf.durable, navigator.onLine));
      line.classList.toggle('calm', link.phase === 'connecting');
      say(typing, state.typing && online ? t.typing : '', agent);
      end.hidden = !active || busy || asking || confirming || !!ending;
      ask.hidden = !confirming;
      form.hidden = !active || !!ending || (!!settings.form && !state.desk);
      my.fields();
      over.hidden = active || link.phase === 'ended' || (!state.epoch && link.phase !== 'off');
      say(outcome, words.outcomeOf(t, session));
      if (my.extras || (state.request && !isLive(state.request))) my.extra((here) => here.rating());
      if (!over.hidden && activeElement?.closest('[hidden]')) start.focus();
      my.count(my.seen() ? 0 : unread(state));
    },

    fields() {
      const { desk, request } = session.state;
      const left = desk?.online === false && request?.status === 'waiting';
      const known = shelf.read('site', 'known') || settings.identity;
      const wanted = settings.form ?? (left ? 'name email' : '');
      for (const [at, input] of inputs.entries()) {
        const needed = (session.asking || left) && !known && wanted.includes(input.name);
        input.required = needed && wanted.includes(`${input.name}*`);
        labels[at].hidden = !needed;
      }
    },

    count(unseen) {
      const much = unseen === 1 ? t.unreadOne : t.unread.replace('{count}', `${unseen}`);
      host.count.hidden = unseen === 0;
      host.count.dataset.unseen = `${unseen}`;
      box.setAttribute('aria-label', unseen ? `${label()}, ${much}` : label());
      if (unseen !== counted) tell('unread', unseen);
      counted = unseen;
      if (!unseen || !document.hidden) my.extras?.then((here) => here.calm());
    },

    listen(at, names, act) {
      for (const name of names.split(' ')) {
        at.addEventListener(name, act, { signal: leave.signal });
      }
    },
  };

  my.listen(dialog, 'cancel', (event) => {
    event.preventDefault();
    my.close();
  });
  my.listen(dialog, 'keydown', (event) => {
    if (event.key !== 'Escape' || event.isComposing) return;
    event.preventDefault();
    if (confirming) my.confirm(false);
    else my.close();
  });
  my.listen(form, 'submit', (event) => {
    event.preventDefault();
    my.write();
  });
  my.listen(field, 'keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    my.write();
  });
  my.listen(field, 'input', my.edited);
  my.listen(document, 'visibilitychange', () => {
    my.attend();
    my.draw();
  });
  my.listen(window, 'online offline', () => session.link.poke());
  my.listen(window, 'pagehide', () => session.link.stop());
  my.listen(window, 'pageshow', ({ persisted }) => {
    if (persisted && (my.shown || session.live)) session.resume();
  });
  my.listen(window, 'popstate hashchange', () => session.moved());
  my.listen(window, 'storage', ({ key, newValue }) => {
    if (key === `${shelf.prefix}draft`) field.value = newValue ?? '';
    if (key === `${shelf.prefix}token` && !newValue) session.reset();
  });
  const { navigation } = /** @type {any} */ (window);
  if (navigation) my.listen(navigation, 'navigatesuccess', () => setTimeout(() => session.moved()));

  hide.ariaLabel = t.hide;
  more.ariaLabel = t.more;
  more.ariaExpanded = 'false';
  field.value = shelf.read('site', 'draft') ?? '';
  host.look.replaceSync(LOOK);
  all.prepend(dialog);
  box.setAttribute('aria-controls', 'panel');
  session.tell = my.told;
  my.draw();
  return my;
}
