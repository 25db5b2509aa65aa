/** The panel's menu, and the questions before what it does. */

import { button, h, keepFocus } from './elements.js';

const STEPS = new Map(Object.entries({ ArrowDown: 1, ArrowUp: -1, Home: 0, End: -1 }));

/** @type {MakeMenu} */
export function makeMenu({ texts: t, storage }, session, more, on) {
  const question = h('div', { class: 'ask', role: 'group', hidden: '' });
  let relevant = () => true;
  /** @type {MakeItem} */
  const item = (text, onclick, role = 'menuitem') => Object.assign(
    h('button', { type: 'button', role, tabindex: '-1' }, text), { onclick });
  /** @type {(act: () => void) => () => void} */
  const closing = (act) => () => {
    my.hide();
    act();
  };
  const end = item(t.end, closing(() => my.ask(t.endAsk, t.endNow, on.end, on.mayEnd)));
  const toggles = ['sound', 'flash'].map((name) => {
    const toggle = item(`${t[name]}`, () => {
      storage.write('site', name, storage.read('site', name) ? null : 'off');
      my.draw();
    }, 'menuitemcheckbox');
    return { name, toggle };
  });
  const items = [...toggles.map(({ toggle }) => toggle),
    item(t.transcript, closing(on.save)),
    item(t.erase, closing(() => my.ask(t.eraseAsk, t.eraseNow, session.erase))), end];
  const menu = h('div', { class: 'menu', role: 'menu', 'aria-label': t.more, hidden: '' }, ...items);

  /** @type {MenuParts} */
  const my = {
    elements: [menu, question],

    draw() {
      end.hidden = !on.mayEnd();
      question.hidden ||= !relevant();
      for (const { name, toggle } of toggles) toggle.ariaChecked = `${!storage.read('site', name)}`;
    },

    toggle() {
      if (my.hide()) return;
      my.draw();
      menu.hidden = false;
      more.ariaExpanded = 'true';
      items[0]?.focus();
    },

    hide() {
      const shown = my.elements.filter((one) => !one.hidden);
      for (const one of shown) {
        if (one.matches(':focus-within')) more.focus();
        one.hidden = true;
      }
      more.ariaExpanded = 'false';
      return shown.length > 0;
    },

    ask(words, yes, act, still = () => true) {
      const now = button(yes, 'strong', closing(act));
      question.replaceChildren(h('p', {}, words), now, button(t.cancel, '', my.hide));
      question.ariaLabel = words;
      question.hidden = false;
      relevant = still;
      now.focus();
    },

    move(event) {
      if (event.key === 'Tab') my.hide();
      const step = STEPS.get(event.key);
      if (step === undefined) return;
      event.preventDefault();
      const shown = items.filter((one) => !one.hidden);
      const at = event.key.startsWith('Arrow') ? shown.findIndex((one) => one.matches(':focus')) : 0;
      shown.at((at + step) % shown.length)?.focus();
    },

    leave: () => setTimeout(() => {
      if (!menu.hidden && !menu.matches(':focus-within')) my.hide();
    }),
  };
  Object.assign(menu, {
    onkeydown: my.move,
    onfocusout: my.leave,
    onmousedown: keepFocus,
  });
  menu.addEventListener('focusout', my.leave);
  return my;
}

export const STYLES = `
  .menu { position: absolute; inset: 60px auto auto auto; inset-inline-end: 8px; z-index: 2; display: grid;
    background: Canvas; border: 1px solid var(--line); border-radius: 12px; padding: 6px;
    box-shadow: var(--shadow); }
  .menu button { text-align: start; color: CanvasText; font-weight: 400; border-radius: 8px; outline-offset: -3px; }
  .menu button:last-child { color: var(--bad); }
  [role=menuitemcheckbox]::after { content: '✓'; float: inline-end; margin-inline-start: 16px; }
  [aria-checked=false]::after { visibility: hidden; }
  .ask { display: flex; gap: 8px; align-items: center; padding: 12px 16px; background: var(--soft); flex-wrap: wrap; }
  .ask p { flex: 1 0 100%; color: CanvasText; }`;
