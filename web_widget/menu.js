/** The panel's menu, and questions before an act. */

import { button, h } from './elements.js';

/** @type {MakeQuestion} */
export function makeQuestion(asker, question, yes, no, act) {
  const now = button(yes, 'strong', act);
  const group = h('div', { class: 'ask', role: 'group', 'aria-label': question, hidden: '' },
    h('p', {}, question), now, button(no, 'plain', () => asker.focus()));
  group.onclick = (event) => {
    group.hidden = event.composedPath()[0] instanceof HTMLButtonElement;
  };
  asker.onclick = () => {
    group.hidden = false;
    now.focus();
  };
  return group;
}

/** @type {MakeMenu} */
export function makeMenu({ texts: t, storage }, on) {
  const toggles = ['sound', 'flash'].map((name) => {
    const box = h('input', { type: 'checkbox' });
    box.checked = !storage.read('site', name);
    box.onchange = () => storage.write('site', name, box.checked ? null : 'off');
    return h('label', {}, box, `${t[name]}`);
  });
  const erase = button(t.erase, 'plain');
  const sure = makeQuestion(erase, t.eraseAsk, t.eraseNow, t.cancel, on.erase);
  return [...toggles, button(t.transcript, 'plain', on.save), erase, sure];
}
