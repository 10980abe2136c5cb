"""The lists of the 错题本 as HTML; every word of a question or a note is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape

from knowledge.subjects import SUBJECTS
from tutoring.bank import question_named
from tutoring.practice.cards import MASTERED_AFTER, Card
from tutoring.practice.days import day_of, next_day
from ui.picking import button_html
from ui.practice_view import day_told, points_told

__all__ = ["SHELVES", "counts_html", "list_html", "on_shelf"]

SHELVES = {"due": "今天到期", "later": "以后", "mastered": "已掌握", "removed": "已移出"}
_EMPTY = {
    "due": "今天没有要复习的题。",
    "later": "没有排到以后的题。",
    "mastered": f"还没有。一道题在不同的日子连续答对 {MASTERED_AFTER} 次，就会移到这里；到日子仍会再考一次。",
    "removed": "没有移出的题。",
}


def on_shelf(cards: Sequence[Card], shelf: str, now: datetime) -> list[Card]:
    """The cards of one of the lists. A mastered one that is due stands among the due ones."""
    return [card for card in cards if _shelf(card, now) == shelf]


def _shelf(card: Card, now: datetime) -> str:
    if card.removed:
        return "removed"
    if card.due < next_day(now):
        return "due"
    return "mastered" if card.mastered else "later"


def counts_html(cards: Sequence[Card], shelf: str, now: datetime) -> str:
    """The lists with how many each holds; each is a button."""
    buttons = "".join(
        button_html(
            f"{name} {len(on_shelf(cards, one, now))}", one, "shelf", css="quiet-button" + (" chosen" if one == shelf else "")
        )
        for one, name in SHELVES.items()
    )
    return f"<div class='r-shelves' role='group' aria-label='错题的分类'>{buttons}</div>"


def list_html(cards: Sequence[Card], shelf: str, notes: Mapping[str, str], now: datetime, most: int) -> str:
    """The cards of a list, at most so many."""
    found = on_shelf(cards, shelf, now)
    if not cards:
        return "<p class='r-empty'>错题本还是空的。在“练习”或“模考”里答错的题会自动放进来。</p>"
    if not found:
        return f"<p class='r-empty'>{_EMPTY.get(shelf, '')}</p>"
    rows = "".join(_row(card, notes.get(card.key, ""), now) for card in found[:most])
    more = (
        button_html(f"再显示一些（还有 {len(found) - most} 道）", str(most), "more", css="quiet-button")
        if len(found) > most
        else ""
    )
    return f"<div class='r-list'>{rows}</div>{more}"


def _row(card: Card, note: str, now: datetime) -> str:
    question = question_named(card.question)
    stem = question.stem if question else "这道题已经不在题库里。"
    kind = "计算题，复习时换数" if question and question.family else ""
    wrong = f"上次答错 {day_told(card.wrong_at, now)}" if card.wrong_at else "自己收进来的"
    facts = [
        SUBJECTS[card.subject].name,
        points_told(card.points),
        wrong,
        f"错过 {card.lapses} 次",
        _due_told(card, now),
        kind,
    ]
    act = ("恢复", "restore") if card.removed else ("移出", "remove")
    answer = f"<p>答案：{question.key}　{escape(question.answer)}</p><p>{escape(question.explanation)}</p>" if question else ""
    written = f"<p class='r-note'>笔记：{escape(note)}</p>" if note else ""
    options = "".join(f"<li>{escape(option)}</li>" for option in question.options) if question else ""
    return (
        f"<article class='r-card'><details><summary>{escape(_short(stem))}</summary>"
        f"<div class='r-full'><p>{escape(stem)}</p><ol type='A'>{options}</ol>"
        f"<details><summary>看答案</summary>{answer}</details>{written}</div></details>"
        f"<div class='r-facts'><span>{'</span><span>'.join(escape(fact) for fact in facts if fact)}</span>"
        f"{button_html(act[0], card.key, act[1], css='quiet-button')}</div></article>"
    )


def _due_told(card: Card, now: datetime) -> str:
    overdue = (day_of(now) - day_of(card.due)).days
    return f"下次 {day_told(card.due, now)}" if overdue <= 0 else f"已到期 {overdue} 天"


def _short(stem: str) -> str:
    line = " ".join(stem.split())
    return line if len(line) <= 70 else line[:69] + "…"
