/** A customer's session with the relay. */

import { makeLink } from './link.js';
import { START, TEMPORARY, fits, fold, gaps, isLive, lastSeq } from './request.js';

/** @type {Due} */
const DUE = { close: 'ending', rate: 'rating', forget: 'erasing' };
const [TYPING_MS, FORGOTTEN_MS, LONGEST_MS] = [2000, 7000, 30_000];
const NOTHING = {
  opening: null, asking: false, ending: null, rating: null, coming: false, failure: null,
  erasing: null, erased: false,
};

/** @type {StartSession} */
export function startSession(around) {
  const { clock, shelf, newRef, identity } = around;
  const asked = new Map();
  let [attending, renewed, paused] = [false, false, false];
  let [refusals, writtenAt, typedAt, here] = [0, 0, 0, ''];
  /** @type {any[]} */
  let [token, unlock, typist] = [];

  const link = makeLink({ ...around, hello: () => my.hello(),
    received: (frame) => my.received(frame), changed: () => my.linked() });

  /** @type {SessionParts} */
  const my = {
    link,
    ...NOTHING,
    state: START,
    tell() {},
    get live() {
      return isLive(my.state.request);
    },

    resume() {
      if (link.phase !== 'off') return;
      const known = shelf.read('site', 'token');
      for (const name of Object.values(DUE)) my[name] = my.kept(name);
      my.coming = !!known && !!shelf.read('site', 'open');
      if (shelf.read('tab', 'opening')) my.open();
      if (!my.opening && known) link.start();
    },

    async open() {
      if (my.erasing) return my.erase();
      if (my.live || my.opening || link.phase === 'ended') return;
      const ref = shelf.read('tab', 'opening') ?? newRef();
      Object.assign(my, { opening: ref, failure: null, erased: false, asking: false });
      shelf.write('tab', 'opening', ref);
      my.tell('changed');
      const release = await around.alone(`${shelf.prefix}open`);
      if (my.opening !== ref) return release();
      unlock = release;
      if (link.phase === 'online' && shelf.read('site', 'token') !== token) link.stop();
      link.start();
      my.advance();
    },

    settle(done = true) {
      if (done) shelf.write('tab', 'opening', null);
      unlock?.();
      my.opening = unlock = null;
    },

    write(text, person) {
      const clean = text.replace(/[^\P{Cc}\n\t]/gu, '').trim();
      my.typed(false);
      if (clean === '') return;
      writtenAt = Math.max(clock.now(), writtenAt + 1);
      const ref = newRef();
      const request = my.opening ? null : my.state.request?.id ?? null;
      const frame = { type: 'send', ref, text: clean, at: writtenAt, request, person };
      my.failure = null;
      my.keep(`unsent:${ref}`, frame);
      my.take(frame);
      my.advance();
    },

    recover() {
      const texts = shelf.names('unsent:').flatMap((name) => {
        const frame = my.kept(name);
        const whole = name === `unsent:${frame?.ref}` && frame.text?.trim();
        return whole ? { ...frame, type: 'send' } : my.keep(name) ?? [];
      });
      my.state = texts.sort((one, other) => one.at - other.at).reduce(fold, my.state);
    },

    discard: (ref) => my.become({
      ...my.state, unsent: my.state.unsent.filter((text) => text.ref !== ref) }),
    end: () => my.due('ending', my.state.request?.id),
    rate: (score, comment) => my.due('rating', { request: my.state.request?.id, score, comment }),

    erase() {
      if (!shelf.read('site', 'token') && !identity()) return my.reset(true);
      my.due('erasing', true);
      if (link.phase !== 'online') link.redial();
    },

    reset(erased = false) {
      link.reset();
      my.settle();
      shelf.clear();
      Object.assign(my, NOTHING, { erased });
      my.tell('reset');
      my.become(START);
    },

    identify() {
      if (link.phase !== 'off') link.redial();
    },

    typed(on) {
      const due = on ? clock.now() - typedAt >= TYPING_MS : typedAt > 0;
      if (due && my.live && link.send({ type: 'typing', on })) typedAt = on ? clock.now() : 0;
    },

    attend(seen = attending) {
      const { request } = my.state;
      const seq = lastSeq(my.state);
      attending = seen;
      if (!seen || !request || seq <= request.read.customer) return;
      if (!link.send({ type: 'read', seq })) return;
      my.take({ type: 'read', request: request.id, by: 'customer', seq });
    },

    moved() {
      const frame = { type: 'page', ...around.place() };
      const place = JSON.stringify(frame);
      if (place !== here && link.send(frame)) here = place;
    },

    rest() {
      if (my.asking) my.settle();
      my.asking = false;
      if (!my.live && !my.coming && !my.opening && !my.erasing) link.stop();
    },

    kept(name) {
      try {
        return JSON.parse(shelf.read('site', name) ?? '');
      } catch {
        return null;
      }
    },

    keep: (name, value) => shelf.write('site', name, value ? JSON.stringify(value) : null),

    due(name, value = null) {
      Object.assign(my, { [name]: value });
      my.keep(name, value);
      my.tell('changed');
      my.advance();
    },

    linked() {
      if (link.code === 4000) {
        for (const name of ['open', 'ending', 'erasing']) my.keep(name);
        if (shelf.read('site', 'token')) shelf.write('site', 'token', '');
      }
      if (link.phase === 'ended') {
        my.settle();
        my.tell('error', { code: `${link.code}`, message: 'Ended.' });
      }
      my.tell('changed');
    },

    hello() {
      const { request, epoch } = my.state;
      const place = around.place();
      token = shelf.read('site', 'token');
      here = JSON.stringify({ type: 'page', ...place });
      const frame = (signed = '') => ({
        type: 'hello', ref: 'hello', token: token || null, site: around.site, ...place,
        identity: signed || null, request: request?.id ?? null, after: lastSeq(my.state), epoch });
      const who = identity();
      return typeof who === 'function' ? Promise.resolve().then(who).then(frame) : frame(who);
    },

    unwelcome({ code, message }) {
      if (code !== 'unauthorized' || renewed || typeof identity() !== 'function') {
        my.tell('error', { code, message });
      } else {
        renewed = true;
        my.identify();
      }
    },

    welcomed({ token: given, request }) {
      if ((shelf.read('site', 'token') ?? token) !== token) return my.identify();
      renewed = my.coming = false;
      my.moved();
      my.recover();
      asked.clear();
      token = given;
      shelf.write('site', 'token', given);
      const written = my.state.unsent.some((text) => !text.refused);
      if (my.opening && !written && !isLive(request) && around.asks()) {
        my.asking = true;
        my.settle(false);
      }
      return true;
    },

    received(frame) {
      const { type, ref } = frame;
      if (link.phase !== 'online') return type === 'error' && my.unwelcome(frame);
      if (type === 'welcome' && !my.welcomed(frame)) return;
      const kind = [...asked].find((question) => question[1] === ref)?.[0];
      const over = kind !== 'history' || frame.messages?.length || TEMPORARY.has(frame.code);
      if (over) asked.delete(kind);
      if (type === 'history' && !kind) return;
      if (type === 'forgotten') return my.reset(true);
      my.take(frame);
      const { request } = my.state;
      if (type === 'error') my.refused(kind, frame);
      if (type === 'typing') {
        clock.cancel(typist);
        typist = clock.after(() => my.become({ ...my.state, typing: false }), FORGOTTEN_MS);
      }
      if (my.live && /opened|welcome/.test(type)) my.settle();
      if (/opened|sent/.test(type)) refusals = 0;
      if (type === 'rated') {
        if (request) my.take({ type: 'request', request: { ...request, rating: my.rating } });
        my.due('rating');
      }
      if (my.ending && !(my.live && request?.id === my.ending)) my.due('ending');
      if (my.live) my.asking = false;
      shelf.write('site', 'open', my.live ? 'yes' : null);
      my.attend();
      my.advance();
    },

    refused(kind, { code, message, retry_after: seconds }) {
      my.tell('error', { code, message });
      if (!kind) return;
      if (TEMPORARY.has(code)) return my.wait(seconds);
      if (!/history|send/.test(kind)) my.failure = `${message}`;
      if (DUE[kind]) my.due(DUE[kind]);
      if (kind === 'open') my.settle();
    },

    wait(seconds) {
      const longest = Math.min(LONGEST_MS, 1000 * 2 ** refusals++);
      paused = true;
      clock.after(() => {
        paused = false;
        my.advance();
      }, seconds ? seconds * 1000 : 500 + clock.random() * longest);
    },

    advance() {
      if (paused || link.phase !== 'online') return;
      const { state, opening } = my;
      const request = state.request?.id;
      const before = (gaps(state).at(-1)?.[1] ?? 0) + 1;
      const next = my.asking ? null : state.unsent.find((text) => text.refused === null);
      const { ref, text, person } = next ?? {};
      const send = { ref, text, ...person ? { type: 'open', ...person }
        : { request: next?.request ?? request } };
      if (before > 1) my.say('history', { before, limit: 200, request });
      if (my.erasing) return my.say('forget', {});
      if (my.rating) my.say('rate', my.rating);
      if (opening) return unlock && my.say('open', { ref: opening });
      if (next && !fits(state, send)) {
        my.take({ type: 'error', ref, code: 'too_large' });
        my.advance();
      } else if (next) my.say('send', send);
      else if (my.ending) my.say('close', {});
    },

    say(kind, fields) {
      if (asked.has(kind)) return;
      const frame = { type: kind, ref: newRef(), ...fields };
      if (link.send(frame)) asked.set(kind, frame.ref);
    },

    take(frame) {
      const { request } = my.state;
      const last = lastSeq(my.state);
      my.become(fold(my.state, frame));
      for (const { seq, kind, by, text, at } of my.state.messages) {
        if (seq > last && kind === 'text' && request?.id === my.state.request?.id) {
          my.tell('message', { by: by.role, name: by.name ?? null, text, at });
        }
      }
    },

    become(state) {
      const left = new Set(state.unsent.map((text) => text.ref));
      for (const { ref } of my.state.unsent) if (!left.has(ref)) my.keep(`unsent:${ref}`, null);
      if (state.request?.id !== my.state.request?.id) asked.delete('history');
      my.state = state;
      my.tell('changed');
    },
  };

  my.recover();
  return my;
}
