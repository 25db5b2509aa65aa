// @ts-check
/**
 * The HelpPanel's look; the Box sets the colours. It must never need a `style` attribute: strict
 * policies refuse those.
 */

export const LOOK = `
  dialog { all: unset; box-sizing: border-box; position: fixed; z-index: 1; display: none;
    inset-block-end: 84px; inset-inline-end: 20px; overflow: hidden;
    inline-size: min(384px, 100vw - 24px); block-size: min(600px, 100dvh - 104px);
    border: 1px solid var(--line); border-radius: 18px; background: var(--back); color: var(--ink);
    box-shadow: var(--shadow); animation: rise .18s ease-out; }
  dialog[open] { display: block; }
  .inside { display: flex; flex-direction: column; block-size: 100%; }
  dialog * { box-sizing: border-box; margin: 0; font: inherit; color: inherit; }
  @keyframes rise { from { opacity: 0; translate: 0 10px; } }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  h2:focus { outline: none; }
  .unseen, li.follows .author { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden;
    clip-path: inset(50%); white-space: nowrap; }

  .head { display: flex; gap: 4px; align-items: center; padding: 14px 10px 12px 18px;
    border-block-end: 1px solid var(--line); }
  .title { flex: 1; min-inline-size: 0; }
  h2 { font-weight: 650; font-size: 17px; line-height: 1.25; }
  .about { color: var(--faint); font-size: 13px; overflow-wrap: anywhere; }

  button { min-block-size: 36px; padding: 0 12px; border: 1px solid transparent;
    border-radius: 10px; background: none; cursor: pointer; font-weight: 550; font-size: 14px; }
  .plain { color: var(--faint); flex: none; }
  .plain:hover, .hide:hover { background: var(--soft); color: var(--ink); }
  .hide { inline-size: 36px; padding: 0; font-size: 22px; line-height: 1; color: var(--faint); }
  .strong { background: var(--accent); color: var(--on-accent); }
  .strong:hover { filter: brightness(1.1); }

  .line { padding: 8px 18px; background: var(--soft); color: var(--bad); font-size: 13px; }
  .line.calm { color: var(--faint); }
  .line:empty, .fault:empty { display: none; }

  .scroll { flex: 1; min-block-size: 0; padding: 14px 16px 6px; overflow-y: auto;
    overscroll-behavior: contain; outline-offset: -3px; }
  ol { display: flex; flex-direction: column; gap: 12px; padding: 0; list-style: none; }
  .unsent { margin-block-start: 12px; }
  li { display: flex; flex-direction: column; align-items: flex-start; align-self: flex-start;
    max-inline-size: 85%; overflow-wrap: anywhere; }
  li.follows { margin-block-start: -8px; }
  .customer { align-items: flex-end; align-self: flex-end; }
  .text { padding: 8px 13px; border-radius: 16px; background: var(--soft); white-space: pre-wrap;
    unicode-bidi: isolate; border: 1px solid transparent; }
  .customer .text { background: var(--accent); color: var(--on-accent); }
  .author, .fate, .seen { margin-block-end: 3px; padding-inline: 4px; color: var(--faint);
    font-size: 12px; }
  .author bdi { font-weight: 600; }
  .fate, .seen { margin-block: 3px 0; text-align: end; }
  .unsent .text { background: none; color: var(--ink); border: 1px dashed var(--accent); }
  .unsent .refused .text { border: 1px solid var(--bad); }
  .refused .fate { color: var(--bad); }
  .activity, .gap { display: block; align-self: center; max-inline-size: 100%; padding: 0 12px; text-align: center;
    color: var(--faint); font-size: 12.5px; unicode-bidi: isolate; }
  .gap { inline-size: 100%; padding: 6px; border-block: 1px dashed var(--line); }

  .typing { min-block-size: 22px; padding: 0 20px 3px; color: var(--faint); font-size: 13px; }
  .fault { padding: 0 18px 6px; color: var(--bad); font-size: 13px; }
  .composer { display: flex; gap: 8px; align-items: end; padding: 10px 12px 12px;
    border-block-start: 1px solid var(--line); }
  textarea { flex: 1; min-inline-size: 0; min-block-size: 44px; max-block-size: 132px;
    padding: 10px 13px; border: 1px solid var(--field); border-radius: 14px; resize: none;
    background: var(--back); font-size: 16px; line-height: 1.35; field-sizing: content; }
  textarea::placeholder { color: var(--faint); opacity: 1; }
  textarea:focus-visible { outline-offset: -1px; }
  textarea[aria-invalid=true] { border-color: var(--bad); }
  .composer .strong { min-block-size: 44px; padding: 0 16px; border-radius: 14px; }
  .ask, .over { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; padding: 12px 16px;
    border-block-start: 1px solid var(--line); background: var(--soft); }
  .ask p, .over p { flex: 1; min-inline-size: 120px; font-size: 14px; }
  .ask p { flex-basis: 100%; }

  @media (max-width: 480px) {
    dialog { inset: 0; inline-size: 100%; block-size: 100dvh; max-inline-size: none;
      max-block-size: none; border: 0; border-radius: 0; }
  }
  @media (prefers-reduced-motion: reduce) { dialog { animation: none; } }`;
