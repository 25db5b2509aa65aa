/** The transcript of a conversation, as a file. */

import { h } from './elements.js';
import { describe } from './log.js';
import { older } from './request.js';

/** @type {SaveTranscript} */
export function saveTranscript(t, lang, state) {
  const lines = state.messages.map((message) => {
    const when = new Date(message.at).toLocaleString(lang, {
      dateStyle: 'short',
      timeStyle: 'long',
    });
    const [text, author, name = ''] = describe(t, message);
    return `${when} ${author ? `${author}: ${text}` : text.replace('{name}', () => name)}\n`;
  });
  if (older(state)) lines.unshift(`${t.missing}\n`);
  const href = URL.createObjectURL(new Blob(lines, { type: 'text/plain' }));
  h('a', { href, download: `chat-${state.request?.id}.txt` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
}
