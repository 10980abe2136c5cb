"""Pairs from the notes, without a model: what students asked, and what the notes' own form asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from pathlib import Path

from finetune.conversations.conversation import Conversation, Source
from finetune.making.note_answers import statement_with
from finetune.making.note_blocks import blocks_of
from finetune.making.note_fit import fits
from finetune.making.note_forms import Asked, definitions, examples, lists, pitfalls
from finetune.making.note_questions import about, completed
from finetune.making.pair import pair
from knowledge.asked import asked_about
from knowledge.note_sections import NoteSection, note_sections
from knowledge.syllabus import points
from settings import ROOT

__all__ = ["EXAMPLE", "PITFALLS", "pairs_from_notes"]

EXAMPLE, PITFALLS = "例题", "易错点"
"""Headings within a point."""


def pairs_from_notes(subjects: Sequence[str] = ()) -> Iterator[Conversation]:
    """All pairs, in the order of the notes; a question that two sections answer comes twice.

    Args:
        subjects: ids; all if empty.

    Raises:
        ContentError: a file of questions holds a line that is none.
    """
    for section in note_sections():
        if subjects and points()[section.point].subject not in subjects:
            continue
        for asked in chain(_asked(section), _formed(section)):
            if asked.answer:
                yield pair(asked.question, asked.answer, _source(section, asked.quote))


def _formed(section: NoteSection) -> Iterator[Asked]:
    match section.heading:
        case "例题":
            yield from examples(section.title, section.text)
        case "易错点":
            yield from pitfalls(section.title, section.text)
        case _:
            yield from definitions(section.text)
            yield from lists(section.title, section.text)


def _asked(section: NoteSection) -> Iterator[Asked]:
    """Students' questions whose quote stands here. What a worked example answers, it answers for its own numbers only."""
    if section.heading == EXAMPLE:
        return
    blocks = blocks_of(section.text)
    for one in asked_about(section.point):
        question = completed(one.question)
        answer = statement_with(one.quote, question, blocks) if question else ""
        if answer and fits(question, answer):
            yield Asked(about(section.title, question), answer, one.quote)


def _source(section: NoteSection, quote: str) -> Source:
    subject = points()[section.point].subject
    heading = section.title if section.heading == section.title else f"{section.title} > {section.heading}"
    return Source(_file_of(section.point), None, heading, subject, quote, section.text, section.point)


@cache
def _files() -> dict[str, str]:
    """The note of each chapter: `notes/os/3-同步、互斥与死锁.md` of os.3."""
    folder = ROOT / "knowledge" / "notes"
    return {f"{path.parent.name}.{path.name.partition('-')[0]}": _name(path) for path in folder.rglob("*.md")}


def _name(path: Path) -> str:
    return path.relative_to(ROOT / "knowledge").as_posix()


def _file_of(point: str) -> str:
    return _files()[point.rpartition(".")[0]]
