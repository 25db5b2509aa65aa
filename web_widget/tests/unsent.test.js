/** Unsent texts: sent one at a time, in order, until the relay acknowledges them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fits } from '../request.js';
import { AT, LIVE, message, opened, visit } from './visit.js';

test('texts go out one at a time, in order, each with its own ref', async () => {
  const it = await opened();
  for (const text of ['one', 'two']) it.session.write(text);
  assert.deepEqual(it.socket.all('send').map((frame) => frame.text), ['one']);
  it.socket.receive({ type: 'sent', ref: it.socket.all('send')[0].ref, seq: 2, at: AT });
  assert.deepEqual(it.socket.all('send').map((frame) => frame.text), ['one', 'two']);
  assert.equal(it.socket.all('send')[1].request, 42);
});

test('an unacknowledged text goes out again after a loss, with the same ref', async () => {
  const it = await opened();
  it.session.write('Hi');
  it.socket.lose(1006);
  it.clock.pass(500);
  it.socket.welcome({ request: LIVE });
  const refs = it.made.flatMap((socket) => socket.all('send')).map((frame) => frame.ref);
  assert.equal(refs.length, 2);
  assert.equal(refs[0], refs[1]);
});

test('texts that a reload cut off go out after it in the order they were written', async () => {
  const first = await opened();
  first.socket.lose(1006);
  for (const text of ['one', 'two', 'three']) first.session.write(text);
  const again = visit(first.stored);
  again.session.resume();
  again.socket.welcome({ request: LIVE, messages: [message(1)] });
  for (const seq of [2, 3, 4]) {
    const { ref } = again.socket.all('send').at(-1);
    again.socket.receive({ type: 'sent', ref, seq, at: AT });
  }
  assert.deepEqual(again.socket.all('send').map((frame) => frame.text), ['one', 'two', 'three']);
  assert.deepEqual(again.session.state.messages.map((one) => one.text).slice(1),
    ['one', 'two', 'three']);
  assert.deepEqual([...again.stored.keys()].filter((key) => key.includes('unsent')), []);
});

test('a text that came too fast waits as long as the relay says', async () => {
  const it = await opened();
  it.session.write('Hi');
  const [{ ref }] = it.socket.all('send');
  it.socket.receive({ type: 'error', ref, code: 'rate_limited', message: '', retry_after: 2 });
  it.clock.pass(1999);
  assert.equal(it.socket.all('send').length, 1);
  it.clock.pass(1);
  assert.deepEqual(it.socket.all('send').map((frame) => frame.ref), [ref, ref]);
});

test('a text that the store could not keep is tried again, less and less often', async () => {
  const it = await opened();
  it.session.write('Hi');
  const [{ ref }] = it.socket.all('send');
  const waits = [];
  for (let turns = 0; turns < 3; turns += 1) {
    it.socket.receive({ type: 'error', ref, code: 'unavailable', message: '' });
    waits.push(it.clock.next);
    it.clock.pass(it.clock.next);
  }
  assert.deepEqual(waits, [1000, 1500, 2500]);
  assert.equal(it.socket.all('send').length, 4);
});

test('a refused text does not hold up the next', async () => {
  const it = await opened();
  for (const text of ['bad', 'good']) it.session.write(text);
  const [{ ref }] = it.socket.all('send');
  it.socket.receive({ type: 'error', ref, code: 'invalid', message: 'No.' });
  assert.deepEqual(it.socket.all('send').map((frame) => frame.text), ['bad', 'good']);
  it.session.discard(ref);
  assert.deepEqual(it.session.state.unsent.map((text) => text.text), ['good']);
});

test('the end waits for what was written before it', async () => {
  const it = await opened();
  it.session.write('Bye');
  it.session.end();
  assert.equal(it.socket.all('close').length, 0);
  it.socket.receive({ type: 'sent', ref: it.socket.all('send')[0].ref, seq: 2, at: AT });
  const [{ ref }] = it.socket.all('close');
  it.socket.receive({ type: 'closed', ref, request: { ...LIVE, status: 'closed' } });
  assert.deepEqual([it.session.live, it.session.ending], [false, null]);
  assert.equal(it.stored.has('site open'), false);
});

test('a kept text too large for a frame is refused here, never sent, and holds up none', () => {
  const kept = (ref, text, at) => ['site unsent:' + ref,
    JSON.stringify({ type: 'send', ref, text, at, request: 42 })];
  const it = visit(new Map([['site token', 'hdc_1'], ['site open', 'yes'],
    kept('big', 'ü'.repeat(100), 1), kept('small', 'Hi', 2)]));
  it.session.resume();
  it.socket.welcome({ request: LIVE, limits: { text: 0, frame: 200 } });
  assert.deepEqual(it.socket.all('send').map((frame) => frame.ref), ['small']);
  assert.deepEqual(it.session.state.unsent.map((text) => text.refused?.code),
    ['too_large', undefined]);
});

test('a frame may have just as many bytes as the relay takes', () => {
  const send = { ref: 'r', text: '"ü\u{1f389}', request: 42 };
  const bytes = Buffer.byteLength(JSON.stringify({ type: 'send', ...send }));
  assert.equal(fits({ limits: { frame: bytes } }, send), true);
  assert.equal(fits({ limits: { frame: bytes - 1 } }, send), false);
  assert.equal(fits({ limits: { frame: 0 } }, send), true);
});

test('what cannot be read of what was kept is thrown away, and the rest goes out', () => {
  const text = JSON.stringify({ type: 'send', ref: 'a', text: 'Hi', at: 1, request: 42 });
  const it = visit(new Map([['site token', 'hdc_1'], ['site open', 'yes'],
    ['site unsent:zz', 'garbage'], ['site unsent:yy', 'null'], ['site unsent:xx', '{"ref":"xx"}'],
    ['site unsent:a', text]]));
  assert.deepEqual([...it.stored.keys()].filter((key) => key.includes('unsent')),
    ['site unsent:a']);
  it.session.resume();
  it.socket.welcome({ request: LIVE });
  assert.deepEqual(it.socket.all('send').map((frame) => frame.text), ['Hi']);
});

test('an end that a reload cut off is asked for again, until it has come', async () => {
  const first = await opened();
  first.socket.lose(1006);
  first.session.end();
  const again = visit(first.stored);
  again.session.resume();
  assert.notEqual(again.session.ending, null);
  again.socket.welcome({ request: LIVE, messages: [message(1)] });
  const [{ ref }] = again.socket.all('close');
  again.socket.receive({ type: 'closed', ref, request: { ...LIVE, status: 'closed' } });
  assert.equal(again.session.ending, null);
  assert.equal(again.stored.has('site ending'), false);
});

test('the end of one request does not end the next, nor outlast a refusal', async () => {
  const first = await opened();
  first.socket.lose(1006);
  first.session.end();
  const other = visit(new Map(first.stored));
  other.session.resume();
  other.socket.welcome({ request: { ...LIVE, id: 43 } });
  const refused = visit(new Map(first.stored));
  refused.session.resume();
  refused.socket.welcome({ request: LIVE });
  const [{ ref }] = refused.socket.all('close');
  refused.socket.receive({ type: 'error', ref, code: 'closed', message: '' });
  assert.deepEqual(other.socket.all('close'), []);
  for (const it of [other, refused]) {
    assert.deepEqual([it.session.ending, it.stored.has('site ending')], [null, false]);
  }
});

test('who wrote goes with the text by an open of its own, after a reload too', async () => {
  const first = await opened();
  first.session.write('Call me', { name: 'Ada' });
  const [, left] = first.socket.all('open');
  assert.deepEqual({ ...left, ref: '' }, { type: 'open', ref: '', text: 'Call me', name: 'Ada' });
  const again = visit(first.stored);
  again.session.resume();
  again.socket.welcome({ request: LIVE, messages: [message(1)] });
  assert.deepEqual(again.socket.all('open'), [left]);
  const stored = { ...message(2, 'Call me', 'customer'), ref: left.ref };
  again.socket.receive(
    { type: 'opened', ref: left.ref, request: LIVE, messages: [message(1), stored], more: false });
  assert.deepEqual(again.session.state.unsent, []);
  assert.deepEqual(again.socket.all('send'), []);
});
