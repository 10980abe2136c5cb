"""Answers of the bank's questions of chapter ds.5, computed from their stems."""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, count, pairwise, product

from tests.unit.knowledge.bank_answers.shared_ds_1_to_5 import growth, listed, only, spaced


def _romans(truth: Mapping[str, bool]) -> str:
    """Name the true statements the way the options do: 仅Ⅰ、Ⅱ, or without 仅 when all hold."""
    true = "、".join(name for name, holds in truth.items() if holds)
    return true if all(truth.values()) else f"仅{true}"


@dataclass(frozen=True)
class Tree:
    """A binary tree node; None is the empty tree."""

    key: str
    left: Tree | None = None
    right: Tree | None = None


def _nodes(tree: Tree | None) -> list[Tree]:
    """Nodes in preorder."""
    return [] if tree is None else [tree, *_nodes(tree.left), *_nodes(tree.right)]


def _pre(tree: Tree | None) -> str:
    return "".join(node.key for node in _nodes(tree))


def _in(tree: Tree | None) -> str:
    return "" if tree is None else _in(tree.left) + tree.key + _in(tree.right)


def _post(tree: Tree | None) -> str:
    return "" if tree is None else _post(tree.left) + _post(tree.right) + tree.key


def _level(tree: Tree | None) -> str:
    queue, out = deque([tree]), ""
    while queue:
        node = queue.popleft()
        if node is not None:
            out += node.key
            queue += [node.left, node.right]
    return out


def _height(tree: Tree | None) -> int:
    return 0 if tree is None else 1 + max(_height(tree.left), _height(tree.right))


def _shapes(n: int, first: int = 0) -> Iterator[Tree | None]:
    """All binary trees of n nodes, keys a, b, c, ... in preorder."""
    if n == 0:
        yield None
        return
    for left_size in range(n):
        for left in _shapes(left_size, first + 1):
            for right in _shapes(n - 1 - left_size, first + 1 + left_size):
                yield Tree(chr(ord("a") + first), left, right)


def _trees(low: int, high: int) -> list[Tree]:
    """All non-empty binary trees of low to high nodes."""
    return [tree for n in range(low, high + 1) for tree in _shapes(n) if tree is not None]


def _from_array(cells: Mapping[int, str], i: int = 1) -> Tree | None:
    """Tree stored by index: root at 1, children of i at 2i and 2i+1."""
    return Tree(cells[i], _from_array(cells, 2 * i), _from_array(cells, 2 * i + 1)) if i in cells else None


def _from_pre_in(pre: str, ino: str) -> Tree | None:
    if not pre:
        return None
    k = ino.index(pre[0])
    return Tree(pre[0], _from_pre_in(pre[1 : k + 1], ino[:k]), _from_pre_in(pre[k + 1 :], ino[k + 1 :]))


def _from_in_post(ino: str, post: str) -> Tree | None:
    if not post:
        return None
    k = ino.index(post[-1])
    return Tree(post[-1], _from_in_post(ino[:k], post[:k]), _from_in_post(ino[k + 1 :], post[k:-1]))


def _children(node: Tree) -> int:
    return (node.left is not None) + (node.right is not None)


def _ds_5_1_1() -> str:
    n, n4, n3, n0 = 30, 2, 3, 16
    pairs = product(range(n), repeat=2)
    return next(f"{n1} 个" for n1, n2 in pairs if n4 + n3 + n2 + n1 + n0 == n and 4 * n4 + 3 * n3 + 2 * n2 + n1 == n - 1)


def _ds_5_1_2() -> str:
    n, degree = 45, 3
    lowest = next(h for h in count(1) if sum(degree**level for level in range(h)) >= n)
    # tallest: one node has 3 children, of which 2 lie outside the single path
    return f"{lowest} 和 {n - (degree - 1)}"


def _ds_5_2_1() -> str:
    def leaves(n: int) -> list[int]:
        return [i for i in range(1, n + 1) if 2 * i > n]

    # a node of degree 1 exists exactly when n is even
    n = next(n for n in count(2, 2) if len(leaves(n)) == 77)
    return f"{sum(i.bit_length() < n.bit_length() for i in leaves(n))} 个"


