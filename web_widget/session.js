// @ts-check
/**
 * One customer on one page: joins the link, the fold and the shelf, and asks the relay for
 * whatever is due. It must never touch the page's elements.
 *
 * @typedef {import('./types').Frame} Frame
 */

import { Link } from './link.js';
import { START, TEMPORARY, fits, fold, gaps, isLive, lastSeq, unsentOf } from './request.js';

const [TYPING_EVERY_MS, TYPING_IDLE_MS, TYPING_FORGOTTEN_MS] = [2000, 5000, 7000];
const LONGEST_RETRY_MS = 30_000;

export class Session {
  state = START;
  /** The `ref` of the `open` under way. */
  opening = /** @type {string | null} */ (null);
  /** The number of the request that the customer has ended. */
  ending = /** @type {number | null} */ (null);
  /** Whether an open request is expected that the relay has not confirmed yet. */
  coming = false;
  /** Why the relay did not open a request. */
  failure = /** @type {string | null} */ (null);
  #attending = false;
  /** The `ref` of the unanswered frame of each kind. @type {Map<string, string>} */
  #asked = new Map();
  #around;
  /** Set while no other tab may open a request. */
  #unlock = /** @type {(() => void) | null} */ (null);
  #token = /** @type {string | null} */ (null);
  #pause = /** @type {unknown} */ (null);
  #refusals = 0;
  #stuck = 0;
  #writtenAt = 0;
  #typing = { on: false, at: -Infinity, idle: /** @type {unknown} */ (null) };
  #agentTyping = /** @type {unknown} */ (null);
  #place = '';

  /** @param {import('./types').Surroundings} around */
  constructor(around) {
    this.#around = around;
    this.link = new Link({
      url: around.url, Socket: around.Socket, clock: around.clock, hello: () => this.#hello(),
      received: (frame) => this.#received(frame), changed: () => this.#linkChanged(),
    });
    const { shelf } = around;
    const texts = shelf.names('unsent:').flatMap((name) => {
      const text = unsentOf(name, shelf.read('site', name));
      return text ?? shelf.write('site', name, null) ?? [];
    });
    this.state = texts.sort((one, other) => one.at - other.at).reduce(fold, START);
  }

  get live() {
    return isLive(this.state.request);
  }

  /** Come back to a request, or to the opening of one, after a load. */
  resume() {
    const { shelf } = this.#around;
    if (this.link.phase !== 'off') return;
    const known = shelf.read('site', 'token') !== null;
    this.coming = known && shelf.read('site', 'open') !== null;
    if (this.coming) this.ending = Number(shelf.read('site', 'ending')) || null;
    if (shelf.read('tab', 'opening') !== null) this.open();
    if (this.opening === null && known) this.link.start();
  }

  /** Ask for help: opens a request unless one is open or being opened. */
  open() {
    const { shelf, newRef } = this.#around;
    if (this.live || this.opening !== null || this.link.phase === 'ended') return;
    void this.#open(shelf.read('tab', 'opening') ?? newRef());
  }

