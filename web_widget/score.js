/** The rating of a chat that has ended: stars, then a comment. */

import { button, h, setText } from './elements.js';

/** @type {MakeRating} */
export function makeRating({ texts: t }, session) {
  const words = [t.bad, t.poor, t.okay, t.good, t.great];
  const stars = words.map((word, at) => h('input', {
    type: 'radio', name: 'score', value: `${at + 1}`, 'aria-label': `${at + 1}, ${word}` }));
  const word = h('p', { 'aria-hidden': 'true' });
  const comment = h('textarea', { 'aria-label': t.comment, placeholder: t.comment, maxlength: '1000', rows: '2', dir: 'auto' });
  const more = h('div', { class: 'field' }, comment, button(t.send, 'strong', () => my.send()));
  const group = h('div', { class: 'stars', role: 'radiogroup', 'aria-label': t.rate },
    ...stars.map((star) => h('label', {}, star)));
  const form = h('div', {}, h('p', {}, t.rate), group, word, more);
  const thanks = h('p', { tabindex: '-1' }, t.thanks);
  const change = button(t.change, 'plain', () => my.change());
  let [changing, request] = [false, session.state.request?.id];

  /** @type {RatingParts} */
  const my = {
    element: h('div', { class: 'rating' }, form, thanks, change),
    given: () => session.rating ?? session.state.request?.rating,
    score: () => Number(stars.find((star) => star.checked)?.value ?? 0),

    send() {
      if (!my.score()) return stars[0]?.focus();
      const focused = form.matches(':focus-within');
      changing = false;
      session.rate(my.score(), comment.value.trim());
      session.save('comment');
      my.draw();
      if (focused) thanks.focus();
    },

    change() {
      const { score = 0, comment: said = '' } = my.given() ?? {};
      changing = true;
      stars.forEach((star, at) => {
        star.checked = at + 1 === score;
      });
      comment.value = said ?? '';
      my.draw();
      stars[score - 1]?.focus();
    },

    draw() {
      if (request !== session.state.request?.id) {
        [changing, request] = [false, session.state.request?.id];
        for (const star of stars) star.checked = false;
        comment.value = '';
      }
      form.hidden = !!my.given() && !changing;
      thanks.hidden = change.hidden = !form.hidden;
      more.hidden = !my.score() && !comment.value;
      setText(word, words[my.score() - 1] ?? '');
    },
  };
  comment.value = session.load('comment') ?? '';
  comment.oninput = () => session.left || session.save('comment', comment.value);
  group.oninput = my.draw;
  return my;
}

export const STYLES = `
  .rating, .rating > div { display: grid; gap: 8px; justify-items: center; }
  .rating > div { inline-size: 100%; }
  .rating .field { inline-size: 100%; text-align: start; }
  .stars { display: flex; }
  .stars label { font-size: 32px; line-height: 44px; inline-size: 40px; position: relative; cursor: pointer; }
  .stars label::before { content: '☆'; }
  .stars label:has(~ label :checked)::before, .stars label:has(:checked)::before { content: '★'; color: light-dark(#a85800, #ffb84d); }
  .stars input { position: absolute; inset: 0; appearance: none; border: 0; background: none; border-radius: 8px; }`;
