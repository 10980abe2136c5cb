"""The forms of 出题: a question as the tutor keeps it, with its key, and as the student sees it, without."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from knowledge.questions import LETTERS, Question
from rag.citations import resolve
from rag.marks import disarm
from rag.retrieval import Passage

__all__ = [
    "BY_BANK",
    "BY_CODE",
    "CLOZE",
    "Item",
    "QuizForm",
    "ShownQuestion",
    "ShownResult",
    "choice_of",
    "page_of",
    "shown",
    "told",
]

BY_CODE, BY_BANK = "已验证（由程序计算）", "已验证（题库）"
CLOZE = "填空（原文），未经独立验证"
"""The key is what the page says; whether other words would do as well, nobody has checked."""


class Item(BaseModel):
    """A question that was asked, as the memory of the mode holds it.

    Attributes:
        key: a letter, or the words that were blanked.
        about: where to look for the page: the name of a syllabus point, or the topic.
        quote: words of page `page` of `source`; '' where the question was not taken from one.
        verification: what the student is told of it before the answer, `verdict` what after it.
        certain: False where two solutions disagree; then no answer is called right or wrong.
    """

    id: str
    kind: Literal["choice", "cloze"]
    subject: str
    stem: str
    options: list[str] = []
    key: str
    explanation: str
    about: str
    quote: str = ""
    source: str = ""
    page: int = 0
    difficulty: int
    verification: str
    verdict: str = ""
    certain: bool = True


class ShownQuestion(BaseModel):
    """A question without its key."""

    n: int
    id: str
    kind: Literal["choice", "cloze"]
    subject: str
    about: str
    stem: str
    options: dict[str, str]
    difficulty: int
    verification: str
    source: str = ""
    page: int = 0


class ShownResult(BaseModel):
    """What became of a question: `correct` is None where the student passed or nobody can tell."""

    n: int
    id: str
    given: str
    key: str
    correct: bool | None
    explanation: str
    verification: str
    source: str = ""
    page: int = 0


class QuizForm(BaseModel):
    """`questions` are those that wait for an answer, `results` those answered in this turn; `dropped` failed the checks."""

    topic: str
    questions: list[ShownQuestion] = Field(default_factory=list)
    results: list[ShownResult] = Field(default_factory=list)
    dropped: int = 0


def choice_of(question: Question, about: str) -> Item:
    """A question of the bank or of a family as an item."""
    return Item(
        id=question.id, kind="choice", subject=question.subject, stem=question.stem, options=list(question.options), key=question.key,
        explanation=question.explanation, about=about, difficulty=question.difficulty, verification=BY_CODE if question.family else BY_BANK,
    )  # fmt: skip


def page_of(quote: str, passage: Passage) -> int:
    """The page on which words of a passage stand."""
    cited = resolve(f"{quote}[1]", [passage]).citations
    return cited[0].page if cited else passage.page


def place_of(source: str, page: int) -> str:
    """A page as a student reads it."""
    return f"《{Path(source).name}》第 {page} 页"


def shown(n: int, item: Item) -> ShownQuestion:
    """An item without its key."""
    return ShownQuestion(
        n=n, id=item.id, kind=item.kind, subject=item.subject, about=item.about, stem=item.stem,
        options=dict(zip(LETTERS, item.options, strict=False)), difficulty=item.difficulty, verification=item.verification,
        source=item.source, page=item.page,
    )  # fmt: skip


def told(n: int, item: Item) -> str:
    """An item as the student reads it."""
    place = f" · 出自{place_of(item.source, item.page)}" if item.source else ""
    head = f"**第 {n} 题**（{item.about} · 难度 {item.difficulty} · {item.verification}{place}）"
    options = [f"{letter}. {option}" for letter, option in zip(LETTERS, item.options, strict=False)]
    return disarm("\n\n".join([head, item.stem, *(["  \n".join(options)] if options else [])]))
