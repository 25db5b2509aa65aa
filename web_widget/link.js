// @ts-check
/**
 * One lasting connection to the relay over many sockets: dials, says hello, notices a dead socket,
 * comes back with back-off and full jitter. It must never know what the frames mean.
 *
 * @typedef {'off' | 'connecting' | 'online' | 'waiting' | 'ended'} Phase
 *
 * @typedef {Object} Ends
 * @property {string} url
 * @property {new (url: string, protocol: string) => WebSocket} Socket
 * @property {import('./types').Clock} clock
 * @property {() => object} hello the first frame of each socket
 * @property {(frame: import('./types').Frame) => void} received
 * @property {() => void} changed `phase` or `code` has
 */

export const QUIET_MS = 20_000;
export const DEADLINE_MS = 10_000;
const FIRST_MS = 500;
const LONGEST_MS = 30_000;
const STEADY_MS = 10_000;
const LOST = 1006;

export class Link {
  /** @type {Phase} */
  phase = 'off';
  /** The close code of the socket that was lost last, 0 while all is well. */
  code = 0;
  #ends;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {any} */
  #timer = null;
  #attempts = 0;
  #since = 0;

  /** @param {Ends} ends */
  constructor(ends) {
    this.#ends = ends;
  }

  /** Connect, unless that is under way or the relay has ended it for good. */
  start() {
    if (this.phase === 'off') this.#dial();
  }

  /** Hang up until `start`. Nothing is received after this call. */
  stop() {
    if (this.phase === 'ended') return;
    this.#drop();
    this.#enter('off');
  }

  /** The network may have changed: try now, or ask whether the socket still lives. */
  poke() {
    if (this.phase === 'waiting') this.#dial();
    else if (this.phase === 'online') this.#probe();
  }

  /** @param {object} frame @returns {boolean} whether it was handed to a socket */
  send(frame) {
    if (this.phase !== 'online') return false;
    this.#write(frame);
    return true;
  }

  #dial() {
    const { Socket, url } = this.#ends;
    this.#drop();
    const socket = new Socket(url, 'helpdesk.v1');
    this.#socket = socket;
    socket.onopen = () => this.#write(this.#ends.hello());
    socket.onmessage = (event) => this.#heard(JSON.parse(event.data));
    socket.onclose = (event) => this.#lost(event.code);
    this.#set(() => this.#lost(LOST), DEADLINE_MS);
    this.#enter('connecting');
  }

  /** @param {import('./types').Frame} frame */
  #heard(frame) {
    if (this.phase === 'online') this.#set(() => this.#probe(), QUIET_MS);
    if (frame.type === 'welcome') {
      this.code = 0;
      this.#since = this.#ends.clock.now();
      this.#set(() => this.#probe(), QUIET_MS);
      this.#enter('online');
    }
    this.#ends.received(frame);
  }

  #probe() {
    this.#write({ type: 'ping', ref: 'ping' });
    this.#set(() => this.#lost(LOST), DEADLINE_MS);
  }

  /** @param {number} code */
  #lost(code) {
    const { clock } = this.#ends;
    if (this.phase === 'online' && clock.now() - this.#since >= STEADY_MS) this.#attempts = 0;
    this.#drop();
    this.code = code;
    if (code >= 4000 && code <= 4099) return this.#enter('ended');
    const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    this.#set(() => this.#dial(), clock.random() * longest);
    this.#enter('waiting');
  }

  #drop() {
    this.#ends.clock.cancel(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** @param {object} frame */
  #write(frame) {
    this.#socket?.send(encoded(frame));
  }

  /** @param {() => void} act @param {number} ms */
  #set(act, ms) {
    this.#ends.clock.cancel(this.#timer);
    this.#timer = this.#ends.clock.after(act, ms);
  }

  /** @param {Phase} phase */
  #enter(phase) {
    this.phase = phase;
    this.#ends.changed();
  }
}

/** The relay refuses half a surrogate pair. @param {object} frame */
export function encoded(frame) {
  return JSON.stringify(frame, (_, value) => (
    typeof value === 'string' ? value.replace(/\p{Surrogate}/gu, '\ufffd') : value));
}
