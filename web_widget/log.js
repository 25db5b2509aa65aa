/** What is said, and which sentence fits. It must never become markup. */

import { fits, gaps, seen } from './request.js';

const NEAR_PX = 60;
const LINK = /\b(?:https?:\/\/|mailto:)[^\s<>"'\p{Cf}\p{Cc}]+/giu;

/** @type {MakeElement} */
export function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** @type {(text: string, kind: string, act: () => void) => HTMLButtonElement} */
export function button(text, kind, act) {
  const made = h('button', { type: 'button', class: kind }, text);
  made.addEventListener('click', act);
  return made;
}

/** @type {(element: HTMLElement, text: string, name?: string) => void} */
export function say(element, text, name = '') {
  const parts = text.split('{name}');
  if (element.textContent === parts.join(name)) return;
  element.replaceChildren(...parts.flatMap((part, at) => (at ? [h('bdi', {}, name), part] : part)));
}

/** @type {(text: string) => (Node | string)[]} */
function linked(text) {
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

/** @type {(t: Texts, lang: string, greeting: string, on: LogActs) => Log} */
export function makeLog(t, lang, greeting, on) {
  const list = h('ol');
  const log = h('div', { role: 'log', 'aria-label': t.messages }, list);
  const unsent = h('ol', { class: 'unsent', 'aria-label': t.unsent });
  const mark = h('p', { class: 'mark' });
  const element = h('div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t.conversation },
    h('p', { class: 'greeting' }, greeting), log, unsent, mark);
  let [atEnd, top] = [true, 0];

  /** @type {LogParts} */
  const my = {
    element,

    show(state, online) {
      const missing = gaps(state);
      const last = state.messages.at(-1);
      log.setAttribute('aria-busy', String(missing.length > 0));
      my.place(list, my.rows(state, missing));
      my.place(unsent, state.unsent.map((text) => {
        const { code, message } = text.refused ?? {};
        const why = code === 'closed' ? t.wasClosed : code === 'too_large' ? t.tooLarge : message;
        const fate = code ? `${t.notSent} ${why}` : online ? t.sending : t.unsent;
        return { key: text.ref + fate, draw: () => my.pending(text, fate) };
      }));
      unsent.hidden = state.unsent.length === 0;
      mark.hidden = !unsent.hidden || last?.kind !== 'text' || last.by.role !== 'customer';
      say(mark, seen(state) ? t.seen : t.sent);
      my.keep();
    },

    keep() {
      if (atEnd) my.toEnd();
    },

    toEnd() {
      atEnd = true;
      element.scrollTop = element.scrollHeight;
    },

    scrolled() {
      const { scrollHeight, scrollTop, clientHeight } = element;
      atEnd &&= scrollTop >= top;
      atEnd ||= scrollHeight - scrollTop - clientHeight < NEAR_PX;
      top = scrollTop;
    },

    place(within, wanted) {
      const old = /** @type {HTMLElement[]} */ ([...within.children]);
      const known = new Map(old.map((row) => [row.dataset.key, row]));
      const rows = wanted.map(({ key, draw }) => {
        const row = known.get(key) ?? draw();
        row.dataset.key = key;
        return row;
      });
      for (const row of old) if (!rows.includes(row)) row.remove();
      rows.forEach((row, at) => {
        if (within.children[at] !== row) within.insertBefore(row, within.children[at] ?? null);
      });
    },

    rows: ({ request, messages }, missing) => messages.flatMap((message, at) => {
      const { seq, kind, by } = message;
      const last = messages[at - 1];
      const gap = missing.find(([, to]) => to === seq - 1);
      const day = new Date(message.at).toDateString();
      const fresh = !last || new Date(last.at).toDateString() !== day;
      const follows = !fresh && !gap && kind === 'text' && last.kind === kind
        && last.by.role === by.role && last.by.name === by.name;
      const key = `${request?.id} ${seq} `;
      return [
        ...(gap ? [{ key: `${key}${gap}`, draw: () => h('li', { class: 'gap' }, t.missing) }] : []),
        ...(fresh ? [{ key: key + day, draw: () => h('li', { class: 'day' }, my.time(
          message.at, { weekday: 'long', day: 'numeric', month: 'long' })) }] : []),
        { key: key + follows, draw: () => my.said(message, follows) },
      ];
    }),

    said({ kind, by, text, at, activity = '' }, follows) {
      const when = my.time(at, { hour: '2-digit', minute: '2-digit' });
      const own = by.role === 'customer';
      if (kind !== 'text') {
        const words = own && /** @type {Record<string, string>} */ (t)[activity];
        return h('li', { class: 'activity', dir: 'auto' }, words || text, ' ', when);
      }
      const author = h('bdi', {}, own ? t.you : by.name || t.agent);
      return h('li', { class: `${by.role}${follows ? ' follows' : ''}` },
        h('p', { class: 'author' }, author, ' ', when),
        h('p', { class: 'text', dir: 'auto' }, ...linked(text)));
    },

    time: (at, options) => (
      h('time', { datetime: at }, new Date(at).toLocaleString(lang, options))),

    pending(text, fate) {
      const row = h('li', { class: `customer ${text.refused ? 'refused' : ''}` },
        h('p', { class: 'text', dir: 'auto' }, text.text), h('p', { class: 'mark' }, fate));
      if (text.refused) {
        row.append(button(t.again, 'plain', () => on.again(text)),
          button(t.discard, 'plain', () => on.discard(text)));
      }
      return row;
    },
  };

  element.addEventListener('scroll', my.scrolled);
  new ResizeObserver(my.keep).observe(element);
  return my;
}

/** @type {Words} */
export const words = {
  aboutOf(t, { state, link, opening, ending, erasing }) {
    const { request, desk } = state;
    if (link.phase === 'ended') return '';
    if (erasing === 'asked') return t.erasing;
    if (opening && !link.code) return t.opening;
    if (ending) return t.ending;
    if (request?.status === 'active' && request.agent) return t.answered;
    if (desk && !desk.online) return desk.away_message || t.away;
    if (request?.status === 'waiting') return t.waiting;
    return desk ? t.here : '';
  },

  lineOf(t, { link: { phase, code }, live, failure }, durable, network) {
    const kept = durable ? t.kept : t.keptHere;
    if (phase === 'online' || phase === 'off') return live && failure ? `${t.failed} ${failure}` : '';
    if (phase === 'ended') return `${code === 4000 ? t.unknown : t.refused} ${t.over}`;
    if (!network) return `${t.offline} ${kept}`;
    if (code === 0) return t.connecting;
    const why = { 1012: t.restarting, 1013: t.busy, 4102: t.tabs }[code] ?? t.lost;
    return `${why} ${t.retry} ${kept}`;
  },

  outcomeOf(t, { state, failure, erasing }) {
    if (failure) return `${t.failed} ${failure}`;
    if (erasing) return t.erased;
    if (state.gone) return t.gone;
    return state.request ? t.ended : t.resting;
  },

  roomOf(t, text, state) {
    const limit = state.limits.text || Infinity;
    const length = [...text].length;
    const left = Math.ceil((limit - length) / 50) * 50;
    const send = { ref: '0'.repeat(32), text, request: state.request?.id };
    if (length > limit) return [t.tooLong.replace('{count}', `${length}`).replace('{limit}', `${limit}`), true];
    if (!fits(state, send)) return [t.tooLarge, true];
    return [left < limit / 10 ? t.left.replace('{count}', `${left}`) : '', false];
  },
};
