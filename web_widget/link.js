/** The connection to the relay, over many sockets. */

export const QUIET_MS = 20_000;
export const DEADLINE_MS = 10_000;
const [FIRST_MS, LONGEST_MS, STEADY_MS] = [500, 15_000, 10_000];

/** @type {MakeLink} */
export function makeLink({ url, Socket, clock, hello, received, changed }) {
  let [attempts, since, timer] = [0, 0, 0];

  /** @type {LinkParts} */
  const my = {
    phase: 'off',
    code: 0,
    socket: null,

    start() {
      if (my.phase === 'off') my.dial();
    },

    stop() {
      if (my.phase !== 'ended') my.reset();
    },

    reset() {
      my.drop();
      my.code = 0;
      my.enter('off');
    },

    redial() {
      my.code = 0;
      my.dial();
    },

    poke() {
      if (my.phase === 'waiting') my.dial();
      else if (my.phase === 'online') my.probe();
    },

    send(frame) {
      if (my.phase === 'online') my.write(frame);
      return my.phase === 'online';
    },

    dial() {
      my.drop();
      const made = my.socket = new Socket(url, 'helpdesk.v1');
      made.onopen = () => {
        const first = hello();
        if (!(first instanceof Promise)) my.write(first);
        else first.then((frame) => my.socket === made && my.write(frame), (error) => {
          received({ type: 'error', code: 'no_identity', message: `${error}` });
          my.lost(0);
        });
      };
      made.onmessage = (event) => my.heard(JSON.parse(event.data));
      made.onclose = (event) => my.lost(event.code);
      my.set(my.lost, DEADLINE_MS);
      my.enter('connecting');
    },

    heard(frame) {
      const welcome = frame.type === 'welcome';
      if (welcome || my.phase === 'online') my.set(my.probe, QUIET_MS);
      if (welcome) {
        my.code = 0;
        since = clock.now();
        my.enter('online');
      }
      received(frame);
    },

    probe() {
      my.write({ type: 'ping', ref: 'ping' });
      my.set(my.lost, DEADLINE_MS);
    },

    lost(code = 1006) {
      if (my.phase === 'online' && clock.now() - since >= STEADY_MS) attempts = 0;
      my.drop();
      my.code = code;
      if (code >= 4000 && code < 4100) return my.enter('ended');
      my.set(my.dial, clock.random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** attempts++));
      my.enter('waiting');
    },

    drop() {
      clock.cancel(timer);
      const old = my.socket;
      my.socket = null;
      if (!old) return;
      old.onopen = old.onmessage = old.onclose = null;
      old.close();
    },

    write(frame) {
      my.socket?.send(encoded(frame));
    },

    set(act, ms) {
      clock.cancel(timer);
      timer = clock.after(act, ms);
    },

    enter(phase) {
      my.phase = phase;
      changed();
    },
  };
  return my;
}

/** @type {Encoded} */
export const encoded = (frame) => (
  JSON.stringify(frame, (_, value) => value?.toWellFormed?.() ?? value));
