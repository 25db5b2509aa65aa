/** Fake clock, socket and storage, controlled by a test. */

export class FakeClock {
  time = 1_000_000;
  chance = 0.5;
  #timers = new Map();
  #last = 0;
  now = () => this.time;
  random = () => this.chance;
  after = (act, ms) => {
    this.#timers.set(++this.#last, { act, at: this.time + ms });
    return this.#last;
  };
  cancel = (timer) => void this.#timers.delete(timer);

  /** How long until the next timer, or undefined. */
  get next() {
    const times = [...this.#timers.values()].map((timer) => timer.at);
    return times.length ? Math.min(...times) - this.time : undefined;
  }

  /** Let *ms* pass, and what is due in them happen in order. */
  pass(ms) {
    const end = this.time + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, timer]) => timer.at <= end);
      if (due.length === 0) break;
      const [id, timer] = due.sort(([, one], [, other]) => one.at - other.at)[0];
      this.#timers.delete(id);
      this.time = timer.at;
      timer.act();
    }
    this.time = end;
  }
}

/** The class of sockets to hand to a link; `made` holds each one that was dialled. */
export function fakeSockets() {
  const made = [];
  class FakeSocket {
    sent = [];
    closed = false;
    onopen = null;
    onmessage = null;
    onclose = null;
    constructor(url, protocol) {
      Object.assign(this, { url, protocol });
      made.push(this);
    }
    send(text) {
      this.sent.push(JSON.parse(text));
    }
    close() {
      this.closed = true;
    }
    receive(frame) {
      this.onmessage?.({ data: JSON.stringify(frame) });
    }
    /** Open and welcome it. */
    welcome(fields = {}) {
      this.onopen();
      this.greet(fields);
    }
    greet(fields = {}) {
      this.receive({
        type: 'welcome', token: 'hdc_1', epoch: 'e1', request: null, messages: [], more: false,
        reset: false, desk: { name: 'Acme', online: true, away_message: null },
        limits: { text: 4000 }, ...fields });
    }
    lose(code) {
      this.onclose?.({ code });
    }
    all(type) {
      return this.sent.filter((frame) => frame.type === type);
    }
  }
  return { made, Socket: FakeSocket };
}

/** The browser's storage, kept in *stored* by `where` and name. */
export function fakeStorage(stored = new Map()) {
  return {
    durable: true,
    prefix: 'test:',
    read: (where, name) => stored.get(`${where} ${name}`) ?? null,
    write: (where, name, value) => {
      if (value === null) stored.delete(`${where} ${name}`);
      else stored.set(`${where} ${name}`, value);
    },
    clear: () => [...stored.keys()].filter((key) => /^site (?!sound|flash)/.test(key))
      .forEach((key) => stored.delete(key)),
    names: (start) => [...stored.keys()].filter((key) => key.startsWith(`site ${start}`))
      .map((key) => key.slice('site '.length)),
  };
}
