/** Creates sessions with fake sockets, clock and storage. */
import { startSession } from '../session.js';
import { FakeClock, fakeStorage, fakeSockets } from './fakes.js';

export const AT = '2026-11-22T10:35:00.123Z';
export const LIVE = { id: 42, status: 'waiting', agent: null, read: { customer: 0, agent: 0 } };
/** Lets settled promises continue. */
export const turn = () => new Promise((resolve) => setImmediate(resolve));

export function message(seq, text = `text ${seq}`, role = 'agent') {
  return { seq, kind: 'text', by: { role, name: null }, text, at: AT };
}

/** A session on a page whose browser holds *stored*. */
export function visit(stored = new Map(), env = {}) {
  const clock = new FakeClock();
  const { made, Socket } = fakeSockets();
  const page = { url: 'https://shop.example/', title: 'Shop', referrer: '' };
  const place = { page, locale: 'en' };
  let refs = 0;
  const session = startSession({
    url: 'ws://relay/v1/customer', site: 'default',
    storage: fakeStorage(stored), clock, Socket,
    context: () => structuredClone(place), asks: () => false, identity: () => undefined, newRef: () => `r${stored.size}-${++refs}`,
    lock: async () => () => {}, ...env });
  return { clock, made, session, stored, place, get socket() { return made.at(-1); } };
}

/** A session whose request is open, with one message. */
export async function opened(stored) {
  const it = visit(stored);
  it.session.open();
  await turn();
  it.socket.welcome();
  const [{ ref }] = it.socket.all('open');
  it.socket.receive({ type: 'opened', ref, request: LIVE, messages: [message(1)], more: false });
  return it;
}
