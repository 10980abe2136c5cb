"""The 错题本 as Markdown, for printing: the questions first, the answers behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from knowledge.questions import LETTERS, Question
from knowledge.subjects import SUBJECTS
from knowledge.syllabus import points
from tutoring.bank import question_named
from tutoring.practice.cards import Card
from tutoring.practice.days import day_of

__all__ = ["cards_markdown"]


def cards_markdown(cards: Iterable[Card], notes: Mapping[str, str], now: datetime) -> str:
    """All that can be made again of the cards, by subject; `notes` are the learner's, by key."""
    found = [(card, question) for card in cards if (question := question_named(card.question))]
    found.sort(key=lambda pair: (list(SUBJECTS).index(pair[0].subject), pair[0].points))
    head = f"# 错题本\n\n{day_of(now):%Y-%m-%d}，共 {len(found)} 道。答案在最后。\n"
    asked = [_asked(n, card, question) for n, (card, question) in enumerate(found, 1)]
    solved = [_solved(n, card, question, notes.get(card.key, "")) for n, (card, question) in enumerate(found, 1)]
    return "\n".join([head, *asked, "# 答案与解析\n", *solved])


def _asked(number: int, card: Card, question: Question) -> str:
    names = "、".join(points()[p].name for p in card.points if p in points())
    lines = [f"## {number}. {SUBJECTS[card.subject].name}　{names}", "", _block(question.stem), ""]
    lines += [f"- {letter}. {_line(option)}" for letter, option in zip(LETTERS, question.options, strict=True)]
    return "\n".join(
        [*lines, "", f"错过 {card.lapses} 次" + (f"，最近 {day_of(card.wrong_at):%Y-%m-%d}" if card.wrong_at else ""), ""]
    )


def _solved(number: int, card: Card, question: Question, note: str) -> str:
    told = f"{number}. **{question.key}**\n\n{_block(question.explanation)}\n"
    return told + (f"\n笔记：\n\n{_lines(note)}\n" if note else "")


def _block(text: str) -> str:
    """Text line by line, in which `<`, `*` and `_` are characters; fenced code of the bank stays as it is."""
    if "```" in text:
        return text.replace("<", "&lt;")
    return _lines(text)


def _lines(text: str) -> str:
    return "  \n".join(_line(line) for line in text.split("\n"))


def _line(text: str) -> str:
    for sign in "\\`*_[]<>|#":
        text = text.replace(sign, f"\\{sign}")
    return text
