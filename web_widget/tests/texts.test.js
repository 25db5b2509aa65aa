/** Which sentence fits: why there is no connection, and what becomes of what is written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { TEXTS, aboutOf, lineOf, outcomeOf } from '../texts.js';

const DESK = { name: 'Acme', online: false, away_message: 'Back at nine.' };

function session(request, more = {}) {
  const state = { request, desk: DESK, gone: 0, ...more.state };
  return { link: { phase: 'online' }, opening: null, ending: null, failure: null, ...more, state };
}

test('a connection that is there, or not wanted, needs no words', () => {
  for (const phase of ['online', 'off']) {
    assert.equal(lineOf({ phase, code: 1006 }, true, true), '');
  }
});

test('the line says what went wrong and what becomes of what is written', () => {
  const line = (code, durable = true, network = true) =>
    lineOf({ phase: 'waiting', code }, durable, network);
  assert.match(line(1012), /restarting.*kept on this device/);
  assert.match(line(1013), /busy/);
  assert.match(line(4102), /too many tabs.*Trying again within half a minute/);
  assert.match(line(1006), /cannot be reached/);
  assert.match(line(1006, false), /kept until you leave this page/);
  assert.match(line(1006, true, false), /^You are offline/);
});

test('a connection that is over for good promises nothing', () => {
  for (const code of [4000, 4001, 4002, 4003, 4042]) {
    const line = lineOf({ phase: 'ended', code }, true, true);
    assert.match(line, /Nothing more is sent/);
    assert.doesNotMatch(line, /Trying again/);
  }
});

test('the panel says who helps, or why nobody does yet', () => {
  const agent = { name: 'Sam' };
  assert.equal(aboutOf(session({ status: 'active', agent })), '{name} is helping you.');
  assert.equal(aboutOf(session({ status: 'waiting', agent: null })), 'Back at nine.');
  const desk = { ...DESK, online: true };
  assert.equal(aboutOf(session({ status: 'waiting', agent: null }, { state: { desk } })),
    TEXTS.waiting);
  assert.equal(aboutOf(session(null, { opening: 'r1' })), TEXTS.opening);
  const lost = { phase: 'waiting', code: 4102 };
  assert.equal(aboutOf(session(null, { opening: 'r1', link: lost })), 'Back at nine.');
  assert.equal(aboutOf(session({ status: 'active', agent }, { link: { phase: 'ended' } })), 'Acme');
});

test('an end says how it came about', () => {
  assert.equal(outcomeOf(session({ status: 'closed' })), TEXTS.ended);
  assert.equal(outcomeOf(session(null, { state: { gone: 42 } })), TEXTS.gone);
  assert.equal(outcomeOf(session(null)), TEXTS.resting);
  assert.match(outcomeOf(session(null, { failure: 'Not today.' })), /Not today\./);
});
