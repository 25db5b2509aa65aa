/** The connection: backoff, heartbeat, and the close codes that end it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ANSWER_MS, DEADLINE_MS, makeLink, QUIET_MS } from '../link.js';
import { FakeClock, fakeSockets } from './fakes.js';

function dialled() {
  const clock = new FakeClock();
  const { made, Socket } = fakeSockets();
  const received = [];
  const link = makeLink({
    url: 'ws://relay/v1/customer', Socket, clock, hello: () => ({ type: 'hello', token: null }),
    received: (frame) => received.push(frame), changed: () => {} });
  link.start();
  return { clock, made, received, link, get socket() { return made.at(-1); } };
}

test('a socket offers the subprotocol and says hello first', () => {
  const { socket } = dialled();
  socket.onopen();
  assert.equal(socket.protocol, 'helpdesk.v1');
  assert.deepEqual(socket.sent, [{ type: 'hello', token: null }]);
});

test('a frame without an answer makes the link look after five seconds, and only once', () => {
  const it = dialled();
  it.socket.welcome();
  it.link.send({ type: 'send', ref: 'r' });
  it.clock.pass(ANSWER_MS);
  assert.equal(it.socket.all('ping').length, 1);
  it.link.send({ type: 'rate', ref: 's' });
  it.clock.pass(DEADLINE_MS);
  assert.equal(it.link.phase, 'waiting');
});

test('nothing is sent before the welcome', () => {
  const { link, socket } = dialled();
  socket.onopen();
  assert.equal(link.send({ type: 'typing', on: true }), false);
  socket.receive({ type: 'welcome' });
  assert.equal(link.send({ type: 'typing', on: true }), true);
});

for (const code of [1000, 1001, 1006, 1012, 1013, 4100, 4101, 4102, 4199]) {
  test(`a link comes back after ${code}`, () => {
    const it = dialled();
    it.socket.welcome();
    it.socket.lose(code);
    assert.equal(it.link.phase, 'waiting');
    it.clock.pass(500);
    assert.equal(it.made.length, 2);
  });
}

for (const code of [4000, 4001, 4002, 4003, 4099]) {
  test(`a link does not come back after ${code}`, () => {
    const it = dialled();
    it.socket.welcome();
    it.socket.lose(code);
    it.clock.pass(600_000);
    it.link.check();
    it.link.start();
    it.link.stop();
    assert.equal(it.made.length, 1);
    assert.deepEqual([it.link.phase, it.link.code], ['ended', code]);
  });
}

test('the wait doubles up to a quarter of a minute, and chance takes any part of it', () => {
  const it = dialled();
  const waits = [];
  for (let loss = 0; loss < 9; loss += 1) {
    it.clock.chance = 1;
    it.socket.lose(1006);
    waits.push(it.clock.next);
    it.clock.pass(it.clock.next);
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 15000, 15000, 15000, 15000]);
  it.clock.chance = 0;
  it.socket.lose(1006);
  assert.equal(it.clock.next, 0);
});

test('a welcome that does not last does not shorten the next wait', () => {
  const it = dialled();
  it.clock.chance = 1;
  for (const expected of [500, 1000, 2000]) {
    it.socket.welcome();
    it.socket.lose(1012);
    assert.equal(it.clock.next, expected);
    it.clock.pass(expected);
  }
  it.socket.welcome();
  it.clock.pass(15_000);
  it.socket.lose(1012);
  assert.equal(it.clock.next, 500);
});

test('a quiet socket is asked, and given up when it does not answer', () => {
  const it = dialled();
  it.socket.welcome();
  it.clock.pass(QUIET_MS);
  assert.equal(it.socket.all('ping').length, 1);
  it.socket.receive({ type: 'pong' });
  it.clock.pass(QUIET_MS);
  assert.equal(it.socket.all('ping').length, 2);
  it.clock.pass(DEADLINE_MS);
  assert.equal(it.made[0].closed, true);
  assert.notEqual(it.link.phase, 'online');
});

test('a socket that never opens, or is never welcomed, is given up', () => {
  const it = dialled();
  it.clock.pass(DEADLINE_MS);
  assert.equal(it.link.phase, 'waiting');
  it.clock.pass(500);
  it.socket.onopen();
  it.clock.pass(DEADLINE_MS);
  assert.equal(it.link.phase, 'connecting');
  it.clock.pass(QUIET_MS);
  assert.equal(it.made[1].closed, true);
  assert.equal(it.link.phase, 'waiting');
});

test('a long answer has the time that 8 kB/s need for it', () => {
  const it = dialled();
  it.socket.welcome();
  it.link.send({ type: 'history', ref: 'r' });
  it.clock.pass(QUIET_MS + DEADLINE_MS - 1);
  assert.equal(it.link.phase, 'online');
  it.clock.pass(1);
  assert.notEqual(it.link.phase, 'online');
});

test('a relay that none of three attempts has reached is unreachable, until it answers', () => {
  const it = dialled();
  it.clock.chance = 0;
  const fail = (code, times) => {
    for (let time = 0; time < times; time += 1) {
      it.socket.lose(code);
      it.clock.pass(0);
    }
    return it.link.unreachable;
  };
  assert.equal(fail(1006, 2), false);
  assert.equal(fail(1013, 1), false);
  assert.equal(fail(1006, 1), true);
  it.socket.welcome();
  assert.deepEqual([it.link.unreachable, fail(1006, 9)], [false, false]);
});

test('a full address is told apart from a customer with too many connections', () => {
  const it = dialled();
  for (const [reason, full] of [['too many connections', false],
    ['too many connections from this address', true]]) {
    it.socket.onclose({ code: 4102, reason });
    assert.equal(it.link.full, full);
    it.clock.pass(500);
  }
});

test('a socket that was given up is not heard any more', () => {
  const it = dialled();
  it.socket.welcome();
  const [first] = it.made;
  it.link.stop();
  first.receive({ type: 'message' });
  assert.deepEqual(it.received.map((frame) => frame.type), ['welcome']);
});

test('news from the network ends the waiting, and tries a socket that seems well', () => {
  const it = dialled();
  it.clock.chance = 1;
  it.socket.lose(1006);
  it.link.check();
  assert.equal(it.made.length, 2);
  it.socket.welcome();
  it.link.check();
  assert.equal(it.socket.all('ping').length, 1);
  it.clock.pass(DEADLINE_MS);
  assert.notEqual(it.link.phase, 'online');
});

test('half a surrogate pair leaves as a replacement character', () => {
  const it = dialled();
  it.socket.welcome();
  it.link.send({ type: 'send', text: 'a\ud83d b\ude00 \ud83d\ude00' });
  assert.equal(it.socket.all('send')[0].text, 'a\ufffd b\ufffd \ud83d\ude00');
});
