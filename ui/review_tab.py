"""The tab 错题本: what went wrong, when it comes back, and its review."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import gradio as gr

from knowledge.subjects import SUBJECTS
from tutoring.practice.cards import Cards
from tutoring.practice.days import day_of, next_day
from tutoring.practice.desk import Desk
from tutoring.practice.export import cards_markdown
from tutoring.practice.history import History
from tutoring.practice.remarks import Remarks
from ui.context import PageContext, owner_of
from ui.downloads import download
from ui.picking import pick_list, picked
from ui.practice_panel import DRILL, QuestionPanel, build_question_panel, connect_page, told_of
from ui.review_view import SHELVES, counts_html, list_html

__all__ = ["CSS", "build_review_tab"]

_PAGE = 30
_MOST = 3000
_NOT_BEGUN = "<div class='q-nothing'><b>点“开始复习”，今天到期的题一道一道来。</b><span>计算题会换一组数，书面题会换选项顺序。</span></div>"
_EMPTY = "<div class='q-nothing'><b>错题本还是空的。</b><span>在“练习”里答错的题会自动放进来，第二天起到这里复习。</span></div>"
_DONE, _NONE_DUE = "✓ 今天要复习的都复习完了。", "今天没有到期的题。"
_SAVE_JS = """file => {
  if (!file) return;
  const link = document.createElement('a');
  link.href = file.url; link.download = file.orig_name;
  link.click();
}"""

CSS = """
.r-shelves { display: flex; flex-wrap: wrap; gap: 8px; }
.r-shelves .chosen { border-color: var(--t-accent); color: var(--t-accent); font-weight: 600; }
.r-list { display: grid; gap: 10px; margin-bottom: 10px; }
.r-card { border: 1px solid var(--t-line); border-radius: 10px; background: var(--t-card); padding: 10px 14px; }
.r-card summary { cursor: pointer; min-height: 40px; line-height: 1.7; padding: 6px 0; overflow-wrap: anywhere; }
.r-full { border-top: 1px solid var(--t-line); padding: 8px 0; }
.r-full p { white-space: pre-wrap; overflow-wrap: anywhere; margin: 6px 0; }
.r-full ol { padding-left: 1.6em; list-style: upper-alpha; }
.r-facts { display: flex; flex-wrap: wrap; gap: 2px 14px; align-items: center; color: var(--t-quiet); font-size: .92em; }
.r-facts button { margin-left: auto; }
.r-empty { color: var(--t-quiet); padding: 16px 4px; }
.r-note { border-left: 3px solid var(--t-accent); padding-left: 10px; }
"""


def build_review_tab(context: PageContext, page: gr.Blocks) -> None:
    """Lay out the tab and connect it."""
    history = History(context.database, context.clock)
    desk = Desk(context.database, "review", context.clock, history=history)
    with gr.Column(elem_id="review", elem_classes="q-panel") as tab:
        with gr.Row(elem_classes="q-row"):
            subjects = [("全部科目", ""), *((s.name, s.id) for s in SUBJECTS.values() if s.points)]
            subject = gr.Dropdown(subjects, value="", label="科目", elem_id="review-subject", min_width=150, scale=0)
            exported = gr.Button("导出打印", elem_id="review-export", min_width=120, scale=0)
        panel = build_question_panel(context, "review", desk, history, page)
        counts = pick_list(elem_id="review-counts", padding=False, apply_default_css=False)
        listed = pick_list(elem_id="review-list", padding=False, apply_default_css=False)
    shelf, most = gr.State("due"), gr.State(_PAGE)
    file = gr.DownloadButton(visible="hidden")
    lists = [counts, listed]

    def look(owner: str, wanted: str, kind: str, limit: int) -> list[Any]:
        cards = [card for card in Cards(context.database, context.clock).all(owner) if wanted in ("", None, card.subject)]
        notes, now = Remarks(context.database, context.clock).notes(owner), context.clock()
        return [counts_html(cards, kind, now), list_html(cards, kind, notes, now, limit)]

    def shown(wanted: str, kind: str, limit: int, request: gr.Request) -> list[Any]:
        return told_of(lambda: look(owner_of(request), wanted, kind, limit), [gr.skip(), gr.skip()])

    def acted(wanted: str, kind: str, limit: int, event: gr.EventData, request: gr.Request) -> list[Any]:
        owner, (pick, act) = owner_of(request), picked(event)
        kind, limit = (pick, _PAGE) if act == "shelf" and pick in SHELVES else (kind, limit)
        limit = min(limit + _PAGE, _MOST) if act == "more" else limit

        def do() -> list[Any]:
            cards = Cards(context.database, context.clock)
            if act in ("remove", "restore"):
                (cards.remove if act == "remove" else cards.restore)(owner, pick)
            return [kind, limit, *look(owner, wanted, kind, limit)]

        return told_of(do, [gr.skip()] * 4)

    def write(wanted: str, request: gr.Request) -> Any:
        return told_of(lambda: _written(context, owner_of(request), wanted), None)

    _connect_review(context, page, tab, panel, subject)
    choice = [subject, shelf, most]
    for pick in lists:
        # once more at the end: what the opened tab asked for may come after it, and would show the shelf of before
        pick.click(acted, choice, [shelf, most, *lists], **DRILL).then(shown, choice, lists, **DRILL)
    for shows in (page.load, subject.change, panel.outputs[4].change, panel.token.change):
        shows(shown, choice, lists, **DRILL)
    if isinstance(tab.parent, gr.Tab):
        tab.parent.select(shown, choice, lists, **DRILL)
    exported.click(write, subject, file, **DRILL).then(None, file, None, js=_SAVE_JS)


def _connect_review(context: PageContext, page: gr.Blocks, tab: gr.Column, panel: QuestionPanel, subject: gr.Dropdown) -> None:
    same = [gr.skip()] * len(panel.outputs)

    def resting(owner: str, wanted: str | None, head: str = _NONE_DUE) -> list[Any]:
        return panel.values(
            owner, None, *_resting(Cards(context.database, context.clock), owner, wanted or "", context.clock(), head)
        )

    def following(token: str, note: str, wanted: str | None, request: gr.Request) -> list[Any]:
        owner = owner_of(request)

        def ask() -> list[Any]:
            panel.keep_note(owner, token, note)
            asked = panel.desk.next_review(owner, wanted or "", early=not token)  # without a question there, the button said so
            return panel.values(owner, asked) if asked else resting(owner, wanted, _DONE if token else _NONE_DUE)

        return told_of(ask, same)

    def lies(wanted: str | None, request: gr.Request) -> list[Any]:
        owner = owner_of(request)

        def look() -> list[Any]:
            asked = panel.desk.open(owner)
            return panel.values(owner, asked) if asked else resting(owner, wanted)

        return told_of(look, same)

    def counted(token: str, wanted: str | None, request: gr.Request) -> list[Any]:
        return same if token else told_of(lambda: resting(owner_of(request), wanted), same)

    connect_page(panel, panel.on.click(following, [panel.token, panel.note, subject], panel.outputs, **DRILL))
    connect_page(panel, page.load(lies, subject, panel.outputs, **DRILL))
    subject.change(counted, [panel.token, subject], panel.outputs, **DRILL)
    if isinstance(tab.parent, gr.Tab):
        tab.parent.select(counted, [panel.token, subject], panel.outputs, **DRILL)


def _resting(cards: Cards, owner: str, subject: str, now: datetime, head: str) -> tuple[str, str]:
    """What stands where no question lies (HTML), and the words on the button."""
    kept = [card for card in cards.all(owner) if not card.removed and subject in ("", card.subject)]
    due = [card for card in kept if card.due < next_day(now)]
    if due:
        return _NOT_BEGUN, f"开始复习（{len(due)} 道）"
    if not kept:
        return _EMPTY, "开始复习"
    days = (day_of(min(card.due for card in kept)) - day_of(now)).days
    waiting = f"还有 {len(kept)} 道在等，最早的{'明天' if days == 1 else f' {days} 天后'}到期。不想等，点“提前复习”。"
    return f"<div class='q-nothing'><b>{head}</b><span>{waiting}</span></div>", "提前复习"


def _written(context: PageContext, owner: str, subject: str) -> str | None:
    """The file with all that is not set aside."""
    cards = [c for c in Cards(context.database, context.clock).all(owner) if not c.removed and subject in ("", None, c.subject)]
    if not cards:
        gr.Info("错题本里还没有可以导出的题。")
        return None
    notes = Remarks(context.database, context.clock).notes(owner)
    return download("错题本", ".md", cards_markdown(cards, notes, context.clock()))
