/** A session: what it asks the relay for, when, and what it keeps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Session } from '../session.js';
import { FakeClock, fakeShelf, fakeSockets } from './fakes.js';

const AT = '2026-11-22T10:35:00.123Z';
const LIVE = { id: 42, status: 'waiting', agent: null, read: { customer: 0, agent: 0 } };
const turn = () => new Promise((resolve) => setImmediate(resolve));

function message(seq, text = `text ${seq}`, role = 'agent') {
  return { seq, kind: 'text', by: { role, name: null }, text, at: AT };
}

function visit(stored = new Map()) {
  const clock = new FakeClock();
  const { made, Socket } = fakeSockets();
  const place = { page: { url: 'https://shop.example/', title: 'Shop', referrer: '' }, locale: 'en' };
  let refs = 0;
  const session = new Session({
    url: 'ws://relay/v1/customer', site: 'default', shelf: fakeShelf(stored), clock, Socket,
    place: () => structuredClone(place), newRef: () => `r${stored.size}-${++refs}`,
    alone: async () => () => {}, changed: () => {} });
  return { clock, made, session, stored, place, get socket() { return made.at(-1); } };
}

async function opened(stored) {
  const it = visit(stored);
  it.session.open();
  await turn();
  it.socket.welcome();
  const [{ ref }] = it.socket.all('open');
  it.socket.receive({ type: 'opened', ref, request: LIVE, messages: [message(1)], more: false });
  return it;
}

test('nothing is dialled or kept before the customer asks for help', () => {
  const { made, stored } = visit();
  assert.deepEqual([made.length, stored.size], [0, 0]);
});

test('asking for help says hello, then opens, and leaves a mark to come back by', async () => {
  const it = await opened();
  assert.deepEqual(it.socket.sent.map((frame) => frame.type), ['hello', 'open']);
  assert.equal(it.stored.get('site token'), 'hdc_1');
  assert.equal(it.stored.get('site open'), 'open');
});

test('asking twice opens once', async () => {
  const it = visit();
  it.session.open();
  it.session.open();
  await turn();
  it.socket.welcome();
  it.session.open();
  assert.equal(it.socket.all('open').length, 1);
});

test('an opening that the connection cut off is asked for again with the same ref', async () => {
  const it = visit();
  it.session.open();
  await turn();
  it.socket.welcome();
  it.socket.lose(1012);
  it.clock.pass(500);
  it.socket.welcome();
  const refs = it.made.flatMap((socket) => socket.all('open')).map((frame) => frame.ref);
  assert.equal(refs.length, 2);
  assert.equal(refs[0], refs[1]);
});

test('an opening that a reload cut off goes on with the same ref', async () => {
  const first = visit();
  first.session.open();
  await turn();
  first.socket.welcome();
  const again = visit(first.stored);
  again.session.resume();
  await turn();
  again.socket.welcome();
  assert.equal(again.socket.all('open')[0].ref, first.socket.all('open')[0].ref);
});

test('a tab that finds a request open does not open another', async () => {
  const it = visit();
  it.session.open();
  await turn();
  it.socket.welcome({ request: LIVE, messages: [message(1)] });
  assert.equal(it.socket.all('open').length, 0);
  assert.equal(it.session.opening, null);
});

test('a customer takes the token that another tab was given meanwhile', async () => {
  const it = visit();
  it.session.open();
  await turn();
  it.socket.onopen();
  it.stored.set('site token', 'hdc_other');
  it.socket.welcome({ token: 'hdc_2' });
  it.socket.onopen();
  assert.equal(it.made.length, 2);
  assert.equal(it.socket.all('hello')[0].token, 'hdc_other');
  assert.equal(it.made.flatMap((socket) => socket.all('open')).length, 0);
});

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

test('a hole is fetched until it is filled', async () => {
  const it = await opened();
  it.socket.receive({ type: 'message', request: 42, message: message(5) });
  const [ask] = it.socket.all('history');
  assert.equal(ask.before, 5);
  it.socket.receive({ type: 'history', ref: ask.ref, messages: [message(4)], more: true });
  assert.equal(it.socket.all('history')[1].before, 4);
  const { ref } = it.socket.all('history')[1];
  it.socket.receive({ type: 'history', ref, messages: [message(2), message(3)], more: true });
  assert.equal(it.socket.all('history').length, 2);
  assert.equal(it.session.state.messages.length, 5);
});

test('history that brings nothing is not asked for again and again', async () => {
  const it = await opened();
  it.socket.receive({ type: 'message', request: 42, message: message(5) });
  const [{ ref }] = it.socket.all('history');
  it.socket.receive({ type: 'history', ref, messages: [], more: false });
  assert.equal(it.socket.all('history').length, 1);
});

test('history of the request before is not taken for this one', async () => {
  const it = await opened();
  it.socket.receive({ type: 'message', request: 42, message: message(5) });
  const [{ ref }] = it.socket.all('history');
  it.socket.receive({ type: 'request', request: { ...LIVE, id: 43 } });
  it.socket.receive({ type: 'history', ref, messages: [message(4)], more: false });
  assert.deepEqual(it.session.state.messages, []);
});

test('a reconnect resumes after the last message', async () => {
  const it = await opened();
  it.socket.lose(1012);
  it.clock.pass(500);
  it.socket.onopen();
  const { request, after, epoch, token } = it.socket.all('hello')[0];
  assert.deepEqual([request, after, epoch, token], [42, 1, 'e1', 'hdc_1']);
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

test('typing is told at most every two seconds, and taken back after five idle ones', async () => {
  const it = await opened();
  for (let second = 0; second < 5; second += 1) {
    it.session.typed(true);
    it.clock.pass(1000);
  }
  it.clock.pass(5000);
  it.session.typed(false);
  assert.deepEqual(it.socket.all('typing').map((frame) => frame.on), [true, true, true, false]);
});

test('an agent who stopped without saying so is not shown as typing for ever', async () => {
  const it = await opened();
  it.socket.receive({ type: 'typing', request: 42, by: 'agent', on: true });
  assert.equal(it.session.state.typing, true);
  it.clock.pass(7000);
  assert.equal(it.session.state.typing, false);
});

test('only what the customer can see is told as read, and once', async () => {
  const it = await opened();
  assert.equal(it.socket.all('read').length, 0);
  it.session.attend(true);
  it.session.attend(true);
  it.socket.receive({ type: 'message', request: 42, message: message(2) });
  assert.deepEqual(it.socket.all('read').map((frame) => frame.seq), [1, 2]);
});

test('a new place is told once', async () => {
  const it = await opened();
  it.session.moved();
  it.place.page.url = 'https://shop.example/cart';
  it.session.moved();
  it.session.moved();
  assert.deepEqual(it.socket.all('page').map((frame) => frame.page.url),
    ['https://shop.example/cart']);
});

test('a visit that the relay does not accept forgets the token and the request', async () => {
  const it = await opened();
  it.socket.lose(4000);
  assert.deepEqual([...it.stored.keys()], []);
  assert.equal(it.session.link.phase, 'ended');
});

test('an error before the welcome keeps the mark of the open request', () => {
  const it = visit(new Map([['site token', 'hdc_1'], ['site open', 'open']]));
  it.session.resume();
  it.socket.onopen();
  it.socket.receive({ type: 'error', ref: 'hello', code: 'unavailable', message: '' });
  assert.equal(it.stored.get('site open'), 'open');
});

test('an opening that the relay refuses says why and can be tried again', async () => {
  const it = visit();
  it.session.open();
  await turn();
  it.socket.welcome();
  const { ref } = it.socket.all('open')[0];
  it.socket.receive({ type: 'error', ref, code: 'forbidden', message: 'Not today.' });
  assert.deepEqual([it.session.failure, it.session.opening], ['Not today.', null]);
  assert.equal(it.stored.has('site open'), false);
  it.session.open();
  await turn();
  assert.equal(it.socket.all('open').length, 2);
});

test('a closed request and a hidden panel need no connection', async () => {
  const it = await opened();
  it.session.rest();
  assert.equal(it.session.link.phase, 'online');
  it.socket.receive({ type: 'request', request: { ...LIVE, status: 'closed' } });
  it.session.rest();
  assert.equal(it.session.link.phase, 'off');
});
