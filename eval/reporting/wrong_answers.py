"""The wrong answers of a run in the form that the report's page browses: each text once, and none without an end."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from eval.exams.records import RECORDS, Record, Retrieved
from knowledge.questions import LETTERS, Question
from knowledge.subjects import SUBJECTS
from knowledge.text_file import INVISIBLE

__all__ = ["REPLY_CHARACTERS", "TEXT_CHARACTERS", "browsable", "kinds", "shortened", "visible"]

REPLY_CHARACTERS = 4_000
"""Of a model's reply; the end, where the answer stands, is kept as well as the beginning."""
TEXT_CHARACTERS = 6_000
"""Of a stem, an explanation, or a passage."""
_UNWRITABLE = re.compile(r"[\ud800-\udfff]")
_SHOWN = re.compile(rf"{INVISIBLE.pattern}|[\x80-\x9f]")
_JOINERS = "\u200c\u200d"


def visible(text: str) -> str:
    """The text with its control characters and those that turn the direction made visible: ESC as ␛, U+202E as ⟨U+202E⟩."""
    return _SHOWN.sub(lambda found: _sign(found.group()), _UNWRITABLE.sub("\ufffd", text))


def _sign(character: str) -> str:
    code = ord(character)
    if character in _JOINERS:  # emoji and some scripts are written with them
        return character
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"


def shortened(text: str, most: int, whole: str = RECORDS) -> str:
    """At most about that many characters: two thirds from the beginning, the rest from the end, and a note between.

    Args:
        whole: the file that has all of it.
    """
    if len(text) <= most:
        return visible(text)
    head = most * 2 // 3
    left_out = f"\n……（此处省略 {len(text) - most:,} 字；全文在 {whole}）……\n"
    return visible(text[:head]) + left_out + visible(text[head - most :])


def kinds(record: Record) -> list[str]:
    """Why it isn't right: `wrong` (another letter was read) or `unparsed`; `truncated` where it was cut off as well."""
    return (["wrong"] if record.parsed else ["unparsed"]) + (["truncated"] if record.truncated else [])


def browsable(
    questions: Mapping[str, Question],
    records: Sequence[Record],
    conditions: Sequence[tuple[str, bool]],
    points: Mapping[str, str],
) -> dict[str, Any]:
    """What the page needs, as JSON: the wrong answers by subject in the exam's order, then in that of the questions, and the texts that they refer to by number.

    Args:
        questions: by their hash, in the order in which they were asked; a record of another one is left out.
        records: all of them, the right ones too: an entry tells how the same question went in the other conditions.
        conditions: mode and retrieval of each.
        points: names of syllabus points by id.
    """
    places = {qhash: place for place, qhash in enumerate(questions)}
    ways = {condition: number for number, condition in enumerate(conditions)}
    known = [r for r in records if r.qhash in places and (r.mode, r.rag) in ways]
    known.sort(key=lambda r: (_rank(questions[r.qhash]), places[r.qhash], ways[r.mode, r.rag], r.rotation))
    wrong = [r for r in known if not r.correct]
    numbers = {qhash: number for number, qhash in enumerate(dict.fromkeys(r.qhash for r in wrong))}
    missed = [questions[qhash] for qhash in numbers]
    passages: dict[Retrieved, int] = {}
    return {
        "questions": [_question(question) for question in missed],
        "points": {point: visible(points.get(point, point)) for question in missed for point in question.points},
        "entries": [_entry(r, numbers[r.qhash], ways[r.mode, r.rag], passages) for r in wrong],
        "outcomes": _outcomes(known, numbers, ways),
        "passages": [_passage(passage) for passage in passages],
    }


def _rank(question: Question) -> int:
    order = [*SUBJECTS]
    return order.index(question.subject) if question.subject in order else len(order)


def _question(question: Question) -> dict[str, Any]:
    return {
        "id": visible(question.id),
        "subject": question.subject,
        "stem": shortened(question.stem, TEXT_CHARACTERS),
        "options": [shortened(option, TEXT_CHARACTERS) for option in question.options],
        "explanation": shortened(question.explanation, TEXT_CHARACTERS),
        "points": list(question.points),
        "difficulty": question.difficulty,
        "computed": bool(question.family),
    }


def _entry(record: Record, question: int, condition: int, passages: dict[Retrieved, int]) -> dict[str, Any]:
    return {
        "question": question,
        "condition": condition,
        "rotation": record.rotation,
        "kinds": kinds(record),
        "parsed": record.parsed,
        "gold": record.gold,
        "raw": shortened(record.raw, REPLY_CHARACTERS),
        "reason": shortened(record.reason, REPLY_CHARACTERS),
        "scores": {letter: _finite(record.scores.get(letter)) for letter in LETTERS} if record.scores else None,
        "seconds": record.seconds,
        "tokens": [record.input_tokens, record.output_tokens],
        "finish": visible(record.finish_reason[:60]),
        "passages": [passages.setdefault(passage, len(passages)) for passage in record.retrieved],
    }


def _outcomes(
    records: Sequence[Record], numbers: Mapping[str, int], ways: Mapping[tuple[str, bool], int]
) -> list[list[tuple[int, int, str | None, bool]]]:
    """For each question with a wrong answer: condition, rotation, the option that was chosen (its letter in the question), right or not."""
    found: list[list[tuple[int, int, str | None, bool]]] = [[] for _ in numbers]
    for r in records:
        if (number := numbers.get(r.qhash)) is not None:
            found[number].append((ways[r.mode, r.rag], r.rotation, r.chosen, r.correct))
    return found


def _finite(value: float | None) -> float | None:
    """None for what JSON has no number for."""
    return value if value is not None and math.isfinite(value) else None


def _passage(passage: Retrieved) -> dict[str, Any]:
    return {
        "source": shortened(passage.source, 300),
        "page": passage.page,
        "section": shortened(passage.section, 300),
        "text": shortened(passage.text, TEXT_CHARACTERS),
    }
