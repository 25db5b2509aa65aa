/** The connection to the relay. */

export const QUIET_MS = 20_000;
export const DEADLINE_MS = 10_000;
export const ANSWER_MS = 5000;
const [FIRST_MS, LONGEST_MS, STEADY_MS] = [500, 15_000, 10_000];
const LONGEST_WAIT_MS = 60_000;

/** @type {MakeLink} */
export function makeLink({ url, Socket, clock, hello, received, changed }) {
  let [attempts, since, timer, probing] = [0, 0, 0, false];

  /** @type {LinkParts} */
  const my = {
    phase: 'off',
    code: 0,
    full: false,
    socket: null,
    attempt: null,

    get unreachable() {
      return !since && attempts > 2 && my.code > 0 && (my.code < 1012 || my.full);
    },

    start() {
      if (my.phase === 'off') my.connect();
    },

    stop() {
      if (my.phase !== 'ended') my.reset();
    },

    reset() {
      my.closeSocket();
      my.code = 0;
      my.setPhase('off');
    },

    reconnect() {
      my.code = 0;
      my.connect();
    },

    check() {
      if (my.phase === 'waiting') my.connect();
      else if (my.phase === 'online') my.probe();
    },

    send(frame) {
      if (my.phase === 'online') my.write(frame);
      const much = /history|open/.test(frame.type);
      if (my.phase === 'online' && frame.ref && (much || !probing)) {
        my.setTimer(my.probe, much ? QUIET_MS : ANSWER_MS);
      }
      return my.phase === 'online';
    },

    connect() {
      my.closeSocket();
      const attempt = my.attempt = {};
      my.setTimer(my.closed, LONGEST_WAIT_MS);
      my.setPhase('connecting');
      const first = hello();
      if (!(first instanceof Promise)) my.dial(first);
      else first.then((frame) => my.attempt === attempt && my.dial(frame), (error) => {
        if (my.attempt !== attempt) return;
        received({ type: 'error', code: 'no_identity', message: `${error}` });
        my.closed(0);
      });
    },

    dial(first) {
      const made = my.socket = new Socket(url, 'helpdesk.v1');
      made.onopen = () => {
        my.write(first);
        my.setTimer(my.closed, QUIET_MS + DEADLINE_MS);
      };
      made.onmessage = (event) => my.receive(JSON.parse(event.data));
      made.onclose = ({ code, reason }) => my.closed(code, reason);
      my.setTimer(my.closed, DEADLINE_MS);
    },

    receive(frame) {
      const welcome = frame.type === 'welcome';
      if (welcome || my.phase === 'online') my.setTimer(my.probe, QUIET_MS);
      if (welcome) {
        my.code = 0;
        since = clock.now();
        my.setPhase('online');
      }
      received(frame);
    },

    probe() {
      my.write({ type: 'ping', ref: 'ping' });
      my.setTimer(my.closed, DEADLINE_MS);
      probing = true;
    },

    closed(code = 1006, reason = '') {
      if (my.phase === 'online' && clock.now() - since >= STEADY_MS) attempts = 0;
      my.closeSocket();
      my.code = code;
      my.full = /address/.test(reason);
      if (code >= 4000 && code < 4100) return my.setPhase('ended');
      my.setTimer(my.connect, clock.random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** attempts++));
      my.setPhase('waiting');
    },

    closeSocket() {
      clock.cancel(timer);
      const old = my.socket;
      my.socket = my.attempt = null;
      if (!old) return;
      old.onopen = old.onmessage = old.onclose = null;
      old.close();
    },

    write(frame) {
      my.socket?.send(encode(frame));
    },

    setTimer(act, ms) {
      clock.cancel(timer);
      timer = clock.after(act, ms);
      probing = false;
    },

    setPhase(phase) {
      my.phase = phase;
      changed();
    },
  };
  return my;
}

/** @type {Encode} */
export const encode = (frame) => (
  JSON.stringify(frame, (_, value) => value?.toWellFormed?.() ?? value));
