/** The parts of the panel that are loaded when they are first needed. */

import { addStyles, button, h, keepFocus } from './elements.js';

/** @type {MakeLoader} */
export function makeLoader(host, session, acts) {
  const { texts: t, lang } = host;
  const used = new Set();
  /** @type {LoaderParts} */
  const my = {
    notifier: null,
    form: null,
    options: null,
    more: button('⋯', 'icon', () => my.toggleMenu(), t.more),
    menu: h('div', {}),
    rating: h('div', {}),

    async use(name, act) {
      try {
        const module = await import(`./${name}.js`);
        if (!used.has(name)) addStyles(host.styles, module);
        used.add(name);
        act(module);
      } catch (error) {
        host.emit('error', { code: 'not_loaded', message: `${error}` });
      }
    },

    toggleMenu: () => my.use('menu', ({ makeMenu }) => {
      my.options ??= makeMenu(host, session, my.more, { ...acts, save: my.save });
      if (!my.menu.firstChild) my.menu.append(...my.options.elements);
      my.options.toggle();
    }),

    hide: () => !!my.options?.hide(),

    save: () => my.use('transcript', async ({ saveTranscript }) => {
      await session.fetchOlder(Infinity);
      saveTranscript(t, lang(), session.state);
    }),

    draw() {
      my.options?.draw();
      my.rating.hidden = !session.state.request || session.live;
      if (my.rating.hidden) return;
      my.use('score', ({ makeRating }) => {
        my.form ??= makeRating(host, session);
        if (!my.rating.firstChild) my.rating.append(my.form.element);
        my.form.draw();
      });
    },

    alert: (said) => my.use('notify', ({ makeNotifier }) => {
      my.notifier ??= makeNotifier(host, session);
      my.notifier.alert(said);
    }),

    stopAlert: () => my.notifier?.stop(),
  };
  Object.assign(my.more, {
    ariaExpanded: 'false',
    ariaHasPopup: 'menu',
    onmousedown: keepFocus,
  });
  return my;
}
