/**
 * The widget for a page that imports it instead of embedding a script:
 * `import helpdesk from 'https://relay.example/widget/module.js'`.
 */

const here = import.meta.url.replace(/widget\/module\.js.*/, '');
if (!window.helpdesk?.push) window.helpdesk = [];
const queue = /** @type {import('./helpdesk').Call[]} */ (window.helpdesk);
queue.push(['settings', { relay: here }]);
await import(`${here}widget.js`);

export default /** @type {import('./helpdesk').Helpdesk} */ (window.helpdesk);
