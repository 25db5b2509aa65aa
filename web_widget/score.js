/** The rating of a chat that has ended. */

import { button, h } from './elements.js';

/** @type {MakeRating} */
export function makeRating({ texts: t }, session) {
  const comment = h('input', { 'aria-label': t.comment, placeholder: t.comment, maxlength: '1000' });
  comment.value = session.load('comment') ?? '';
  comment.oninput = () => session.left || session.save('comment', comment.value);
  const scores = [1, 2, 3, 4, 5].map((score) => button(`${score}`, 'score', () => {
    session.rate(score, comment.value.trim());
    session.save('comment');
    comment.value = '';
  }, { 1: `1, ${t.bad}`, 5: `5, ${t.good}` }[score]));
  const group = h('div', { class: 'rating', role: 'group', 'aria-label': t.rate },
    h('p', {}, t.rate), comment, t.bad, ...scores, t.good);
  const thanks = h('p', { tabindex: '-1' }, t.thanks);

  return {
    element: h('div', { class: 'rating' }, group, thanks),

    draw() {
      const focused = group.matches(':focus-within');
      group.hidden = !!(session.rating ?? session.state.request?.rating);
      thanks.hidden = !group.hidden;
      if (focused) thanks.focus();
    },
  };
}
