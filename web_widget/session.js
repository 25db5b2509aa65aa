/** A customer's session with the relay. */

import { makeLink } from './link.js';
import { START, TEMPORARY, fits, fold, gaps, isLive, lastSeq, older } from './request.js';

/** @type {Goals} */
const GOALS = { close: 'ending', rate: 'rating', forget: 'erasing' };
const [TYPING_MS, EXPIRY_MS, LONGEST_PAUSE_MS] = [2000, 7000, 30_000];
const NOTHING = '';
const IDLE = {
  opening: null, drafting: false, ending: null, rating: null, restoring: false, failure: null,
  erasing: null, erased: false, refusal: null, left: false,
};

/** @type {SubjectOf} */
const subjectOf = (jwt) => {
  const [, claims = ''] = `${jwt}`.split('.');
  try {
    return `${JSON.parse(atob(claims.replace(/-/g, '+').replace(/_/g, '/'))).sub}`;
  } catch {
    return null;
  }
};

/** @type {StartSession} */
export function startSession(env) {
  const { clock, storage, newRef, identity } = env;
  const asked = new Map();
  let [visible, renewed, paused, lost] = [false, false, false, false];
  let [refusals, writtenAt, typedAt, sentPage, wanted] = [0, 0, 0, '', Infinity];
  /** @type {(() => void)[]} */
  const waiting = [];
  /** @type {any[]} */
  let [token, unlock, timer, signed, self] = [];

  const link = makeLink({ ...env, hello: () => my.hello(),
    received: (frame) => my.onFrame(frame), changed: () => my.linkChanged() });

  /** @type {SessionParts} */
  const my = {
    link,
    ...IDLE,
    state: START,
    emit() {},
    get live() {
      return isLive(my.state.request);
    },

    resume() {
      if (link.phase !== 'off') return;
      const known = storage.read('site', 'token');
      for (const name of Object.values(GOALS)) my[name] = my.load(name);
      my.restoring = !!known && !!storage.read('site', 'open');
      if (storage.read('tab', 'opening')) my.open();
      if (!my.opening && known) link.start();
    },

    async open() {
      if (my.erasing) return my.erase();
      if (my.live || my.opening || link.phase === 'ended') return;
      if (my.left) token = null;
      my.left = false;
      const ref = storage.read('tab', 'opening') ?? newRef();
      Object.assign(my, { opening: ref, failure: null, erased: false, drafting: false });
      storage.write('tab', 'opening', ref);
      my.emit('changed');
      const release = await env.lock(`${storage.prefix}open`);
      if (my.opening !== ref) return release();
      unlock = release;
      if (link.phase === 'online' && storage.read('site', 'token') !== token) link.stop();
      link.start();
      my.sendNext();
    },

    endOpening(done = true) {
      if (done) storage.write('tab', 'opening', null);
      unlock?.();
      my.opening = unlock = null;
    },

    write(text, person) {
      const clean = text.replace(/[^\P{Cc}\n\t]/gu, '').trim();
      my.typing(false);
      if (!clean) return;
      const others = storage.names('unsent:').map((name) => my.load(name)?.at || 0);
      writtenAt = Math.max(clock.now(), 1 + Math.max(writtenAt, ...others));
      const ref = newRef();
      const request = my.opening ? null : my.state.request?.id ?? null;
      const frame = { type: 'send', ref, text: clean, at: writtenAt, request, person };
      my.failure = null;
      my.save(`unsent:${ref}`, frame);
      my.apply(frame);
      my.sendNext();
    },

    own: () => [null, self].includes(storage.read('site', 'who')),

    loadUnsent() {
      if (!my.own()) return;
      const texts = storage.names('unsent:').flatMap((name) => {
        const frame = my.load(name);
        const whole = name === `unsent:${frame?.ref}` && frame.text?.trim();
        return whole ? { ...frame, type: 'send' } : my.save(name) ?? [];
      });
      texts.sort((one, other) => one.at - other.at);
      writtenAt = Math.max(writtenAt, texts.at(-1)?.at ?? 0);
      my.state = texts.reduce(fold, my.state);
    },

    discard: (ref) => my.setState({
      ...my.state, unsent: my.state.unsent.filter((text) => text.ref !== ref) }),
    end: () => my.persist('ending', my.state.request?.id),
    rate(score, comment) {
      if (my.left) storage.write('site', 'token', token);
      my.persist('rating', { request: my.state.request?.id, score, comment });
    },

    erase() {
      if (!storage.read('site', 'token') && !my.left && !identity()) return my.reset(true);
      my.persist('erasing', true);
      if (link.phase !== 'online') link.reconnect();
    },

    reset(erased = false) {
      link.reset();
      my.endOpening();
      my.emit('reset');
      my.forget(erased);
    },

    forget(erased = false, unsent = []) {
      storage.clear();
      token = self = null;
      Object.assign(my, IDLE, { erased, opening: my.opening });
      my.setState({ ...START, unsent });
    },

    leave() {
      my.left = true;
      for (const name of ['draft', 'known', 'comment']) my.save(name);
      storage.write('site', 'token', '');
      my.setState({ ...my.state, unsent: [] });
      my.emit('reset');
    },

    meet(jwt) {
      const [next, known] = [subjectOf(jwt), storage.read('site', 'who')];
      if (next && known && next !== known) {
        if (self) my.emit('reset');
        my.forget(false, self ? [] : my.state.unsent);
        for (const text of my.state.unsent) my.save(`unsent:${text.ref}`, text);
      }
      self = next;
    },

    isStale: () => !!token && !storage.read('site', 'token'),

    identify() {
      if (link.phase !== 'off') link.reconnect();
    },

    typing(on) {
      const due = on ? clock.now() - typedAt >= TYPING_MS : typedAt > 0;
      if (due && my.live && link.send({ type: 'typing', on })) typedAt = on ? clock.now() : 0;
    },

    read(seen = visible) {
      const { request } = my.state;
      const seq = lastSeq(my.state);
      visible = seen;
      if (!seen || !request || seq <= request.read.customer) return;
      if (!link.send({ type: 'read', seq })) return;
      my.apply({ type: 'read', request: request.id, by: 'customer', seq });
    },

    fetchOlder: (count = 50) => new Promise((resolve) => {
      waiting.push(resolve);
      wanted = Math.max(0, Math.min(wanted, older(my.state) - count));
      my.sendNext();
      my.endFetch();
    }),

    endFetch() {
      const asks = link.phase === 'online' && asked.get('history') !== NOTHING;
      if (!asks || older(my.state) <= wanted) waiting.splice(0).forEach((resolve) => resolve());
    },

    page() {
      const frame = { type: 'page', ...env.context() };
      const page = JSON.stringify(frame);
      if (page !== sentPage && link.send(frame)) sentPage = page;
    },

    idle() {
      if (my.drafting) my.endOpening();
      my.drafting = false;
      if (!my.live && !my.restoring && !my.opening && !my.erasing) link.stop();
    },

    load(name) {
      try {
        return JSON.parse(storage.read('site', name) ?? '');
      } catch {
        return null;
      }
    },

    save: (name, value) => storage.write('site', name, value ? JSON.stringify(value) : null),

    persist(name, value = null) {
      Object.assign(my, { [name]: value });
      my.save(name, value);
      my.emit('changed');
      my.sendNext();
    },

    linkChanged() {
      my.endFetch();
      if (link.phase === 'ended') {
        my.endOpening();
        my.emit('error', { code: `${link.code}`, message: 'Ended.' });
      }
      if (link.unreachable && !link.full && !lost) {
        lost = true;
        const message = `${env.url} not reached: see HELPDESK_ALLOWED_ORIGINS, proxies`;
        my.emit('error', { code: 'unreachable', message });
      }
      my.emit('changed');
    },

    hello() {
      const frame = (jwt = '') => {
        my.meet(jwt);
        const { request, epoch } = my.state;
        const context = env.context();
        token = storage.read('site', 'token') || (my.left ? token : null);
        sentPage = JSON.stringify({ type: 'page', ...context });
        return { type: 'hello', ref: 'hello', token, site: env.site, ...context,
          identity: signed = jwt || null, request: request?.id ?? null, after: lastSeq(my.state), epoch };
      };
      const who = identity();
      return typeof who === 'function' ? Promise.resolve().then(who).then(frame) : frame(who);
    },

    denied({ code, message }) {
      if (code === 'unauthorized') my.refusal = signed ? 'expired' : 'signIn';
      if (code !== 'unauthorized' || renewed || typeof identity() !== 'function') {
        my.emit('error', { code, message });
      } else {
        renewed = true;
        my.identify();
      }
    },

    welcome({ token: given, request }) {
      if ((storage.read('site', 'token') || token) !== token) return my.identify();
      renewed = my.restoring = false;
      my.refusal = null;
      my.page();
      my.loadUnsent();
      asked.clear();
      token = given;
      if (!my.left) storage.write('site', 'token', given);
      if (self) storage.write('site', 'who', self);
      if (signed) my.emit('identified', signed);
      const written = my.state.unsent.some((text) => !text.refused);
      if (my.opening && !written && !isLive(request) && env.asks()) {
        my.drafting = true;
        my.endOpening(false);
      }
      return true;
    },

    onFrame(frame) {
      const { type, ref } = frame;
      if (link.phase !== 'online') return type === 'error' && my.denied(frame);
      if (type === 'welcome' && !my.welcome(frame)) return;
      const kind = [...asked].find((question) => question[1] === ref)?.[0];
      if (kind !== 'history' || frame.messages?.length || TEMPORARY.has(frame.code)) {
        asked.delete(kind);
      } else asked.set(kind, NOTHING);
      if (type === 'history' && !kind) return;
      if (type === 'forgotten') return my.reset(true);
      my.apply(frame);
      const { request } = my.state;
      my.endFetch();
      if (type === 'error') my.onError(kind, frame);
      if (type === 'typing') {
        clock.cancel(timer);
        timer = clock.after(() => my.setState({ ...my.state, typing: false }), EXPIRY_MS);
      }
      if (my.live && /opened|welcome/.test(type)) my.endOpening();
      if (/opened|sent/.test(type)) refusals = 0;
      if (type === 'rated') {
        if (request) my.apply({ type: 'request', request: { ...request, rating: my.rating } });
        my.persist('rating');
        if (my.left) my.leave();
      }
      if (my.ending && !(my.live && request?.id === my.ending)) {
        my.persist('ending');
        if (!my.live) my.leave();
      }
      if (my.live) my.drafting = false;
      storage.write('site', 'open', my.live ? 'yes' : null);
      my.read();
      my.sendNext();
    },

    onError(kind, { code, message, retry_after: seconds }) {
      my.emit('error', { code, message });
      if (!kind) return;
      if (TEMPORARY.has(code)) return my.backOff(seconds);
      if (!/history|send/.test(kind)) my.failure = code;
      if (GOALS[kind]) my.persist(GOALS[kind]);
      if (kind === 'open') my.endOpening();
    },

    backOff(seconds) {
      const longest = Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** refusals++);
      paused = true;
      clock.after(() => {
        paused = false;
        my.sendNext();
      }, seconds ? seconds * 1000 : 500 + clock.random() * longest);
    },

    sendNext() {
      if (paused || link.phase !== 'online') return;
      const { state, opening } = my;
      const request = state.request?.id;
      const [, end = older(state) > wanted ? older(state) : 0] = gaps(state).at(-1) ?? [];
      const next = my.drafting ? null : state.unsent.find((text) => text.refused === null);
      const { ref, text, person } = next ?? {};
      const send = { ref, text, ...person ? { type: 'open', ...person }
        : { request: next?.request ?? request } };
      if (end) my.ask('history', { before: end + 1, request });
      if (my.erasing) return my.ask('forget', {});
      if (my.rating) my.ask('rate', my.rating);
      if (opening) return unlock && my.ask('open', { ref: opening });
      if (next && !fits(state, send)) {
        my.apply({ type: 'error', ref, code: 'too_large' });
        my.sendNext();
      } else if (next) my.ask('send', send);
      else if (my.ending) my.ask('close', {});
    },

    ask(kind, fields) {
      if (asked.has(kind)) return;
      const frame = { type: kind, ref: newRef(), ...fields };
      if (link.send(frame)) asked.set(kind, frame.ref);
    },

    apply(frame) {
      const { request } = my.state;
      const last = lastSeq(my.state);
      my.setState(fold(my.state, frame));
      for (const { seq, kind, by, text, at } of my.state.messages) {
        if (seq > last && kind === 'text' && request?.id === my.state.request?.id) {
          my.emit('message', { by: by.role, name: by.name ?? null, text, at });
        }
      }
    },

    setState(state) {
      for (const { ref } of my.state.unsent) {
        if (!state.unsent.some((text) => text.ref === ref)) my.save(`unsent:${ref}`);
      }
      if (state.request?.id !== my.state.request?.id) {
        asked.delete('history');
        wanted = Infinity;
      }
      my.state = state;
      my.emit('changed');
    },
  };

  self = subjectOf(identity());
  my.loadUnsent();
  return my;
}
