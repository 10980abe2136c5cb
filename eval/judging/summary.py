"""The figures of a judging: points by family and system, wins by pair, and what could not be judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from statistics import fmean
from typing import Any, Protocol

from eval.judging.folder import Answered, Judged
from eval.judging.tasks import FULL, Task
from eval.metrics import holm, mcnemar
from eval.scoring import estimate

__all__ = ["TOTAL", "UNDECIDED", "Source", "summary_of"]

TOTAL = "total"
_FEWEST = 6
"""Decided tasks below which no test can reach 5 %: 2 / 2^5 = 0.0625."""
UNDECIDED = "无法判定"


class Source(Protocol):
    """Where answers and judgements are found (eval/judging/run.py)."""

    def answered(self, system: str, task: Task) -> Answered | None: ...

    def judged(self, systems: tuple[str, ...], task: Task, repeat: int = 0) -> Judged | None: ...


@dataclass(frozen=True)
class Cell:
    """Points of one system in one family, or in all.

    Attributes:
        n: tasks that were scored; mean (0 to 10) and points are over them.
        low, high: the 95 % bootstrap interval of the mean over the tasks; None of fewer than two.
        full: points that these tasks could have earned.
        unscored: tasks of which no score could be read, twice; left out.
        pending: tasks without an answer or a judgement yet.
        empty, truncated: of the answers, whatever came of them.
    """

    n: int
    mean: float | None
    low: float | None
    high: float | None
    points: float
    full: int
    unscored: int
    pending: int
    empty: int
    truncated: int


def summary_of(source: Source, tasks: Sequence[Task], systems: Sequence[str], pairwise: bool, repeats: int) -> dict[str, Any]:
    """All figures, ready for JSON: `table` by family and system, `pairs`, `unscored`, and `agreement` of repeated scores."""
    families = list(dict.fromkeys(task.family for task in tasks))
    groups = {family: [task for task in tasks if task.family == family] for family in families} | {TOTAL: list(tasks)}
    return {
        "table": {
            family: {system: asdict(_cell(source, group, system, repeats)) for system in systems}
            for family, group in groups.items()
        },
        "pairs": _pairs(source, tasks, systems) if pairwise else [],
        "unscored": _unscored(source, tasks, systems, pairwise, repeats),
        "agreement": _agreement(source, tasks, systems, repeats) if repeats > 1 else None,
    }


def _cell(source: Source, tasks: Sequence[Task], system: str, repeats: int) -> Cell:
    scores, unscored, pending, empty, truncated = list[float](), 0, 0, 0, 0
    for task in tasks:
        answer = source.answered(system, task)
        judged = [source.judged((system,), task, repeat) for repeat in range(repeats)]
        told = [one.score for one in judged if one and one.score is not None]
        if not answer or None in judged:
            pending += 1
        elif told:
            scores.append(fmean(told))
        else:
            unscored += 1
        if answer:
            empty += not any(reply.strip() for reply in answer.replies)
            truncated += answer.finish_reason == "length"
    figure = estimate(scores) if len(scores) > 1 else None  # one task tells nothing of the spread
    low, high = (figure.low, figure.high) if figure else (None, None)
    mean = fmean(scores) if scores else None
    return Cell(len(scores), mean, low, high, sum(scores), FULL * len(scores), unscored, pending, empty, truncated)


def _pairs(source: Source, tasks: Sequence[Task], systems: Sequence[str]) -> list[dict[str, Any]]:
    """Wins of the first of each pair; the p values adjusted by Holm where there are several pairs."""
    pairs = [_pair(source, tasks, one, two) for one, two in combinations(systems, 2)]
    tested = [pair for pair in pairs if pair["p"] is not None]
    for pair, adjusted in zip(tested, holm([pair["p"] for pair in tested]), strict=True):
        pair["p_holm"] = adjusted
        pair["verdict"] = ("前者更好" if pair["wins"] > pair["losses"] else "后者更好") if adjusted < 0.05 else "差别不显著"
    return pairs


def _pair(source: Source, tasks: Sequence[Task], one: str, two: str) -> dict[str, Any]:
    counts = dict.fromkeys(("wins", "ties", "losses", "unscored", "pending", "swayed"), 0)
    families: dict[str, dict[str, int]] = {}
    for task in tasks:
        orders = source.judged((one, two), task), source.judged((two, one), task)
        if orders[0] is None or orders[1] is None:
            counts["pending"] += 1
            continue
        outcome = _outcome(orders[0], orders[1], one, two)
        counts[outcome] += 1
        counts["swayed"] += outcome == "ties" and orders[0].winner != orders[1].winner
        families.setdefault(task.family, dict.fromkeys(counts, 0))[outcome] += 1
    decided = counts["wins"] + counts["losses"]
    p = mcnemar(counts["wins"], counts["losses"]) if decided >= _FEWEST else None
    return {"first": one, "second": two, **counts, "p": p, "p_holm": None, "verdict": UNDECIDED, "families": families}


def _outcome(one_order: Judged, other_order: Judged, one: str, two: str) -> str:
    """Of both orders: a win only where both say so; where they disagree, a tie."""
    if one_order.winner is None or other_order.winner is None:
        return "unscored"
    if one_order.winner != other_order.winner or not one_order.winner:
        return "ties"
    return {one: "wins", two: "losses"}[one_order.winner]


def _unscored(
    source: Source, tasks: Sequence[Task], systems: Sequence[str], pairwise: bool, repeats: int
) -> list[dict[str, Any]]:
    """What could not be read, with the reason."""
    asked: list[tuple[tuple[str, ...], int]] = [((system,), repeat) for system in systems for repeat in range(repeats)]
    if pairwise:
        asked += [(order, 0) for pair in combinations(systems, 2) for order in (pair, pair[::-1])]
    found = [source.judged(names, task, repeat) for task in tasks for names, repeat in asked]
    return [{"systems": list(one.systems), "task": one.task, "reason": one.problem} for one in found if one and one.problem]


def _agreement(source: Source, tasks: Sequence[Task], systems: Sequence[str], repeats: int) -> dict[str, Any] | None:
    """How far the judge agrees with itself: share of answers with the same score each time, and the mean spread."""
    spreads = list[float]()
    for task in tasks:
        for system in systems:
            judged = [source.judged((system,), task, repeat) for repeat in range(repeats)]
            told = [one.score for one in judged if one and one.score is not None]
            if len(told) == repeats:
                spreads.append(max(told) - min(told))
    return {"n": len(spreads), "same": fmean(s == 0 for s in spreads), "spread": fmean(spreads)} if spreads else None
