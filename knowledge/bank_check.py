"""What can be told about a bank by looking at all of it: counts, balance of the keys, duplicates, points without a question."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from knowledge.bank import Bank
from knowledge.generators import families
from knowledge.questions import LETTERS, Question
from knowledge.syllabus import points
from settings import ROOT

__all__ = ["BALANCE", "Finding", "Report", "check_bank", "noted_points"]

BALANCE = (0.2, 0.3)
"""Least and greatest share of a letter among the keys of a subject."""
_FEW = 40
"""Below so many questions the shares of the letters say nothing."""
_ALIKE = 0.85
_NOTES = ROOT / "knowledge" / "notes"


@dataclass(frozen=True)
class Finding:
    """A fault of a question: `place` names it."""

    place: str
    what: str


@dataclass
class Report:
    """The result of a check.

    Attributes:
        counts, problems: questions and problems per subject.
        keys: per subject, how often each letter is the key.
        difficulties: per subject, how many questions of each difficulty.
        faults: what makes a question unusable.
        duplicates: questions that another one repeats, and ids that stand twice.
        unbalanced: subjects of which a letter's share of the keys lies outside `BALANCE`.
        without_note, without_question: points of the syllabus; a point with a family has questions.
    """

    counts: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    keys: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    difficulties: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    faults: list[Finding] = field(default_factory=list)
    duplicates: list[Finding] = field(default_factory=list)
    unbalanced: list[str] = field(default_factory=list)
    without_note: list[str] = field(default_factory=list)
    without_question: list[str] = field(default_factory=list)


def check_bank(bank: Bank) -> Report:
    """Look at a bank; coverage is told when its questions name points of the syllabus."""
    report = Report(faults=[Finding(u.place, u.reason) for u in bank.unread])
    for question in bank.questions:
        report.counts[question.subject] += 1
        report.keys[question.subject][question.key] += 1
        report.difficulties[question.subject][question.difficulty] += 1
    report.problems.update(p.subject for p in bank.problems)
    for subject, keys in report.keys.items():
        shares = [keys[letter] / keys.total() for letter in LETTERS]
        if keys.total() >= _FEW and not BALANCE[0] <= min(shares) <= max(shares) <= BALANCE[1]:
            report.unbalanced.append(subject)
    report.faults += _faults(bank)
    report.duplicates += _duplicates(bank)
    named = {p for entry in bank.entries for p in entry.points}
    if named:
        asked = {p for q in bank.questions for p in q.points} | {p for f in families().values() for p in f.points}
        noted = noted_points(_NOTES)
        report.without_note = [p for p in points() if p not in noted]
        report.without_question = [p for p in points() if p not in asked]
    return report


@cache
def noted_points(folder: Path) -> frozenset[str]:
    """Ids of the points that a heading of a folder's Markdown notes names."""
    heading = re.compile(r"^#{1,6} .*\{#([\w.-]+)\}\s*$", re.MULTILINE)
    return frozenset(p for path in folder.rglob("*.md") for p in heading.findall(path.read_text(encoding="utf-8")))


def _faults(bank: Bank) -> Iterator[Finding]:
    for question, place in zip(bank.questions, bank.places, strict=True):
        if len({_plain(o) for o in question.options}) < len(LETTERS):
            yield Finding(place, "有两个选项相同")
        if any(not o.strip() for o in question.options) or not question.stem.strip():
            yield Finding(place, "题干或选项是空的")
        if not 1 <= question.difficulty <= 5:
            yield Finding(place, f"难度 {question.difficulty} 不在 1–5 之间")
        yield from (Finding(place, f"考点 {p} 不在考纲里") for p in question.points if p not in points())
    for problem in bank.problems:
        yield from (Finding(problem.id, f"考点 {p} 不在考纲里") for p in problem.points if p not in points())


def _duplicates(bank: Bank) -> Iterator[Finding]:
    """Questions that are, but for spaces, punctuation and a few words, an earlier one."""
    texts = [frozenset(_grams(q)) for q in bank.questions]
    for i, j in _similar(texts):
        yield Finding(bank.places[j], f"与 {bank.places[i]} 的 {bank.questions[i].id} 重复")
    ids = Counter(entry.id for entry in bank.entries)
    yield from (Finding(identifier, f"编号出现了 {n} 次") for identifier, n in ids.items() if n > 1)


def _grams(question: Question) -> Iterator[str]:
    """Character trigrams of the stem and, whatever their order, of the options; numbers stay whole, for they tell questions apart."""
    for text in (question.stem, *question.options):
        tokens = re.findall(r"\d+|\w", f"^{_plain(text)}$".replace("_", ""))
        tokens = ["^", *tokens, "$"]
        yield from ("".join(tokens[k : k + 3]) for k in range(len(tokens) - 2))


def _similar(texts: Sequence[frozenset[str]]) -> Iterator[tuple[int, int]]:
    """Pairs whose Jaccard similarity is at least `_ALIKE`.

    Two such sets share one of their rarest (1 - _ALIKE)·n + 1 members (prefix filtering, Chaudhuri et al., ICDE 2006),
    so that only those are looked up.
    """
    frequency = Counter(gram for text in texts for gram in text)
    holders: dict[str, list[int]] = defaultdict(list)
    for j, text in enumerate(texts):
        rarest = sorted(text, key=lambda g: (frequency[g], g))[: int((1 - _ALIKE) * len(text)) + 1]
        for i in sorted(_union(holders[g] for g in rarest)):
            if len(texts[i] & text) >= _ALIKE * len(texts[i] | text):
                yield i, j
        for gram in rarest:
            holders[gram].append(j)


def _union(lists: Iterable[list[int]]) -> set[int]:
    return {i for members in lists for i in members}


def _plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lower()
