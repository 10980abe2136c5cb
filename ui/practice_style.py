"""How a question on the desk looks, and its keys."""

from __future__ import annotations

__all__ = ["CSS", "KEYS_JS"]

CSS = """
.q-panel { gap: 10px !important; }
.q-desk { display: grid !important; overflow: visible !important; grid-template-columns: minmax(0, 1fr) minmax(0, 38%); gap: 16px !important; align-items: start; }
.q-desk > * { min-width: 0 !important; }
.q-sheet, .q-book { background: var(--t-card); border: 1px solid var(--t-line); border-radius: 12px; padding: 16px !important; gap: 12px !important; }
.q-panel .html-container { padding: 0 !important; }
.q-about { display: flex; flex-wrap: wrap; gap: 2px 14px; color: var(--t-quiet); font-size: .92em; }
.q-stem, .q-stem p { font-size: 1.06em; line-height: 1.85; overflow-wrap: anywhere; }
.q-stem pre, .q-why pre { overflow-x: auto; }
.q-why { border-top: 1px solid var(--t-line); padding-top: 10px !important; }
.q-why:not(:has(p)) { display: none; }
.q-why p { line-height: 1.8; overflow-wrap: anywhere; }
.q-options { display: grid; gap: 10px; }
.q-options button { display: flex !important; align-items: center; gap: 12px; width: 100%; min-height: 52px; padding: 10px 16px; text-align: left !important;
  font: inherit; color: var(--t-text) !important; background: var(--t-card); border: 1.5px solid var(--t-line); border-radius: 10px; cursor: pointer;
  opacity: 1 !important; }
.q-option b { flex: none; color: var(--t-accent); }
.q-words { flex: 1; min-width: 0; text-align: left; white-space: pre-wrap; overflow-wrap: anywhere; }
.q-sign { flex: none; font-weight: 600; font-size: .92em; }
.q-option:hover:not(:disabled), .q-unsure:hover:not(:disabled) { border-color: var(--t-accent); background: var(--t-accent-soft); }
.q-options .q-option:disabled { cursor: default; background: var(--t-card); }
.q-options .q-option.right { border-color: var(--t-good); background: color-mix(in srgb, var(--t-good) 11%, var(--t-card)); }
.q-option.right b, .q-option.right .q-sign, .q-verdict.right b { color: var(--t-good); }
.q-options .q-option.wrong { border-color: var(--t-bad); background: color-mix(in srgb, var(--t-bad) 10%, var(--t-card)); }
.q-option.wrong b, .q-option.wrong .q-sign, .q-verdict.wrong b { color: var(--t-bad); }
.q-options .q-unsure { min-height: 44px; padding: 8px 16px; border-style: dashed; color: var(--t-quiet) !important; justify-content: center; }
.q-verdict { display: flex; flex-wrap: wrap; gap: 2px 14px; align-items: baseline; }
.q-verdict b { font-size: 1.12em; }
.q-verdict small, .q-ratings small, .q-saved small { color: var(--t-quiet); }
.q-ratings { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin-top: 8px; }
.q-verdict small, .q-ratings small { font-size: .9em; }
.q-panel .quiet-button { padding: 6px 14px; }
.q-ratings .chosen { border-color: var(--t-accent); color: var(--t-accent); font-weight: 600; }
.q-maybe:not(:has(.q-about, .q-nothing, .q-options, .q-verdict, .q-told)), .q-stem:not(:has(p, pre)) { display: none !important; }
.q-next { min-height: 48px; }
.q-panel .label-wrap { align-items: center; min-height: 40px; }
.q-tools { gap: 10px !important; border-top: 1px solid var(--t-line); padding-top: 12px !important; }
.q-row, .q-filters { align-items: end !important; gap: 10px !important; }
.q-row > button, .q-filters > button { min-height: 44px; }
.q-nothing { display: grid; gap: 6px; padding: 18px 4px; line-height: 1.8; }
.q-nothing ul { margin: 0; padding-left: 1.2em; list-style: disc; }
.q-today { display: flex; flex-wrap: wrap; gap: 4px 14px; align-items: center; color: var(--t-quiet); font-size: .94em; }
.q-bar { flex: 1 1 120px; max-width: 320px; height: 8px; border-radius: 4px; background: var(--t-soft); overflow: hidden; }
.q-bar i { display: block; height: 100%; background: var(--t-accent); border-radius: 4px; }
@media (max-width: 900px) {
  .q-desk { display: flex !important; flex-direction: column; align-items: stretch; }
  .q-sheet, .q-book { width: 100%; padding: 12px !important; }
  .q-desk:not(:has(.q-verdict)) .q-book { display: none !important; }
  .q-option { padding: 12px; gap: 10px; flex-wrap: wrap; }
  .q-words { flex: 1 1 75%; }
}
"""

KEYS_JS = """() => {
  if (window.questionKeys) return;
  window.questionKeys = true;
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing || event.keyCode === 229) return;
    if (event.target.closest('input, textarea, select, [contenteditable=true], [role=listbox], [role=dialog]')) return;
    const panel = [...document.querySelectorAll('.q-panel')].find(one => one.offsetParent !== null);
    if (!panel) return;
    const place = '1234'.indexOf(event.key) >= 0 ? '1234'.indexOf(event.key) : 'abcd'.indexOf(event.key.toLowerCase());
    if (event.key.length === 1 && place >= 0) {
      const option = panel.querySelector(`.q-option[data-letter="${'ABCD'[place]}"]:not(:disabled)`);
      if (option) { event.preventDefault(); option.click(); }
    }
    const busy = event.target.closest('button:not(:disabled), a, summary');
    if (event.key === 'Enter' && !(busy && !busy.closest('.q-options, .q-next'))) {
      const next = panel.querySelector('button.q-next, .q-next button');
      if (next && next.offsetParent !== null && panel.querySelector('.q-option:disabled, .q-nothing')) { event.preventDefault(); next.click(); }
    }
  });
}"""
"""1–4 and A–D choose, Enter goes on once it is answered; not while somebody types, and not for a button that has the focus itself."""
