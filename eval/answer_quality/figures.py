"""Figures over the records of a run, each a ratio of sums over questions with its 95 % interval, for all questions and per subject."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.answer_quality.questions import POINT, REFUSING
from eval.answer_quality.records import TutorRecord
from eval.answer_quality.verdicts import PARTLY, QUOTED, UNSCORED, WORDED
from eval.metrics import Interval, wilson
from knowledge.subjects import SUBJECTS

__all__ = ["FIGURES", "Figure", "Kind", "counts", "figures", "ratio"]

_RESAMPLES, _SEED, _FEWEST = 2000, 408, 10
_ON_PAGE = frozenset({"page", "runs_on", "lines"})
Pair = tuple[int, int]
"""Of one question: how many count, out of how many."""


@dataclass(frozen=True)
class Figure:
    """A ratio of sums over questions.

    Attributes:
        low, high: its 95 % interval; None where there is none to give (`ratio`).
        n: the sum below: of citations, sentences, claims or questions.
        questions: how many questions it is over.
    """

    mean: float
    low: float | None
    high: float | None
    n: int
    questions: int


@dataclass(frozen=True)
class Kind:
    """A figure: what it is called, what its `n` counts, and its pair for a question.

    `binomial`: whether it is a share of something. F1 = 2·TP / (refused + to be refused) is a ratio of sums too, but of no trials.
    """

    title: str
    unit: str
    pair: Callable[[TutorRecord], Pair]
    binomial: bool = True


def ratio(pairs: Iterable[Pair], binomial: bool = True) -> Figure | None:
    """Sum of the first over sum of the second; None where that is 0.

    The bootstrap draws questions, for what stands in one answer hangs together. Where these are all alike (all count, or none) it
    says nothing: then the interval is Wilson's, of so many questions, and one that is not `binomial` has none. Fewer than ten
    questions give none either.
    """
    data = np.asarray([pair for pair in pairs if pair[1]], dtype=float)
    if not len(data):
        return None
    (held, whole), alike = data.sum(axis=0), len(set(data[:, 0] / data[:, 1])) == 1
    if len(data) < _FEWEST or (alike and not binomial):
        interval = None
    else:
        interval = wilson(round(len(data) * held / whole), len(data)) if alike else _bootstrap(data)
    low, high = (interval.low, interval.high) if interval else (None, None)
    return Figure(float(held / whole), low, high, int(whole), len(data))


def _bootstrap(data: NDArray[np.float64]) -> Interval:
    picks = np.random.default_rng(_SEED).integers(0, len(data), (_RESAMPLES, len(data)))
    drawn = data[picks].sum(axis=1)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], (0.025, 0.975))
    return Interval(float(low), float(high))


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
    return lambda record: (record.point in kinds, 1) if record.point not in ("", UNSCORED) else (0, 0)


def _wrongly(refused: bool, should: bool) -> Pair:
    return refused and not should, not should


def _refusing(pair: Callable[[bool, bool], Pair], kind: str = REFUSING) -> Callable[[TutorRecord], Pair]:
    """A figure of refusing, from whether it was refused, and whether it should have been."""
    return lambda record: pair(record.refused, not record.answerable) if record.kind == kind else (0, 0)


FIGURES: Mapping[str, Kind] = {
    "citation_exists": Kind("引文在所标的页上", "处", _existing),
    "citation_boxed": Kind("引文在所标的框里", "处", _boxed),
    "citation_supports": Kind("所标的资料支持那一句", "句", _supported),
    "citation_supports_by_quote": Kind("  其中引文本身就支持", "句", _supported_by_quote),
    "citation_supports_reworded": Kind("  其中不是原句的", "句", _supported_otherwise),
    "citation_recall": Kind("句子标了出处", "句", lambda record: (record.cited, record.sentences)),
    "point": Kind("要点命中率", "题", _point(QUOTED, WORDED)),
    "point_quoted": Kind("  其中以原文命中", "题", _point(QUOTED)),
    "point_partly": Kind("  另有部分命中", "题", _point(PARTLY)),
    "refusal_precision": Kind("拒答精确率", "题", _refusing(lambda refused, should: (refused and should, refused))),
    "refusal_recall": Kind("拒答召回率", "题", _refusing(lambda refused, should: (refused and should, should))),
    "refusal_f1": Kind(
        "拒答 F1", "题", _refusing(lambda refused, should: (2 * (refused and should), refused + should)), binomial=False
    ),
    "wrongly_refused": Kind("误拒率（对照题）", "题", _refusing(_wrongly)),
    "wrongly_refused_point": Kind("误拒率（检索题）", "题", _refusing(_wrongly, POINT)),
    "faithful": Kind("忠实：断言有依据", "条", _faithful),
    "contradicted": Kind("  与资料矛盾的", "条", _contradicted),
}
"""Each figure, in the order of the table. 对照题 are the questions of eval/gold/refusal.*.jsonl that can be answered."""


def figures(records: Sequence[TutorRecord]) -> dict[str, dict[str, Figure]]:
    """Each figure under `all` and under the subjects that have questions; one that nothing was measured for is left out."""
    groups = {"all": list(records), **{s: [r for r in records if r.subject == s] for s in SUBJECTS}}
    return {
        group: {
            name: found
            for name, kind in FIGURES.items()
            if (found := ratio((kind.pair(record) for record in chosen), kind.binomial))
        }
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
        "unscored_points": sum(record.point == UNSCORED for record in answered),
        "without_claims": sum(record.claims is None for record in answered),
        "median_seconds": seconds[len(seconds) // 2] if seconds else 0.0,
    }
