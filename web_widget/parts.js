/** The panel's message log, menu, rating and styles. */

import { gaps, seen } from './request.js';

const LINK = /\b(?:https?:\/\/|mailto:)[^\s<>"'\p{Cf}\p{Cc}]+/giu;

/** @type {MakeElement} */
export function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** @type {MakeButton} */
export const button = (text, kind, onclick = null, ariaLabel = null) => Object.assign(
  h('button', { class: kind, type: 'button' }, text), { onclick, ariaLabel });

/** @type {MakeQuestion} */
export function makeQuestion(asker, question, yes, no, act) {
  const now = button(yes, 'strong', act);
  const group = h('div', { class: 'ask', role: 'group', 'aria-label': question, hidden: '' },
    h('p', {}, question), now, button(no, 'plain', () => asker.focus()));
  group.onclick = (event) => {
    group.hidden = event.composedPath()[0] instanceof HTMLButtonElement;
  };
  asker.onclick = () => {
    group.hidden = false;
    now.focus();
  };
  return group;
}

/** @type {SetText} */
export function setText(element, text, name = '') {
  const parts = text.split('{name}');
  if (element.textContent === parts.join(name)) return;
  element.replaceChildren(...parts.flatMap((part, at) => (at ? [h('bdi', {}, name), part] : part)));
}

/** @type {Linkify} */
function linkify(text) {
  let from = 0;
  const parts = [...text.matchAll(LINK)].flatMap(({ 0: found, index }) => {
    const href = found.replace(/[.,;:!?)\]}]+$/, '');
    if (!URL.canParse(href)) return [];
    const before = text.slice(from, index);
    from = index + href.length;
    const rel = 'noopener noreferrer nofollow';
    return [before, h('a', { href, rel, target: '_blank' }, href)];
  });
  return [...parts, text.slice(from)];
}

/** @type {Reconcile} */
const reconcile = (within, rows = new Map()) => (wanted) => {
  const old = rows;
  rows = new Map(wanted.map(([key, draw]) => [key, old.get(key) ?? draw()]));
  for (const [key, row] of old) if (!rows.has(key)) row.remove();
  [...rows.values()].forEach((row, at) => {
    const here = within.children[at] ?? null;
    if (here !== row) within.insertBefore(row, here);
  });
};

/** @type {Describe} */
function describe(t, { kind, by, text, activity = '' }) {
  const own = by.role === 'customer';
  return kind === 'text' ? [text, own ? t.you : by.name || t.agent] : [own && t[activity] || text];
}

/** @type {MakeLog} */
export function makeLog({ texts: t, lang, settings }, on) {
  const list = h('ol', {});
  const log = h('div', { role: 'log', 'aria-label': t.messages }, list);
  const unsent = h('ol', { class: 'unsent', 'aria-label': t.unsent });
  const mark = h('p', { class: 'mark' });
  const [place, placeUnsent] = [reconcile(list), reconcile(unsent)];
  let busy = false;

  /** @type {LogParts} */
  const my = {
    element: h('div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t.conversation },
      h('div', {}, h('p', { class: 'greeting' }, settings.greeting ?? ''), log, unsent, mark)),

    show(state, online, restoring) {
      const last = state.messages.at(-1);
      busy = restoring || gaps(state).length > 0;
      if (busy) log.ariaBusy = 'true';
      setTimeout(() => {
        log.ariaBusy = `${busy}`;
      }, 500);
      place(state.messages.map((message, at) => my.row(message, state.messages[at - 1], state)));
      placeUnsent(state.unsent.map((text) => {
        const { code, message } = text.refused ?? {};
        const why = { closed: t.ended, too_large: t.tooLarge }[`${code}`] ?? message;
        const status = code ? `${t.notSent} ${why}` : online ? t.sending : t.unsent;
        return [text.ref + status, () => my.pending(text, status)];
      }));
      unsent.hidden = state.unsent.length === 0;
      mark.hidden = !unsent.hidden || last?.kind !== 'text' || last.by.role !== 'customer';
      setText(mark, seen(state) ? t.seen : t.sent);
    },

    row(message, last, { request }) {
      const { seq, kind, by, at } = message;
      const gap = seq > (last?.seq ?? 0) + 1;
      const fresh = !last || new Date(last.at).toDateString() !== new Date(at).toDateString();
      const follows = !fresh && !gap && kind === 'text' && last.kind === kind
        && last.by.role === by.role && last.by.name === by.name;
      return [[request?.id, seq, gap, fresh, follows].join(), () => h('li',
        { class: `${by.role} ${follows ? 'follows' : ''}` },
        ...gap ? [h('p', { class: 'gap' }, t.missing)] : [],
        ...fresh ? [h('p', { class: 'day' }, my.time(at, { dateStyle: 'full' }))] : [],
        ...my.content(message))];
    },

    content(message) {
      const [text, author] = describe(t, message);
      const when = [' ', my.time(message.at, { timeStyle: 'short' })];
      return author ? [h('p', { class: 'author' }, h('bdi', {}, author), ...when),
        h('p', { class: 'text', dir: 'auto' }, ...linkify(text))]
        : [h('p', { class: 'activity', dir: 'auto' }, text, ...when)];
    },

    time: (at, style) => (
      h('time', { datetime: at }, new Date(at).toLocaleString(lang(), style))),

    pending: (text, status) => h('li', { class: `customer ${text.refused ? 'refused' : ''}` },
      h('p', { class: 'text', dir: 'auto' }, text.text), h('p', { class: 'mark' }, status),
      ...text.refused ? [h('p', {}, button(t.again, 'plain', () => on.again(text)),
        button(t.discard, 'plain', () => on.discard(text.ref)))] : []),
  };
  return my;
}

