"""B-trees: the tree after insertions with splits."""

from __future__ import annotations

import random
from bisect import bisect
from dataclasses import dataclass
from typing import NamedTuple

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]


class Node(NamedTuple):
    """A node; a leaf has no children."""

    keys: tuple[int, ...]
    children: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Inserts:
    """The order of the B-tree and the keys in the order of insertion; the last one splits a node."""

    order: int
    keys: tuple[int, ...]


class _Rule(NamedTuple):
    """When and where nodes split: most keys, place of the key that goes up, levels that may split, whether leaves keep it."""

    most: int
    up: int
    levels: int = 9
    keep: bool = False


def _rule(order: int) -> _Rule:
    return _Rule(order - 1, (order + 1) // 2 - 1)


def _split(node: Node, rule: _Rule, log: list[str]) -> tuple[tuple[Node, ...], tuple[int, ...]]:
    """The node as it is, or its halves and the key between them."""
    levels, below = 1, node
    while below.children:
        levels, below = levels + 1, below.children[0]
    if len(node.keys) <= rule.most or levels > rule.levels:
        return (node,), ()
    middle = node.keys[rule.up]
    right = node.keys[rule.up + (0 if rule.keep and not node.children else 1) :]
    log.append(
        f"结点 [{_join(node.keys)}] 有 {len(node.keys)} 个关键字，超过 {rule.most} 个，{middle} 上升，分成 [{_join(node.keys[: rule.up])}] 和 [{_join(right)}]"
    )
    halves = Node(node.keys[: rule.up], node.children[: rule.up + 1]), Node(right, node.children[rule.up + 1 :])
    return halves, (middle,)


def _insert(node: Node, key: int, rule: _Rule, log: list[str]) -> tuple[tuple[Node, ...], tuple[int, ...]]:
    at = bisect(node.keys, key)
    if not node.children:
        return _split(Node((*node.keys[:at], key, *node.keys[at:])), rule, log)
    parts, ups = _insert(node.children[at], key, rule, log)
    keys = (*node.keys[:at], *ups, *node.keys[at:])
    return _split(Node(keys, (*node.children[:at], *parts, *node.children[at + 1 :])), rule, log)


def _add(tree: Node, key: int, rule: _Rule, log: list[str]) -> Node:
    parts, ups = _insert(tree, key, rule, log)
    return Node(ups, parts) if ups else parts[0]


def _build(keys: tuple[int, ...], rule: _Rule) -> tuple[Node, list[str]]:
    tree, lines = Node(()), []
    for key in keys:
        log: list[str] = []
        tree = _add(tree, key, rule, log)
        if log:
            lines.append(f"插入 {key} 后，{'，接着'.join(log)}，树成为 {_show(tree)}")
    return tree, lines


def _join(keys: tuple[int, ...]) -> str:
    return " ".join(map(str, keys))


def _show(tree: Node) -> str:
    """The tree by levels, the root first."""
    rows, row = [], [tree]
    while row:
        rows.append(" ".join(f"[{_join(node.keys)}]" for node in row))
        row = [child for node in row for child in node.children]
    return " / ".join(rows)


def _sample(rng: random.Random, difficulty: int) -> Inserts:
    order, n = ((3, 5), (3, 6), (4, 7), (5, 9), (3, 8))[difficulty - 1]
    while True:
        keys = tuple(rng.sample(range(3, 99), n + rng.randrange(2)))
        log: list[str] = []
        _add(_build(keys[:-1], _rule(order))[0], keys[-1], _rule(order), log)
        if len(log) >= 1 + (difficulty == 5):
            return Inserts(order, keys)


def _ask(problem: Inserts) -> str:
    m, middle = problem.order, (problem.order + 1) // 2
    return (
        f"将关键字 {'、'.join(map(str, problem.keys))} 依次插入一棵初始为空的 {m} 阶 B 树。结点的关键字达到 {m} 个时分裂，"
        f"其中第 {middle} 个关键字升入双亲结点。用 [ ] 表示一个结点，用 / 分隔从根到叶的各层，最后得到的 B 树是"
    )


def _fits(tree: Node, m: int) -> bool:
    """Whether no node has m keys: one with so many could be seen to be wrong without building the tree."""
    return len(tree.keys) < m and all(_fits(child, m) for child in tree.children)


def _solve(problem: Inserts) -> Solution:
    rule, m = _rule(problem.order), problem.order
    tree, lines = _build(problem.keys, rule)
    before, last = _build(problem.keys[:-1], rule)[0], problem.keys[-1]
    wrong = [
        _add(before, last, rule._replace(levels=1), []),
        _build(problem.keys, _Rule(m, (m + 1) // 2 - 1 + (m % 2 == 0)))[0],
        _build(problem.keys, rule._replace(keep=True))[0],
        _build(problem.keys, rule._replace(up=m // 2))[0],
        _add(before, last, rule._replace(keep=True), []),
        _build(tuple(sorted(problem.keys)), rule)[0],  # as if the order of insertion did not matter
        _build(problem.keys[:-2] + problem.keys[:-3:-1], rule)[0],  # the last two exchanged
        _build(tuple(sorted(problem.keys, reverse=True)), rule)[0],
    ]
    answer = _show(tree)
    steps = (
        f"{m} 阶 B 树的结点最多有 {m - 1} 个关键字，达到 {m} 个就分裂。新关键字总是插入最底层的结点。"
        f"{'；'.join(lines)}；其余插入不引起分裂。最后的 B 树是 {answer}。B 树的关键字升入双亲后不再留在原结点，这与 B+ 树不同。"
    )
    return Solution(answer, [_show(w) for w in wrong if _fits(w, m)], steps)


FAMILIES = [Family("ds-btree-split", "B 树的插入与分裂", "ds", ("ds.7.6",), _sample, _ask, _solve)]
