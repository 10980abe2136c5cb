"""Search trees: the mean search length of a binary search tree; AVL trees after insertions."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import NamedTuple

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]


class Node(NamedTuple):
    """A node of a binary search tree."""

    key: int
    left: Node | None = None
    right: Node | None = None


def _insert(tree: Node | None, key: int) -> Node:
    if tree is None:
        return Node(key)
    if key < tree.key:
        return tree._replace(left=_insert(tree.left, key))
    return tree._replace(right=_insert(tree.right, key))


def _levels(tree: Node | None) -> list[list[int]]:
    rows, row = [], [tree] if tree else []
    while row:
        rows.append([node.key for node in row])
        row = [child for node in row for child in (node.left, node.right) if child]
    return rows


def _keys(keys: tuple[int, ...]) -> str:
    return "、".join(map(str, keys))


def _sample_bst(rng: random.Random, difficulty: int) -> tuple[int, ...]:
    while True:
        keys = tuple(rng.sample(range(5, 99), 5 + difficulty))
        if 3 <= len(_levels(_plain(keys))) < len(keys):
            return keys


def _plain(keys: tuple[int, ...]) -> Node | None:
    tree: Node | None = None
    for key in keys:
        tree = _insert(tree, key)
    return tree


def _ask_bst(keys: tuple[int, ...]) -> str:
    return f"将关键字 {_keys(keys)} 依次插入一棵初始为空的二叉排序树，在等概率情况下查找成功的平均查找长度是"


def _solve_bst(keys: tuple[int, ...]) -> Solution:
    rows, n = _levels(_plain(keys)), len(keys)
    sizes = [len(row) for row in rows]
    total = sum(depth * size for depth, size in enumerate(sizes, 1))
    halving = sum(depth.bit_length() for depth in range(1, n + 1))
    # the external path length is the internal one (total - n) + 2n, over n + 1 empty links
    misses = total + n
    layers = "；".join(f"第 {i} 层 {_keys(tuple(row))}" for i, row in enumerate(rows, 1))
    terms = " + ".join(f"{d} × {size}" for d, size in enumerate(sizes, 1))
    answer = str(Fraction(total, n))
    steps = (
        f"插入后二叉排序树从上到下：{layers}。查找第 d 层的结点比较 d 次，总次数 = {terms} = {total}，"
        f"平均查找长度 = {total} ÷ {n} = {answer}。"
    )
    if halving != total:
        steps += f"{Fraction(halving, n)} 是各层尽量填满时（折半查找）的值，这棵树并不是那样。"
    wrong = [Fraction(halving, n), Fraction(total - n, n), Fraction(misses, n + 1), Fraction(n + 1, 2), Fraction(len(rows))]
    return Solution(answer, [str(w) for w in wrong], steps)


def _height(tree: Node | None) -> int:
    return 1 + max(_height(tree.left), _height(tree.right)) if tree else 0


def _lean(tree: Node | None) -> int:
    return _height(tree.left) - _height(tree.right) if tree else 0


def _rotate_right(tree: Node) -> Node:
    assert tree.left
    return tree.left._replace(right=tree._replace(left=tree.left.right))


def _rotate_left(tree: Node) -> Node:
    assert tree.right
    return tree.right._replace(left=tree._replace(right=tree.right.left))


_TURNS = {"LL": "右单旋转", "RR": "左单旋转", "LR": "先左旋再右旋", "RL": "先右旋再左旋"}


def _balance(tree: Node, log: list[str], single: bool) -> Node:
    """Rotates where needed and logs it; `single`: the mistake of answering LR and RL with a single rotation."""
    lean = _lean(tree)
    if abs(lean) < 2:
        return tree
    inner = _lean(tree.left) < 0 if lean > 0 else _lean(tree.right) > 0
    kind = ("LR" if inner else "LL") if lean > 0 else ("RL" if inner else "RR")
    log.append(f"以 {tree.key} 为根的最小不平衡子树是 {kind} 型，{_TURNS[kind]}")
    if inner and not single:
        tree = tree._replace(left=_rotate_left(tree.left)) if lean > 0 and tree.left else tree
        tree = tree._replace(right=_rotate_right(tree.right)) if lean < 0 and tree.right else tree
    return _rotate_right(tree) if lean > 0 else _rotate_left(tree)


def _insert_avl(tree: Node | None, key: int, log: list[str], single: bool = False) -> Node:
    if tree is None:
        return Node(key)
    if key < tree.key:
        return _balance(tree._replace(left=_insert_avl(tree.left, key, log, single)), log, single)
    return _balance(tree._replace(right=_insert_avl(tree.right, key, log, single)), log, single)


def _avl(keys: tuple[int, ...], single: bool = False) -> tuple[Node | None, list[str]]:
    tree: Node | None = None
    lines = []
    for key in keys:
        log: list[str] = []
        tree = _insert_avl(tree, key, log, single)
        if log:
            lines.append(f"插入 {key} 后，{log[0]}，调整后的先序序列为 {_show(_preorder(tree))}")
    return tree, lines


def _preorder(tree: Node | None) -> list[int]:
    return [tree.key, *_preorder(tree.left), *_preorder(tree.right)] if tree else []


def _postorder(tree: Node | None) -> list[int]:
    return [*_postorder(tree.left), *_postorder(tree.right), tree.key] if tree else []


def _middle(keys: list[int]) -> Node | None:
    """The tree of the halving search."""
    half = (len(keys) - 1) // 2
    return Node(keys[half], _middle(keys[:half]), _middle(keys[half + 1 :])) if keys else None


def _show(keys: list[int]) -> str:
    return ", ".join(map(str, keys))


def _sample_avl(rng: random.Random, difficulty: int) -> tuple[int, ...]:
    while True:
        keys = tuple(rng.sample(range(5, 99), 4 + difficulty))
        lines = _avl(keys)[1]
        doubles = sum("LR" in line or "RL" in line for line in lines)
        if len(lines) >= 1 + difficulty // 2 and doubles >= (difficulty >= 2):
            return keys


def _ask_avl(keys: tuple[int, ...]) -> str:
    return f"将关键字 {_keys(keys)} 依次插入一棵初始为空的平衡二叉树（AVL 树），插入完成后该树的先序遍历序列是"


def _solve_avl(keys: tuple[int, ...]) -> Solution:
    tree, lines = _avl(keys)
    answer, plain = _show(_preorder(tree)), _show(_preorder(_plain(keys)))
    steps = (
        f"每次插入后，从插入处向上找最小不平衡子树并旋转。{'；'.join(lines)}；其余插入不引起失衡。"
        f"最后的先序遍历序列是 {answer}。不做调整的二叉排序树的先序序列是 {plain}，不要混淆。"
    )
    level = [key for row in _levels(tree) for key in row]
    wrong = [
        _preorder(_plain(keys)),
        level,
        _preorder(_middle(sorted(keys))),
        _postorder(tree),
        _preorder(_avl(keys[:-1])[0]) + [keys[-1]],
    ]
    if (tilted := _avl(keys, single=True)[0]) != tree:
        wrong.insert(1, _preorder(tilted))
    return Solution(answer, [_show(w) for w in wrong], steps)


FAMILIES = [
    Family("ds-bst-insert", "二叉排序树的平均查找长度", "ds", ("ds.7.3",), _sample_bst, _ask_bst, _solve_bst),
    Family("ds-avl-insert", "平衡二叉树的插入与调整", "ds", ("ds.7.4",), _sample_avl, _ask_avl, _solve_avl),
]
