/** What a message of the log says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { describe } from '../log.js';
import texts from '../texts/en.js';

test('an activity with the name of something that every object has is shown as the relay says it', () => {
  for (const activity of ['constructor', '__proto__', 'toString', 'valueOf', 'snoozed']) {
    const message = { seq: 1, kind: 'activity', by: { role: 'customer' }, text: 'It was put off', activity };
    assert.equal(describe(texts, message)[0], 'It was put off');
  }
});
