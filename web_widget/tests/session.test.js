/** The session: the frames it sends, and the values it stores. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LIVE, message, opened, turn, visit } from './visit.js';

test('nothing is dialled or kept before the customer asks for help', () => {
  const { made, stored } = visit();
  assert.deepEqual([made.length, stored.size], [0, 0]);
});

test('asking for help says hello, then opens, and leaves a mark to come back by', async () => {
  const it = await opened();
  assert.deepEqual(it.socket.sent.map((frame) => frame.type), ['hello', 'open']);
  assert.equal(it.stored.get('site token'), 'hdc_1');
  assert.equal(it.stored.get('site open'), 'yes');
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

test('an opening that was given up with its tab is not taken up by the next', async () => {
  const first = visit();
  first.session.open();
  await turn();
  const kept = new Map([...first.stored].filter(([key]) => key.startsWith('site')));
  const next = visit(kept);
  next.session.resume();
  await turn();
  assert.equal(next.made.length, 0);
});

test('what is written before the relay has confirmed the request goes to it', () => {
  const it = visit(new Map([['site token', 'hdc_1'], ['site open', 'yes']]));
  it.session.resume();
  assert.equal(it.session.restoring, true);
  it.session.write('Hi');
  it.socket.welcome({ request: LIVE, messages: [message(1)] });
  assert.equal(it.session.restoring, false);
  assert.deepEqual(it.socket.all('send').map((frame) => frame.request), [42]);
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
  it.socket.receive({ type: 'welcome', token: 'hdc_2' });
  it.socket.onopen();
  assert.equal(it.made.length, 2);
  assert.equal(it.socket.all('hello')[0].token, 'hdc_other');
  assert.equal(it.made.flatMap((socket) => socket.all('open')).length, 0);
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

test('a relay that cannot be reached is an error once, which names the setting to look at', () => {
  const it = visit(new Map([['site token', 'hdc_1']]));
  const told = [];
  it.session.emit = (event, detail) => event === 'error' && told.push(detail);
  it.session.resume();
  for (let time = 0; time < 7; time += 1) {
    it.socket.lose(1006);
    it.clock.pass(it.clock.next);
    assert.equal(told.length, time > 1 ? 1 : 0);
  }
  const [{ code, message: advice }] = told;
  assert.equal(code, 'unreachable');
  assert.match(advice, /relay\/v1\/customer.*HELPDESK_ALLOWED_ORIGINS/);
});

test('older messages are fetched when wanted alone, as far as wanted', async () => {
  const it = await opened();
  const all = Array.from({ length: 120 }, (_, at) => message(at + 1));
  it.socket.lose(1012);
  it.clock.pass(500);
  it.socket.welcome({ request: LIVE, reset: true, more: true, messages: all.slice(70) });
  assert.deepEqual(it.socket.all('history'), []);
  let done = 0;
  it.session.fetchOlder().then(() => done += 1);
  it.session.fetchOlder(Infinity).then(() => done += 1);
  for (const [before, first] of [[71, 20], [21, 0]]) {
    await turn();
    const { ref, ...ask } = it.socket.all('history').at(-1);
    assert.deepEqual([ask, done], [{ type: 'history', before, request: 42 }, 0]);
    it.socket.receive({ type: 'history', ref, messages: all.slice(first, before - 1), more: first > 0 });
  }
  await turn();
  assert.deepEqual([it.session.state.messages.length, done], [120, 2]);
});

test('older messages that cannot be had now keep nobody waiting', async () => {
  const it = await opened();
  it.socket.lose(1012);
  it.clock.pass(500);
  it.socket.welcome({ request: LIVE, reset: true, more: true, messages: [message(9)] });
  const ended = it.session.fetchOlder();
  const { ref } = it.socket.all('history')[0];
  it.socket.receive({ type: 'history', ref, messages: [], more: false });
  await ended;
  await it.session.fetchOlder();
  assert.equal(it.socket.all('history').length, 1);
  it.socket.lose(1012);
  await it.session.fetchOlder();
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

test('typing is told at most every two seconds, and taken back once', async () => {
  const it = await opened();
  for (let second = 0; second < 5; second += 1) {
    it.session.typing(true);
    it.clock.pass(1000);
  }
  it.session.typing(false);
  it.session.typing(false);
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
  it.session.read(true);
  it.session.read(true);
  it.socket.receive({ type: 'message', request: 42, message: message(2) });
  assert.deepEqual(it.socket.all('read').map((frame) => frame.seq), [1, 2]);
});

test('a new place is told once', async () => {
  const it = await opened();
  it.session.page();
  it.place.page.url = 'https://shop.example/cart';
  it.session.page();
  it.session.page();
  assert.deepEqual(it.socket.all('page').map((frame) => frame.page.url),
    ['https://shop.example/cart']);
});

test('a place that the customer went to before the welcome is told with it', async () => {
  const it = visit();
  it.session.open();
  await turn();
  it.socket.onopen();
  it.place.page.url = 'https://shop.example/cart';
  it.session.page();
  it.socket.greet();
  assert.deepEqual(it.socket.all('page').map((frame) => frame.page.url),
    ['https://shop.example/cart']);
});

test('a hello that the relay refuses changes nothing that is stored', () => {
  for (const code of [1013, 4000]) {
    const it = visit(new Map([['site token', 'hdc_1'], ['site open', 'yes'], ['site ending', '42']]));
    const before = [...it.stored];
    it.session.resume();
    it.socket.onopen();
    it.socket.receive({ type: 'error', ref: 'hello', code: 'unavailable', message: '' });
    it.socket.lose(code);
    assert.deepEqual([...it.stored], before);
    assert.equal(it.session.link.phase, code === 4000 ? 'ended' : 'waiting');
  }
});

test('a refused hello says that an identity is missing, or that it is no longer valid', () => {
  for (const [identity, refusal] of [['', 'signIn'], ['jwt', 'expired']]) {
    const it = visit(new Map([['site token', 'hdc_1']]), { identity: () => identity });
    it.session.resume();
    it.socket.onopen();
    it.socket.receive({ type: 'error', ref: 'hello', code: 'unauthorized', message: '' });
    it.socket.lose(4000);
    assert.equal(it.session.refusal, refusal);
    it.session.identify();
    it.socket.welcome();
    assert.equal(it.session.refusal, null);
  }
});

test('an identity that takes longer than the relay waits is awaited before the socket', async () => {
  let answer;
  const slow = () => new Promise((resolve) => {
    answer = resolve;
  });
  const it = visit(new Map([['site token', 'hdc_1']]), { identity: () => slow });
  it.session.resume();
  await turn();
  it.clock.pass(30_000);
  assert.deepEqual([it.made.length, it.session.link.phase], [0, 'connecting']);
  answer('jwt');
  await turn();
  it.socket.welcome();
  assert.equal(it.socket.all('hello')[0].identity, 'jwt');
  it.session.identify();
  it.session.link.stop();
  answer('late');
  await turn();
  assert.equal(it.made.length, 1);
});

const jwtOf = (sub) => `x.${btoa(JSON.stringify({ sub }))}.x`;

test('what a signed-in customer left is kept for them, and neither shown nor sent for others', () => {
  const text = { type: 'send', ref: 'r', text: 'Hi', at: 1, request: null };
  const stored = () => new Map([
    ['site token', 'hdc_1'], ['site who', 'ada'], ['site unsent:r', JSON.stringify(text)]]);
  const begin = (identity) => {
    const it = visit(stored(), { identity: () => identity });
    it.session.resume();
    it.socket.welcome();
    return [it.session.own(), it.session.state.unsent.length, it.stored.has('site unsent:r')];
  };
  assert.deepEqual(begin(undefined), [false, 0, true]);
  assert.deepEqual(begin(jwtOf('ada')), [true, 1, true]);
  assert.deepEqual(begin(jwtOf('bob')), [true, 0, false]);
});

test('a customer who signs in keeps what they wrote, and another one in their place does not', () => {
  let identity;
  const it = visit(new Map([['site token', 'hdc_1']]), { identity: () => identity });
  it.session.resume();
  it.session.write('Hi');
  for (const [sub, left] of [['ada', 1], ['ada', 1], ['bob', 0]]) {
    identity = jwtOf(sub);
    it.session.identify();
    it.socket.onopen();
    assert.equal(it.session.state.unsent.length, left);
    it.socket.greet();
    assert.equal(it.stored.get('site who'), sub);
  }
});

test('an end by the customer leaves the token in memory alone, for the rating', async () => {
  const it = await opened();
  it.session.save('draft', { text: 'half' });
  it.session.end();
  const [{ ref }] = it.socket.all('close');
  it.socket.receive({ type: 'closed', ref, request: { ...LIVE, status: 'closed' } });
  assert.deepEqual([...it.stored], [['site token', '']]);
  it.socket.lose(1006);
  it.clock.pass(500);
  it.socket.welcome({ request: { ...LIVE, status: 'closed' } });
  assert.deepEqual([it.socket.all('hello')[0].token, it.stored.get('site token')], ['hdc_1', '']);
  assert.equal(it.session.isStale(), true);
  it.session.open();
  await turn();
  it.socket.welcome({ token: 'hdc_2' });
  assert.deepEqual([it.socket.all('hello')[0].token, it.stored.get('site token')], [null, 'hdc_2']);
});

test('texts keep their order when the clock is set back', () => {
  const it = visit();
  it.session.write('one');
  const again = visit(it.stored);
  again.clock.time -= 3_600_000;
  again.session.write('two');
  const third = visit(it.stored);
  assert.deepEqual(third.session.state.unsent.map((text) => text.text), ['one', 'two']);
});

test('texts of two open tabs keep their order when the clock is set back', () => {
  const it = visit();
  const other = visit(it.stored, { newRef: () => 'other' });
  it.session.write('one');
  other.clock.time -= 3_600_000;
  other.session.write('two');
  const third = visit(it.stored);
  assert.deepEqual(third.session.state.unsent.map((text) => text.text), ['one', 'two']);
});

test('a signed identity is shown with the token, and told to the page once it is accepted', () => {
  const it = visit(new Map([['site token', 'hdc_1']]), { identity: () => 'jwt' });
  const told = [];
  it.session.emit = (event, detail) => event === 'identified' && told.push(detail);
  it.session.resume();
  it.socket.onopen();
  const [{ token, identity }] = it.socket.all('hello');
  assert.deepEqual([token, identity, told], ['hdc_1', 'jwt', []]);
  it.socket.greet({ token: 'hdc_2' });
  assert.deepEqual([told, it.stored.get('site token')], [['jwt'], 'hdc_2']);
});

test('an error before the welcome keeps the mark of the open request', () => {
  const it = visit(new Map([['site token', 'hdc_1'], ['site open', 'yes']]));
  it.session.resume();
  it.socket.onopen();
  it.socket.receive({ type: 'error', ref: 'hello', code: 'unavailable', message: '' });
  assert.equal(it.stored.get('site open'), 'yes');
});

test('an opening that the relay refuses says why and can be tried again', async () => {
  const it = visit();
  it.session.open();
  await turn();
  it.socket.welcome();
  const { ref } = it.socket.all('open')[0];
  it.socket.receive({ type: 'error', ref, code: 'forbidden', message: 'Not today.' });
  assert.deepEqual([it.session.failure, it.session.opening], ['forbidden', null]);
  assert.equal(it.stored.has('site open'), false);
  it.session.open();
  await turn();
  assert.equal(it.socket.all('open').length, 2);
});

test('a closed request and a hidden panel need no connection', async () => {
  const it = await opened();
  it.session.idle();
  assert.equal(it.session.link.phase, 'online');
  it.socket.receive({ type: 'request', request: { ...LIVE, status: 'closed' } });
  it.session.idle();
  assert.equal(it.session.link.phase, 'off');
});

test('a request can be opened after one that ended on the same connection', async () => {
  const it = await opened();
  it.socket.receive({ type: 'request', request: { ...LIVE, status: 'closed' } });
  it.session.open();
  await turn();
  const refs = it.socket.all('open').map((frame) => frame.ref);
  assert.equal(new Set(refs).size, 2);
  it.socket.receive({ type: 'opened', ref: refs[1], request: { ...LIVE, id: 43 }, messages: [] });
  assert.deepEqual([it.session.state.request.id, it.session.opening], [43, null]);
});

test('who is to write before a request is opened, and has written already, is not asked', async () => {
  for (const words of ['', 'Is anybody there?']) {
    const it = visit(new Map(), { asks: () => true });
    it.session.open();
    await turn();
    it.session.write(words);
    it.socket.welcome();
    assert.equal(it.session.drafting, words === '');
    assert.equal(it.socket.all('open').length, words === '' ? 0 : 1);
  }
});
