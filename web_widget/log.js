/** The panel's message log. */

import { button, h, setText } from './elements.js';
import { START, gaps, older, seen } from './request.js';

const FORMATTED = /[*_`]|:\/\/|mailto:|^(-|\d+\.) /im;

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
export function describe(t, { kind, by, text, activity = '' }) {
  const own = by.role === 'customer';
  return kind === 'text' ? [text, own ? t.you : by.name || t.agent] : [own && t[activity] || text];
}

/** @type {MakeLog} */
export function makeLog({ texts: t, lang, say }, on) {
  const list = h('ol', { class: 'rows' });
  const log = h('div', { role: 'log', 'aria-label': t.messages }, list);
  const unsent = h('ol', { class: 'rows unsent', 'aria-label': t.unsent });
  const mark = h('p', { class: 'mark' });
  const [place, placeUnsent] = [reconcile(list), reconcile(unsent)];
  let [busy, fetching, shown] = [false, false, START];
  /** @type {DrawText | null} */
  let drawText = null;
  /** @type {Promise<void> | null} */
  let loading = null;
  /** @type {Parameters<Log['show']> | null} */
  let latest = null;

  /** @type {LogParts} */
  const my = {
    element: h('div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t.conversation },
      h('div', {}, h('p', { class: 'greeting' }, say('greeting') ?? ''), log, unsent, mark)),

    show(state, online, restoring) {
      const last = state.messages.at(-1);
      [shown, latest] = [state, [state, online, restoring]];
      if (!drawText && [...state.messages, ...state.unsent].some(({ text }) => FORMATTED.test(text))) {
        loading ??= my.load();
        return;
      }
      busy = restoring || gaps(state).length > 0;
      if (busy) log.ariaBusy = 'true';
      my.settle();
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
      my.fetch();
    },

    async load() {
      ({ drawText } = await import('./markup.js').catch(() => ({ drawText: (text) => [text] })));
      if (latest) my.show(...latest);
    },

    settle: () => setTimeout(() => {
      log.ariaBusy = `${busy || fetching}`;
    }, 500),

    async fetch() {
      const { scrollTop, scrollHeight, clientHeight } = my.element;
      const missing = older(shown);
      const far = scrollHeight - clientHeight - Math.abs(scrollTop) > clientHeight;
      if (fetching || !missing || !clientHeight || far) return;
      fetching = true;
      log.ariaBusy = 'true';
      await on.older();
      fetching = false;
      my.settle();
      if (older(shown) < missing) my.fetch();
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
        my.text(text)]
        : [h('p', { class: 'activity', dir: 'auto' }, text, ...when)];
    },

    text: (text) => h('div', { class: 'text', dir: 'auto' }, ...drawText?.(text) ?? [text]),

    time: (at, style) => (
      h('time', { datetime: at }, new Date(at).toLocaleString(lang(), style))),

    pending: (text, status) => h('li', { class: `customer ${text.refused ? 'refused' : ''}` },
      my.text(text.text), h('p', { class: 'mark' }, status),
      ...text.refused ? [h('p', {}, button(t.again, 'plain', () => on.again(text)),
        button(t.discard, 'plain', () => on.discard(text.ref)))] : []),
  };
  my.element.onscroll = my.fetch;
  return my;
}

export const LOG_STYLES = `
  .scroll { flex: 1 0 96px; display: flex; flex-direction: column-reverse; overflow-y: auto;
    overscroll-behavior: contain; border-block: 1px solid var(--soft); outline-offset: -3px; }
  .rows, .rows > li { position: relative; display: flex; flex-direction: column; }
  .rows > li { align-items: flex-start; }
  .rows > .customer { align-items: flex-end; }
  .rows { gap: 12px; }
  .unsent, .greeting { margin-block: 12px; }
  .text, .greeting { color: CanvasText; font-size: 15px; }
  .follows { margin-block-start: -8px; }
  .text { padding: 8px 13px; max-inline-size: 85%; border-radius: 16px;
    border: 1px solid transparent; white-space: pre-wrap; background: var(--soft);
    overflow-wrap: anywhere; }
  .text > ul, .text > ol { padding-inline-start: 1.4em; }
  strong { font-weight: 600; }
  em { font-style: italic; }
  code { background: color-mix(in srgb, currentColor 12%, transparent); border-radius: 4px;
    font: 13px ui-monospace, monospace; }
  .customer .text { background: var(--accent); color: var(--on-accent); }
  .mark, .mark + p { text-align: end; }
  .unsent .text { color: CanvasText; background: none; border: 1px dashed; }
  .activity, .gap, .day { text-align: center; align-self: center; }
  .refused .mark { color: var(--bad); }
  .author bdi { font-weight: 600; }
  .follows .author { clip-path: inset(50%); position: absolute; }`;
