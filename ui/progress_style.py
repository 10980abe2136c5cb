"""Styles of the tab 进度, and what only a browser can do: go to another tab, and keep open what was open."""

from __future__ import annotations

__all__ = ["CSS", "REOPEN_JS", "SCRIPT", "TO_PAGE_JS"]

CSS = """
#progress .html-container { padding: 0 !important; }
.progress-card h3 { margin: 0 0 8px; font-size: 1.08em; }
.progress-card h4 { margin: 12px 0 4px; font-size: 1em; }
.progress-card h4 small, .progress-card .quiet, .matrix small { color: var(--t-quiet); font-weight: 400; }
.progress-card h4 small { margin-left: 8px; }
.progress-card p { margin: 8px 0 0; }
.progress-figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(108px, 1fr)); gap: 8px; }
.progress-figures div { background: var(--t-soft); border-radius: 10px; padding: 8px 12px; }
.progress-figures b { display: block; font-size: 1.55em; line-height: 1.3; font-variant-numeric: tabular-nums; color: var(--t-accent); }
.progress-figures span { font-size: .86em; color: var(--t-quiet); }
.progress-card progress { appearance: none; display: block; width: 100%; height: 10px; margin: 12px 0 4px; border: 0; border-radius: 5px;
  background: var(--t-soft); overflow: hidden; }
.progress-card progress::-webkit-progress-bar { background: var(--t-soft); }
.progress-card progress::-webkit-progress-value { background: var(--t-accent); border-radius: 5px; }
.progress-card progress::-moz-progress-bar { background: var(--t-accent); }
#progress .progress-card ol, #progress .progress-list, #progress .progress-missing { margin: 4px 0 0; padding: 0; list-style: none; }
#progress .progress-card ol li, #progress .progress-list li { margin: 0; display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; justify-content: space-between;
  padding: 6px 0; border-top: 1px solid var(--t-line); }
.progress-card ol li:first-child, .progress-list li:first-child { border-top: 0; }
.progress-list small { display: block; color: var(--t-quiet); }
.progress-list li > div:first-child { flex: 1 1 220px; min-width: 0; }
.progress-acts { display: flex; gap: 6px; }
.progress-card table { width: 100%; border-collapse: collapse; margin-top: 10px; font-variant-numeric: tabular-nums; }
#progress table, #progress tr, #progress th, #progress td { border: 0; }
#progress .progress-card table th, #progress .progress-card table td { text-align: left; padding: 5px 6px; border-bottom: 1px solid var(--t-line); font-weight: 400; }
.progress-card thead th { color: var(--t-quiet); font-size: .9em; }
#progress-plan { background: var(--t-card); }
#progress-retention label, #progress-order label { min-height: 40px; }
#progress-exam-date input { width: 100%; min-height: 40px; }
.dark #progress-exam-date input { color-scheme: dark; }
#progress .label-wrap { align-items: center; min-height: 40px; }
.matrix details { border: 1px solid var(--t-line); border-radius: 10px; background: var(--t-card); margin: 6px 0; }
.matrix details.matrix-chapter { margin: 6px 10px; border-radius: 8px; }
.matrix summary { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; min-height: 44px; padding: 6px 12px; cursor: pointer; }
.matrix summary::before { content: '▸'; color: var(--t-quiet); }
.matrix details[open] > summary::before { content: '▾'; }
.matrix summary b { font-size: 1.05em; }
.matrix summary small { flex-basis: 100%; padding-left: 1.4em; }
.squares { display: inline-flex; flex-wrap: wrap; gap: 2px; }
.squares i { width: 12px; height: 12px; border-radius: 3px; border: 1px solid var(--t-line);
  background: color-mix(in srgb, var(--t-accent) calc(var(--m) * 100%), var(--t-card)); }
.squares i.new { background: repeating-linear-gradient(45deg, var(--t-line) 0 1px, transparent 1px 4px); }
.squares i.weak { border: 2px solid var(--t-bad); }
.matrix-table { width: 100%; border-collapse: collapse; table-layout: fixed; }
#progress .matrix-table th, #progress .matrix-table td { text-align: left; padding: 5px 8px; border-top: 1px solid var(--t-line); vertical-align: middle; font-weight: 400; }
.matrix-table thead th { color: var(--t-quiet); font-size: .88em; }
.matrix-table th:first-child { width: 34%; overflow-wrap: anywhere; }
.matrix-table tbody th small { display: block; font-size: .84em; }
.matrix-table td:nth-child(3) .quiet-button { margin-left: 8px; }
.matrix-table .lacking { color: var(--t-warn); }
.matrix-table .lacking .quiet-button { color: var(--t-warn); border-style: dashed; }
.matrix-table .quiet-button { padding: 2px 10px; }
.count { display: inline-block; min-width: 5.2em; padding-right: 8px; font-variant-numeric: tabular-nums; }
.heat { position: relative; display: flex; gap: 8px; align-items: baseline; padding: 2px 0 8px; font-variant-numeric: tabular-nums; }
.heat::before, .heat::after { content: ''; position: absolute; bottom: 0; height: 5px; border-radius: 3px; }
.heat::before { left: 0; right: 0; background: var(--t-soft); }
.heat::after { left: calc(var(--low) * 100%); width: calc((var(--high) - var(--low)) * 100%);
  background: linear-gradient(90deg, transparent, var(--t-accent) calc((var(--m) - var(--low)) / (var(--high) - var(--low)) * 100%), transparent); }
.heat.weak b, .heat.weak small { color: var(--t-bad); }
.heat.firm small { color: var(--t-good); }
.chip { display: inline-block; padding: 0 8px; border-radius: 9px; background: var(--t-soft); color: var(--t-quiet); font-size: .9em; }
@media (min-width: 1000px) { #progress-pages { position: sticky; top: 8px; align-self: flex-start; } }
#progress-places .quiet-button.main { border-color: var(--t-accent); color: var(--t-accent); }
#progress-places .progress-acts { flex-wrap: wrap; margin-bottom: 8px; }
#progress-places .quiet-button { white-space: normal; text-align: left; }
.progress-missing li { margin: 6px 0; line-height: 2.1; }
.progress-missing b { display: block; color: var(--t-quiet); font-weight: 500; font-size: .94em; }
.progress-missing span { display: inline-block; margin: 0 6px 4px 0; padding: 0 10px; border-radius: 9px; background: var(--t-soft); }
#progress-uncovered .quiet-button { margin-left: 10px; }
.sr-only { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 700px) {
  .matrix details.matrix-chapter { margin: 6px 4px; }
  .matrix-table, .matrix-table tbody { display: block; }
  .matrix-table thead { display: none; }
  .matrix-table tr { display: grid; grid-template-columns: auto 1fr minmax(104px, 38%); gap: 2px 8px; padding: 8px; border-top: 1px solid var(--t-line);
    align-items: center; }
  .matrix-table tbody th { grid-column: 1 / -1; width: auto !important; display: flex; justify-content: space-between; gap: 8px; }
  #progress .matrix-table th, #progress .matrix-table td { border: 0; padding: 0; min-width: 0; }
  .matrix-table tbody th small { flex: none; }
  .count { min-width: 0; }
  .progress-figures { grid-template-columns: 1fr 1fr; }
}
"""

