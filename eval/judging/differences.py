"""Systems compared by their scores, prompt by prompt: is one better than another by more than chance?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from eval.metrics import holm, mcnemar, paired_bootstrap

__all__ = ["FEWEST", "HIGHER", "LOWER", "SAME", "UNDECIDED", "differences"]

HIGHER, LOWER, SAME, UNDECIDED = "显著更高", "显著更低", "无显著差异", "无法判定"
FEWEST = 6
"""Prompts that tell two systems apart below which no test can reach 5 %: 2 / 2^5 = 0.0625."""
_LEVEL = 0.05


def differences(scores: Mapping[str, Sequence[float | None]]) -> list[dict[str, Any]]:
    """A row for each two systems, the first told being the baseline.

    Args:
        scores: of each system its points for each prompt, in the same order; None where there are none. A prompt counts
            where both have some.

    Returns:
        Rows of baseline, other, n (prompts), mean (other − baseline) with its 95 % bootstrap interval over the prompts (None
        where every prompt has the same difference, of which resampling tells nothing), higher and lower (prompts), p of the
        sign test and p_holm over the rows (None with fewer than `FEWEST` prompts that differ), verdict. A difference is told
        as one only if the interval is without 0 and p_holm under 0.05.
    """
    rows = [_row(one, two, scores[one], scores[two]) for one, two in combinations(scores, 2)]
    tested = [row for row in rows if row["p"] is not None]
    for row, adjusted in zip(tested, holm([row["p"] for row in tested]), strict=True):
        row["p_holm"] = adjusted
        row["verdict"] = _verdict(row)
    return rows


def _row(one: str, two: str, before: Sequence[float | None], after: Sequence[float | None]) -> dict[str, Any]:
    pairs = [(x, y) for x, y in zip(before, after, strict=True) if x is not None and y is not None]
    found = [y - x for x, y in pairs]
    higher, lower = sum(d > 0 for d in found), sum(d < 0 for d in found)
    interval = paired_bootstrap(*zip(*pairs, strict=True)) if len(set(found)) > 1 else None
    return {
        "baseline": one,
        "other": two,
        "n": len(found),
        "mean": sum(found) / len(found) if found else None,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "higher": higher,
        "lower": lower,
        "p": mcnemar(higher, lower) if higher + lower >= FEWEST else None,
        "p_holm": None,
        "verdict": UNDECIDED,
    }


def _verdict(row: Mapping[str, Any]) -> str:
    """Of a row that was tested; where all prompts have the same difference the interval is that."""
    low, high = (row["mean"], row["mean"]) if row["low"] is None else (row["low"], row["high"])
    if row["p_holm"] >= _LEVEL or low <= 0 <= high:
        return SAME
    return HIGHER if low > 0 else LOWER
