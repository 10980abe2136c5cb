"""Figures over the records of a run, each a ratio of sums over questions with its 95 % interval, for all questions and per subject."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eval.answer_quality.questions import POINT, REFUSING
from eval.answer_quality.records import TutorRecord
from eval.answer_quality.verdicts import PARTLY, QUOTED, WORDED
from eval.metrics import wilson
from eval.scoring import Estimate
from knowledge.subjects import SUBJECTS

__all__ = ["FIGURES", "Figure", "counts", "figures", "ratio"]

_RESAMPLES, _SEED = 2000, 408
_ON_PAGE = frozenset({"page", "runs_on", "lines"})
Pair = tuple[int, int]
"""Of one question: how many count, out of how many."""


@dataclass(frozen=True)
class Figure:
    """A ratio of sums over questions; `n` is the sum below: of citations, marks, claims or questions."""

    value: Estimate
    n: int

    def __str__(self) -> str:
        return f"{self.value} ({self.n})"


def ratio(pairs: Iterable[Pair]) -> Figure | None:
    """Sum of the first over sum of the second; None where that is 0.

    The bootstrap draws questions, for what stands in one answer hangs together. Where these are all alike (all count, or none) it
    says nothing: then the interval is Wilson's, of so many questions.
    """
    data = np.asarray([pair for pair in pairs if pair[1]], dtype=float)
    if not len(data):
        return None
    picks = np.random.default_rng(_SEED).integers(0, len(data), (_RESAMPLES, len(data)))
    drawn = data[picks].sum(axis=1)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], (0.025, 0.975))
    held, whole = data.sum(axis=0)
    if len(set(data[:, 0] / data[:, 1])) == 1:
        alike = wilson(round(len(data) * held / whole), len(data))
        low, high = alike.low, alike.high
    return Figure(Estimate(float(held / whole), float(low), float(high)), int(whole))


def _existing(record: TutorRecord) -> Pair:
    seen = [one for one in record.citations if one.standing != "unread"]
    return sum(one.standing in _ON_PAGE for one in seen), len(seen)


def _boxed(record: TutorRecord) -> Pair:
    seen = [one for one in record.citations if one.boxed is not None]
    return sum(bool(one.boxed) for one in seen), len(seen)


def _supported(record: TutorRecord) -> Pair:
    scored = [mark for mark in record.marks if mark.verdict != "unscored"]
    return sum(mark.verdict == "supported" for mark in scored), len(scored)


def _supported_by_quote(record: TutorRecord) -> Pair:
    scored = [mark for mark in record.marks if mark.verdict != "unscored"]
    return sum(mark.by in ("literal", "quote") for mark in scored), len(scored)


def _supported_otherwise(record: TutorRecord) -> Pair:
    scored = [mark for mark in record.marks if mark.verdict != "unscored" and mark.by != "literal"]
    return sum(mark.verdict == "supported" for mark in scored), len(scored)


def _faithful(record: TutorRecord) -> Pair:
    scored = [claim for claim in record.claims or () if claim.verdict != "unscored"]
    return sum(claim.verdict == "supported" for claim in scored), len(scored)


def _contradicted(record: TutorRecord) -> Pair:
    scored = [claim for claim in record.claims or () if claim.verdict != "unscored"]
    return sum(claim.verdict == "contradicted" for claim in scored), len(scored)


def _point(*kinds: str) -> Callable[[TutorRecord], Pair]:
    return lambda record: (record.point in kinds, 1) if record.point else (0, 0)


def _refusing(pair: Callable[[bool, bool], Pair], kind: str = REFUSING) -> Callable[[TutorRecord], Pair]:
    """A figure of refusing, from whether it was refused, and whether it should have been."""
    return lambda record: pair(record.refused, not record.answerable) if record.kind == kind else (0, 0)


FIGURES: Mapping[str, tuple[str, Callable[[TutorRecord], Pair]]] = {
    "citation_exists": ("引文在所标的页上", _existing),
    "citation_boxed": ("引文在所标的框里", _boxed),
    "citation_supports": ("所标的资料支持那一句", _supported),
    "citation_supports_by_quote": ("  其中引文本身就支持", _supported_by_quote),
    "citation_supports_reworded": ("  其中不是原句的", _supported_otherwise),
    "citation_recall": ("句子标了出处", lambda record: (record.cited, record.sentences)),
    "point": ("答到要点", _point(QUOTED, WORDED)),
    "point_quoted": ("  其中以原文答到", _point(QUOTED)),
    "point_partly": ("  另有部分答到", _point(PARTLY)),
    "refusal_precision": ("拒答：拒得对", _refusing(lambda refused, should: (refused and should, refused))),
    "refusal_recall": ("拒答：该拒的拒了", _refusing(lambda refused, should: (refused and should, should))),
    "refusal_f1": ("拒答：F1", _refusing(lambda refused, should: (2 * (refused and should), refused + should))),
    "wrongly_refused": ("拒答：误拒（拒答题）", _refusing(lambda refused, should: (refused and not should, not should))),
    "wrongly_refused_point": (
        "拒答：误拒（检索题）",
        _refusing(lambda refused, should: (refused and not should, not should), POINT),
    ),
    "faithful": ("忠实：断言有依据", _faithful),
    "contradicted": ("  与资料矛盾的", _contradicted),
}
"""Each figure: what it is called, and its pair for a question. F1 = 2·TP / (refused + to be refused) is a ratio of sums too."""


def figures(records: Sequence[TutorRecord]) -> dict[str, dict[str, Figure]]:
    """Each figure under `all` and under the subjects that have questions; one that nothing was measured for is left out."""
    groups = {"all": list(records), **{s: [r for r in records if r.subject == s] for s in SUBJECTS}}
    return {
        group: {name: found for name, (_, pair) in FIGURES.items() if (found := ratio(pair(record) for record in chosen))}
        for group, chosen in groups.items()
        if chosen
    }


def counts(records: Sequence[TutorRecord]) -> dict[str, object]:
    """What stands beside the figures: how the quotes stand, and what could not be scored."""
    answered = [record for record in records if not record.refused]
    seconds = sorted(record.seconds for record in records)
    return {
        "questions": len(records),
        "answered": len(answered),
        "standing": dict(Counter(one.standing for record in answered for one in record.citations)),
        "literal": sum(one.literal for record in answered for one in record.citations),
        "unscored_marks": sum(mark.verdict == "unscored" for record in answered for mark in record.marks),
        "unscored_claims": sum(claim.verdict == "unscored" for record in answered for claim in record.claims or ()),
        "without_claims": sum(record.claims is None for record in answered),
        "median_seconds": seconds[len(seconds) // 2] if seconds else 0.0,
    }
