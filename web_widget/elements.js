/** Elements of the panel: made from names, attributes and text alone. */

/** @type {MakeElement} */
export function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** @type {MakeButton} */
export const button = (text, kind, onclick = null, ariaLabel = null) => Object.assign(
  h('button', { class: kind, type: 'button' }, text), { onclick, ariaLabel });

/** @type {SetText} */
export function setText(element, text, name = '') {
  const parts = text.split('{name}');
  if (element.textContent === parts.join(name)) return;
  element.replaceChildren(...parts.flatMap((part, at) => (at ? [h('bdi', {}, name), part] : part)));
}

/** @type {MakeFace} */
export function makeFace(name) {
  const initials = Array.from(name.matchAll(/(?<!\S)\S/gu), ([first]) => first);
  return h('bdi', { class: 'face', 'aria-hidden': 'true' }, initials[0] ?? '', initials.slice(1).at(-1) ?? '');
}

/** @type {(event: Event) => void} */
export const keepFocus = (event) => event.preventDefault();

/** @type {AddStyles} */
export const addStyles = (sheet, { STYLES = '' }) => (
  sheet.insertRule(`@media all {${STYLES}}`, sheet.cssRules.length));