/** @type {MakeExtras} */
export function makeExtras(host, session) {
  const { texts: t, storage, lang } = host;
  const toggles = ['sound', 'flash'].map((name) => {
    const box = h('input', { type: 'checkbox' });
    box.checked = !storage.read('site', name);
    box.onchange = () => storage.write('site', name, box.checked ? null : 'off');
    return h('label', {}, box, `${t[name]}`);
  });
  const erase = button(t.erase, 'plain');
  const sure = makeQuestion(erase, t.eraseAsk, t.eraseNow, t.cancel, () => {
    my.toggle();
    session.erase();
  });
  const comment = h('input', { 'aria-label': t.comment, placeholder: t.comment, maxlength: '1000' });
  comment.value = session.load('comment') ?? '';
  comment.oninput = () => session.left || session.save('comment', comment.value);
  const scores = [1, 2, 3, 4, 5].map((score) => button(`${score}`, 'score', () => {
    session.rate(score, comment.value.trim());
    session.save('comment');
    comment.value = '';
  }, { 1: `1, ${t.bad}`, 5: `5, ${t.good}` }[score]));

  /** @type {ExtrasParts} */
  const my = {
    notifier: null,
    more: button('⋯', 'icon', () => my.toggle(), t.more),
    menu: h('div', { class: 'menu', role: 'group', 'aria-label': t.more, hidden: '' }, ...toggles,
      button(t.transcript, 'plain', () => my.save()), erase, sure),
    rating: h('div', { class: 'rating', role: 'group', 'aria-label': t.rate },
      h('p', {}, t.rate), comment, t.bad, ...scores, t.good),
    thanks: h('p', { tabindex: '-1' }, t.thanks),

    toggle() {
      const shown = my.menu.hidden;
      my.menu.hidden = !shown;
      sure.hidden = true;
      my.more.ariaExpanded = `${shown}`;
      (shown ? toggles[0]?.control : my.more)?.focus();
    },

    save() {
      const lines = session.state.messages.map((message) => {
        const when = new Date(message.at).toLocaleString(lang(), {
          dateStyle: 'short',
          timeStyle: 'long', // with the time zone
        });
        return `${when} ${describe(t, message).reverse().join(': ')}\n`;
      });
      const href = URL.createObjectURL(new Blob(lines, { type: 'text/plain' }));
      h('a', { href, download: `chat-${session.state.request?.id}.txt` }).click();
      setTimeout(() => URL.revokeObjectURL(href), 1000);
    },

    draw() {
      const { request } = session.state;
      const focused = my.rating.matches(':focus-within');
      const over = request && !session.live;
      const given = session.rating ?? request?.rating;
      my.rating.hidden = !over || !!given;
      my.thanks.hidden = !over || !given;
      if (focused) my.thanks.focus();
    },

    async alert() {
      try {
        const { makeNotifier } = await import('./notify.js');
        my.notifier ??= makeNotifier(host, session);
        my.notifier.alert();
      } catch (error) {
        host.emit('error', { code: 'not_loaded', message: `${error}` });
      }
    },

    stopAlert: () => my.notifier?.stop(),
  };
  my.more.ariaExpanded = 'false';
  return my;
}

