/** The panel's styles; those of the log are in log.js. */

export const STYLES = `
  .all { --soft: color-mix(in srgb, CanvasText 7%, Canvas); --high: 100dvh; --top: 0px;
    --faint: color-mix(in srgb, CanvasText 72%, Canvas); --line: color-mix(in srgb, CanvasText 15%, Canvas); }
  * { padding: 0; box-sizing: border-box; margin: 0; font: inherit; color: inherit; }
  dialog { all: unset; inline-size: min(384px, 100vw / var(--zoom) - 24px); border-radius: 16px;
    background: Canvas; flex-direction: column; box-shadow: var(--shadow); position: relative; outline: 1px solid var(--line);
    block-size: min(620px, 100dvh / var(--zoom) - 104px); overflow: auto; scroll-padding: 68px; display: none; }
  dialog[open] { display: flex; }
  dialog > * { flex: none; }
  .over, .line, form { padding: 12px 16px; }
  h2, button { font-weight: 600; }
  p, label { color: var(--faint); overflow-wrap: anywhere; font-size: 13px; }
  .bad { color: var(--bad); }

  .head, .under, .composer { display: flex; gap: 8px; align-items: center; }
  .head { background: var(--accent); color: var(--on-accent); block-size: 68px; padding-inline: 16px 8px;
    border-block-end: 1px solid transparent; position: sticky; inset: 0; z-index: 1; }
  .head * { color: inherit; }
  .head .face { background: var(--on-accent); color: var(--accent); block-size: 40px;
    inline-size: 40px; font-size: 14px; line-height: 40px; object-fit: cover; }
  .title { flex: 1; inline-size: 0; }
  .title * { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  h2 { font-size: 16px; }
  .presence::before { content: '○ ' / ''; }
  .here::before { content: '● ' / ''; }

  button { padding: 0 12px; min-block-size: 40px; font-size: 14px; min-inline-size: 40px;
    background: none; border: 1px solid transparent; color: var(--faint); border-radius: 12px;
    cursor: pointer; }
  button:hover { background: #8883; }
  .icon { padding: 0; font-size: 24px; border-radius: 50%; }
  .start { border-color: var(--faint); }
  .strong { background: var(--accent) !important; color: var(--on-accent); }

  .line { background: var(--soft); }
  .over { display: grid; gap: 12px; text-align: center; }

  .content { flex: none; min-block-size: 100%; padding: 16px; gap: 12px; }
  .notice { align-self: flex-start; }
  form, .field { display: grid; gap: 4px; }
  form { padding-block: 4px max(12px, env(safe-area-inset-bottom)); }
  .field:has(:disabled) { display: none; }
  .under { min-block-size: 20px; }
  textarea, input { background: Canvas; resize: none; padding: 8px 12px; color: CanvasText;
    font-size: 16px; border: 1px solid var(--faint); border-radius: 14px; inline-size: 100%; min-block-size: 44px; }
  [aria-invalid=true] { border-color: var(--bad); }
  dialog:not(.keys) :focus { outline: none; box-shadow: none; }
  dialog :is(textarea, .field input):focus { outline: 2px solid color-mix(in srgb, CanvasText, var(--accent)); outline-offset: -1px; }
  .composer { align-items: end; }
  .composer textarea { field-sizing: content; max-block-size: 132px; border-radius: 22px; }
  .composer button { flex: none; block-size: 44px; inline-size: 44px; }
  ::placeholder { color: var(--faint); opacity: 1; }

  @media (prefers-reduced-motion: no-preference) {
    dialog[open] { animation: .15s ease-out rise; } }
  @keyframes rise { from { opacity: 0; translate: 0 12px; } }
  @media (max-width: 30em), (max-height: 26em) {
    dialog { inline-size: 100%; border-radius: 0; inset: calc(var(--top) / var(--zoom)) 0 auto;
      block-size: calc(var(--high) / var(--zoom)); position: fixed; }
    dialog[open] ~ .box { visibility: hidden; }
  }`;