  /** @param {string} text what the customer wrote; empty text is dropped */
  write(text) {
    const clean = text.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]/gu, '').trim();
    this.typed(false);
    if (clean === '') return;
    this.#writtenAt = Math.max(this.#around.clock.now(), this.#writtenAt + 1);
    const ref = this.#around.newRef();
    const request = this.opening === null ? this.state.request?.id ?? null : null;
    const frame = { type: 'send', ref, text: clean, at: this.#writtenAt, request };
    this.#around.shelf.write('site', `unsent:${ref}`, JSON.stringify(frame));
    this.#take(frame);
    this.#advance();
  }

  /** @param {string} ref of a refused text to forget */
  discard(ref) {
    this.#become({ ...this.state, unsent: this.state.unsent.filter((text) => text.ref !== ref) });
  }

  /** End the request, after what was written before has gone out. */
  end() {
    this.#ended(this.state.request?.id);
    this.#advance();
  }

  /** @param {number} [request] that the customer has ended; none: that is settled */
  #ended(request) {
    this.ending = request ?? null;
    this.#around.shelf.write('site', 'ending', request ? String(request) : null);
    this.#around.changed();
  }

  /** @param {boolean} writing whether the composer holds a new text */
  typed(writing) {
    const { clock } = this.#around;
    const typing = this.#typing;
    const due = writing ? !typing.on || clock.now() - typing.at >= TYPING_EVERY_MS : typing.on;
    clock.cancel(typing.idle);
    if (writing) typing.idle = clock.after(() => this.typed(false), TYPING_IDLE_MS);
    if (!due || !this.live) return;
    typing.on = writing;
    if (writing) typing.at = clock.now();
    this.link.send({ type: 'typing', on: writing });
  }

  /** Tell the relay what has been read. @param {boolean} [attending] the customer can see it */
  attend(attending = this.#attending) {
    const { request } = this.state;
    const seq = lastSeq(this.state);
    this.#attending = attending;
    if (!attending || !request || seq <= request.read.customer) return;
    if (!this.link.send({ type: 'read', seq })) return;
    this.#take({ type: 'read', request: request.id, by: 'customer', seq });
  }

  /** Tell the relay where the customer is, if that has changed. */
  moved() {
    const frame = { type: 'page', ...this.#around.place() };
    const place = JSON.stringify(frame);
    if (place !== this.#place && this.link.send(frame)) this.#place = place;
  }

  /** Hang up when there is nothing to wait for. */
  rest() {
    if (!this.live && !this.coming && this.opening === null) this.link.stop();
  }

  /** @param {string} ref */
  async #open(ref) {
    const { shelf, alone } = this.#around;
    this.opening = ref;
    this.failure = null;
    shelf.write('tab', 'opening', ref);
    this.#around.changed();
    // Else two tabs would become two customers.
    const unlock = await alone(`${shelf.prefix}open`);
    if (this.opening !== ref) return unlock();
    this.#unlock = unlock;
    const known = shelf.read('site', 'token') === this.#token;
    if (this.link.phase === 'online' && !known) this.link.stop();
    this.link.start();
    this.#advance();
  }

  /** The opening is over, for good or ill. */
  #settle() {
    this.opening = null;
    this.#around.shelf.write('tab', 'opening', null);
    this.#unlock?.();
    this.#unlock = null;
  }

  #hello() {
    const { shelf, site, place } = this.#around;
    const { request, epoch } = this.state;
    const here = place();
    const after = lastSeq(this.state);
    this.#token = shelf.read('site', 'token');
    this.#place = JSON.stringify({ type: 'page', ...here });
    return { type: 'hello', ref: 'hello', token: this.#token, site, ...here, identity: null,
      request: request?.id ?? null, after, epoch };
  }

  #linkChanged() {
    const unknown = this.link.code === 4000 ? ['token', 'open', 'ending'] : [];
    for (const name of unknown) this.#around.shelf.write('site', name, null);
    if (this.link.phase === 'ended') this.#settle();
    this.#around.changed();
  }

  /** @param {Frame} frame */
  #received(frame) {
    if (this.link.phase !== 'online') return;
    if (frame.type === 'welcome' && !this.#welcomed(frame)) return;
    const kind = [...this.#asked].find(([, ref]) => ref === frame.ref)?.[0];
    if (kind) this.#asked.delete(kind);
    if (frame.type === 'history' && !kind) return;
    this.#take(frame);
    if (frame.type === 'history' && frame.messages.length === 0) this.#stuck = lastSeq(this.state);
    if (frame.type === 'error' && kind) this.#refused(kind, frame);
    else if (frame.type === 'typing') this.#forgetTyping();
    else if (frame.type === 'opened' || (frame.type === 'welcome' && this.live)) this.#settle();
    if (frame.type === 'opened' || frame.type === 'sent') this.#refusals = 0;
    const { request } = this.state;
    if (this.ending && !(this.live && request?.id === this.ending)) this.#ended();
    this.#around.shelf.write('site', 'open', this.live ? 'yes' : null);
    this.attend();
    this.#advance();
  }

  /** @param {Frame} frame @returns {boolean} false: another tab was given a token */
  #welcomed(frame) {
    const { shelf } = this.#around;
    const kept = shelf.read('site', 'token');
    if (kept !== null && kept !== this.#token) {
      this.link.stop();
      this.link.start();
      return false;
    }
    this.coming = false;
    this.#asked.clear();
    this.#stuck = 0;
    this.#token = frame.token;
    shelf.write('site', 'token', frame.token);
    return true;
  }

  /** @param {string} kind @param {Frame} frame */
  #refused(kind, frame) {
    if (TEMPORARY.has(frame.code)) return this.#wait(frame.retry_after);
    if (kind === 'close') this.#ended();
    if (kind === 'history') this.#stuck = lastSeq(this.state);
    if (kind === 'open') {
      this.failure = String(frame.message);
      this.#settle();
    }
  }

  /** @param {number} [seconds] that the relay asks for */
  #wait(seconds) {
    const { clock } = this.#around;
    const longest = Math.min(LONGEST_RETRY_MS, 1000 * 2 ** this.#refusals++);
    const ms = seconds ? seconds * 1000 : 500 + clock.random() * longest;
    clock.cancel(this.#pause);
    this.#pause = clock.after(() => {
      this.#pause = null;
      this.#advance();
    }, ms);
  }

  /** Ask for whatever is due, one unanswered frame of each kind. */
  #advance() {
    if (this.#pause !== null || this.link.phase !== 'online') return;
    const request = this.state.request?.id;
    const before = (gaps(this.state).at(-1)?.[1] ?? 0) + 1;
    if (before > 1 && this.#stuck < before) this.#ask('history', { before, limit: 200, request });
    if (this.opening !== null) {
      if (this.#unlock) this.#ask('open', { ref: this.opening });
      return;
    }
    const next = this.state.unsent.find((text) => text.refused === null);
    const { ref, text } = next ?? {};
    const send = { ref, text, request: next?.request ?? request };
    // The relay would hang up, after every reload again.
    if (next && !fits(this.state, send)) {
      this.#take({ type: 'error', ref, code: 'too_large' });
      this.#advance();
    } else if (next) this.#ask('send', send);
    else if (this.ending) this.#ask('close', {});
  }

  /** @param {string} kind @param {Record<string, unknown>} fields */
  #ask(kind, fields) {
    if (this.#asked.has(kind)) return;
    const frame = { type: kind, ref: this.#around.newRef(), ...fields };
    if (this.link.send(frame)) this.#asked.set(kind, frame.ref);
  }

  #forgetTyping() {
    const forget = () => this.#become({ ...this.state, typing: false });
    this.#around.clock.cancel(this.#agentTyping);
    this.#agentTyping = this.#around.clock.after(forget, TYPING_FORGOTTEN_MS);
  }

  /** @param {Frame} frame */
  #take(frame) {
    this.#become(fold(this.state, frame));
  }

  /** @param {import('./types').State} state */
  #become(state) {
    const left = new Set(state.unsent.map((text) => text.ref));
    for (const { ref } of this.state.unsent) {
      if (!left.has(ref)) this.#around.shelf.write('site', `unsent:${ref}`, null);
    }
    if (state.request?.id !== this.state.request?.id) {
      this.#asked.delete('history');
      this.#stuck = 0;
    }
    this.state = state;
    this.#around.changed();
  }
}
