// @ts-check
/**
 * What the customer's side knows of a request, as a pure fold over the relay's frames and its own
 * `send`. It must never touch the page, the clock or a socket.
 *
 * @typedef {import('./types').State} State
 * @typedef {import('./types').Frame} Frame
 * @typedef {import('./types').Message} Message
 * @typedef {import('./types').HelpRequest} HelpRequest
 * @typedef {import('./types').Unsent} Unsent
 */

import { encoded } from './link.js';

/** @type {State} */
export const START = Object.freeze({
  epoch: null, request: null, messages: [], unsent: [], typing: false, desk: null,
  limits: {}, gone: 0,
});

/** The same frame is sent again later. */
export const TEMPORARY = new Set(['rate_limited', 'unavailable']);

/**
 * @param {State} state
 * @param {Frame} frame
 * @returns {State} the same object where *frame* says nothing new
 */
export function fold(state, frame) {
  const rule = RULES.get(frame.type);
  return rule ? rule(state, frame) : state;
}

/** @type {Map<string, (state: State, frame: Frame) => State>} */
const RULES = new Map([
  ['welcome', welcomed],
  ['opened', (state, { request, messages }) => received(entered(state, request), messages)],
  ['request', (state, { request }) => updated(state, request)],
  ['closed', (state, { request }) => updated(state, request)],
  ['message', arrived],
  ['history', (state, { messages }) => received(state, messages)],
  ['send', wrote],
  ['sent', acknowledged],
  ['error', refused],
  ['typing', typed],
  ['read', marked],
  ['desk', (state, { desk }) => ({ ...state, desk })],
  ['gone', forgotten],
]);

/** @param {State} state @param {Frame} frame @returns {State} */
function welcomed(state, frame) {
  const known = !frame.reset && state.request !== null && frame.request?.id === state.request.id;
  const base = {
    ...state, epoch: frame.epoch, desk: frame.desk, typing: false, request: frame.request,
    limits: frame.limits ?? state.limits, messages: known ? state.messages : [],
    gone: frame.request ? 0 : state.request?.id ?? state.gone,
  };
  return received(base, frame.messages);
}

/** @param {State} state @param {HelpRequest} request @returns {State} in *request* */
function entered(state, request) {
  const same = state.request?.id === request.id;
  return { ...state, request, gone: 0, typing: false, messages: same ? state.messages : [] };
}

/** @param {State} state @param {HelpRequest} request @returns {State} */
function updated(state, request) {
  if (state.request?.id === request.id) {
    const read = {
      customer: Math.max(state.request.read.customer, request.read?.customer ?? 0),
      agent: Math.max(state.request.read.agent, request.read?.agent ?? 0),
    };
    return { ...state, request: { ...request, read }, typing: state.typing && isLive(request) };
  }
  // An agent may reopen an older request once the latest has ended.
  const next = request.id > latest(state) || (state.request !== null && !isLive(state.request));
  return next && isLive(request) ? entered(state, request) : state;
}

/** @param {State} state @param {Frame} frame @returns {State} */
function arrived(state, frame) {
  if (frame.request === state.request?.id) return received(state, [frame.message]);
  if (frame.request <= latest(state)) return state;
  const request = {
    id: frame.request, status: /** @type {const} */ ('waiting'), agent: null,
    read: { customer: 0, agent: 0 },
  };
  return received(entered(state, request), [frame.message]);
}

/** @param {State} state @param {readonly Message[]} incoming @returns {State} */
function received(state, incoming) {
  const refs = new Set(incoming.map((message) => message.ref));
  const heard = incoming.some(({ kind, by }) => kind === 'text' && by.role === 'agent');
  return {
    ...state,
    messages: merged(state.messages, incoming),
    unsent: state.unsent.filter((text) => !refs.has(text.ref)),
    typing: state.typing && !heard,
  };
}

/** @param {readonly Message[]} known @param {readonly Message[]} incoming @returns {Message[]} */
function merged(known, incoming) {
  const bySeq = new Map(known.map((message) => [message.seq, message]));
  for (const message of incoming) {
    if (!bySeq.has(message.seq)) bySeq.set(message.seq, message);
  }
  return [...bySeq.values()].sort((one, other) => one.seq - other.seq);
}