def _ds_5_2_2() -> str:
    degrees = [[_children(node) for node in _nodes(tree)] for tree in _trees(1, 8)]
    return _romans(
        {
            "Ⅰ": all(1 in d for d in degrees if len(d) % 2 == 0),
            "Ⅱ": all(1 not in d for d in degrees if len(d) % 2 == 1),
            "Ⅲ": all(d.count(0) > d.count(2) for d in degrees),
        }
    )


def _ds_5_3_1() -> str:
    a, b, edges = 90, 47, 0
    while a != b:
        a, b = (a // 2, b) if a > b else (a, b // 2)
        edges += 1
    return str(edges)


def _ds_5_3_2() -> str:
    n = 20
    # every node but the root is pointed to once as a child and points once to its parent
    return f"{3 * n - 2 * (n - 1)} 个"


def _ds_5_4_1() -> str:
    cells = {i: key for i, key in enumerate("ABCDE#F##GH##I", start=1) if key != "#"}
    return spaced(_post(_from_array(cells)))


def _ds_5_4_2() -> str:
    in_before: set[bool] = set()
    relation: set[str] = set()
    for tree in _trees(2, 7):
        pre, ino, post = _pre(tree), _in(tree), _post(tree)
        below = {(node.key, key) for node in _nodes(tree) for key in _pre(node)[1:]}
        for p, q in combinations(pre, 2):  # p precedes q in preorder
            if post.index(p) < post.index(q):
                in_before.add(ino.index(p) < ino.index(q))
                relation.add("p over q" if (p, q) in below else "q over p" if (q, p) in below else "none")
    return only(
        {
            "中序序列中 p、q 的次序不定，且 q 是 p 的祖先": in_before == {True, False} and relation == {"q over p"},
            "中序序列中 p 必在 q 之后，且两者无祖先关系": in_before == {False} and relation == {"none"},
            "中序序列中 p 必在 q 之前，且 p 是 q 的祖先": in_before == {True} and relation == {"p over q"},
            "中序序列中 p 必在 q 之前，且两者无祖先关系": in_before == {True} and relation == {"none"},
        }
    )


def _inorder_stack(tree: Tree) -> int:
    """Largest stack of the non-recursive inorder traversal."""
    stack: list[Tree] = []
    current: Tree | None = tree
    most = 0
    while current is not None or stack:
        if current is not None:
            stack.append(current)
            current = current.left
        else:
            current = stack.pop().right
        most = max(most, len(stack))
    return most


def _ds_5_4_3() -> str:
    def right_leaf(tree: Tree) -> bool:
        """Whether some leaf is not a left child."""
        return any(node.right is not None and _children(node.right) == 0 for node in _nodes(tree))

    tests: dict[str, Callable[[Tree], bool]] = {
        "每个结点都没有左孩子": lambda tree: all(node.left is None for node in _nodes(tree)),
        "每个结点都没有右孩子": lambda tree: all(node.right is None for node in _nodes(tree)),
        "每个分支结点都有两个孩子": lambda tree: all(_children(node) != 1 for node in _nodes(tree)),
        "每个叶结点都是左孩子": lambda tree: not right_leaf(tree),
    }
    trees = _trees(2, 7)
    return only({text: all(test(tree) == (_inorder_stack(tree) <= 1) for tree in trees) for text, test in tests.items()})


def _ds_5_5_1() -> str:
    n = 21
    queue, most = deque([1]), 1
    while queue:
        i = queue.popleft()
        queue += [child for child in (2 * i, 2 * i + 1) if child <= n]
        most = max(most, len(queue))
    return str(most)


def _ds_5_5_2() -> str:
    tree = Tree("A", Tree("B", Tree("D"), Tree("E", Tree("G"))), Tree("C", None, Tree("F")))
    stack, out = [tree], ""
    while stack:
        node = stack.pop()
        out += node.key
        stack += [child for child in (node.left, node.right) if child is not None]
    return spaced(out)


def _ds_5_6_1() -> str:
    return spaced(_level(_from_in_post("FKCAMBJHE", "FKACJBEHM")))


def _ds_5_6_2() -> str:
    full = [tree for tree in _trees(1, 9) if all(_children(node) != 1 for node in _nodes(tree))]

    def settles(known: Callable[[Tree], object]) -> bool:
        return len({known(tree) for tree in full}) == len(full)

    # keys follow preorder, which loses nothing where preorder is known; for postorder alone
    # the keys would follow postorder, and the number of nodes is then all that is known
    return _romans(
        {
            "Ⅰ": settles(lambda tree: (_pre(tree), _post(tree))),
            "Ⅱ": settles(lambda tree: (_pre(tree), _level(tree))),
            "Ⅲ": settles(lambda tree: len(_nodes(tree))),
        }
    )


def _ds_5_7_1() -> str:
    def f(tree: Tree | None) -> int:
        return -1 if tree is None else min(f(tree.left), f(tree.right)) + 1

    return str(f(_from_array({i: "x" for i in (1, 2, 3, 4, 5, 6, 7, 8, 9, 12)})))


def _ds_5_7_2() -> str:
    def measured(tree: Tree | None, bad: Callable[[int, int], bool]) -> int:
        if tree is None:
            return 0
        left, right = measured(tree.left, bad), measured(tree.right, bad)
        return -1 if bad(left, right) else max(left, right) + 1

    def expected(tree: Tree) -> int:
        balanced = all(abs(_height(node.left) - _height(node.right)) <= 1 for node in _nodes(tree))
        return _height(tree) if balanced else -1

    tests: dict[str, Callable[[int, int], bool]] = {
        "(l == -1 && r == -1) || abs(l - r) > 1": lambda l_, r: (l_ == -1 and r == -1) or abs(l_ - r) > 1,
        "l != r && (l == -1 || abs(l - r) > 1)": lambda l_, r: l_ != r and (l_ == -1 or abs(l_ - r) > 1),
        "l == -1 || r == -1 || abs(l - r) > 1": lambda l_, r: l_ == -1 or r == -1 or abs(l_ - r) > 1,
        "l == -1 || r == -1 || l - r > 1": lambda l_, r: l_ == -1 or r == -1 or l_ - r > 1,
    }
    trees = _trees(1, 9)
    return only({text: all(measured(tree, bad) == expected(tree) for tree in trees) for text, bad in tests.items()})


def _ds_5_7_3() -> str:
    def cost(tree: Tree | None) -> int:
        """Nodes visited by all calls of D and Height."""
        return 0 if tree is None else len(_nodes(tree)) + cost(tree.left) + cost(tree.right)

    def perfect(n: int) -> Tree | None:
        return _from_array(dict.fromkeys(range(1, n + 1), "x"))

    def right_chain(n: int) -> Tree | None:
        tree: Tree | None = None
        for _ in range(n):
            tree = Tree("x", None, tree)
        return tree

    orders: dict[str, Callable[[float], float]] = {
        "O(n)": lambda n: n,
        "O(n log2(n))": lambda n: n * math.log2(n),
        "O(n^2)": lambda n: n * n,
    }
    for_perfect = growth(lambda n: cost(perfect(n)), [2**k - 1 for k in range(5, 14)], orders)
    for_chain = growth(lambda n: cost(right_chain(n)), [2**k for k in range(3, 9)], orders)
    return f"{for_perfect} 和 {for_chain}"


def _ds_5_8_1() -> str:
    tree = Tree("A", Tree("B", None, Tree("D", Tree("G"))), Tree("C", Tree("E"), Tree("F")))
    ino = _in(tree)
    by_key = {node.key: node for node in _nodes(tree)}
    left = [b for a, b in pairwise(ino) if a == "A" and by_key[b].left is None]
    right = [a for a, b in pairwise(ino) if b == "A" and by_key[a].right is None]
    return f"{left[0]} 和 {right[0]}"


def _ds_5_8_2() -> str:
    tree = Tree("A", Tree("B", Tree("D"), Tree("E", None, Tree("G"))), Tree("C", Tree("F")))
    last = _post(tree)[-1]
    # a node with a right child has no right thread
    return listed(sorted(node.key for node in _nodes(tree) if node.right is not None and node.key != last))


def _random_forest(rng: random.Random, n: int, trees: int, leaves: int) -> list[int]:
    """Parent of each node (-1 for roots) of a random forest with the given counts."""
    while True:
        parents = [-1] * trees + [rng.randrange(i) for i in range(trees, n)]
        if n - len(set(parents) - {-1}) == leaves:
            return parents


def _as_binary(parents: Sequence[int]) -> tuple[list[int | None], list[int | None]]:
    """First child and next sibling of each node; the roots are siblings too."""
    first: list[int | None] = [None] * len(parents)
    sibling: list[int | None] = [None] * len(parents)
    latest: dict[int, int] = {}
    for node, parent in enumerate(parents):
        if parent in latest:
            sibling[latest[parent]] = node
        elif parent >= 0:
            first[parent] = node
        latest[parent] = node
    return first, sibling


def _ds_5_9_1() -> str:
    n, edges, leaves = 30, 26, 12
    rng = random.Random(408)
    held = []
    for _ in range(50):
        first, sibling = _as_binary(_random_forest(rng, n, n - edges, leaves))
        on_right = [node := 0]
        while (after := sibling[node]) is not None:
            on_right.append(node := after)
        held.append((first.count(None) == 12, sibling.count(None) == 18, len(on_right) == 4))
    return _romans({name: all(row[k] for row in held) for k, name in enumerate("ⅠⅡⅢ")})


def _ds_5_9_2() -> str:
    # the tree's first-root and last-root orders are the binary tree's preorder and inorder
    nodes = _nodes(_from_pre_in("ABDEHFCG", "DHEFBGCA"))

    def degree(node: Tree) -> int:
        child, number = node.left, 0
        while child is not None:
            child, number = child.right, number + 1
        return number

    degrees = [degree(node) for node in nodes]
    return f"{max(degrees)} 和 {degrees.count(0)}"


def _merge_cost(weights: Iterable[int], ways: int = 2) -> int:
    """Least weighted path length of a tree with at most `ways` children per node."""
    heap = list(weights)
    heap += [0] * (-(len(heap) - 1) % (ways - 1))
    heapq.heapify(heap)
    total = 0
    while len(heap) > 1:
        joined = sum(heapq.heappop(heap) for _ in range(ways))
        total += joined
        heapq.heappush(heap, joined)
    return total


def _ds_5_10_1() -> str:
    weights = [3, 5, 6, 9, 12, 17]
    return f"{3 * sum(weights) - _merge_cost(weights)} 位"


def _ds_5_10_2() -> str:
    return str(_merge_cost([2, 3, 5, 7, 9, 12, 14, 20], ways=4))


def _ds_5_10_3() -> str:
    def huffman(codes: Sequence[str]) -> bool:
        """A prefix code whose tree has no node with a single child: the Kraft sum is 1."""
        prefix_free = not any(b.startswith(a) for a in codes for b in codes if a != b)
        return prefix_free and sum(Fraction(1, 2 ** len(code)) for code in codes) == 1

    options = (
        "{1, 01, 001, 000, 0011}",
        "{00, 01, 10, 110, 111}",
        "{0, 10, 110, 1110, 11110}",
        "{00, 01, 11, 100, 111}",
    )
    return only({text: huffman(text.strip("{}").split(", ")) for text in options})


def _ds_5_11_1() -> str:
    s = [3, -3, 0, -6, 2, 3, 1, 1, 0]

    def find(x: int) -> int:
        if s[x] < 0:
            return x
        s[x] = find(s[x])
        return s[x]

    find(4)
    small, large = sorted((find(6), find(4)), key=lambda root: -s[root])
    s[large] += s[small]
    s[small] = large
    return f"{s.count(3)} 个"


ANSWERS: dict[str, Callable[[], str]] = {
    "ds.5.1-1": _ds_5_1_1,
    "ds.5.1-2": _ds_5_1_2,
    "ds.5.2-1": _ds_5_2_1,
    "ds.5.2-2": _ds_5_2_2,
    "ds.5.3-1": _ds_5_3_1,
    "ds.5.3-2": _ds_5_3_2,
    "ds.5.4-1": _ds_5_4_1,
    "ds.5.4-2": _ds_5_4_2,
    "ds.5.4-3": _ds_5_4_3,
    "ds.5.5-1": _ds_5_5_1,
    "ds.5.5-2": _ds_5_5_2,
    "ds.5.6-1": _ds_5_6_1,
    "ds.5.6-2": _ds_5_6_2,
    "ds.5.7-1": _ds_5_7_1,
    "ds.5.7-2": _ds_5_7_2,
    "ds.5.7-3": _ds_5_7_3,
    "ds.5.8-1": _ds_5_8_1,
    "ds.5.8-2": _ds_5_8_2,
    "ds.5.9-1": _ds_5_9_1,
    "ds.5.9-2": _ds_5_9_2,
    "ds.5.10-1": _ds_5_10_1,
    "ds.5.10-2": _ds_5_10_2,
    "ds.5.10-3": _ds_5_10_3,
    "ds.5.11-1": _ds_5_11_1,
}
