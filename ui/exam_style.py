"""Styles of the tab 模考, and the script that only a browser can do: the seconds between two looks at the server's clock, and keys."""

from __future__ import annotations

__all__ = ["CSS", "SCRIPT", "TO_PAGE"]

CSS = """
#exam-desk, #exam-desk > .row { overflow: visible !important; }
#exam-top { position: sticky; top: 0; z-index: 20; padding: 6px 0; background: var(--t-page); gap: 8px !important; align-items: center;
  flex-wrap: nowrap; }
#exam-top button { min-height: 46px; height: 46px; align-self: center; }
#exam-bar { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 14px; padding: 4px 12px; border: 1px solid var(--t-line);
  border-radius: 10px; background: var(--t-card); min-height: 46px; }
#exam-lobby .label-wrap { align-items: center; min-height: 40px; }
.exam-may-be-empty:not(:has(.exam-message, .exam)) { display: none !important; }
#exam-saved { min-height: 20px; }
#exam-face { font-size: 1.7em; font-weight: 700; font-variant-numeric: tabular-nums; letter-spacing: .02em; }
#exam-bar .late #exam-face { color: var(--t-warn); }
#exam-bar .last #exam-face { color: var(--t-bad); }
#exam-bar .warned { font-weight: 600; }
#exam-bar small, .exam small, .exam .quiet { color: var(--t-quiet); }
.exam-head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 12px; }
.exam-buttons { gap: 8px !important; }
.exam-buttons button { min-height: 42px; flex: 1 1 96px; }
.exam-stem { white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.75; margin: 6px 0; }
.exam-message:empty { display: none; }
.exam-message { padding: 8px 12px; border-radius: 8px; border: 1px solid var(--t-line); background: var(--t-soft); overflow-wrap: anywhere; }
.exam-message.bad { border-color: var(--t-bad); color: var(--t-bad); }
.exam-message.warn { border-color: var(--t-warn); color: var(--t-warn); }
.exam-message pre { white-space: pre-wrap; overflow-wrap: anywhere; color: var(--t-text); user-select: text; margin: 6px 0 0; }
#exam-choice .wrap { flex-direction: column; align-items: stretch; gap: 8px; }
#exam-choice label { min-height: 46px; width: 100%; align-items: center; border: 1px solid var(--t-line); border-radius: 8px; }
#exam-choice label.selected { border-color: var(--t-accent); }
#exam-desk textarea { border: 1px solid var(--t-line); border-radius: 8px; }
#exam-choice label span { white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.6; }
.exam-palette { display: grid; grid-template-columns: repeat(auto-fill, minmax(42px, 1fr)); gap: 6px; margin: 2px 0 8px; }
#exam-palette .exam-palette button { position: relative; min-height: 44px; margin: 0; padding: 0; text-align: center; white-space: nowrap;
  font-size: 15px; line-height: 42px; min-width: 0; border: 1px solid var(--t-line); border-radius: 8px; background: var(--t-card);
  color: var(--t-text); font-variant-numeric: tabular-nums; cursor: pointer; }
#exam-palette .exam-palette button[aria-current] { outline: 3px solid var(--t-accent); outline-offset: 1px; }
#exam-palette .exam-palette button.done { background: var(--t-accent-soft); border-color: var(--t-accent); font-weight: 600; }
.exam-palette button.later::after { content: '★'; position: absolute; top: -2px; right: 3px; font-size: 11px; color: var(--t-warn); }
.exam button:focus-visible { outline: 2px solid var(--t-accent); outline-offset: 2px; }
.exam h3, .exam h4 { margin: 16px 0 6px; }
.exam-total { font-size: 2.2em; font-weight: 700; font-variant-numeric: tabular-nums; }
.exam-scroll { overflow-x: auto; }
.exam table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
.exam table, .exam tr { border: 0 !important; background: none !important; }
.exam table th, .exam table td { text-align: left; padding: 6px 8px; border: 0 !important; border-bottom: 1px solid var(--t-line) !important;
  vertical-align: top; background: none !important; }
.exam-cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr)); gap: 10px; }
.exam-card { border: 1px solid var(--t-line); border-radius: 10px; padding: 10px 12px; background: var(--t-card); overflow-wrap: anywhere; }
.exam-card p, .exam-card div { margin: 2px 0; }
.exam-acts { display: flex; flex-wrap: wrap; gap: 6px; margin-top: 6px; align-items: center; }
.exam .exam-acts.exam-acts button { margin: 0 !important; font-size: 15px; line-height: 1.4; min-height: 40px; padding: 4px 12px; border: 1px solid var(--t-line); border-radius: 8px;
  background: var(--t-card); color: var(--t-text); cursor: pointer; }
.exam .exam-acts.exam-acts button.main { background: var(--t-accent); border-color: var(--t-accent); color: var(--t-on-accent); }
.exam .exam-acts.exam-acts button[aria-pressed=true] { background: var(--t-accent-soft); border-color: var(--t-accent); font-weight: 600; }
.exam details { border: 1px solid var(--t-line); border-radius: 8px; padding: 0 12px; margin: 6px 0; background: var(--t-card); }
.exam summary { min-height: 42px; display: flex; align-items: center; gap: 8px; cursor: pointer; flex-wrap: wrap; padding: 4px 0; }
.exam .right { color: var(--t-good); } .exam .wrong { color: var(--t-bad); } .exam .open { color: var(--t-warn); }
.exam-own { white-space: pre-wrap; overflow-wrap: anywhere; border-left: 3px solid var(--t-line); padding-left: 10px; margin: 6px 0; }
.exam-criteria, .exam-criteria li { list-style: none !important; }
.exam-criteria { padding: 0 !important; margin: 6px 0; }
.exam-criteria li { padding: 8px 0; border-top: 1px dashed var(--t-line); overflow-wrap: anywhere; }
#exam-report .page-panel { position: sticky; top: 8px; align-self: flex-start; }
#exam-advice { list-style: none !important; padding: 0 !important; }
#exam-advice li { margin: 0 0 10px; }
.exam progress { width: 100%; max-width: 420px; accent-color: var(--t-accent); }
"""

