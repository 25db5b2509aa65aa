/** The formatting of a message's text: addresses, and a subset of Markdown. */

import { h } from './elements.js';

const { raw } = String;
const WORD = raw`[\da-zA-Z\xc0-\u1fff]`;
const SCHEME = '(?:https?://|mailto:)';
const OTHER = raw`·・–]|[^\0-\xa0\p{Cf}\p{Cs}\p{Z}\p{P}\p{Sm}]`;
const HOST = raw`(?:[\w${OTHER})(?:[-.\w${OTHER})*`;
const REST = raw`(?:(?![,;|!'*_~()[\]{}]{1,9}${SCHEME})(?:[!#-;=?-[\]^_a-~${OTHER}))*`;
const LINK = raw`(?<![\da-z])(?:https?://(?!https?:|[^/?#\s]*@)(?:\[[\da-f:.]+\]|${HOST})(?::\d+)?(?:[/?#]${REST})?`
  + raw`|mailto:[-\w.+%]+@${HOST}(?:\?${REST})?)`;
const CODE = raw`(?<!${WORD}|\x60)\x60(?! *\x60)[^\x60]+\x60(?!${WORD}|\x60)`;
const TOKEN = RegExp(raw`(${LINK})|${CODE}|(?<!\*)\*{1,3}(?!\*)|(?<!_)_(?!_)`, 'giu');
const OPENED = RegExp(raw`${WORD}|[\\/.$#@&%^~+=]`);
const OPENS = RegExp(raw`[*_"'([{$#@+<&~-]{0,9}[\da-zA-Z\xa1-\u{10ffff}]`, 'uy');
const CLOSES = RegExp(raw`(?<=[^ \t\xa0\u2000-\u200a\u3000])(?:\*+(?!\*)|_)(?!${WORD})`, 'uy');
const TAIL = /(?:&#?\w{1,31};|'s|[.,;:!?'*~|([{\u2010-\u2013])$/i;
const BRACKETS = new Map(['()', '[]', '{}'].map(([opener, closer]) => [closer, opener]));
const FORMATS = new Map([['*', 'i'], ['_', 'i'], ['**', 'b'], ['***', 'bi']]);
const FENCE = '```';
const ITEM = /^(?:([-*])|(\d{1,9})\.) +(?! )([^\n]+)$/;

/** @type {Trim} */
function trim(link, italic) {
  for (let times = 0; times < 99; times++) {
    const last = link.slice(-1);
    const opener = BRACKETS.get(last);
    const [tail = ''] = TAIL.exec(link.slice(-34)) ?? [];
    const loose = opener ? link.split(last).length > link.split(opener).length : last === '_' && italic;
    const surplus = tail.length || Number(loose);
    if (!surplus) break;
    link = link.slice(0, -surplus);
  }
  return link;
}

/** @type {SplitLine} */
export function split(line, formats = '') {
  /** @type {Piece[]} */
  const pieces = [];
  const open = new Map();
  let [from, at] = [0, 0];
  const put = (to = line.length, words = '', more = formats) => {
    pieces.push([line.slice(from, to), formats], [words, more]);
    from = at;
  };
  for (;;) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(line);
    if (!found) break;
    const { 0: token, 1: link, index } = found;
    at = index + token.length;
    OPENS.lastIndex = at;
    CLOSES.lastIndex = index;
    const start = open.get(token);
    if (link) {
      if (link.length > 2048) continue;
      const address = trim(link, open.has('_'));
      const good = URL.canParse(address);
      at = index + (good ? address.length : link.indexOf(':'));
      if (good) put(index, address, `a${formats}`);
    } else if (formats) continue;
    else if (token[0] === '`') {
      put(index);
      pieces.push(...split(token.slice(1, -1), 'c'));
    } else if (start >= 0 && CLOSES.test(line)) {
      put(index);
      pieces[start] = ['', ''];
      for (const piece of pieces.slice(start)) {
        piece[1] = [...new Set(piece[1] + FORMATS.get(token))].sort().join('');
      }
      for (const [key, place] of open) if (place >= start) open.delete(key);
    } else if (!OPENED.test(line.charAt(index - 1)) && OPENS.test(line)) {
      put(index, token);
      open.set(token, pieces.length - 1);
    }
  }
  put();
  const joined = pieces.slice(0, 0);
  for (const piece of pieces.filter(([words]) => words)) {
    const last = joined.at(-1);
    if (last?.[1] === piece[1] && !/a/.test(piece[1])) last[0] += piece[0];
    else joined.push(piece);
  }
  return joined;
}

/** @type {CountItems} */
function countItems(lines, at) {
  const [, mark, number] = ITEM.exec(lines[at] ?? '') ?? [];
  for (let count = 0; ; count++) {
    const item = ITEM.exec(lines[at + count] ?? '');
    if (!item || item[1] !== mark || (number && Number(item[2]) !== Number(number) + count)) return count;
  }
}

/** @type {Parse} */
export function parse(text) {
  const lines = text.split('\n');
  const fence = lines.lastIndexOf(FENCE);
  /** @type {Block[]} */
  const blocks = [];
  for (let at = 0; at < lines.length;) {
    const line = `${lines[at]}`;
    const count = countItems(lines, at);
    const close = at < fence && /^```[\w+#.-]*$/.test(line) ? lines.indexOf(FENCE, at + 1) : 0;
    const [, mark, number] = ITEM.exec(line) ?? [];
    const last = blocks.at(-1);
    if (close > at + 1) {
      blocks.push(['pre', lines.slice(at + 1, close).map((code) => split(code, 'c'))]);
      at = close + 1;
    } else if (count > 1) {
      const items = lines.slice(at, at += count);
      blocks.push([mark ? 'ul' : 'ol', items.map((item) => split(item.replace(ITEM, '$3'))), number]);
    } else {
      if (last?.[0] === 'p') last[1].push(split(line));
      else blocks.push(['p', [split(line)]]);
      at++;
    }
  }
  return blocks;
}

/** @type {DrawPiece} */
const drawPiece = ([words, formats]) => [...formats].reduce((/** @type {Node | string} */ inner, format) => (
  format === 'a' ? h('a', { href: words, rel: 'noopener noreferrer nofollow', target: '_blank' }, inner)
    : h(format === 'b' ? 'strong' : format === 'c' ? 'code' : 'em', {}, inner)), words);

/** @type {DrawText} */
export const drawText = (text) => parse(text).flatMap(([kind, lines, start]) => {
  const drawn = lines.map((line) => line.map(drawPiece));
  if (/l/.test(kind)) return h(kind, start ? { start } : {}, ...drawn.map((line) => h('li', {}, ...line)));
  const joined = drawn.flatMap((line, at) => (at ? ['\n', ...line] : line));
  return kind === 'p' ? joined : h(kind, {}, ...joined);
});

export const STYLES = `
  .text > ul, .text > ol { padding-inline-start: 1.4em; }
  .text > ul { list-style: disc; }
  pre { white-space: inherit; }
  strong { font-weight: 600; }
  em { font-style: italic; }
  code { background: color-mix(in srgb, currentColor 12%, transparent); border-radius: 4px;
    font: 13px ui-monospace, monospace; }`;
