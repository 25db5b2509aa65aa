/** Every language has every text, with the same placeholders. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';

import english from '../texts/en.js';

const FOLDER = new URL('../texts/', import.meta.url);
const places = (text) => (text.match(/\{\w+\}/g) ?? []).sort();

test('there are seven languages', () => {
  const names = readdirSync(FOLDER).map((file) => file.slice(0, 2)).sort();
  assert.deepEqual(names, ['ar', 'de', 'en', 'es', 'fr', 'ja', 'pt']);
});

for (const file of readdirSync(FOLDER)) {
  test(`${file} has every sentence`, async () => {
    const { default: texts } = await import(new URL(file, FOLDER));
    assert.deepEqual(Object.keys(texts), Object.keys(english));
    for (const [name, text] of Object.entries(texts)) {
      assert.notEqual(text.trim(), '', name);
      assert.deepEqual(places(text), places(english[name]), name);
      if (file !== 'en.js' && text.includes(' ')) assert.notEqual(text, english[name], name);
    }
  });
}
