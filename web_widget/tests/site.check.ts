/** What a site's TypeScript may say to the widget, and what it may not: checked by tsc, never run. */

import type { Helpdesk } from '../helpdesk';

window.helpdesk = window.helpdesk || [];
window.helpdesk.push(
  ['settings', { lang: 'de', form: 'name email*' }],
  ['on', 'unread', (count: number) => count.toFixed()],
  ['identify', async () => 'jwt'],
);
// @ts-expect-error: there is no such event
window.helpdesk.push(['on', 'nothing', () => {}]);
// @ts-expect-error: there is no such setting
window.helpdesk.push(['settings', { colour: 'red' }]);

export const talk = async (helpdesk: Helpdesk): Promise<() => void> => {
  await helpdesk.open();
  helpdesk.page('https://shop.example/cart', 'Cart');
  // @ts-expect-error: a number is no identity
  helpdesk.identify(7);
  return helpdesk.on('message', ({ by, text }) => `${by} ${text.length}`);
};
