"""Huffman trees: the weighted path length."""

from __future__ import annotations

import heapq
import random

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]


def _sample(rng: random.Random, difficulty: int) -> tuple[int, ...]:
    return tuple(rng.sample(range(1, 12 + 6 * difficulty), 4 + (difficulty + 1) // 2))


def _merges(weights: tuple[int, ...]) -> list[tuple[int, int]]:
    heap, pairs = list(weights), []
    heapq.heapify(heap)
    while len(heap) > 1:
        pairs.append((heapq.heappop(heap), heapq.heappop(heap)))
        heapq.heappush(heap, sum(pairs[-1]))
    return pairs


def _in_turn(weights: list[int]) -> int:
    """Merging the next weight into one growing tree, however large that is."""
    total, cost = weights[0], 0
    for weight in weights[1:]:
        total += weight
        cost += total
    return cost


def _balanced(weights: list[int]) -> int:
    """Merging neighbours pair by pair, not the smallest two."""
    cost = 0
    while len(weights) > 1:
        pairs = [sum(weights[i : i + 2]) for i in range(0, len(weights), 2)]
        cost += sum(pairs[: len(weights) // 2])
        weights = pairs
    return cost


def _ask(weights: tuple[int, ...]) -> str:
    return f"以 {'、'.join(map(str, weights))} 为叶结点的权值构造一棵哈夫曼树（二叉），树的带权路径长度（WPL）是"


def _solve(weights: tuple[int, ...]) -> Solution:
    pairs, total, ordered = _merges(weights), sum(weights), sorted(weights)
    wpl = sum(map(sum, pairs))
    lines = "；".join(f"第 {i} 次合并 {a} 和 {b} 得 {a + b}" for i, (a, b) in enumerate(pairs, 1))
    steps = (
        f"每次取权值最小的两棵树合并：{lines}。带权路径长度等于所有分支结点的权值之和："
        f"{' + '.join(str(a + b) for a, b in pairs)} = {wpl}。"
        f"漏掉根（{total}）会误得 {wpl - total}；把路径长度多算 1（按层数而不是边数）会误得 {wpl + total}。"
    )
    # Other merges; the root left out or depths one too great; the leaves added in, or the last merge twice; the two smallest only once
    wrong = [_in_turn(ordered), _balanced(ordered), wpl - total, wpl + total, wpl - max(ordered), wpl + sum(pairs[0])]
    wrong += [wpl - sum(pairs[0]), wpl - min(ordered), _in_turn(list(weights))]
    return Solution(str(wpl), [str(w) for w in wrong if w > 0], steps)


FAMILIES = [Family("ds-huffman-wpl", "哈夫曼树的带权路径长度", "ds", ("ds.5.10",), _sample, _ask, _solve)]
