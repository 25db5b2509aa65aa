/** The fold over frames, tested with the shared vectors. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

import { START, fold, gaps, older, seen, unread } from '../request.js';

const VECTORS = new URL('../../tests/vectors/', import.meta.url);

/** What a vector may expect of a state. */
function summary(state) {
  return {
    request: state.request?.id ?? null,
    status: state.request?.status ?? null,
    seqs: state.messages.map((message) => message.seq),
    texts: state.messages.map((message) => message.text),
    unsent: state.unsent.map((text) => [text.ref, text.refused?.code ?? null]),
    gaps: gaps(state),
    older: older(state),
    typing: state.typing,
    unread: unread(state),
    seen: seen(state),
    gone: state.gone,
    deleted: state.deleted,
    epoch: state.epoch,
  };
}

function deepFreeze(value) {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

for (const file of readdirSync(VECTORS)) {
  for (const { name, frames, expect } of JSON.parse(readFileSync(new URL(file, VECTORS), 'utf8'))) {
    test(`${file}: ${name}`, () => {
      const step = (state, frame) => deepFreeze(fold(state, deepFreeze(frame)));
      const found = summary(frames.reduce(step, START));
      const asked = Object.fromEntries(Object.keys(expect).map((key) => [key, found[key]]));
      assert.deepEqual(asked, expect);
    });
  }
}

test('there are vectors', () => assert.ok(readdirSync(VECTORS).length >= 5));
