from __future__ import annotations

import random

import pytest
from scipy.stats import binomtest
from statsmodels.stats.multitest import multipletests

from eval.judging.differences import HIGHER, LOWER, SAME, UNDECIDED, differences
from eval.metrics import paired_bootstrap


def test_the_difference_is_that_of_the_prompts_that_both_have() -> None:
    (row,) = differences({"甲": [5, 6, None, 8, 1], "乙": [7, 6, 9, 5, None]})
    assert (row["baseline"], row["other"], row["n"], row["higher"], row["lower"]) == ("甲", "乙", 3, 1, 1)
    assert row["mean"] == pytest.approx(-1 / 3)
    interval = paired_bootstrap([5, 6, 8], [7, 6, 5])
    assert (row["low"], row["high"]) == (interval.low, interval.high)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ([1, 2, 1, 2, 1, 2], HIGHER), ([-1, -2, -1, -2, -1, -2], LOWER), ([1, 2, 1, 2, 1, 0], UNDECIDED), ([0] * 6, UNDECIDED),
        ([1, -1] * 5, SAME), ([1] * 6, HIGHER), ([-1] * 6, LOWER),
        ([1] * 9 + [-9], SAME),  # nine of ten a little higher, one much lower: the sign test alone would tell them apart
    ],
)  # fmt: skip
def test_the_verdict(after: list[float], expected: str) -> None:
    assert differences({"甲": [0] * len(after), "乙": after})[0]["verdict"] == expected


def test_the_p_is_scipys_and_several_pairs_are_adjusted() -> None:
    draw = random.Random(408)
    rows = differences(
        {name: [draw.randint(0, 10) + lift for _ in range(40)] for name, lift in (("甲", 0), ("乙", 2), ("丙", 3))}
    )
    assert [(row["baseline"], row["other"]) for row in rows] == [("甲", "乙"), ("甲", "丙"), ("乙", "丙")]
    for row in rows:
        assert row["p"] == pytest.approx(binomtest(row["higher"], row["higher"] + row["lower"]).pvalue, abs=1e-12)
    adjusted = multipletests([row["p"] for row in rows], method="holm")[1]
    assert [row["p_holm"] for row in rows] == pytest.approx(adjusted.tolist(), abs=1e-12)


def test_a_pair_that_is_not_tested_does_not_count_in_the_family() -> None:
    rows = differences({"甲": [0] * 6, "乙": [1] * 6, "丙": [0] * 6})
    assert [row["verdict"] for row in rows] == [SAME, UNDECIDED, SAME] and rows[0]["p_holm"] == 2 * rows[0]["p"]


def test_nothing_in_common_and_one_system_alone() -> None:
    (row,) = differences({"甲": [1, None], "乙": [None, 1]})
    assert (row["n"], row["mean"], row["low"], row["p"], row["verdict"]) == (0, None, None, None, UNDECIDED)
    assert differences({"甲": [1, 2]}) == []
