"""Sorting: the sequence after one pass of quicksort or Shell sort."""

from __future__ import annotations

import random
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]


def _show(items: list[int] | tuple[int, ...]) -> str:
    return ", ".join(map(str, items))


def _sample_quick(rng: random.Random, difficulty: int) -> tuple[int, ...]:
    while True:
        items = tuple(rng.sample(range(3, 99), 5 + difficulty))
        smaller = sum(item < items[0] for item in items)
        if 2 <= smaller <= len(items) - 3 and len(_partition(items)[1]) >= 3 + difficulty // 3:
            return items


def _partition(items: tuple[int, ...]) -> tuple[list[int], list[str]]:
    """The hole method from the right end first; the pass and its moves."""
    out, low, high, pivot, lines = list(items), 0, len(items) - 1, items[0], []
    while low < high:
        while low < high and out[high] > pivot:
            high -= 1
        if low < high:
            out[low] = out[high]
            lines.append(f"从右向左找到小于 {pivot} 的 {out[high]}，移到第 {low + 1} 个位置")
        while low < high and out[low] < pivot:
            low += 1
        if low < high:
            out[high] = out[low]
            lines.append(f"从左向右找到大于 {pivot} 的 {out[low]}，移到第 {high + 1} 个位置")
    out[low] = pivot
    lines.append(f"两个指针在第 {low + 1} 个位置相遇，放入枢轴 {pivot}")
    return out, lines


def _lomuto(items: tuple[int, ...]) -> list[int]:
    """The one-way partition."""
    out, last = list(items), 0
    for i in range(1, len(out)):
        if out[i] < out[0]:
            last += 1
            out[last], out[i] = out[i], out[last]
    out[0], out[last] = out[last], out[0]
    return out


def _hoare(items: tuple[int, ...]) -> list[int]:
    """Pairs on the wrong sides exchanged, the pivot moved last."""
    out, low, high = list(items), 1, len(items) - 1
    while True:
        while low <= high and out[low] < out[0]:
            low += 1
        while out[high] > out[0]:
            high -= 1
        if low > high:
            out[0], out[high] = out[high], out[0]
            return out
        out[low], out[high] = out[high], out[low]


def _ask_quick(items: tuple[int, ...]) -> str:
    return (
        f"对关键字序列 {_show(items)} 按从小到大进行快速排序，以第一个关键字为枢轴，先从右向左找小于枢轴的关键字填到左边的空位，"
        f"再从左向右找大于枢轴的关键字填到右边的空位，如此交替。第一趟划分的结果是"
    )


def _solve_quick(items: tuple[int, ...]) -> Solution:
    out, lines = _partition(items)
    answer, pivot = _show(out), items[0]
    stable = [i for i in items if i < pivot] + [pivot] + [i for i in items if i > pivot]
    steps = f"取出枢轴 {pivot}，第 1 个位置成为空位。{'；'.join(lines)}。结果是 {answer}。"
    if stable != out:
        steps += f"保持原来先后次序的 {_show(stable)} 不是这种划分的结果。"
    last = [-i for i in _partition(tuple(-i for i in reversed(items)))[0]][::-1]
    return Solution(answer, [_show(w) for w in (stable, _hoare(items), _lomuto(items), last, sorted(items))], steps)


@dataclass(frozen=True)
class Shell:
    """A sequence and the gaps of all passes up to the one asked about."""

    items: tuple[int, ...]
    gaps: tuple[int, ...]


def _sample_shell(rng: random.Random, difficulty: int) -> Shell:
    gaps = ((rng.choice([3, 4]),), (5,), (rng.choice([4, 5]),), (5, 3), (5, 2))[difficulty - 1]
    while True:
        shell = Shell(tuple(rng.sample(range(3, 99), 6 + difficulty)), gaps)
        if sum(a != b for a, b in zip(shell.items, _pass(shell.items, gaps[0]), strict=True)) >= 4:
            return shell


def _pass(items: tuple[int, ...] | list[int], gap: int) -> list[int]:
    """Insertion sort at this distance."""
    out = list(items)
    for i in range(gap, len(out)):
        item, at = out[i], i
        while at >= gap and out[at - gap] > item:
            out[at] = out[at - gap]
            at -= gap
        out[at] = item
    return out


def _blocks(items: tuple[int, ...], size: int) -> list[int]:
    """The mistake of sorting neighbours in blocks."""
    return [item for i in range(0, len(items), size) for item in sorted(items[i : i + size])]


def _single(items: list[int], gap: int) -> list[int]:
    """The mistake of comparing each pair at this distance once only."""
    out = list(items)
    for i in range(len(out) - gap):
        if out[i] > out[i + gap]:
            out[i], out[i + gap] = out[i + gap], out[i]
    return out


def _ask_shell(shell: Shell) -> str:
    gaps = f"第一趟的增量为 {shell.gaps[0]}" + "".join(f"，第二趟的增量为 {gap}" for gap in shell.gaps[1:])
    nth = "第二趟" if len(shell.gaps) > 1 else "第一趟"
    return f"对关键字序列 {_show(shell.items)} 按从小到大进行希尔排序，{gaps}。{nth}排序后的结果是"


def _shell_line(items: list[int], gap: int, nth: str) -> str:
    groups = "；".join(
        f"{{{_show(items[i::gap])}}} 排成 {{{_show(sorted(items[i::gap]))}}}" for i in range(gap) if len(items[i::gap]) > 1
    )
    return f"{nth}增量 {gap}，相距 {gap} 的关键字为一组，组内直接插入排序：{groups}，得 {_show(_pass(items, gap))}。"


def _solve_shell(shell: Shell) -> Solution:
    items, before, steps = list(shell.items), list(shell.items), ""
    for gap, nth in zip(shell.gaps, ("第一趟", "第二趟"), strict=False):
        before = items
        steps += _shell_line(items, gap, nth)
        items = _pass(items, gap)
    gap = shell.gaps[-1]
    wrong = [_pass(before, gap - 1), _blocks(tuple(before), gap), _single(before, gap), _pass(before, gap + 1), sorted(items)]
    if len(shell.gaps) > 1:
        wrong = [before, _pass(shell.items, gap), *wrong]
    steps += f"因此结果是 {_show(items)}。分组按下标间隔取，不是把相邻的 {gap} 个分成一段。"
    return Solution(_show(items), [_show(w) for w in wrong if tuple(w) != tuple(shell.items)], steps)


FAMILIES = [
    Family("ds-quicksort-pass", "快速排序的一趟划分", "ds", ("ds.8.4",), _sample_quick, _ask_quick, _solve_quick),
    Family("ds-shell-pass", "希尔排序的趟结果", "ds", ("ds.8.2",), _sample_shell, _ask_shell, _solve_shell),
]
