/** The transcript of a conversation, as a file. */

import { h } from './elements.js';
import { describe } from './log.js';

/** @type {SaveTranscript} */
export function saveTranscript(t, lang, { messages, request }) {
  const lines = messages.map((message) => {
    const when = new Date(message.at).toLocaleString(lang, {
      dateStyle: 'short',
      timeStyle: 'long', // with the time zone
    });
    return `${when} ${describe(t, message).reverse().join(': ')}\n`;
  });
  const href = URL.createObjectURL(new Blob(lines, { type: 'text/plain' }));
  h('a', { href, download: `chat-${request?.id}.txt` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
}
