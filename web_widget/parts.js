/** The panel's menu and styles. */

import { button, h } from './elements.js';
import { makeMenu } from './menu.js';

/** @type {MakeExtras} */
export function makeExtras(host, session) {
  const { texts: t, lang } = host;
  /** @type {ExtrasParts} */
  const my = {
    notifier: null,
    form: null,
    more: button('⋯', 'icon', () => my.toggle(), t.more),
    menu: h('div', { class: 'menu', role: 'group', 'aria-label': t.more, hidden: '' },
      ...makeMenu(host, { save: () => my.save(), erase: () => my.erase() })),
    rating: h('div', {}),

    use: (module, act) => module.then(act).catch((error) => {
      host.emit('error', { code: 'not_loaded', message: `${error}` });
    }),

    toggle() {
      const shown = my.menu.hidden;
      my.menu.hidden = !shown;
      my.menu.querySelector('.ask')?.setAttribute('hidden', '');
      my.more.ariaExpanded = `${shown}`;
      (shown ? my.menu.querySelector('input') : my.more)?.focus();
    },

    erase() {
      my.toggle();
      session.erase();
    },

    async save() {
      await session.fetchOlder(Infinity);
      const { saveTranscript } = await import('./transcript.js');
      saveTranscript(t, lang(), session.state);
    },

    draw() {
      my.rating.hidden = !session.state.request || session.live;
      if (my.rating.hidden) return;
      my.use(import('./score.js'), ({ makeRating }) => {
        my.form ??= makeRating(host, session);
        if (!my.rating.firstChild) my.rating.append(my.form.element);
        my.form.draw();
      });
    },

    alert: () => my.use(import('./notify.js'), ({ makeNotifier }) => {
      my.notifier ??= makeNotifier(host, session);
      my.notifier.alert();
    }),

    stopAlert: () => my.notifier?.stop(),
  };
  my.more.ariaExpanded = 'false';
  return my;
}

export const STYLES = `
  .all { --soft: color-mix(in srgb, CanvasText 8%, Canvas); --high: 100dvh; --top: 0px;
    --faint: color-mix(in srgb, CanvasText 75%, Canvas); }
  * { padding: 0; box-sizing: border-box; margin: 0; font: inherit; color: inherit; }
  dialog { all: unset; inline-size: min(384px, 100vw / var(--zoom) - 24px); border-radius: 18px;
    background: Canvas; flex-direction: column; box-shadow: var(--shadow);
    block-size: min(600px, 100dvh / var(--zoom) - 104px); border: 1px solid var(--soft); overflow: auto;
    display: none; }
  dialog[open] { display: flex; }
  dialog > * { flex: none; padding: 10px 16px; }
  h2 { font-size: 17px; }
  h2, button { font-weight: 600; }
  .head, .ask, .over, .menu, .rating, form { flex-wrap: wrap; display: flex; gap: 8px;
    align-items: center; }
  .head { flex-wrap: nowrap; gap: 2px; }
  .title { flex: 1; }
  .ask, .over, .menu, .line { background: var(--soft); }
  .ask p, .over p, form p, .menu .ask, .rating, .rating input { flex: 1 0 100%; }
  p, label, .rating { color: var(--faint); overflow-wrap: anywhere; font-size: 13px; }
  label:has(:disabled) { display: none; }
  :invalid ~ p { color: var(--bad); }

  button { padding: 0 12px; min-block-size: 36px; font-size: 14px; min-inline-size: 36px;
    background: none; border: 1px solid transparent; color: var(--faint); border-radius: 10px;
    cursor: pointer; }
  .icon { padding: 0; font-size: 22px; }
  .score { padding: 0; border-color: var(--faint); }
  .strong { background: var(--accent); color: var(--on-accent); }

  form label { flex: 1 0 140px; }
  textarea, input:not([type=checkbox]) { min-block-size: 44px; min-inline-size: 0;
    background: Canvas; resize: none; padding: 9px 13px; color: CanvasText; font-size: 16px;
    border: 1px solid var(--faint); border-radius: 14px; }
  textarea { flex: 1 1 180px; field-sizing: content; max-block-size: 132px; }
  form input { inline-size: 100%; }
  ::placeholder { color: var(--faint); opacity: 1; }
  [type=checkbox] { margin: 9px; }

  @media (max-width: 480px), (max-height: 420px) {
    dialog { inline-size: 100%; border: 0; border-radius: 0; inset: calc(var(--top) / var(--zoom)) 0 auto;
      block-size: calc(var(--high) / var(--zoom)); position: fixed; }
    dialog[open] ~ .box { visibility: hidden; }
  }`;
