/** Notifications of new messages while the page is hidden: a sound, and a flashing title. */

import { lastSeq, unread } from './request.js';

/** @type {MakeNotifier} */
export function makeNotifier({ texts: t, storage }, session) {
  let [timer, title, words] = [0, '', ''];

  /** @type {NotifierParts} */
  const my = {
    audio: null,

    alert() {
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
      clearInterval(timer);
      if (document.title === words) document.title = title;
    },
  };
  return my;
}
