/** Notifications of new messages: a preview beside the Box, a sound, and a flashing title. */

import { button, h, makeFace } from './elements.js';
import { lastSeq, unread } from './request.js';

/** @type {MakeNotifier} */
export function makeNotifier({ texts: t, storage, settings, box }, session) {
  const preview = h('div', { class: 'peek', role: 'status' });
  let [timer, title, words] = [0, '', ''];

  /** @type {NotifierParts} */
  const my = {
    audio: null,

    alert({ name, text }) {
      if (box.ariaExpanded === 'false' && settings.preview !== 'off') my.show(name || t.agent, text);
      if (document.hidden && !storage.read('site', 'flash')) {
        my.stop();
        my.flash();
        const { matches } = matchMedia('(prefers-reduced-motion: reduce)');
        if (!matches) timer = setInterval(my.flash, 1000);
      }
      setTimeout(() => {
        if (!unread(session.state) || storage.read('site', 'sound')) return;
        const name = `${storage.prefix}sound ${lastSeq(session.state)}`;
        navigator.locks?.request(name, { ifAvailable: true }, async (lock) => {
          if (lock) my.beep();
          await new Promise((resolve) => setTimeout(resolve, 2000));
        });
      }, 300);
    },

    show(name, text) {
      preview.replaceChildren(
        button('', '', () => box.click()), button('×', 'icon', () => preview.remove(), t.hide));
      preview.firstElementChild?.append(makeFace(name),
        h('span', {}, h('div', { dir: 'auto' }, h('bdi', {}, name), `: ${text}`)));
      box.before(preview);
    },

    beep() {
      const audio = my.audio ??= new AudioContext();
      const tone = new OscillatorNode(audio);
      tone.connect(new GainNode(audio, { gain: 0.1 })).connect(audio.destination);
      tone.start();
      tone.stop(audio.currentTime + 0.15);
    },

    flash() {
      const shown = words && document.title === words;
      if (!shown) [title, words] = [document.title, `(${unread(session.state)}) ${t.messages}`];
      document.title = shown ? title : words;
    },

    stop() {
      if (box.ariaExpanded === 'true' || !unread(session.state)) preview.remove();
      clearInterval(timer);
      if (document.title === words) document.title = title;
    },
  };
  return my;
}

export const STYLES = `
  .peek { display: flex; align-items: start; max-inline-size: min(300px, 100vw / var(--zoom) - 40px);
    background: Canvas; border: 1px solid var(--line); border-radius: 16px; box-shadow: var(--shadow); }
  .peek > :first-child { display: flex; gap: 8px; padding: 10px 0 10px 12px; text-align: start; font-weight: 400; color: CanvasText; }
  .peek bdi { font-weight: 600; }
  .peek .face { flex: none; }
  .peek span { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; overflow-wrap: anywhere; }`;
