"""The figures of a judging: points by family and system, wins by pair, and what could not be judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from statistics import fmean
from typing import Any, Protocol

from eval.judging.differences import FEWEST, SAME, UNDECIDED, differences
from eval.judging.folder import Answered, Judged
from eval.judging.tasks import FULL, Task
from eval.metrics import holm, mcnemar
from eval.scoring import estimate

__all__ = ["TOTAL", "Source", "summary_of"]

TOTAL = "total"


class Source(Protocol):
    """Where answers and judgements are found (eval/judging/run.py)."""

    def answered(self, system: str, task: Task) -> Answered | None: ...

    def judged(self, systems: tuple[str, ...], task: Task, repeat: int = 0) -> Judged | None: ...


@dataclass(frozen=True)
class Cell:
    """Points of one system in one family, or in all.

    Attributes:
        n: tasks that were scored; mean (0 to 10) and points are over them.
        low, high: the 95 % bootstrap interval of the mean over the tasks; None where all scores are the same, or there is one.
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
    """All figures, ready for JSON.

    `table` by family and system; `differences` between the scores of systems; `pairs`; `read`, how many judgements of each kind
    were asked for and could not be read; `unscored`, each of those; `agreement` of repeated scores.
    """
    families = list(dict.fromkeys(task.family for task in tasks))
    groups = {family: [task for task in tasks if task.family == family] for family in families} | {TOTAL: list(tasks)}
    return {
        "table": {
            family: {system: asdict(_cell(source, group, system, repeats)) for system in systems}
            for family, group in groups.items()
        },
        "differences": differences({s: [_score(source, task, s, repeats) for task in tasks] for s in systems}),
        "pairs": _pairs(source, tasks, systems) if pairwise else [],
        "read": {
            "scores": _read(_found(source, tasks, [((system,), r) for system in systems for r in range(repeats)])),
            "pairs": _read(_found(source, tasks, _orders(systems)) if pairwise else []),
        },
        "unscored": _unscored(source, tasks, systems, pairwise, repeats),
        "agreement": _agreement(source, tasks, systems, repeats) if repeats > 1 else None,
    }


def _cell(source: Source, tasks: Sequence[Task], system: str, repeats: int) -> Cell:
    scores, unscored, pending, empty, truncated = list[float](), 0, 0, 0, 0
    for task in tasks:
        answer, score = source.answered(system, task), _score(source, task, system, repeats)
        if not answer or any(source.judged((system,), task, repeat) is None for repeat in range(repeats)):
            pending += 1
        elif score is not None:
            scores.append(score)
        else:
            unscored += 1
        if answer:
            empty += not any(reply.strip() for reply in answer.replies)
            truncated += answer.finish_reason == "length"
    figure = estimate(scores) if len(set(scores)) > 1 else None  # equal scores tell nothing of the spread
    low, high = (figure.low, figure.high) if figure else (None, None)
    mean = fmean(scores) if scores else None
    return Cell(len(scores), mean, low, high, sum(scores), FULL * len(scores), unscored, pending, empty, truncated)


def _score(source: Source, task: Task, system: str, repeats: int) -> float | None:
    """Mean score over the repeats, of which all were asked for; None where there is none."""
    judged = [source.judged((system,), task, repeat) for repeat in range(repeats)]
    told = [one.score for one in judged if one and one.score is not None]
    return fmean(told) if told and None not in judged else None


def _pairs(source: Source, tasks: Sequence[Task], systems: Sequence[str]) -> list[dict[str, Any]]:
    """Wins of the first of each pair; the p values adjusted by Holm where there are several pairs."""
    pairs = [_pair(source, tasks, one, two) for one, two in combinations(systems, 2)]
    tested = [pair for pair in pairs if pair["p"] is not None]
    for pair, adjusted in zip(tested, holm([pair["p"] for pair in tested]), strict=True):
        pair["p_holm"] = adjusted
        pair["verdict"] = ("前者更好" if pair["wins"] > pair["losses"] else "后者更好") if adjusted < 0.05 else SAME
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
    p = mcnemar(counts["wins"], counts["losses"]) if decided >= FEWEST else None
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
    asked = [((system,), repeat) for system in systems for repeat in range(repeats)]
    found = _found(source, tasks, [*asked, *(_orders(systems) if pairwise else ())])
    return [{"systems": list(one.systems), "task": one.task, "reason": one.problem} for one in found if one.problem]


def _orders(systems: Sequence[str]) -> list[tuple[tuple[str, ...], int]]:
    """What the judge is asked to compare: each two systems in both orders."""
    return [(order, 0) for pair in combinations(systems, 2) for order in (pair, pair[::-1])]


def _found(source: Source, tasks: Sequence[Task], asked: Sequence[tuple[tuple[str, ...], int]]) -> Iterator[Judged]:
    for task in tasks:
        for names, repeat in asked:
            if one := source.judged(names, task, repeat):
                yield one


def _read(found: Iterable[Judged]) -> dict[str, Any]:
    """Of the judgements that a judge was asked for (none is for an empty answer): how many, how many unread, and mostly why."""
    asked = [one for one in found if one.raw or one.problem]
    problems = Counter(one.problem for one in asked if one.problem)
    return {"n": len(asked), "unread": problems.total(), "reason": problems.most_common(1)[0][0] if problems else ""}


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