export const STYLES = `
  .all { --soft: color-mix(in srgb, CanvasText 8%, Canvas); --high: 100dvh; --top: 0px;
    --faint: color-mix(in srgb, CanvasText 75%, Canvas); }
  * { padding: 0; box-sizing: border-box; margin: 0; font: inherit; color: inherit; }
  dialog { all: unset; inline-size: min(384px, 100vw / var(--zoom) - 24px); border-radius: 18px;
    background: Canvas; flex-direction: column; box-shadow: var(--shadow);
    block-size: min(600px, 100dvh / var(--zoom) - 104px); border: 1px solid var(--soft); overflow: auto;
    display: none; }
  dialog[open] { display: flex; }
  dialog > * { flex: none; padding: 10px 16px; }
  h2 { font-size: 17px; }
  h2, button, .author bdi { font-weight: 600; }
  .follows .author { clip-path: inset(50%); position: absolute; }
  .head, .ask, .over, .menu, .rating, form { flex-wrap: wrap; display: flex; gap: 8px;
    align-items: center; }
  .head { flex-wrap: nowrap; gap: 2px; }
  .title { flex: 1; }
  .ask, .over, .menu, .line { background: var(--soft); }
  .ask p, .over p, form p, .menu .ask, .rating, .rating input { flex: 1 0 100%; }
  p, label, .rating { color: var(--faint); overflow-wrap: anywhere; font-size: 13px; }
  label:has(:disabled) { display: none; }
  :invalid ~ p, .refused .mark { color: var(--bad); }

  button { padding: 0 12px; min-block-size: 36px; font-size: 14px; min-inline-size: 36px;
    background: none; border: 1px solid transparent; color: var(--faint); border-radius: 10px;
    cursor: pointer; }
  .icon { padding: 0; font-size: 22px; }
  .score { padding: 0; border-color: var(--faint); }
  .strong, .customer .text { background: var(--accent); color: var(--on-accent); }

  .scroll { flex: 1 0 96px; display: flex; flex-direction: column-reverse; overflow-y: auto;
    overscroll-behavior: contain; border-block: 1px solid var(--soft); outline-offset: -3px; }
  ol, li { position: relative; display: flex; flex-direction: column; }
  li { align-items: flex-start; }
  .customer { align-items: flex-end; }
  ol { gap: 12px; }
  .unsent, .greeting { margin-block: 12px; }
  .text, .greeting { color: CanvasText; font-size: 15px; }
  .follows { margin-block-start: -8px; }
  .text { padding: 8px 13px; max-inline-size: 85%; border-radius: 16px;
    border: 1px solid transparent; white-space: pre-wrap; background: var(--soft); }
  .mark, .mark + p { text-align: end; }
  .unsent .text { color: CanvasText; background: none; border: 1px dashed; }
  .activity, .gap, .day { text-align: center; align-self: center; }

  form label { flex: 1 0 140px; }
  textarea, input:not([type=checkbox]) { min-block-size: 44px; min-inline-size: 0;
    background: Canvas; resize: none; padding: 9px 13px; color: CanvasText; font-size: 16px;
    border: 1px solid var(--faint); border-radius: 14px; }
  textarea { flex: 1 1 180px; field-sizing: content; max-block-size: 132px; }
  form input { inline-size: 100%; }
  ::placeholder { color: var(--faint); opacity: 1; }
  [type=checkbox] { margin: 9px; }

  @media (max-width: 480px), (max-height: 420px) {
    dialog { inline-size: 100%; border: 0; border-radius: 0; inset: calc(var(--top) / var(--zoom)) 0 auto;
      block-size: calc(var(--high) / var(--zoom)); position: fixed; }
    dialog[open] ~ .box { visibility: hidden; }
  }`;
