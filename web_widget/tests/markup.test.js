/** The formatting of texts, tested with the cases that the console and the exports share. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { parse } from '../markup.js';

const cases = (name) => JSON.parse(
  readFileSync(new URL(`../../tests/data/${name}.json`, import.meta.url), 'utf8'));

const escape = (words) => words.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** Draws blocks as the cases do: an element per piece, named after its formats. */
const html = (blocks) => blocks.map(([kind, lines, start]) => {
  const drawn = lines.map((line) => line.map(([words, formats]) => (
    formats ? `<${formats}>${escape(words)}</${formats}>` : escape(words))).join(''));
  const inner = /l/.test(kind) ? drawn.map((line) => `<li>${line}</li>`).join('') : drawn.join('\n');
  return `<${kind}${start > 1 ? ` start=${start}` : ''}>${inner}</${kind}>`;
}).join('');

for (const { text, html: expected } of cases('markup')) {
  test(`formats ${JSON.stringify(text)}`, () => assert.equal(html(parse(text)), expected));
}

for (const { text, links } of cases('links')) {
  test(`links in ${JSON.stringify(text)}`, () => {
    const pieces = parse(text).flatMap(([, lines]) => lines.flat());
    assert.deepEqual(pieces.filter(([, formats]) => formats.includes('a')).map(([words]) => words), links);
  });
}

test('a long text takes a time that grows with its length only', () => {
  for (const part of ['**a ', '*a* ', '_a ', '`', '`a', '(((', 'https://a.example/x_ ', 'https://',
    'https://a', '- a\n', '1. a\n', '```\n', '*_', '&&&', 'https://a.example/))))))', '***a']) {
    const text = part.repeat(100_000 / part.length);
    assert.equal(typeof parse(text), 'object');
  }
});
