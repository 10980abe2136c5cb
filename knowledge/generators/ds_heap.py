"""Heaps: the initial heap of a sequence; a heap after deleting its top."""

from __future__ import annotations

import random
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Heap:
    """A sequence and whether it is about max-heaps."""

    items: tuple[int, ...]
    largest: bool

    @property
    def name(self) -> str:
        return "大根堆" if self.largest else "小根堆"

    def above(self, a: int, b: int) -> bool:
        """Whether a must stand above b."""
        return a > b if self.largest else a < b


def _sample(rng: random.Random, difficulty: int) -> Heap:
    n = 5 + difficulty
    while True:
        heap = Heap(tuple(rng.sample(range(3, 99), n)), rng.random() < 0.5)
        if len(_build(heap)[1]) >= 2:
            return heap


def _sample_delete(rng: random.Random, difficulty: int) -> Heap:
    heap = _sample(rng, difficulty)
    return Heap(tuple(_build(heap)[0]), heap.largest)


def _sink(heap: Heap, items: list[int], at: int, end: int, once: bool = False) -> list[int]:
    """Sifts the item at this place down in items[:end]; the items it changed places with. `once`: the mistake of stopping early."""
    passed = []
    while 2 * at + 1 < end:
        child = 2 * at + 1
        if child + 1 < end and heap.above(items[child + 1], items[child]):
            child += 1
        if not heap.above(items[child], items[at]):
            break
        passed.append(items[child])
        items[at], items[child] = items[child], items[at]
        at = child
        if once:
            break
    return passed


def _build(heap: Heap, once: bool = False, forwards: bool = False) -> tuple[list[int], list[str]]:
    """The heap built from the last inner node up, and the exchanges; with the mistakes: one exchange a node, from the root down."""
    items, lines = list(heap.items), []
    places = list(range(len(items) // 2))
    for at in places if forwards else reversed(places):
        item = items[at]
        passed = _sink(heap, items, at, len(items), once)
        if passed:
            lines.append(f"{item} {'依次' if len(passed) > 1 else ''}与 {'、'.join(map(str, passed))} 交换，得 {_show(items)}")
    return items, lines


def _insert_all(heap: Heap) -> list[int]:
    items: list[int] = []
    for item in heap.items:
        items.append(item)
        at = len(items) - 1
        while at and heap.above(items[at], items[(at - 1) // 2]):
            items[at], items[(at - 1) // 2] = items[(at - 1) // 2], items[at]
            at = (at - 1) // 2
    return items


def _show(items: list[int]) -> str:
    return ", ".join(map(str, items))


def _ask_build(heap: Heap) -> str:
    return f"对关键字序列 {_show(list(heap.items))}，用自底向上逐个筛选（从最后一个分支结点开始向前调整）的方法建成的初始{heap.name}是"


def _solve_build(heap: Heap) -> Solution:
    items, lines = _build(heap)
    other = Heap(heap.items, not heap.largest)
    inserted = _show(_insert_all(heap))
    steps = (
        f"共 {len(items)} 个元素，最后一个分支结点是第 {len(items) // 2} 个（{heap.items[len(items) // 2 - 1]}），"
        f"从它开始向前逐个向下筛选，与较{'大' if heap.largest else '小'}的孩子交换，直到满足{heap.name}：{'；'.join(lines)}。"
        f"初始{heap.name}是 {_show(items)}。"
    )
    if inserted != _show(items):
        steps += f"{inserted} 是逐个插入（向上调整）得到的堆，方法不同。"
    wrong = [_insert_all(heap), _build(heap, once=True)[0], _build(other)[0], _build(heap, forwards=True)[0]]
    return Solution(
        _show(items), [*(_show(w) for w in wrong if w != list(heap.items)), _show(sorted(items, reverse=heap.largest))], steps
    )


def _ask_delete(heap: Heap) -> str:
    return f"已知{heap.name} {_show(list(heap.items))}（按层序存储），删除堆顶元素：把最后一个元素移到堆顶，再自上而下调整为{heap.name}，得到的序列是"


def _shift_up(heap: Heap) -> list[int]:
    """The mistake of filling the hole from the children all the way down, and closing the gap at the end."""
    items, at = list(heap.items), 0
    while 2 * at + 1 < len(items):
        child = 2 * at + 1
        if child + 1 < len(items) and heap.above(items[child + 1], items[child]):
            child += 1
        items[at], at = items[child], child
    return items[:at] + items[at + 1 :]


def _wrong_child(heap: Heap, items: list[int]) -> list[int]:
    """The mistake of exchanging with the first child that fits, not with the better one."""
    items, at = list(items), 0
    while True:
        fit = [c for c in (2 * at + 1, 2 * at + 2) if c < len(items) and heap.above(items[c], items[at])]
        if not fit:
            return items
        items[at], items[fit[0]] = items[fit[0]], items[at]
        at = fit[0]


def _solve_delete(heap: Heap) -> Solution:
    start = [heap.items[-1], *heap.items[1:-1]]
    items, once = list(start), list(start)
    passed = _sink(heap, items, 0, len(items))
    _sink(heap, once, 0, len(once), once=True)
    answer = _show(items)
    sifted = f"它{'依次' if len(passed) > 1 else ''}与 {'、'.join(map(str, passed))} 交换" if passed else "它已满足要求"
    steps = (
        f"删除堆顶 {heap.items[0]}，把最后一个元素 {heap.items[-1]} 移到堆顶，得 {_show(start)}。"
        f"再从堆顶向下筛选，每次与较{'大' if heap.largest else '小'}的孩子比较：{sifted}，得到 {answer}。"
    )
    closed = _build(Heap(heap.items[1:], heap.largest))[0]
    wrong = [_shift_up(heap), once, _wrong_child(heap, start), closed, list(heap.items[1:]), start]
    return Solution(answer, [_show(w) for w in wrong], steps)


FAMILIES = [
    Family("ds-heap-build", "建初始堆", "ds", ("ds.8.5",), _sample, _ask_build, _solve_build),
    Family("ds-heap-delete", "删除堆顶后的堆", "ds", ("ds.8.5",), _sample_delete, _ask_delete, _solve_delete),
]
