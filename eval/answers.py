"""Answer strings: is the answer within the first characters of what is retrieved? Needs no judgements, only questions with answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import ContentError
from eval.scoring import Estimate, estimate
from rag.library import Library
from rag.parsing import parse
from settings import Settings
from vector_db.segmentation import normalize

__all__ = [
    "BUDGETS",
    "AnswerQuestion",
    "Search",
    "document_texts",
    "gains",
    "hits",
    "holding",
    "plain",
    "read_answers",
    "standing",
]

BUDGETS = (1000, 2000)
"""Characters of retrieved text that are looked at."""
_SHORTEST, _LONGEST = 4, 20
"""Characters of an answer, without punctuation: shorter ones stand everywhere, longer ones nowhere."""
_PUNCTUATION = re.compile(r"[\W_]+")
Search = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class AnswerQuestion:
    """A question and its answer as a string (`plain`: by the function of that name)."""

    id: str
    question: str
    plain: str


def read_answers(paths: Sequence[Path]) -> list[AnswerQuestion]:
    """Questions of JSONL files: {"id", "question", "answer"}, the answer a string or the letter of one of its `options`.

    Those whose answer is no string of 4 to 20 characters are left out.

    Raises:
        ContentError: a line is no question; the message has its place.
    """
    found = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                row: dict[str, Any] = json.loads(line)
                answer = str((row.get("options") or {}).get(row["answer"], row["answer"]))
                question = AnswerQuestion(f"{path.stem}/{row.get('id', number)}", row["question"], plain(answer))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise ContentError(f"{path.name} 第 {number} 行不是带答案的题（{error}）。请改正后再试。") from error
            if _SHORTEST <= len(question.plain) <= _LONGEST and not question.plain.isdigit():
                found.append(question)
    return found


def standing(questions: Sequence[AnswerQuestion], texts: Sequence[str]) -> list[AnswerQuestion]:
    """The questions whose answer stands in one of the documents."""
    whole = "\n".join(map(plain, texts))
    return [question for question in questions if question.plain in whole]


def holding(questions: Sequence[AnswerQuestion], search: Search) -> dict[int, list[float]]:
    """For each budget of characters and each question, 1 if its answer stands within so much retrieved text, else 0."""
    found = [search(question.question) for question in questions]
    return {budget: [_holds(texts, q.plain, budget) for q, texts in zip(questions, found, strict=True)] for budget in BUDGETS}


def hits(held: Mapping[int, Sequence[float]]) -> dict[int, Estimate]:
    """What `holding` gives, as shares of the questions with their intervals."""
    return {budget: estimate(values) for budget, values in held.items()}


def gains(before: Mapping[int, Sequence[float]], after: Mapping[int, Sequence[float]]) -> dict[int, Estimate]:
    """By how much the share is greater, question by question; positive where `after` is better."""
    return {b: estimate([new - old for old, new in zip(before[b], after[b], strict=True)]) for b in BUDGETS}


def document_texts(library: Library, settings: Settings) -> list[str]:
    """The text of each document of a knowledge base."""
    files = (library.original(record.sha256, record.suffix) for record in library.documents() if record.chunks)
    return ["\n\n".join(block.text for page in parse(file, settings) for block in page.blocks) for file in files]


def _holds(texts: Sequence[str], answer: str, budget: int) -> float:
    """1 if the answer stands in one of the texts, the last one cut where the budget ends; else 0."""
    for text in texts:
        if answer in plain(text[:budget]):
            return 1.0
        budget -= len(text)
        if budget <= 0:
            break
    return 0.0


def plain(text: str) -> str:
    """A text without punctuation, blanks and differences of width and case."""
    return _PUNCTUATION.sub("", normalize(text))
