"""Do training data hold the questions of the exam that is to measure what was learned?

What counts as held is the rule of `rag.contamination`; looked through are the turns, for a model learns nothing from a source.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from finetune.conversations.conversation import Conversation
from knowledge.bank import BANK, read_bank
from knowledge.questions import Question
from rag.contamination import Text, question_hash, seen_questions

__all__ = ["Contamination", "Held", "check", "shipped_questions"]

_SHOWN = 20


@dataclass(frozen=True)
class Held:
    """A question of the exam that the data hold.

    Attributes:
        rows: places of the conversations that hold it, from 0.
        exact: whether it stands there as a whole; else most of its words do.
        share: of its n-grams, that occur in the data.
    """

    question: Question
    rows: tuple[int, ...]
    exact: bool
    share: float


@dataclass(frozen=True)
class Contamination:
    """What data hold of an exam; `questions` and `samples` are how many were compared."""

    held: tuple[Held, ...]
    questions: int
    samples: int

    @property
    def rows(self) -> frozenset[int]:
        """Places of all conversations that hold a question; without them the data hold none."""
        return frozenset(row for one in self.held for row in one.rows)

    def without(self, conversations: Sequence[Conversation]) -> list[Conversation]:
        """The conversations that were checked, but those that hold a question."""
        rows = self.rows
        return [conversation for row, conversation in enumerate(conversations) if row not in rows]

    def to_json(self) -> dict[str, Any]:
        """All of it for a JSON file; rows are counted from 1."""
        held = [
            {"id": one.question.id, "rows": [row + 1 for row in one.rows], "exact": one.exact, "share": round(one.share, 3)}
            for one in self.held
        ]
        return {"questions": self.questions, "samples": self.samples, "rows": len(self.rows), "held": held}

    def lines(self) -> list[str]:
        """All of it in Chinese; of many questions the first twenty."""
        if not self.held:
            return [f"与考题的重合：{self.samples} 条数据里没有这 {self.questions} 道考题。"]
        told = [
            f"与考题的重合：{self.questions} 道考题里有 {len(self.held)} 道出现在 {len(self.rows)} 条数据里，这些题考不出真实水平。"
        ]
        told += [f"  {one.question.id}：{_how(one)}，{_where(one.rows)}" for one in self.held[:_SHOWN]]
        if len(self.held) > _SHOWN:
            told.append(f"  ……另有 {len(self.held) - _SHOWN} 道。")
        return told


def check(conversations: Sequence[Conversation], questions: Sequence[Question] | None = None) -> Contamination:
    """Which questions of an exam stand in some conversations, and in which.

    A look through the data finds one place of each question. The places found are put aside and the others looked through again,
    until they hold no question any more: so a question is found wherever it stands, and also where several rows hold a part each.

    Args:
        questions: of the exam; None for the shipped bank's choice questions.

    Raises:
        ContentError: the shipped bank can't be read.
    """
    exam = shipped_questions() if questions is None else questions
    places = defaultdict[str, list[int]](list)
    for row, conversation in enumerate(conversations):
        places["\n".join(turn.content for turn in conversation.turns)].append(row)
    texts = dict(enumerate(places))
    first = dict[str, tuple[bool, float]]()
    rows = defaultdict[str, set[int]](set)
    while found := seen_questions(exam, [Text(text, str(key)) for key, text in texts.items()]):
        for told, overlap in found.items():
            first.setdefault(told, (overlap.exact, overlap.share))
            rows[told].update(places[texts[int(overlap.where)]])
        texts = {key: text for key, text in texts.items() if str(key) not in {overlap.where for overlap in found.values()}}
    ordered = {question_hash(question): question for question in exam}
    held = tuple(Held(ordered[told], tuple(sorted(rows[told])), *first[told]) for told in ordered if told in first)
    return Contamination(held, len(exam), len(conversations))


@cache
def shipped_questions() -> tuple[Question, ...]:
    """The choice questions of the shipped bank.

    Raises:
        ContentError: it is missing.
    """
    return tuple(read_bank(BANK).questions)


def _how(held: Held) -> str:
    return "原题" if held.exact else f"{held.share:.0%} 的文字相同"


def _where(rows: Sequence[int]) -> str:
    named = "、".join(str(row + 1) for row in rows[:5])
    return f"第 {named} 条" + (f"等 {len(rows)} 条" if len(rows) > 5 else "")
