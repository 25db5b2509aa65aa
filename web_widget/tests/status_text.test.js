/** The status texts: the reason for a lost connection, and what happens to texts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import TEXTS from '../texts/en.js';
import { statusText } from '../request.js';

const { aboutOf, noticeOf, lineOf, outcomeOf, roomOf } = statusText;

const DESK = { name: 'Acme', online: false, away_message: 'Back at nine.' };

function session(request, more = {}) {
  const state = { request, desk: DESK, gone: 0, ...more.state };
  return { link: { phase: 'online' }, opening: null, ending: null, failure: null, ...more, state };
}

test('a connection that is there, or not wanted, needs no words', () => {
  for (const phase of ['online', 'off']) {
    assert.equal(lineOf(TEXTS, { link: { phase, code: 1006 } }, true, true), '');
  }
});

test('the line says what went wrong and what becomes of what is written', () => {
  const line = (code, durable = true, network = true) =>
    lineOf(TEXTS, { link: { phase: 'waiting', code } }, durable, network);
  assert.match(line(1012), /restarting.*kept on this device/);
  assert.match(line(1013), /busy/);
  assert.match(line(4102), /too many tabs.*Trying again within half a minute/);
  assert.match(line(1006), /cannot be reached/);
  const link = { phase: 'waiting', code: 4102, full: true };
  assert.match(lineOf(TEXTS, { link }, true, true), /your network/);
  assert.match(line(1006, false), /kept until you leave this page/);
  assert.match(line(1006, true, false), /^You are offline/);
});

test('a connection that is over for good promises nothing', () => {
  for (const code of [4000, 4001, 4002, 4003, 4042]) {
    const line = lineOf(TEXTS, { link: { phase: 'ended', code } }, true, true);
    assert.match(line, /Nothing more is sent/);
    assert.doesNotMatch(line, /Trying again/);
  }
});

test('a relay that was never reached promises nothing, until the network is back', () => {
  const link = { phase: 'waiting', code: 1006, unreachable: true };
  assert.equal(lineOf(TEXTS, { link }, true, true), TEXTS.unreachable);
  assert.doesNotMatch(TEXTS.unreachable, /sent later/);
  assert.match(lineOf(TEXTS, { link }, true, false), /^You are offline/);
});

test('a refused identity has a sentence of its own', () => {
  const line = (refusal) => lineOf(TEXTS, { link: { phase: 'ended', code: 4000 }, refusal }, true, true);
  assert.match(line('signIn'), /sign in to this site first.*reload the page/);
  assert.match(line('expired'), /no longer valid.*reload the page/);
});

test('the panel says who helps, or why nobody does yet', () => {
  const agent = { name: 'Sam' };
  assert.equal(aboutOf(TEXTS, session({ status: 'active', agent })), '{name} is helping you.');
  const waiting = session({ status: 'waiting', agent: null });
  assert.equal(aboutOf(TEXTS, waiting), TEXTS.absent);
  assert.equal(noticeOf(TEXTS, waiting), 'Back at nine.');
  assert.equal(noticeOf(TEXTS, session({ status: 'active', agent })), '');
  const desk = { ...DESK, online: true };
  assert.equal(aboutOf(TEXTS, session({ status: 'waiting', agent: null }, { state: { desk } })),
    TEXTS.waiting);
  assert.equal(aboutOf(TEXTS, session(null, { opening: 'r1' })), TEXTS.opening);
  const lost = { phase: 'waiting', code: 4102 };
  assert.equal(aboutOf(TEXTS, session(null, { opening: 'r1', link: lost })), TEXTS.absent);
  assert.equal(aboutOf(TEXTS, session({ status: 'active', agent }, { link: { phase: 'ended' } })), '');
});

test('an end says how it came about', () => {
  assert.equal(outcomeOf(TEXTS, session({ status: 'closed' })), TEXTS.ended);
  assert.equal(outcomeOf(TEXTS, session(null, { state: { gone: 42, deleted: true } })), TEXTS.gone);
  assert.equal(outcomeOf(TEXTS, session(null, { state: { gone: 42 } })), TEXTS.apart);
  assert.equal(outcomeOf(TEXTS, session(null)), '');
  assert.match(outcomeOf(TEXTS, session(null, { failure: 'forbidden' })), /not possible/);
});

test('what is left is counted in fifties near the limit, and what is too much is refused', () => {
  const state = { limits: { text: 1000, frame: 0 }, request: null };
  assert.deepEqual(roomOf(TEXTS, 'a'.repeat(800), state), ['', false]);
  assert.deepEqual(roomOf(TEXTS, 'a'.repeat(951), state), ['At most 50 characters left', false]);
  assert.deepEqual(roomOf(TEXTS, '🎉'.repeat(1000), state)[1], false);
  assert.deepEqual(roomOf(TEXTS, '🎉'.repeat(1001), state),
    ['Too long: 1 characters over the limit.', true]);
  assert.deepEqual(roomOf(TEXTS, 'ü'.repeat(99), { ...state, limits: { frame: 200 } })[1], true);
  assert.deepEqual(roomOf(TEXTS, 'a'.repeat(9999), { ...state, limits: { text: 0 } }), ['', false]);
});
