"""When two models count as the same: by their logits, and by what they generate."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from errors import ModelLoadError
from finetune.merging.reload_check import Answer, Comparison, check_merged, check_saved, compare

LOGITS = [[0.0, 4.0, 1.0], [2.0, 0.0, 3.0]]


def answer(tokens: Sequence[int], shift: float = 0.0, second: Sequence[float] = (0.0, 5.0, 1.0)) -> Answer:
    import torch

    return Answer(torch.tensor(LOGITS) + shift, tuple(tokens), torch.tensor([[9.0, 0.0, 0.0], list(second)]))


def compared(right: Answer, found: Answer, dtype: str = "float32") -> Comparison:
    import torch

    return compare([answer([0]), right], [answer([0]), found], getattr(torch, dtype))


def test_tolerance_grows_with_the_largest_logit_and_the_precision() -> None:
    same = answer([0, 1])
    assert compared(same, same).tolerance == pytest.approx(4e-4)
    assert compared(same, same, "float16").tolerance == pytest.approx(4 * 8 * 2**-10)
    assert compared(same, same, "bfloat16").tolerance == pytest.approx(4 * 8 * 2**-7)


@pytest.mark.parametrize(("shift", "equal"), [(3e-4, True), (5e-4, False), (float("nan"), False)])
def test_logits_decide(shift: float, equal: bool) -> None:
    found = compared(answer([0, 1]), answer([0, 1], shift))
    assert found.equal is equal
    assert found.same_tokens


def test_other_tokens_are_a_failure_unless_both_scored_alike() -> None:
    assert not compared(answer([0, 1]), answer([0, 2])).equal
    assert not compared(answer([0, 1]), answer([0])).equal
    tie = compared(answer([0, 1], second=(0.0, 5.0, 4.9995)), answer([0, 2]))
    assert (tie.equal, tie.ties) == (True, 1)


def test_a_difference_is_told_with_what_to_do() -> None:
    good, bad, other = (Comparison(difference, 1e-4, same) for difference, same in ((1e-6, True), (0.5, True), (1e-6, False)))
    check_merged("a", good)
    check_saved(good, good)
    with pytest.raises(ModelLoadError, match="合并“a”后.*相差 0.5.*--dtype float32"):
        check_merged("a", bad)
    with pytest.raises(ModelLoadError, match="与内存中合并好的模型最多相差 0.5"):
        check_saved(bad, good)
    with pytest.raises(ModelLoadError, match="与底座加适配器最多相差.*生成的回答也不同"):
        check_saved(good, other)
