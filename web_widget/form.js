/** The form of the panel: contact fields and the composer. */

import { button, h, setText } from './elements.js';
import { statusText } from './request.js';

/** The contact fields. */
const CONTACT = {
  name: { type: 'text', maxlength: '100' },
  email: { type: 'email', maxlength: '254' },
};

/** @type {MakeForm} */
export function makeForm({ texts: t, settings, storage }, session, submit) {
  const inputs = Object.entries(CONTACT).map(([name, rest]) => h('input', {
    name, autocomplete: name, dir: 'auto', 'aria-describedby': `wrong-${name}`, ...rest, pattern: '.*\\S.*' }));
  const wrong = inputs.map(({ name }) => h('p', { class: 'bad', id: `wrong-${name}` }, ' '));
  const field = h('textarea', { name: 'text', 'aria-label': t.composer, placeholder: t.composer, rows: '1', dir: 'auto',
    enterkeyhint: 'send' });
  const typing = h('p', { role: 'status' });
  const room = h('p', { role: 'status' });

  /** @type {FormParts} */
  const my = {
    field,
    fields: [...inputs, field],
    typing,
    element: h('form', {},
      ...inputs.map((input, at) => h('div', { class: 'field' },
        h('label', {}, `${t[input.name]}`, input), wrong[at] ?? '')),
      h('div', { class: 'under' }, typing, room),
      h('div', { class: 'composer' }, field, button('↑', 'icon strong', submit, t.send))),

    draft: () => Object.fromEntries(
      my.fields.map(({ name, value }) => [name, value.trim()]).filter(([, text]) => text)),

    load: () => my.set(session.own() ? session.load('draft') : null),

    set(draft) {
      for (const input of my.fields) input.value = draft?.[input.name] ?? '';
      my.measure();
    },

    measure() {
      const [why, bad] = statusText.roomOf(t, field.value.trim(), session.state);
      setText(room, why);
      room.className = bad ? 'bad' : '';
      field.setCustomValidity(bad ? why : '');
      for (const input of inputs) if (input.ariaInvalid === 'true') my.check(input);
    },

    check(input) {
      const { valid, typeMismatch } = input.validity;
      const ok = input.disabled || valid;
      input.ariaInvalid = `${!ok}`;
      const place = wrong[inputs.indexOf(input)];
      if (place) setText(place, ok ? ' ' : typeMismatch ? t.badEmail : t.needed);
      return ok;
    },

    isReady() {
      const bad = inputs.filter((input) => !my.check(input))[0] ?? (field.validity.valid ? null : field);
      bad?.focus();
      return !bad;
    },

    show() {
      const { desk, request } = session.state;
      const left = desk?.online === false && request?.status === 'waiting';
      const wanted = settings.form ?? '';
      const known = storage.read('site', 'known') ?? '';
      for (const input of inputs) {
        const needed = !settings.identity && !known.includes(input.name)
          && (left || (session.drafting && wanted.includes(input.name)));
        input.disabled = !needed && !input.value;
        input.required = wanted.includes(`${input.name}*`);
      }
    },
  };
  return my;
}
