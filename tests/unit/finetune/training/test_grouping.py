"""Samples of like length share a batch."""

from __future__ import annotations

import random

import pytest

from finetune.training.grouping import ByLength, grouped

DRAW = random.Random(5)
LENGTHS = [DRAW.choice((20, 50, 100, 400)) + DRAW.randrange(5) for _ in range(203)]


def padded(order: list[int], size: int) -> int:
    """Tokens computed, padding included."""
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    return sum(len(batch) * max(LENGTHS[number] for number in batch) for batch in batches)


@pytest.mark.parametrize("size", [1, 8, 203, 500])
def test_every_sample_stands_once(size: int) -> None:
    assert sorted(grouped(LENGTHS, size, random.Random(1))) == list(range(203))


def test_little_is_padded() -> None:
    at_random = list(range(203))
    assert padded(at_random, 8) > 2 * sum(LENGTHS)
    assert padded(grouped(LENGTHS, 8, random.Random(1)), 8) < 1.15 * sum(LENGTHS)


def test_the_longest_comes_first_and_the_others_in_no_order_of_length() -> None:
    order = grouped(LENGTHS[:200], 8, random.Random(1))
    assert max(LENGTHS[number] for number in order[:8]) == max(LENGTHS[:200])
    longest = [max(LENGTHS[number] for number in order[start : start + 8]) for start in range(0, 200, 8)]
    assert longest not in (sorted(longest), sorted(longest, reverse=True))


def test_those_that_fill_no_batch_are_not_always_the_same() -> None:
    assert len({tuple(grouped(LENGTHS, 8, random.Random(seed))[200:]) for seed in range(5)}) == 5


def test_each_epoch_has_its_order_whatever_was_drawn_before() -> None:
    epoch = [0]
    sampler = ByLength(LENGTHS, 8, 42, lambda: epoch[0])
    first, again = list(sampler), list(sampler)
    epoch[0] = 1
    second = list(sampler)
    assert first == again != second and len(sampler) == 203
    batches = [{frozenset(order[start : start + 8]) for start in range(0, 200, 8)} for order in (first, second)]
    assert not batches[0] & batches[1]  # put together anew
    assert list(ByLength(LENGTHS, 8, 42, lambda: 1)) == second != list(ByLength(LENGTHS, 8, 43, lambda: 1))
