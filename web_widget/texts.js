// @ts-check
/**
 * Every sentence the HelpPanel says, in one place, so that other languages can stand beside it,
 * and which one fits. It must never hold markup: each one is shown as plain text, and `{name}` in
 * it stands for the agent's name.
 */

import { fits } from './request.js';

/** @param {boolean} durable */
const kept = (durable) => `What you write is kept ${durable ? 'on this device'
  : 'until you leave this page'} and goes out when the connection is back.`;

export const TEXTS = {
  lang: 'en',
  dir: 'ltr',
  heading: 'Help',
  hide: 'Hide',
  messages: 'Messages',
  conversation: 'Conversation',
  unsent: 'Not sent yet',
  composer: 'Message',
  hint: 'Write a message…',
  send: 'Send',
  end: 'End chat',
  endAsk: 'End this chat?',
  endNow: 'End chat now',
  endNot: 'Keep chatting',
  startNew: 'Start a new request',
  writeAgain: 'Edit and send again',
  discard: 'Discard',
  you: 'You',
  agent: 'Agent',
  sending: 'Sending…',
  waitingToSend: 'Not sent yet',
  seen: 'Seen',
  opening: 'Opening your request…',
  ending: 'Ending the chat…',
  ended: 'This chat has ended.',
  gone: 'This chat has ended and its record was deleted.',
  resting: 'No chat is open.',
  waiting: 'We will be with you shortly.',
  missing: 'Some messages are not here yet.',
  answered: '{name} is helping you.',
  typing: '{name} is typing…',
  /** @param {number} count */
  box: (count) => (count === 0 ? 'Help'
    : `Help, ${count} unread ${count === 1 ? 'message' : 'messages'}`),
  /** @param {number} length @param {number} limit */
  tooLong: (length, limit) => `Too long: ${length} of at most ${limit} characters.`,
  tooLarge: 'Too large to send. Please shorten it.',
  /** @param {string} message */
  notOpened: (message) => `The request could not be opened: ${message}`,
  /** @param {{ code: string, message: string }} refused */
  refused: ({ code, message }) => `Not sent: ${REFUSED[code] ?? message}`,
  /** The customer's own activities. */
  own: /** @type {Record<string, string>} */ ({
    opened: 'You asked for help',
    closed: 'You ended the chat',
  }),
  link: {
    connecting: 'Connecting…',
    /** @param {boolean} durable */
    offline: (durable) => `You are offline. ${kept(durable)}`,
    /** @param {number} code @param {boolean} durable */
    waiting: (code, durable) => `${REASONS[code] ?? 'The help desk cannot be reached.'} `
      + `Trying again within half a minute. ${kept(durable)}`,
    /** @param {number} code */
    ended: (code) => `${FINAL[code] ?? 'The help desk has ended the connection.'} `
      + 'Nothing more is sent or received here; reload the page to try again.',
  },
};

/** Why a text was not sent. @type {Record<string, string>} */
const REFUSED = { closed: 'the chat had ended.', too_large: 'it is too large.' };

/** Why a connection was lost that will be tried again. @type {Record<number, string>} */
const REASONS = {
  1012: 'The help desk is restarting.',
  1013: 'The help desk is busy.',
  4100: 'The connection was too slow.',
  4101: 'The connection was lost.',
  4102: 'Help is open in too many tabs. Please close some.',
};

/** Why a connection is over for good. @type {Record<number, string>} */
const FINAL = {
  4000: 'The help desk no longer knows this visit.',
  4001: 'The help desk did not hear from this page in time.',
  4002: 'The help desk could not understand this page.',
  4003: 'A message was too large for the help desk.',
};

/** @param {import('./session.js').Session} session who helps */
export function aboutOf({ state, link, opening, ending }) {
  const { request, desk } = state;
  if (link.phase === 'ended') return desk?.name ?? '';
  if (opening !== null && !link.code) return TEXTS.opening;
  if (ending !== null) return TEXTS.ending;
  if (request?.status === 'active' && request.agent) return TEXTS.answered;
  if (desk && !desk.online && desk.away_message) return desk.away_message;
  return request?.status === 'waiting' ? TEXTS.waiting : desk?.name ?? '';
}

/**
 * @param {import('./link.js').Link} link
 * @param {boolean} durable whether what is written survives a reload
 * @param {boolean} network whether the browser has one
 * @returns {string} why there is no connection, if one is wanted
 */
export function lineOf({ phase, code }, durable, network) {
  if (phase === 'online' || phase === 'off') return '';
  if (phase === 'ended') return TEXTS.link.ended(code);
  if (!network) return TEXTS.link.offline(durable);
  return code === 0 ? TEXTS.link.connecting : TEXTS.link.waiting(code, durable);
}

/** @param {import('./session.js').Session} session */
export function typingOf({ state, link }) {
  return state.typing && link.phase === 'online' ? TEXTS.typing : '';
}

/** @param {import('./session.js').Session} session */
export function outcomeOf({ state, failure }) {
  if (failure !== null) return TEXTS.notOpened(failure);
  if (state.gone) return TEXTS.gone;
  return state.request ? TEXTS.ended : TEXTS.resting;
}

/** @param {string} text @param {import('./types').State} state why it cannot be sent */
export function faultOf(text, state) {
  const limit = state.limits.text;
  const length = [...text].length;
  if (limit && length > limit) return TEXTS.tooLong(length, limit);
  return fits(state, { ref: '0'.repeat(32), text, request: state.request?.id }) ? '' : TEXTS.tooLarge;
}
