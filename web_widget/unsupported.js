/** A sentence in place of the panel, for browsers that the widget does not support. */

const line = document.createElement('p');

/** @type {MakePanel} */
export function makePanel({ texts: t, fallback }) {
  line.style.cssText = 'all: initial; position: fixed; bottom: 20px; right: 20px; padding: 10px; '
    + 'z-index: 9999; background: #fff; border: 1px solid; font: 15px sans-serif';
  line.dir = 'auto';
  line.replaceChildren(t.tooOld, ...fallback(` ${t.instead}`));
  document.body.append(line);
  throw new Error(t.tooOld);
}
