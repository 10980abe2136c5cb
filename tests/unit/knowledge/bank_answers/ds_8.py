"""Answers of the bank's questions of chapter ds.8, computed from their stems."""

import heapq
import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import count

from tests.unit.knowledge.bank_answers.shared_ds_6_to_8 import commas, only_true, roman


def _insertion_pass(keys: list[int], gap: int) -> int:
    """Sort the subsequences of that gap by insertion from the back; the number of comparisons."""
    comparisons = 0
    for start in range(gap, len(keys)):
        i = start
        while i >= gap:
            comparisons += 1
            if keys[i - gap] <= keys[i]:
                break
            keys[i - gap], keys[i] = keys[i], keys[i - gap]
            i -= gap
    return comparisons


def _ds_8_1_1() -> str:
    return str(_insertion_pass([34, 57, 21, 48, 63, 15, 40, 57], 1))


def _ds_8_1_2() -> str:
    keys = [17, 25, 33, 39, 46, 52, 60, 68, 81]
    low, high, comparisons = 0, len(keys) - 1, 0
    while low <= high:
        mid = (low + high) // 2
        comparisons += 1
        if keys[mid] > 46:
            high = mid - 1
        else:
            low = mid + 1
    return f"{comparisons}和{len(keys) - low}"


def _ds_8_2_1() -> str:
    keys = [57, 21, 84, 36, 69, 12, 48, 75, 30, 93]
    for gap in (5, 3):
        _insertion_pass(keys, gap)
    return commas(keys)


def _ds_8_2_2() -> str:
    return str(_insertion_pass([62, 35, 80, 19, 47, 73, 28, 54, 11, 66], 3))


def _ds_8_3_1() -> str:
    keys = [20, 35, 12, 48, 60, 27, 53, 71]
    comparisons = 0
    for done in range(len(keys) - 1):
        before = list(keys)
        for i in range(len(keys) - 1, done, -1):
            comparisons += 1
            if keys[i - 1] > keys[i]:
                keys[i - 1], keys[i] = keys[i], keys[i - 1]
        if keys == before:
            break
    return str(comparisons)


def _ds_8_3_2() -> str:
    keys = [46, 72, 15, 33, 58, 27, 64, 90]
    swaps = 0
    for i in range(len(keys) - 1):
        least = keys.index(min(keys[i:]))
        if least != i:
            keys[i], keys[least] = keys[least], keys[i]
            swaps += 1
    return str(swaps)


def _partition(keys: list[int], low: int, high: int) -> int:
    """Partition by filling the gap alternately from the right and from the left."""
    pivot = keys[low]
    while low < high:
        while low < high and keys[high] >= pivot:
            high -= 1
        keys[low] = keys[high]
        while low < high and keys[low] <= pivot:
            low += 1
        keys[high] = keys[low]
    keys[low] = pivot
    return low


def _ds_8_4_1() -> str:
    keys = [52, 29, 67, 80, 36, 71, 18, 44, 90]
    _partition(keys, 0, len(keys) - 1)
    return commas(keys)


def _after_passes(keys: Sequence[int], passes: int) -> bool:
    """Whether the keys can be the state after that many passes of quicksort with any pivots."""
    if passes == 0 or len(keys) < 2:
        return True
    for i, pivot in enumerate(keys):
        left, right = keys[:i], keys[i + 1 :]
        parted = all(key < pivot for key in left) and all(key > pivot for key in right)
        if parted and _after_passes(left, passes - 1) and _after_passes(right, passes - 1):
            return True
    return False


def _ds_8_4_2() -> str:
    options = (
        [12, 9, 17, 25, 31, 48, 40, 66, 52],
        [12, 9, 25, 17, 31, 40, 66, 52, 48],
        [12, 9, 25, 17, 31, 52, 48, 40, 66],
        [9, 25, 17, 12, 31, 40, 66, 52, 48],
    )
    return only_true({commas(option): not _after_passes(option, 2) for option in options})


