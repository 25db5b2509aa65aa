/** The state of a request, folded from frames. */

import { encode } from './link.js';

/** @type {State} */
export const START = {
  epoch: null, request: null, messages: [], unsent: [], typing: false, desk: null, limits: {},
  gone: 0, deleted: false,
};

export const TEMPORARY = new Set(['rate_limited', 'unavailable']);

/** @type {FoldParts} */
const my = {
  enter(state, request) {
    const messages = state.request?.id === request.id ? state.messages : [];
    return { ...state, request, messages, gone: 0, deleted: false, typing: false };
  },

  merge(state, incoming) {
    const known = [...incoming, ...state.messages];
    const bySeq = new Map(known.map((message) => [message.seq, message]));
    const heard = incoming.some(({ kind, by }) => kind === 'text' && by.role === 'agent');
    return {
      ...state,
      messages: [...bySeq.values()].sort((one, other) => one.seq - other.seq),
      unsent: state.unsent.filter((text) => !incoming.some(({ ref }) => ref === text.ref)),
      typing: state.typing && !heard,
    };
  },

  read: (known, other) => ({
    customer: Math.max(known.customer, other?.customer ?? 0),
    agent: Math.max(known.agent, other?.agent ?? 0),
  }),

  update(state, { request }) {
    const known = state.request;
    if (known && known.id === request.id) {
      const read = my.read(known.read, request.read);
      return { ...state, request: { ...request, read }, typing: state.typing && my.isLive(request) };
    }
    const next = request.id > my.latest(state)
      || (known ? !my.isLive(known) : request.id !== state.gone);
    return next && my.isLive(request) ? my.enter(state, request) : state;
  },

  latest: ({ request, gone }) => request?.id ?? gone,

  fold: (state, frame) => (
    Object.hasOwn(rules, frame.type) ? rules[frame.type]?.(state, frame) ?? state : state),
  isLive: (request) => !!request && request.status !== 'closed',
  lastSeq: ({ messages }) => messages.at(-1)?.seq ?? 0,
  gaps({ request, messages }) {
    if (!messages.length && request?.seq) return [[1, request.seq]];
    return messages.flatMap(({ seq }, at) => {
      const expected = (messages[at - 1]?.seq ?? seq - 1) + 1;
      return seq > expected ? [[expected, seq - 1]] : [];
    });
  },
  older: ({ messages }) => (messages[0]?.seq ?? 1) - 1,

  unread: ({ request, messages }) => messages.filter(({ seq, kind, by }) => (
    seq > (request?.read.customer ?? 0) && kind === 'text' && by.role === 'agent')).length,

  seen({ request, messages }) {
    const own = messages.findLast(({ kind, by }) => kind === 'text' && by.role === 'customer');
    return !!own && own.seq <= (request?.read.agent ?? 0);
  },

  fits: ({ limits }, send) => !limits.frame
    || new Blob([encode({ type: 'send', ...send })]).size <= limits.frame,
};

export const { fold, isLive, lastSeq, gaps, older, unread, seen, fits } = my;