/** @param {State} state @param {Frame} frame @returns {State} */
function wrote(state, { ref, text, request = null }) {
  const known = state.unsent.some((other) => other.ref === ref)
    || state.messages.some((message) => message.ref === ref);
  return known ? state
    : { ...state, unsent: [...state.unsent, { ref, text, request, refused: null }] };
}

/** @param {State} state @param {Frame} frame @returns {State} */
function acknowledged(state, { ref, seq, at }) {
  const own = state.unsent.find((text) => text.ref === ref);
  if (!own) return state;
  const unsent = state.unsent.filter((text) => text !== own);
  if (own.request !== null && own.request !== state.request?.id) return { ...state, unsent };
  const by = /** @type {const} */ ({ role: 'customer' });
  return received({ ...state, unsent }, [{ seq, kind: 'text', by, text: own.text, at, ref }]);
}

/** @param {State} state @param {Frame} frame @returns {State} */
function refused(state, { ref, code, message }) {
  if (TEMPORARY.has(code) || !state.unsent.some((text) => text.ref === ref)) return state;
  const mark = (/** @type {Unsent} */ text) =>
    text.ref === ref ? { ...text, refused: { code, message } } : text;
  return { ...state, unsent: state.unsent.map(mark) };
}

/** @param {State} state @param {Frame} frame @returns {State} */
function typed(state, { request, by, on }) {
  return by === 'agent' && request === state.request?.id ? { ...state, typing: on } : state;
}

/** @param {State} state @param {Frame} frame @returns {State} */
function marked(state, { request, by, seq }) {
  if (request !== state.request?.id || !state.request || (by !== 'agent' && by !== 'customer')) {
    return state;
  }
  const side = /** @type {'agent' | 'customer'} */ (by);
  const read = { ...state.request.read, [side]: Math.max(state.request.read[side], seq) };
  return { ...state, request: { ...state.request, read } };
}

/** @param {State} state @param {Frame} frame @returns {State} */
function forgotten(state, { request }) {
  if (request !== state.request?.id) return state;
  return { ...state, request: null, messages: [], typing: false, gone: request };
}

/** @param {State} state */
function latest(state) {
  return state.request?.id ?? state.gone;
}

/** @param {HelpRequest | null} request @returns {boolean} whether it is waiting or active */
export function isLive(request) {
  return request !== null && request.status !== 'closed';
}

/** @param {State} state @returns {number} the last `seq`, 0 for none */
export function lastSeq(state) {
  return state.messages.at(-1)?.seq ?? 0;
}

/** @param {State} state @returns {[number, number][]} ranges of `seq` that are missing */
export function gaps(state) {
  /** @type {[number, number][]} */
  const missing = [];
  let expected = 1;
  for (const { seq } of state.messages) {
    if (seq > expected) missing.push([expected, seq - 1]);
    expected = seq + 1;
  }
  return missing;
}

/** @param {State} state @returns {number} */
export function unread(state) {
  const seen = state.request?.read.customer ?? 0;
  const fresh = (/** @type {Message} */ message) =>
    message.seq > seen && message.kind === 'text' && message.by.role === 'agent';
  return state.messages.filter(fresh).length;
}

/** @param {State} state @returns {boolean} of the customer's last text */
export function seen(state) {
  const own = state.messages.filter(
    (message) => message.by.role === 'customer' && message.kind === 'text').at(-1);
  return own !== undefined && own.seq <= (state.request?.read.agent ?? 0);
}

/** @param {State} state @param {object} send */
export function fits({ limits }, send) {
  const bytes = new TextEncoder().encode(encoded({ type: 'send', ...send })).length;
  return !limits.frame || bytes <= limits.frame;
}

/** @param {string} name @param {string | null} kept @returns {Frame | null} the `send` in it */
export function unsentOf(name, kept) {
  try {
    const frame = JSON.parse(kept ?? '');
    return name === `unsent:${frame.ref}` && frame.text.trim() ? { ...frame, type: 'send' } : null;
  } catch {
    return null;
  }
}