SCRIPT = """() => {
  if (window.progressWatched) return;
  window.progressWatched = true;
  const open = new Set();
  const nameOf = one => one.querySelector('summary b, summary span')?.textContent || '';
  document.addEventListener('click', event => {
    const link = event.target.closest('[data-go-tab]');
    if (link) window.tutor?.goToTab(link.dataset.goTab);
  });
  document.addEventListener('click', event => {  // not `toggle`: that comes later, and not at all if the table is drawn anew meanwhile
    const part = event.target.closest('#matrix summary')?.parentElement;
    if (part) part.open ? open.delete(nameOf(part)) : open.add(nameOf(part));
  });
  const dated = () => document.querySelectorAll('#progress-exam-date input[type=text]').forEach(one => { one.type = 'date'; });
  const watched = new WeakSet();
  const watch = plan => {
    dated();
    if (!plan || watched.has(plan)) return;
    watched.add(plan);
    new MutationObserver(dated).observe(plan, {childList: true, subtree: true});
  };
  window.progressReopen = () => requestAnimationFrame(() => {
    watch(document.querySelector('#progress-plan'));
    document.querySelectorAll('#matrix details').forEach(one => { if (open.has(nameOf(one))) one.open = true; });
  });
}"""
"""Runs once when the page is loaded. The form of the plan is made when it is first opened. A table that is drawn anew has all its parts closed."""
TO_PAGE_JS = """() => {
  if (matchMedia('(max-width: 1000px)').matches) document.querySelector('#progress-pages')?.scrollIntoView({behavior: 'smooth'});
}"""
"""On a narrow screen the page that was opened stands below the table."""
REOPEN_JS = "() => window.progressReopen?.()"
