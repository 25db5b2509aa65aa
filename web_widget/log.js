/** The panel's message log. */

import { addStyles, button, h, makeFace, setText } from './elements.js';
import { START, gaps, older, seen, statusText } from './request.js';

const FORMATTED = /[*_`]|:\/\/|mailto:|^(-|\d+\.) /im;
const LONG = 40;
const SAME_BREATH_MS = 300_000;

/** @type {IsQuestion} */
export const isQuestion = ({ kind, by }) => kind === 'text' && by.role === 'customer';

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
  const name = by.name || t.agent;
  if (kind === 'text') return [text, own ? t.you : name];
  return [t[own ? activity : `${activity}By`]?.trim?.() ?? text, null, name];
}

/** @type {MakeLog} */
export function makeLog({ texts: t, lang, say, styles }, on) {
  const list = h('ol', { class: 'rows' });
  const log = h('div', { role: 'log', 'aria-label': t.messages }, list);
  const unsent = h('ol', { class: 'rows unsent', 'aria-label': t.unsent });
  const mark = h('p', { class: 'mark' });
  const greeting = h('p', { class: 'greeting' }, say('greeting') ?? '');
  const [place, placeUnsent] = [reconcile(list), reconcile(unsent)];
  const timeOf = new Intl.DateTimeFormat(lang(), { timeStyle: 'short' });
  const dayOf = new Intl.DateTimeFormat(lang(), { dateStyle: 'full' });
  let [busy, fetching, drawn, shown, scrollTop] = [false, false, false, START, 0];
  /** @type {Parameters<Log['show']>} */
  let latest = [shown, false, false];
  const loaded = new Map();
  /** @type {DrawText} */
  let drawText = (text) => [text];
  /** @type {LogView} */
  let view = { select: (messages) => messages.slice(-LONG), keep: (change) => change(), fit: () => my.fetch() };

  /** @type {LogParts} */
  const my = {
    list,
    first: 0,
    element: h('div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t.conversation },
      h('div', { class: 'content' }, greeting, log, unsent, mark)),

    show(state, online, restoring) {
      const { messages, unsent: own } = shown = state;
      latest = [state, online, restoring];
      if (messages.length > LONG && my.awaits('long_log')) return;
      const texts = [...view.select(messages), ...own];
      if (texts.some(({ text }) => FORMATTED.test(text)) && my.awaits('markup')) return;
      busy = restoring || gaps(state).length > 0;
      my.settle(busy || (!drawn && messages.length > 0));
      drawn = true;
      view.keep(() => {
        my.draw();
        my.drawUnsent(online);
      });
      view.fit();
    },

    giveBack() {
      my.element.scrollTop = scrollTop;
    },

    draw() {
      const { messages } = shown;
      const rows = view.select(messages);
      const begin = rows[0] ? messages.indexOf(rows[0]) : 0;
      const asked = messages[0]?.seq === 1 ? messages.findIndex(isQuestion) >>> 0 : 0;
      let last = messages[begin - 1];
      my.first = rows[0]?.seq ?? 0;
      greeting.hidden = begin + older(shown) > 0;
      place(rows.flatMap((message, at) => {
        if (begin + at < asked && message.kind !== 'text') return [];
        const row = my.row(message, last, messages[begin + at - 1]?.seq ?? 0);
        last = message;
        return [row];
      }));
    },

    drawUnsent(online) {
      const { unsent: texts, messages } = shown;
      const last = messages.at(-1);
      placeUnsent(texts.map((text) => {
        const { code } = text.refused ?? {};
        const status = code ? `${t.notSent} ${statusText.reasonOf(t, code)}`
          : online ? t.sending : t.unsent;
        return [text.ref + status, () => my.pending(text, status)];
      }));
      unsent.hidden = texts.length === 0;
      mark.hidden = !unsent.hidden || !last || !isQuestion(last);
      setText(mark, seen(shown) ? t.seen : t.sent);
    },

    awaits(name) {
      if (!loaded.has(name)) {
        loaded.set(name, false);
        import(`./${name}.js`).catch(() => ({})).then((found) => {
          loaded.set(name, true);
          addStyles(styles, found);
          if (found.drawText) ({ drawText } = found);
          view = found.makeLongLog?.(my) ?? view;
          my.show(...latest);
        });
      }
      return !loaded.get(name);
    },

    redraw() {
      my.settle(true);
      view.keep(my.draw);
    },

    settle(quiet) {
      if (quiet) log.ariaBusy = 'true';
      setTimeout(() => {
        log.ariaBusy = `${busy || fetching}`;
      }, 500);
    },

    async fetch() {
      const { scrollTop, scrollHeight, clientHeight } = my.element;
      const missing = older(shown);
      const far = scrollHeight - clientHeight - Math.abs(scrollTop) > clientHeight;
      if (fetching || !missing || !clientHeight || far) return;
      fetching = true;
      my.settle(true);
      await on.older();
      fetching = false;
      my.settle();
      if (older(shown) < missing) view.fit();
    },

    row(message, last, before) {
      const { seq, kind, by, at } = message;
      const gap = seq > before + 1;
      const fresh = !last || new Date(last.at).toDateString() !== new Date(at).toDateString();
      const follows = !fresh && !gap && kind === 'text' && last.kind === kind
        && last.by.role === by.role && last.by.name === by.name
        && Date.parse(at) - Date.parse(last.at) < SAME_BREATH_MS;
      return [[shown.request?.id, seq, gap, fresh, follows].join(), () => h('li',
        { class: `${by.role} ${follows ? 'follows' : ''}` },
        ...gap ? [h('p', { class: 'gap' }, t.missing)] : [],
        ...fresh ? [h('p', { class: 'day' }, my.time(at, dayOf))] : [],
        ...my.content(message))];
    },

    content(message) {
      const [text, author, name] = describe(t, message);
      const sentence = h('p', { class: 'activity' });
      setText(sentence, text, name);
      return author ? [
        h('p', { class: 'author' }, ...isQuestion(message) ? [] : [makeFace(author), '\u2002'],
          h('bdi', {}, author), ' ', my.time(message.at, timeOf)),
        my.text(text),
      ] : [sentence];
    },

    text: (text) => h('div', { class: 'text', dir: 'auto' }, ...drawText?.(text) ?? [text]),

    time: (at, style) => (
      h('time', { datetime: at }, style.format(new Date(at)))),

    pending: (text, status) => h('li', { class: `customer ${text.refused ? 'refused' : ''}` },
      my.text(text.text), h('p', { class: 'mark' }, status),
      ...text.refused ? [h('p', {}, button(t.again, 'plain', () => on.again(text)),
        button(t.discard, 'plain', () => on.discard(text.ref)))] : []),
  };
  my.element.onscroll = () => {
    ({ scrollTop } = my.element);
    view.fit();
  };
  return my;
}

export const LOG_STYLES = `
  .scroll { flex: 1 0 96px; display: flex; flex-direction: column-reverse; overflow-y: auto;
    overscroll-behavior: contain; border-block: 1px solid var(--soft); outline-offset: -3px; }
  .content, .rows, .rows > li { position: relative; display: flex; flex-direction: column; }
  .rows > li { align-items: flex-start; }
  .rows > .customer { align-items: flex-end; }
  .rows { gap: 12px; }
  .unsent, .greeting { margin-block: 12px; }
  .text, .greeting { color: CanvasText; font-size: 15px; }
  .follows { margin-block-start: -8px; }
  .text { padding: 8px 12px; max-inline-size: 85%; border-radius: 16px;
    border: 1px solid transparent; white-space: pre-wrap; background: var(--soft);
    overflow-wrap: anywhere; }
  .customer .text { background: var(--accent); color: var(--on-accent); }
  .mark, .mark + p { text-align: end; }
  .unsent .text { color: CanvasText; background: none; border: 1px dashed; }
  .activity, .gap, .day { text-align: center; align-self: center; font-size: 12px; }
  .refused .mark { color: var(--bad); }
  .author bdi { font-weight: 600; }
  .follows .author, .customer .author bdi { clip-path: inset(50%); position: absolute; }
  .face { background: var(--soft); block-size: 28px; inline-size: 28px; line-height: 28px; border-radius: 50%;
    display: inline-block; text-align: center; font-size: 11px; }`;
