"""The order in which samples are learned when those of like length share a batch, so that little is padded."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

__all__ = ["ByLength", "grouped"]

_LIKE = 0.1
"""So far, as a share, a length is moved by chance before sorting: batches are put together anew in each epoch."""


def grouped(lengths: Sequence[int], size: int, draw: random.Random) -> list[int]:
    """Numbers of all samples, each once; every `size` of them in turn are of like length.

    The groups come in random order, but the longest sample in the first (what doesn't fit into the memory shows at once), and
    those that fill no group, drawn at random, last.
    """
    numbers = list(range(len(lengths)))
    draw.shuffle(numbers)
    whole = len(numbers) - len(numbers) % size
    like = sorted(numbers[:whole], key=lambda number: lengths[number] * draw.uniform(1 - _LIKE, 1 + _LIKE))
    groups = [like[start : start + size] for start in range(0, whole, size)]
    draw.shuffle(groups)
    groups.sort(key=lambda group: max(lengths[number] for number in group) < max(lengths[number] for number in like))
    return [number for group in groups for number in group] + numbers[whole:]


class ByLength:
    """A sampler for torch's data loader: the order of an epoch depends on nothing but the seed and the number of the epoch.

    That of transformers (`train_sampling_strategy="group_by_length"`) is drawn from torch's global generator: a resumed run would
    learn in another order.

    Args:
        lengths: tokens of each sample.
        size: how many share a batch, of all processes.
        epoch: says the number of the epoch that begins, or is gone on with. Accelerate's `set_epoch` is no help: it doesn't reach
            the sampler where several processes go on in the middle of an epoch.
    """

    def __init__(self, lengths: Sequence[int], size: int, seed: int, epoch: Callable[[], int]) -> None:
        self._lengths, self._size, self._seed, self._epoch = lengths, size, seed, epoch

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[int]:
        return iter(grouped(self._lengths, self._size, random.Random(f"{self._seed} {self._epoch()}")))
