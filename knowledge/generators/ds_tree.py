"""Binary trees: a traversal of a given tree; a third traversal from two given ones."""

from __future__ import annotations

import random
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]

_ORDERS = {"pre": "先序", "in": "中序", "post": "后序"}


@dataclass(frozen=True)
class Tree:
    """A binary tree as the nodes' ways from the root (L, R) with their labels, in level order; which traversal is asked."""

    nodes: tuple[tuple[str, str], ...]
    asked: str


def _grow(rng: random.Random, n: int, asked: str) -> Tree:
    ways = [""]
    while len(ways) < n:
        way = rng.choice(ways) + rng.choice("LR")
        if way not in ways and len(way) <= 4:
            ways.append(way)
    ways.sort(key=lambda w: (len(w), w))
    return Tree(tuple(zip(ways, rng.sample("ABCDEFGHIJ"[:n], n), strict=True)), asked)


def _sample_traversal(rng: random.Random, difficulty: int) -> Tree:
    return _grow(rng, 5 + difficulty, rng.choice(["in", "post"] if difficulty > 1 else list(_ORDERS)))


def _walk(labels: dict[str, str], order: str, way: str = "", sides: str = "LR") -> str:
    """A traversal; sides "RL" goes to the right child first."""
    if way not in labels:
        return ""
    first, second = (_walk(labels, order, way + side, sides) for side in sides)
    root = labels[way]
    return {"pre": root + first + second, "in": first + root + second, "post": first + second + root}[order]


def _describe(labels: dict[str, str]) -> str:
    parts = [f"根结点是 {labels['']}"]
    for way, label in labels.items():
        children = [f"{side}孩子是 {labels[way + s]}" for s, side in (("L", "左"), ("R", "右")) if way + s in labels]
        if children:
            parts.append(f"{label} 的{'，'.join(children)}")
    return "；".join(parts)


def _ask_traversal(tree: Tree) -> str:
    return f"一棵二叉树有 {len(tree.nodes)} 个结点：{_describe(dict(tree.nodes))}。没有提到的孩子为空。该二叉树的{_ORDERS[tree.asked]}遍历序列是"


def _subtrees(labels: dict[str, str], order: str) -> str:
    """One sentence a non-leaf node, smallest subtrees first."""
    inner = [w for w in labels if w + "L" in labels or w + "R" in labels]
    return "；".join(f"以 {labels[w]} 为根的子树得 {_walk(labels, order, w)}" for w in reversed(inner))


def _solve_traversal(tree: Tree) -> Solution:
    labels, level = dict(tree.nodes), "".join(label for _, label in tree.nodes)
    answer = _walk(labels, tree.asked)
    others = [_walk(labels, order) for order in ("post", "in", "pre") if order != tree.asked]
    rule = {"pre": "根、左子树、右子树", "in": "左子树、根、右子树", "post": "左子树、右子树、根"}[tree.asked]
    steps = (
        f"{_ORDERS[tree.asked]}遍历的次序是{rule}，对每棵子树都如此。自底向上：{_subtrees(labels, tree.asked)}。"
        f"整棵树的{_ORDERS[tree.asked]}遍历序列是 {answer}。层次遍历序列是 {level}，不要混淆。"
    )
    return Solution(answer, [*others, _walk(labels, tree.asked, sides="RL"), level], steps)


@dataclass(frozen=True)
class Sequences:
    """Two traversals of one tree: `outer` is its preorder (or postorder) and `inner` its inorder."""

    outer: str
    inner: str
    given: str


def _sample_rebuild(rng: random.Random, difficulty: int) -> Sequences:
    given = "pre" if difficulty < 3 else rng.choice(["pre", "post"])
    while True:
        labels = dict(_grow(rng, 4 + difficulty, "post").nodes)
        if "L" in labels and "R" in labels:
            return Sequences(_walk(labels, given), _walk(labels, "in"), given)


def _rebuild(outer: str, inner: str, given: str, way: str = "") -> dict[str, str]:
    """The tree of these sequences as way → label."""
    if not outer:
        return {}
    root = outer[0] if given == "pre" else outer[-1]
    left = inner.index(root)
    rest = outer[1:] if given == "pre" else outer[:-1]
    return {
        way: root,
        **_rebuild(rest[:left], inner[:left], given, way + "L"),
        **_rebuild(rest[left:], inner[left + 1 :], given, way + "R"),
    }


def _splits(outer: str, inner: str, given: str) -> list[str]:
    """One clause for every subtree of two or more nodes: its root and what lies to either side."""
    if len(outer) < 2:
        return []
    root = outer[0] if given == "pre" else outer[-1]
    left = inner.index(root)
    rest = outer[1:] if given == "pre" else outer[:-1]
    sides = f"左子树 {{{inner[:left]}}}、右子树 {{{inner[left + 1 :]}}}".replace(" {}", "为空")
    here = f"{_ORDERS[given]} {outer} 的根是 {root}，它把中序 {inner} 分成{sides}"
    return [here, *_splits(rest[:left], inner[:left], given), *_splits(rest[left:], inner[left + 1 :], given)]


def _ask_rebuild(problem: Sequences) -> str:
    asked = "后序" if problem.given == "pre" else "先序"
    return (
        f"一棵二叉树的{_ORDERS[problem.given]}遍历序列是 {problem.outer}，中序遍历序列是 {problem.inner}，则它的{asked}遍历序列是"
    )


def _solve_rebuild(problem: Sequences) -> Solution:
    labels, asked = _rebuild(problem.outer, problem.inner, problem.given), "post" if problem.given == "pre" else "pre"
    answer = _walk(labels, asked)
    level = "".join(labels[w] for w in sorted(labels, key=lambda w: (len(w), w)))
    mistakes = [problem.outer[::-1], level, _walk(labels, asked, "R") + _walk(labels, asked, "L")]
    mistakes[2] = mistakes[2] + labels[""] if asked == "post" else labels[""] + mistakes[2]
    end = "第一个" if problem.given == "pre" else "最后一个"
    warnings = [(mistakes[0], f"把{_ORDERS[problem.given]}序列倒过来，等于先走右子树"), (level, "成了层次遍历")]
    steps = (
        f"{_ORDERS[problem.given]}序列的{end}结点是根，根在中序序列中的位置分开左、右子树。"
        f"{'；'.join(_splits(problem.outer, problem.inner, problem.given))}。"
        f"由此得到的二叉树：{_describe(labels)}。它的{_ORDERS[asked]}遍历序列是 {answer}。"
        + "".join(f"{wrong} 错在{why}。" for wrong, why in warnings if wrong != answer)
    )
    return Solution(answer, [*mistakes, problem.inner[::-1], problem.inner], steps)


FAMILIES = [
    Family("ds-tree-traversal", "二叉树的遍历序列", "ds", ("ds.5.4",), _sample_traversal, _ask_traversal, _solve_traversal),
    Family("ds-tree-rebuild", "由两种遍历序列求第三种", "ds", ("ds.5.6",), _sample_rebuild, _ask_rebuild, _solve_rebuild),
]
