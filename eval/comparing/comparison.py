"""Two runs over the same questions: is the difference more than chance?

Accuracies and their difference are over all askings that both runs answered; the interval of the difference is that of a
paired bootstrap which draws whole questions. The exact McNemar test wants independent pairs, so each question gives it
one: its first rotation that both answered (the question as it stands, where nothing is pending). Gains and losses are
those of the same pairs. Holm's adjustment is over the subjects; the test over all questions is asked first and by itself,
and is not in that family.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval.exams.records import Record
from eval.exams.summary import ALL
from eval.metrics import holm, mcnemar, paired_bootstrap
from knowledge.questions import LETTERS
from knowledge.subjects import SUBJECTS

__all__ = ["BETTER", "SAME", "UNDECIDED", "WORSE", "Comparison", "Pair", "Row", "compare", "rows_of"]

BETTER, WORSE, SAME, UNDECIDED = "显著更高", "显著更低", "无显著差异", "无法判定"
_LEVEL = 0.05
_LEAST_DISCORDANT = 6
"""With five discordant pairs, all to one side, p is 2/2⁵ = 0.0625: nothing could be significant."""


@dataclass(frozen=True)
class Pair:
    """One asking in both runs."""

    before: Record
    after: Record

    @property
    def key(self) -> str:
        """Letter of the right option in the question itself, whatever rotation was shown."""
        return LETTERS[(LETTERS.index(self.before.gold) - self.before.rotation) % len(LETTERS)]

    @property
    def gained(self) -> bool:
        """Wrong before, right after."""
        return self.after.correct and not self.before.correct

    @property
    def lost(self) -> bool:
        """Right before, wrong after."""
        return self.before.correct and not self.after.correct


@dataclass(frozen=True)
class Row:
    """The comparison over one subject, or over all.

    Attributes:
        subject: its id, `all`, or the name of another exam's task.
        n: questions that both answered.
        askings: how often; more than `n` where options were rotated.
        before, after: accuracy over the askings, 0 to 1.
        difference: after − before, −1 to 1, with its 95 % interval `low` to `high`.
        gains, losses: discordant questions.
        p: exact, two-sided, not adjusted.
        p_holm: adjusted for the number of subjects; None over all.
    """

    subject: str
    n: int
    askings: int
    before: float
    after: float
    difference: float
    low: float
    high: float
    gains: int
    losses: int
    p: float
    p_holm: float | None
    verdict: str


@dataclass(frozen=True)
class Comparison:
    """Rows for `all` and then each subject in the exam's order; none if no asking is in both runs.

    Attributes:
        gains, losses: the discordant questions by subject and id.
        only_before, only_after: records whose asking has none in the other run.
    """

    rows: tuple[Row, ...]
    gains: tuple[Pair, ...]
    losses: tuple[Pair, ...]
    only_before: tuple[Record, ...]
    only_after: tuple[Record, ...]


def compare(before: Sequence[Record], after: Sequence[Record]) -> Comparison:
    """Compare two conditions, each in one mode with or without retrieval; the order of the records doesn't matter.

    Askings are paired by question hash and rotation. A question belongs to the subject that the first run gives it.
    """
    first, second = _by_asking(before), _by_asking(after)
    pairs = [Pair(first[asking], second[asking]) for asking in sorted(first.keys() & second.keys())]
    singles = sorted(_one_each(pairs), key=lambda pair: (_place(pair.before.subject), pair.before.qid))
    return Comparison(
        _rows(pairs, singles),
        tuple(pair for pair in singles if pair.gained),
        tuple(pair for pair in singles if pair.lost),
        tuple(first[asking] for asking in sorted(first.keys() - second.keys())),
        tuple(second[asking] for asking in sorted(second.keys() - first.keys())),
    )


def rows_of(comparison: Comparison) -> list[dict[str, Any]]:
    """The rows as JSON: fractions with four digits after the point, p values with four that count."""
    fractions = ("before", "after", "difference", "low", "high")
    return [
        asdict(row)
        | {name: round(getattr(row, name), 4) for name in fractions}
        | {name: None if (p := getattr(row, name)) is None else float(f"{p:.4g}") for name in ("p", "p_holm")}
        for row in comparison.rows
    ]


def _by_asking(records: Sequence[Record]) -> dict[tuple[str, int], Record]:
    """A question that stands in a run under two ids counts once, under the first id."""
    found: dict[tuple[str, int], Record] = {}
    for record in sorted(records, key=lambda record: record.qid):
        found.setdefault((record.qhash, record.rotation), record)
    return found


def _one_each(pairs: Sequence[Pair]) -> list[Pair]:
    """Of each question the pair of its first rotation; `pairs` are in order."""
    found: dict[str, Pair] = {}
    for pair in pairs:
        found.setdefault(pair.before.qhash, pair)
    return list(found.values())


def _rows(pairs: Sequence[Pair], singles: Sequence[Pair]) -> tuple[Row, ...]:
    if not pairs:
        return ()
    subjects = list(dict.fromkeys(pair.before.subject for pair in singles))
    groups = {s: ([p for p in pairs if p.before.subject == s], [p for p in singles if p.before.subject == s]) for s in subjects}
    tests = [mcnemar(*_discordant(group)) for _, group in groups.values()]
    overall = _row(ALL, pairs, singles, mcnemar(*_discordant(singles)), None)
    adjusted = zip(groups.items(), tests, holm(tests), strict=True)
    return (overall, *(_row(subject, askings, questions, p, p_holm) for (subject, (askings, questions)), p, p_holm in adjusted))


def _row(subject: str, pairs: Sequence[Pair], singles: Sequence[Pair], p: float, p_holm: float | None) -> Row:
    before, after = [float(pair.before.correct) for pair in pairs], [float(pair.after.correct) for pair in pairs]
    interval = paired_bootstrap(before, after, [pair.before.qhash for pair in pairs])
    gains, losses = _discordant(singles)
    n = len(pairs)
    return Row(
        subject, len(singles), n, sum(before) / n, sum(after) / n, (sum(after) - sum(before)) / n, interval.low, interval.high,
        gains, losses, p, p_holm, _verdict(gains, losses, p if p_holm is None else p_holm),
    )  # fmt: skip


def _discordant(pairs: Sequence[Pair]) -> tuple[int, int]:
    return sum(pair.gained for pair in pairs), sum(pair.lost for pair in pairs)


def _verdict(gains: int, losses: int, p: float) -> str:
    if gains + losses < _LEAST_DISCORDANT:
        return UNDECIDED
    if p >= _LEVEL:
        return SAME
    return BETTER if gains > losses else WORSE


def _place(subject: str) -> tuple[int, str]:
    """Where a subject stands: in the exam's order, tasks of other exams behind by name."""
    order = list(SUBJECTS)
    return (order.index(subject) if subject in order else len(order)), subject