def _is_min_heap(keys: Sequence[int]) -> bool:
    return all(keys[(i - 1) // 2] <= keys[i] for i in range(1, len(keys)))


def _ds_8_5_1() -> str:
    first = _is_min_heap([8, 15, 11, 30, 22, 19, 40])
    second = _is_min_heap([8, 12, 20, 14, 35, 18, 26])
    return roman(first, second, _is_min_heap([5, 9, 21, 16, 13, 27, 33, 18, 20]))


def _sift_down(keys: list[int], i: int, size: int) -> int:
    """Sift down in a max-heap; the number of comparisons."""
    comparisons = 0
    while 2 * i + 1 < size:
        child = 2 * i + 1
        if child + 1 < size:
            comparisons += 1
            child += keys[child + 1] > keys[child]
        comparisons += 1
        if keys[child] <= keys[i]:
            break
        keys[i], keys[child] = keys[child], keys[i]
        i = child
    return comparisons


def _heapify(keys: list[int]) -> int:
    return sum(_sift_down(keys, i, len(keys)) for i in range(len(keys) // 2 - 1, -1, -1))


def _ds_8_5_2() -> str:
    return str(_heapify([27, 14, 53, 38, 60, 45, 72, 9, 66, 31]))


def _ds_8_5_3() -> str:
    # The greatest keys fill a set of places that is closed under "parent"; grow such sets place by place.
    states: set[frozenset[int]] = {frozenset({1})}
    third: set[int] = set()
    for _ in range(2):
        moves = [(s, p) for s in states for p in range(2, 21) if p not in s and p // 2 in s]
        third = {place for _, place in moves}
        states = {state | {place} for state, place in moves}
    return f"{len(third)}个"


def _merge(left: list[int], right: list[int]) -> tuple[list[int], int]:
    """The merged list and the number of comparisons; on a tie the left record goes first."""
    merged: list[int] = []
    a, b = deque(left), deque(right)
    while a and b:
        merged.append(a.popleft() if a[0] <= b[0] else b.popleft())
    return [*merged, *a, *b], len(merged)


def _ds_8_6_1() -> str:
    runs = [[key] for key in (33, 18, 52, 67, 9, 41, 25, 80)]
    comparisons = 0
    while len(runs) > 1:
        results = [_merge(left, right) for left, right in zip(runs[::2], runs[1::2], strict=True)]
        comparisons += sum(number for _, number in results)
        runs = [run for run, _ in results]
    return str(comparisons)


def _ds_8_6_2() -> str:
    keys = [427, 305, 81, 563, 219, 347, 60, 185, 529]
    for unit in (1, 10):
        keys.sort(key=lambda key: key // unit % 10)  # a stable sort by one digit
    return commas(keys)


def _ds_8_6_3() -> str:
    left, right = deque(["5", "8", "8′"]), deque(["5″", "8″"])
    merged = []
    while left and right:
        merged.append((left if left[0].rstrip("′″") < right[0].rstrip("′″") else right).popleft())
    return commas([*merged, *left, *right])


def _quick_passes(keys: list[int], passes: int) -> list[int]:
    spans = [(0, len(keys) - 1)]
    for _ in range(passes):
        parts = [(low, _partition(keys, low, high), high) for low, high in spans if low < high]
        spans = [span for low, p, high in parts for span in ((low, p - 1), (p + 1, high))]
    return keys


def _bubble_passes(keys: list[int], passes: int) -> list[int]:
    for _ in range(passes):
        for i in range(len(keys) - 1):
            keys[i : i + 2] = sorted(keys[i : i + 2])
    return keys


def _heap_passes(keys: list[int], passes: int) -> list[int]:
    _heapify(keys)
    for end in range(len(keys) - 1, len(keys) - 1 - passes, -1):
        keys[0], keys[end] = keys[end], keys[0]
        _sift_down(keys, 0, end)
    return keys


def _select_passes(keys: list[int], passes: int) -> list[int]:
    for end in range(len(keys) - 1, len(keys) - 1 - passes, -1):
        most = keys.index(max(keys[: end + 1]))
        keys[most], keys[end] = keys[end], keys[most]
    return keys


def _ds_8_7_2() -> str:
    start, seen = [45, 18, 63, 27, 70, 36, 9, 54], [54, 45, 36, 9, 18, 27, 63, 70]
    return only_true(
        {
            "以首记录为枢轴的快速排序": _quick_passes(list(start), 2) == seen,
            "从前向后的冒泡排序": _bubble_passes(list(start), 2) == seen,
            "大根堆的堆排序": _heap_passes(list(start), 2) == seen,
            "每趟选最大记录与末尾交换的选择排序": _select_passes(list(start), 2) == seen,
        }
    )


def _ds_8_7_3() -> str:
    orders = math.factorial(8) // math.factorial(4)
    return str(math.ceil(math.log2(orders)))


def _replacement_selection(keys: Sequence[int], room: int) -> list[list[int]]:
    """The initial runs; a key smaller than the last one written waits for the next run."""
    heap = [(0, key) for key in keys[:room]]
    heapq.heapify(heap)
    runs: list[list[int]] = []
    for key in [*keys[room:], *[None] * room]:
        if not heap:
            break
        number, least = heapq.heappop(heap)
        if number == len(runs):
            runs.append([])
        runs[number].append(least)
        if key is not None:
            heapq.heappush(heap, (number + (key < least), key))
    return runs


def _ds_8_8_1() -> str:
    keys = [42, 17, 58, 33, 25, 61, 12, 70, 49, 8, 55, 30, 66, 21, 5]
    return commas(_replacement_selection(keys, 4)[1])


def _ds_8_8_2() -> str:
    ways = [next(k for k in count(2) if k * k >= runs) for runs in (5400 // 60, 5400 // 120)]
    return f"{ways[0]}和{ways[1]}"


def _loser_path(keys: Sequence[int], leaf: int) -> list[int]:
    """The losers at the inner nodes from the parent of a leaf up to the root."""
    size = len(keys)
    winner = {size + i: i for i in range(size)}
    loser: dict[int, int] = {}
    for node in range(size - 1, 0, -1):
        winner[node], loser[node] = sorted((winner[2 * node], winner[2 * node + 1]), key=lambda run: keys[run])
    path: Iterator[int] = (size + leaf >> level for level in range(1, size.bit_length()))
    return reduce(lambda found, node: [*found, loser[node]], path, [])


def _ds_8_8_3() -> str:
    return commas(_loser_path([25, 14, 30, 19, 11, 27, 24, 22], 6))


ANSWERS: dict[str, Callable[[], str]] = {
    "ds.8.1-1": _ds_8_1_1,
    "ds.8.1-2": _ds_8_1_2,
    "ds.8.2-1": _ds_8_2_1,
    "ds.8.2-2": _ds_8_2_2,
    "ds.8.3-1": _ds_8_3_1,
    "ds.8.3-2": _ds_8_3_2,
    "ds.8.4-1": _ds_8_4_1,
    "ds.8.4-2": _ds_8_4_2,
    "ds.8.5-1": _ds_8_5_1,
    "ds.8.5-2": _ds_8_5_2,
    "ds.8.5-3": _ds_8_5_3,
    "ds.8.6-1": _ds_8_6_1,
    "ds.8.6-2": _ds_8_6_2,
    "ds.8.6-3": _ds_8_6_3,
    "ds.8.7-2": _ds_8_7_2,
    "ds.8.7-3": _ds_8_7_3,
    "ds.8.8-1": _ds_8_8_1,
    "ds.8.8-2": _ds_8_8_2,
    "ds.8.8-3": _ds_8_8_3,
}