/** @type {Record<string, Rule>} */
const rules = {
  welcome: (state, { epoch, desk, request, messages, reset, limits = state.limits }) => my.merge({
    ...state, epoch, desk, request, limits, typing: false,
    messages: !reset && request && request.id === state.request?.id ? state.messages : [],
    gone: request ? 0 : my.latest(state), deleted: !request && state.deleted,
  }, messages),
  opened: (state, { request, messages }) => my.merge(my.enter(state, request), messages),
  request: my.update,
  closed: my.update,
  message(state, { request: id, message }) {
    if (id === state.request?.id) return my.merge(state, [message]);
    if (id <= my.latest(state)) return state;
    const read = { customer: 0, agent: 0 };
    return my.merge(my.enter(state, { id, status: 'waiting', agent: null, read }), [message]);
  },
  history: (state, { messages }) => my.merge(state, messages),
  send: (state, { ref, text, request = null, person }) => (
    [...state.unsent, ...state.messages].some((other) => other.ref === ref) ? state
      : { ...state, unsent: [...state.unsent, { ref, text, request, person, refused: null }] }),
  sent(state, { ref, seq, at }) {
    const own = state.unsent.find((text) => text.ref === ref);
    if (!own) return state;
    const left = { ...state, unsent: state.unsent.filter((text) => text !== own) };
    if (own.request !== null && own.request !== state.request?.id) return left;
    return my.merge(left, [
      { seq, kind: 'text', by: { role: 'customer' }, text: own.text, at, ref }]);
  },
  error(state, { ref, code, message }) {
    if (TEMPORARY.has(code) || !state.unsent.some((text) => text.ref === ref)) return state;
    return { ...state, unsent: state.unsent.map(
      (text) => (text.ref === ref ? { ...text, refused: { code, message } } : text)) };
  },
  typing: (state, { request, by, on }) => (
    by === 'agent' && request === state.request?.id ? { ...state, typing: on } : state),
  read(state, { request: id, by, seq }) {
    const { request } = state;
    if (id !== request?.id || !request || !Object.hasOwn(request.read, by)) return state;
    return { ...state, request: { ...request, read: my.read(request.read, { [by]: seq }) } };
  },
  desk: (state, { desk }) => ({ ...state, desk }),
  gone: (state, { request }) => (request !== state.request?.id ? state
    : { ...state, request: null, messages: [], typing: false, gone: request, deleted: true }),
};

/** @type {StatusText} */
export const statusText = {
  aboutOf(t, { state, link, opening, ending, erasing }) {
    const { request, desk } = state;
    if (link.phase === 'ended') return '';
    if (erasing) return t.erasing;
    if (opening && !link.code) return t.opening;
    if (ending) return t.ending;
    if (request?.status === 'active' && request.agent) return t.answered;
    if (desk && !desk.online) return t.absent;
    if (request?.status === 'waiting') return t.waiting;
    return desk ? t.here : '';
  },

  noticeOf(t, { state: { desk, request }, drafting }) {
    const waits = drafting || request?.status === 'waiting';
    return waits && desk?.online === false ? desk.away_message || t.away : '';
  },

  lineOf(t, { link: { phase, code, full, unreachable }, live, failure, refusal }, durable, network) {
    const kept = durable ? t.kept : t.keptHere;
    if (phase === 'online' || phase === 'off') return live ? statusText.reasonOf(t, failure) : '';
    if (phase === 'ended') {
      return `${t[refusal ?? ''] ?? (code === 4000 ? t.unknown : t.refused)} ${t.over}`;
    }
    if (!network) return `${t.offline} ${kept}`;
    if (code === 0) return t.connecting;
    if (unreachable && !full) return t.unreachable;
    const why = { 1012: t.restarting, 1013: t.busy, 4102: full ? t.full : t.tabs }[code] ?? t.lost;
    return `${why} ${t.retry} ${kept}`;
  },

  reasonOf(t, code) {
    /** @type {Record<string, string>} */
    const known = { closed: t.ended, too_large: t.tooLarge, invalid: t.invalid,
      forbidden: t.forbidden, not_found: t.apart };
    return code ? known[code] ?? t.wrong : '';
  },

  outcomeOf(t, { state, failure, erased }) {
    if (failure) return statusText.reasonOf(t, failure);
    if (erased) return t.erased;
    if (state.gone) return state.deleted ? t.gone : t.apart;
    return state.request ? t.ended : '';
  },

  roomOf(t, text, state) {
    const limit = state.limits.text || Infinity;
    const left = limit - [...text].length;
    const send = { ref: '0'.repeat(32), text, request: state.request?.id };
    if (left < 0) return [t.tooLong.replace('{count}', `${-left}`), true];
    if (!fits(state, send)) return [t.tooLarge, true];
    const near = Math.ceil(left / 50) * 50;
    return [near < limit / 10 ? t.left.replace('{count}', `${near}`) : '', false];
  },
};
