/** What is needed now and then: menu, rating, transcript, sound and title flash. */

import { button, h } from './log.js';
import { lastSeq, unread } from './request.js';

const STILL = matchMedia('(prefers-reduced-motion: reduce)');

/** @type {(host: Host, session: Session, at: ExtrasAt) => Extras} */
export function makeExtras({ texts: t, shelf, lang }, session, { more, outcome, line }) {
  let [timer, title] = [0, ''];
  const erase = button(t.erase, 'plain', () => my.ask(true));
  const now = button(t.eraseNow, 'strong', () => {
    my.menu();
    session.erase();
  });
  const asked = [h('p', {}, t.eraseAsk), now, button(t.keep, 'plain', () => my.ask(false))];
  const toggles = /** @type {const} */ (['sound', 'flash']).map((name) => {
    const box = h('input', { type: 'checkbox' });
    box.checked = !shelf.read('site', name);
    box.addEventListener('change', () => shelf.write('site', name, box.checked ? null : 'off'));
    return h('label', {}, box, t[name]);
  });
  const menu = h('div', { class: 'menu', role: 'group', 'aria-label': t.more }, ...toggles,
    button(t.transcript, 'plain', () => my.save()), erase, ...asked);
  const comment = h('input', { 'aria-label': t.comment, placeholder: t.comment, maxlength: '1000' });
  const scores = [1, 2, 3, 4, 5].map((score) => button(`${score}`, 'score', () => {
    session.rate(score, comment.value.trim());
    comment.value = '';
  }));
  scores[0].setAttribute('aria-label', `1, ${t.bad}`);
  scores[4].setAttribute('aria-label', `5, ${t.good}`);
  const rating = h('div', { class: 'rating', role: 'group', 'aria-label': t.rate },
    h('p', {}, t.rate), comment, t.bad, ...scores, t.good);
  const thanks = h('p', { tabindex: '-1' }, t.thanks);

  /** @type {ExtrasParts} */
  const my = {
    audio: null,

    menu() {
      const shown = !menu.isConnected;
      if (shown) line.before(menu);
      else menu.remove();
      more.ariaExpanded = `${shown}`;
      my.ask(false);
      (shown ? toggles[0].querySelector('input') : more)?.focus();
    },

    ask(really) {
      erase.hidden = really;
      for (const part of asked) part.hidden = !really;
      (really ? now : erase).focus();
    },

    save() {
      const lines = session.state.messages.map(({ by, text, at }) => {
        const author = by.role === 'customer' ? t.you : by.name || t.agent;
        return `${new Date(at).toLocaleString(lang())} ${author}: ${text}\n`;
      });
      const href = URL.createObjectURL(new Blob(lines, { type: 'text/plain' }));
      h('a', { href, download: `chat-${session.state.request?.id}.txt` }).click();
      setTimeout(() => URL.revokeObjectURL(href), 1000);
    },

    rating() {
      const { request } = session.state;
      const given = session.rating ?? request?.rating;
      const fits = session.live || !request ? null : given ? thanks : rating;
      const focused = rating.matches(':focus-within');
      for (const part of [rating, thanks]) if (part !== fits) part.remove();
      if (fits && !fits.isConnected) outcome.after(fits);
      if (focused) thanks.focus();
    },

    alert() {
      if (document.hidden && !shelf.read('site', 'flash') && !timer) {
        my.flash();
        if (!STILL.matches) timer = window.setInterval(my.flash, 1000);
      }
      // By then a tab that shows it has said so; of the others, one gets the lock.
      setTimeout(() => {
        if (!unread(session.state) || shelf.read('site', 'sound')) return;
        const name = `${shelf.prefix}sound ${lastSeq(session.state)}`;
        navigator.locks?.request(name, { ifAvailable: true }, async (lock) => {
          if (lock) my.beep();
          await new Promise((resolve) => setTimeout(resolve, 2000));
        });
      }, 300);
    },

    beep() {
      const audio = my.audio ??= new AudioContext();
      const [tone, volume] = [audio.createOscillator(), audio.createGain()];
      volume.gain.value = 0.1;
      tone.connect(volume).connect(audio.destination);
      tone.start();
      tone.stop(audio.currentTime + 0.15);
    },

    flash() {
      const words = `(${unread(session.state)}) ${t.unseen}`;
      const shown = document.title === words;
      if (!shown) title = document.title;
      document.title = shown ? title : words;
    },

    calm() {
      clearInterval(timer);
      if (title) document.title = title;
      [timer, title] = [0, ''];
    },
  };
  return my;
}
