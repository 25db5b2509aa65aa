// @ts-check
/**
 * The message log: a request's messages, the gaps among them, and what is not sent yet. It must
 * never turn a message into markup.
 *
 * @typedef {import('./types').Message} Message
 * @typedef {import('./types').Unsent} Unsent
 * @typedef {import('./types').State} State
 */

import { gaps, seen } from './request.js';
import { TEXTS } from './texts.js';

const NEAR_PX = 60;

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Name]} an element; strings become text nodes
 */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** @param {string} text @param {string} kind @param {() => void} act */
export function button(text, kind, act) {
  const made = h('button', { type: 'button', class: kind }, text);
  made.addEventListener('click', act);
  return made;
}

/**
 * @param {HTMLElement} element
 * @param {string} text set only when new, since a live region reads out whatever is set
 * @param {string} [name] for `{name}`, kept from turning the sentence around it
 */
export function say(element, text, name = '') {
  const [first = '', ...others] = text.split('{name}');
  if (element.textContent === [first, ...others].join(name)) return;
  element.replaceChildren(first, ...others.flatMap((part) => [h('bdi', {}, name), part]));
}

export class Log {
  /** @type {Map<string, HTMLElement>} */
  #rows = new Map();
  #list = h('ol');
  #log = h('div', { role: 'log', 'aria-label': TEXTS.messages }, this.#list);
  #unsent = h('ol', { class: 'unsent', 'aria-label': TEXTS.unsent });
  #seen = h('p', { class: 'seen' }, TEXTS.seen);
  #atEnd = true;
  #top = 0;
  #on;
  element = h('div',
    { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': TEXTS.conversation },
    this.#log, this.#unsent, this.#seen);

  /** @param {{ again: (text: Unsent) => void, discard: (text: Unsent) => void }} on */
  constructor(on) {
    this.#on = on;
    this.element.addEventListener('scroll', () => {
      const { scrollHeight, scrollTop, clientHeight } = this.element;
      // It is left by scrolling up; otherwise the room has changed.
      this.#atEnd &&= scrollTop >= this.#top;
      this.#atEnd ||= scrollHeight - scrollTop - clientHeight < NEAR_PX;
      this.#top = scrollTop;
    });
    new ResizeObserver(() => this.#keep()).observe(this.element);
  }

  /** @param {State} state @param {boolean} online whether texts are going out */
  show(state, online) {
    const missing = gaps(state);
    // Older messages must not be read out as new ones.
    this.#log.setAttribute('aria-busy', String(missing.length > 0));
    this.#place(this.#list, [...rows(state, missing)]);
    const fate = online ? TEXTS.sending : TEXTS.waitingToSend;
    this.#place(this.#unsent, state.unsent.map((text) => ({
      key: `${text.ref} ${text.refused?.code ?? fate}`, draw: () => this.#pending(text, fate) })));
    this.#unsent.hidden = state.unsent.length === 0;
    this.#seen.hidden = !seen(state) || state.unsent.length > 0;
    this.#keep();
  }

  #keep() {
    if (this.#atEnd) this.toEnd();
  }

  toEnd() {
    this.#atEnd = true;
    this.element.scrollTop = this.element.scrollHeight;
  }

  /**
   * Make *list* hold exactly *wanted*, in order, without touching the rows that stay.
   * @param {HTMLElement} list
   * @param {{ key: string, draw: () => HTMLElement }[]} wanted
   */
  #place(list, wanted) {
    const keys = new Set(wanted.map((row) => row.key));
    for (const row of [...list.children]) {
      const key = /** @type {HTMLElement} */ (row).dataset.key ?? '';
      if (keys.has(key)) continue;
      row.remove();
      this.#rows.delete(key);
    }
    let next = list.firstElementChild;
    for (const { key, draw } of wanted) {
      const row = this.#rows.get(key) ?? draw();
      row.dataset.key = key;
      this.#rows.set(key, row);
      if (row === next) next = next.nextElementSibling;
      else list.insertBefore(row, next);
    }
  }

  /** @param {Unsent} text @param {string} fate what becomes of it unless it was refused */
  #pending(text, fate) {
    const row = h('li', { class: 'customer' }, h('p', { class: 'text', dir: 'auto' }, text.text));
    if (!text.refused) {
      row.append(h('p', { class: 'fate' }, fate));
      return row;
    }
    const again = button(TEXTS.writeAgain, 'plain', () => this.#on.again(text));
    const discard = button(TEXTS.discard, 'plain', () => this.#on.discard(text));
    row.classList.add('refused');
    row.append(h('p', { class: 'fate' }, TEXTS.refused(text.refused)), again, discard);
    return row;
  }
}

/** @param {State} state @param {[number, number][]} missing */
function* rows({ request, messages }, missing) {
  const starts = new Map(missing.map(([from, to]) => [to + 1, from]));
  /** @type {Message | undefined} */
  let last;
  for (const message of messages) {
    const from = starts.get(message.seq);
    if (from !== undefined) yield { key: `gap ${from} ${message.seq}`, draw: drawGap };
    const follows = last?.kind === 'text' && last.by.role === message.by.role
      && last.by.name === message.by.name && last.seq === message.seq - 1;
    last = message;
    const key = `${request?.id} ${message.seq} ${follows}`;
    yield { key, draw: () => drawMessage(message, follows) };
  }
}

function drawGap() {
  return h('li', { class: 'gap' }, TEXTS.missing);
}

/** @param {Message} message @param {boolean} follows one by the same author */
function drawMessage(message, follows) {
  const { role, name } = message.by;
  if (message.kind !== 'text') {
    const own = role === 'customer' ? TEXTS.own[message.activity ?? ''] : undefined;
    return h('li', { class: 'activity', dir: 'auto' }, own ?? message.text, ' ', time(message.at));
  }
  const author = role === 'customer' ? TEXTS.you : name || TEXTS.agent;
  return h('li', { class: `${role}${follows ? ' follows' : ''}` },
    h('p', { class: 'author' }, h('bdi', {}, author), ' ', time(message.at)),
    h('p', { class: 'text', dir: 'auto' }, message.text));
}

/** @param {string} at */
function time(at) {
  const shown = new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  return h('time', { datetime: at }, shown);
}