SCRIPT = """() => {
  if (window.examWatched) return;
  window.examWatched = true;
  let stamp = '', base = 0, asked = '';
  const face = seconds => {
    const h = Math.floor(seconds / 3600), m = Math.floor(seconds / 60) % 60, s = seconds % 60, two = n => String(n).padStart(2, '0');
    return h ? h + ':' + two(m) + ':' + two(s) : m + ':' + two(s);
  };
  setInterval(() => {
    const clock = document.getElementById('exam-clock-state');
    if (!clock || !clock.dataset.running) return;
    if (clock.dataset.stamp !== stamp) { stamp = clock.dataset.stamp; base = performance.now(); }
    const left = Math.max(0, Number(clock.dataset.left) - Math.floor((performance.now() - base) / 1000));
    const shown = document.getElementById('exam-face'), warned = clock.querySelector('.warned');
    if (shown.textContent !== face(left)) shown.textContent = face(left);
    const late = left <= 300 ? 'last' : left <= 900 ? 'late' : '';
    if (clock.className !== late) {
      clock.className = late;
      warned.textContent = late === 'last' ? '不到 5 分钟了，先把会的写上' : late === 'late' ? '不到 15 分钟了' : '';
    }
    if (!left && asked !== stamp) { asked = stamp; document.querySelector('#exam-over')?.click(); }
  }, 250);
  const number = () => Number(document.querySelector('.exam[data-number]')?.dataset.number);
  let left = 0, until = 0;  // the question that is being left: what is pressed before the next one is shown would answer it again
  const turning = () => number() === left && performance.now() < until;
  const turn = by => {
    const to = number() + by;
    if (turning() || !document.querySelector(`.exam-palette .n${to}`)) return;
    [left, until] = [number(), performance.now() + 10000];
    document.getElementById(by > 0 ? 'exam-next' : 'exam-previous')?.click();
  };
  document.addEventListener('keydown', event => {
    const choice = document.getElementById('exam-choice'), next = document.getElementById('exam-next');
    if (!next || !next.offsetParent || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const on = event.target;
    if (on.tagName === 'TEXTAREA' || on.isContentEditable || (on.tagName === 'INPUT' && on.type !== 'radio')) return;
    const press = id => { event.preventDefault(); document.getElementById(id)?.click(); };
    const letter = ['abcd'.indexOf(event.key.toLowerCase()), '1234'.indexOf(event.key)].find(n => n >= 0);
    if (event.key === 'ArrowRight' || (event.key === 'Enter' && (on === document.body || on.type === 'radio'))) { event.preventDefault(); turn(1); }
    else if (event.key === 'ArrowLeft') { event.preventDefault(); turn(-1); }
    else if (event.key.toLowerCase() === 'm') press('exam-later');
    else if (event.key.length === 1 && letter !== undefined && choice?.offsetParent) {
      event.preventDefault();
      if (turning()) return;
      choice.querySelectorAll('input[type=radio]')[letter]?.click();
    }
  });
  document.addEventListener('click', event => {
    window.examPageAsked = Boolean(event.target.closest('#exam-losses [data-act=page]')) || window.examPageAsked;
    const link = event.target.closest('[data-practice-point]');
    if (!link) return;
    [...document.querySelectorAll('#tabs [role=tab]')].find(tab => tab.textContent.trim() === '练习')?.click();
    const until = Date.now() + 20000;
    let sent = null;
    const fill = () => {  // a tab has no fields before it is opened for the first time, and they don't listen at once
      const box = document.querySelector('#practice-goto textarea, #practice-goto input');
      if (Date.now() > until || (sent && box === sent && !box.value)) return;
      if (!box) return setTimeout(fill, 100);
      sent = box;
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(box), 'value').set.call(box, link.dataset.practicePoint + '@' + Date.now());
      box.dispatchEvent(new Event('input', {bubbles: true}));
      setTimeout(fill, 1500);
    };
    fill();
  });
}"""
"""Runs once when the page is loaded. The time that counts is the server's: every look at it sets these seconds right."""

TO_PAGE = """() => {
  if (window.examPageAsked) document.getElementById('exam-page-caption')?.scrollIntoView({block: 'nearest', behavior: 'smooth'});
  window.examPageAsked = false;
}"""
"""On a phone the page that was asked for opens below what is seen."""
