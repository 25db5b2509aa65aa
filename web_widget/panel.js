// @ts-check
/**
 * The HelpPanel: draws what the session knows and hands it what the customer does. It must never
 * speak to the relay itself.
 */

import { Log, button, h, say } from './log.js';
import { unread } from './request.js';
import { Session } from './session.js';
import { LOOK } from './styles.js';
import { TEXTS, aboutOf, faultOf, lineOf, outcomeOf, typingOf } from './texts.js';

const NARROW = matchMedia('(max-width: 480px)');
const TOUCH = matchMedia('(pointer: coarse)');

export class HelpPanel {
  #host;
  #session;
  #drawing = false;
  #confirming = false;
  #log = new Log({
    again: ({ ref, text }) => this.#again(ref, text),
    discard: ({ ref }) => this.#session.discard(ref),
  });
  #heading = h('h2', { id: 'heading', tabindex: '-1' }, TEXTS.heading);
  #about = h('p', { class: 'about' });
  #line = h('p', { class: 'line', role: 'status' });
  #typing = h('p', { class: 'typing', role: 'status' });
  #end = button(TEXTS.end, 'plain', () => this.#confirm(true));
  #hide = button('×', 'hide', () => this.close());
  #endNow = button(TEXTS.endNow, 'strong', () => this.#endChat());
  #endNot = button(TEXTS.endNot, 'plain', () => this.#confirm(false));
  #ask = h('div', { class: 'ask', role: 'group', 'aria-labelledby': 'ask' },
    h('p', { id: 'ask' }, TEXTS.endAsk), this.#endNow, this.#endNot);
  #field = h('textarea', { id: 'field', rows: '1', placeholder: TEXTS.hint,
    'aria-describedby': 'fault', autocomplete: 'off', enterkeyhint: 'send' });
  #send = h('button', { type: 'submit', class: 'strong' }, TEXTS.send);
  #fault = h('p', { id: 'fault', class: 'fault', role: 'status' });
  #form = h('form', { class: 'composer' },
    h('label', { for: 'field', class: 'unseen' }, TEXTS.composer), this.#field, this.#send);
  #outcome = h('p', {});
  #new = button(TEXTS.startNew, 'strong', () => this.#startNew());
  #over = h('div', { class: 'over' }, this.#outcome, this.#new);
  #head = h('div', { class: 'head' },
    h('div', { class: 'title' }, this.#heading, this.#about), this.#end, this.#hide);
  #dialog = h('dialog', { id: 'panel', 'aria-labelledby': 'heading' },
    h('div', { class: 'inside', lang: TEXTS.lang, dir: TEXTS.dir }, this.#head, this.#line,
      this.#log.element, this.#typing, this.#ask, this.#fault, this.#form, this.#over));

  /** @param {import('./types').Host} host */
  constructor(host) {
    this.#host = host;
    const { url, site, shelf, root, box } = host;
    this.#session = new Session({
      url, site, shelf, place, newRef, alone, Socket: WebSocket, changed: () => this.#changed(),
      clock: {
        now: Date.now, random: Math.random, after: (act, ms) => setTimeout(act, ms),
        cancel: (timer) => clearTimeout(/** @type {number} */ (timer)),
      },
    });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(LOOK);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    root.prepend(this.#dialog);
    box.setAttribute('aria-controls', 'panel');
    this.#hide.setAttribute('aria-label', TEXTS.hide);
    this.#field.value = shelf.read('tab', 'draft') ?? '';
    this.#listen();
    this.#draw();
  }

  get shown() {
    return this.#dialog.open;
  }

  /** Show the panel and ask for help, unless a chat that ended unseen is to be shown first. */
  open() {
    const ended = this.shown || (!this.#session.live && unread(this.#session.state) > 0);
    this.#show(NARROW.matches);
    if (!ended) this.#session.open();
    this.#session.attend(true);
    this.#draw();
    (TOUCH.matches || this.#form.hidden ? this.#heading : this.#field).focus();
  }

  /** Hide the panel. The request goes on. */
  close() {
    if (!this.shown) return;
    const focused = this.#host.root.activeElement !== null;
    this.#dialog.close();
    this.#host.shelf.write('tab', 'panel', null);
    this.#host.box.setAttribute('aria-expanded', 'false');
    if (focused) this.#host.box.focus();
    this.#confirm(false);
    this.#session.attend(false);
    this.#session.rest();
  }

  toggle() {
    if (this.shown) this.close();
    else this.open();
  }

  /** @param {boolean} shown whether the panel was open in this tab before the page was loaded */
  resume(shown) {
    if (shown) this.#show(false);
    this.#session.resume();
    this.#attend();
  }

  /** @param {boolean} modal */
  #show(modal) {
    if (this.shown) return;
    // `show` would move the focus.
    if (modal) this.#dialog.showModal();
    else this.#dialog.setAttribute('open', '');
    this.#host.shelf.write('tab', 'panel', 'shown');
    this.#host.box.setAttribute('aria-expanded', 'true');
    this.#log.toEnd();
  }

  #listen() {
    this.#dialog.addEventListener('keydown', (event) => this.#escape(event));
    this.#dialog.addEventListener('cancel', (event) => {
      event.preventDefault();
      this.close();
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#write();
    });
    this.#field.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#write();
    });
    this.#field.addEventListener('input', () => this.#edited());
    document.addEventListener('visibilitychange', () => this.#attend());
    window.addEventListener('online', () => this.#session.link.poke());
    window.addEventListener('offline', () => this.#session.link.poke());
    // A page that is kept for the way back must have no socket.
    window.addEventListener('pagehide', () => this.#session.link.stop());
    window.addEventListener('pageshow', (event) => {
      if (event.persisted && (this.shown || this.#session.live)) this.#session.resume();
    });
    for (const name of ['popstate', 'hashchange']) {
      window.addEventListener(name, () => this.#session.moved());
    }
    /** @type {any} */ (window).navigation?.addEventListener(
      'navigatesuccess', () => setTimeout(() => this.#session.moved()));
  }

  #attend() {
    const visible = document.visibilityState === 'visible';
    if (visible) this.#session.link.poke();
    this.#session.attend(visible && this.shown);
    this.#session.moved();
  }

  /** @param {KeyboardEvent} event */
  #escape(event) {
    if (event.key !== 'Escape' || event.isComposing) return;
    event.preventDefault();
    if (this.#confirming) this.#confirm(false);
    else this.close();
  }

  #write() {
    const text = this.#field.value;
    if (this.#fault.textContent !== '' || text.trim() === '') return;
    this.#field.value = '';
    this.#edited();
    this.#session.write(text);
    this.#draw();
    this.#log.toEnd();
  }

  #edited() {
    const text = this.#field.value;
    const fault = faultOf(text.trim(), this.#session.state);
    this.#fault.textContent = fault;
    this.#field.setAttribute('aria-invalid', String(fault !== ''));
    this.#host.shelf.write('tab', 'draft', text || null);
    this.#session.typed(text.trim() !== '');
  }

  /** @param {string} ref @param {string} text put back into the composer, before what is there */
  #again(ref, text) {
    this.#session.open();
    this.#draw();
    if (this.#form.hidden) return;
    this.#field.value = [text, this.#field.value].filter(Boolean).join('\n');
    this.#edited();
    this.#session.discard(ref);
    this.#field.focus();
  }

  /** @param {boolean} confirming */
  #confirm(confirming) {
    if (this.#confirming === confirming) return;
    this.#confirming = confirming;
    this.#draw();
    if (this.shown) (confirming ? this.#endNow : this.#end).focus();
  }

  #endChat() {
    this.#confirming = false;
    this.#session.end();
    this.#draw();
    this.#heading.focus();
  }

  #startNew() {
    this.#session.open();
    this.#draw();
    this.#field.focus();
  }

  /** Draw once after all frames of a turn. */
  #changed() {
    if (this.#drawing) return;
    this.#drawing = true;
    queueMicrotask(() => this.#draw());
  }

  #draw() {
    const session = this.#session;
    const { state, link } = session;
    const ended = link.phase === 'ended';
    const opening = session.opening !== null || session.coming;
    const active = !ended && (session.live || opening);
    const agent = state.request?.agent?.name ?? TEXTS.agent;
    const focused = this.#host.root.activeElement;
    this.#drawing = false;
    if (!active) this.#confirming = false;
    this.#log.show(state, link.phase === 'online');
    say(this.#about, aboutOf(session), agent);
    say(this.#line, lineOf(link, this.#host.shelf.durable, navigator.onLine));
    say(this.#typing, typingOf(session), agent);
    this.#line.classList.toggle('calm', link.phase === 'connecting');
    this.#end.hidden = !active || opening || this.#confirming || session.ending !== null;
    this.#ask.hidden = !this.#confirming;
    this.#form.hidden = !active || session.ending !== null;
    this.#over.hidden = active || ended || (state.epoch === null && link.phase !== 'off');
    say(this.#outcome, outcomeOf(session));
    if (focused?.closest('[hidden]') && !this.#over.hidden) this.#new.focus();
    this.#count(this.shown ? 0 : unread(state));
  }

  /** @param {number} unseen */
  #count(unseen) {
    const { box, count } = this.#host;
    count.hidden = unseen === 0;
    say(count, String(unseen));
    box.setAttribute('aria-label', TEXTS.box(unseen));
  }
}

/** The query and the fragment may hold secrets. */
function place() {
  const referrer = document.referrer && new URL(document.referrer).origin;
  const url = location.origin + location.pathname;
  return { page: { url, title: document.title, referrer }, locale: navigator.language };
}

/** Random, also without TLS, where `randomUUID` does not exist. */
function newRef() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)),
    (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {string} name @returns {Promise<() => void>} */
function alone(name) {
  return new Promise((resolve) => {
    const go = () => new Promise((release) => resolve(() => release(undefined)));
    // A frozen tab may hold the lock for ever.
    const signal = AbortSignal.timeout(5000);
    if (!navigator.locks) resolve(() => {});
    else navigator.locks.request(name, { signal }, go).catch(() => resolve(() => {}));
  });
}
