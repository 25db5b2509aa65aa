/** The HelpPanel's look; the Box sets the colours. Strict policies refuse `style` attributes. */

export const LOOK = `
  dialog { all: unset; position: fixed; inset: auto var(--right) 84px var(--left); overflow: auto;
    display: none; inline-size: min(384px, 100vw - 24px); block-size: min(600px, 100dvh - 104px);
    border: 1px solid var(--line); border-radius: 18px; background: var(--back);
    box-shadow: var(--shadow); animation: rise .18s ease-out; }
  dialog[open] { display: block; }
  dialog, dialog * { box-sizing: border-box; margin: 0; font: inherit; color: inherit; }
  @keyframes rise { from { opacity: 0; translate: 0 10px; } }
  .inside { display: flex; flex-direction: column; block-size: 100%; }
  .inside > * { flex: none; padding: 10px 16px; border: 0 solid var(--line); }
  :focus-visible { outline: 2px solid; outline-offset: 1px; }
  h2 { font-weight: 650; font-size: 17px; outline: none; }
  .unseen, .follows .author { position: absolute; inline-size: 1px; overflow: hidden;
    clip-path: inset(50%); white-space: nowrap; }
  .head, .ask, .over, .composer, .menu, .rating { display: flex; flex-wrap: wrap; gap: 8px;
    align-items: center; }
  .inside > .head, .inside > .menu { border-block-end-width: 1px; gap: 2px; }
  .head { flex-wrap: nowrap; }
  .inside > .composer, .inside > .ask, .inside > .over { border-block-start-width: 1px; }
  .ask, .over, .menu, .line { background: var(--soft); }
  .title { flex: 1; }
  .icon { flex: none; }
  .over p, .ask p, .menu p, .rating, [id=room] { flex: 1 0 100%; }
  .about, .mark, .author, .activity, .gap, .day, .typing, .line, [id=room], label, .rating {
    color: var(--faint); font-size: 13px; overflow-wrap: anywhere; }
  .online::before { content: ''; display: inline-block; inline-size: 8px; block-size: 8px;
    margin-inline-end: 6px; border-radius: 4px; background: var(--good); }
  p:empty { display: none; }
  .line:not(.calm), [aria-invalid=true] ~ [id=room], .refused .mark { color: var(--bad); }

  dialog button { min-block-size: 36px; min-inline-size: 36px; padding: 0 12px;
    border: 1px solid transparent; border-radius: 10px; background: none; color: var(--faint);
    cursor: pointer; font-weight: 550; font-size: 14px; }
  dialog .icon { padding: 0; font-size: 22px; }
  dialog button:hover { background: var(--soft); color: var(--ink); }
  dialog .score { border-color: var(--field); padding: 0; }
  dialog .strong, dialog .strong:hover, .customer .text { background: var(--accent); color: var(--on-accent); }
  .strong:hover { text-decoration: underline 2px; }

  .inside > .scroll { flex: 1 0 96px; overflow-y: auto; overscroll-behavior: contain;
    outline-offset: -3px; }
  ol { display: flex; flex-direction: column; gap: 12px; padding: 0; list-style: none; }
  .unsent, .greeting { margin-block: 12px; }
  li { align-self: flex-start; max-inline-size: 85%; }
  .follows { margin-block-start: -8px; }
  .text { display: inline-block; padding: 8px 13px; border: 1px solid transparent;
    border-radius: 16px; background: var(--soft); white-space: pre-wrap; overflow-wrap: anywhere;
    unicode-bidi: isolate; }
  .customer { align-self: flex-end; text-align: end; }
  .customer .text { text-align: start; }
  .author bdi { font-weight: 600; }
  .mark { text-align: end; }
  .unsent .text { background: none; color: var(--ink); border: 1px dashed; }
  .activity, .gap, .day { align-self: center; max-inline-size: 100%; text-align: center;
    unicode-bidi: isolate; }
  .gap { border-block: 1px dashed; }

  .inside > .typing { padding-block: 0 4px; }
  .composer label { flex: 1 0 140px; }
  textarea, input { min-inline-size: 0; min-block-size: 44px; padding: 9px 13px; resize: none;
    border: 1px solid var(--field); border-radius: 14px; background: var(--back);
    color: var(--ink); font-size: 16px; }
  textarea { flex: 1 1 180px; max-block-size: 132px; field-sizing: content; }
  .rating input { flex: 1 0 100%; }
  .composer input { inline-size: 100%; }
  ::placeholder { color: var(--faint); opacity: 1; }
  [type=checkbox] { min-block-size: 0; margin: 9px; vertical-align: middle; }

  @media (max-width: 480px), (max-height: 420px) {
    dialog { inset: 0; inline-size: 100%; block-size: 100dvh; border: 0; border-radius: 0; }
    dialog[open] ~ .box { visibility: hidden; }
  }
  @media (prefers-reduced-motion: reduce) { dialog { animation: none; } }`;
