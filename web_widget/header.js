/** The panel's header: the desk, or the agent who helps. */

import { button, h, makeFace, setText } from './elements.js';
import { statusText } from './request.js';

/** @type {MakeHeader} */
export function makeHeader({ texts: t, settings, label }, session, more, hide) {
  const heading = h('h2', { tabindex: '-1' }, label());
  const about = h('p', {});
  const portrait = h('div', {});
  /** @type {string | null} */
  let shown = null;

  /** @type {HeaderParts} */
  const my = {
    heading,
    element: h('div', { class: 'head' }, portrait, h('div', { class: 'title' }, heading, about),
      more, button('×', 'icon', hide, t.hide)),

    draw() {
      const { desk, request } = session.state;
      const agent = request?.status === 'active' ? request.agent?.name : null;
      const name = desk?.name || label();
      setText(heading, name);
      setText(about, statusText.aboutOf(t, session), agent || t.agent);
      about.className = desk ? `presence ${desk.online && 'here'}` : '';
      my.drawFace(agent || name, !agent);
    },

    drawFace(name, ofDesk) {
      if (name === shown) return;
      shown = name;
      const initials = makeFace(name);
      portrait.replaceChildren(initials);
      if (!ofDesk || !settings.avatar) return;
      const picture = h('img', { class: 'face', alt: '', referrerpolicy: 'no-referrer', src: settings.avatar });
      picture.onload = () => initials.replaceWith(picture);
    },
  };
  return my;
}
