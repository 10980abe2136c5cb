"""Answers of the bank's questions of chapter ds.7, computed from their stems."""

import bisect
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import cache
from itertools import count, permutations

from tests.unit.knowledge.bank_answers.shared_ds_6_to_8 import commas, dots, only_true


def _ratio(total: int, parts: int) -> str:
    """A quotient as the options write it: not reduced."""
    return f"{total}/{parts}"


def _ds_7_1_1() -> str:
    blocks = [(6, Fraction(1, 2)), (10, Fraction(3, 10)), (4, Fraction(1, 5))]
    asl = sum(share * (number + Fraction(size + 1, 2)) for number, (size, share) in enumerate(blocks, 1))
    return f"{float(asl):.1f}"


def _probes(low: int, high: int, target: float) -> list[int]:
    """The indexes that binary search compares with when it looks for an index (a half: between two indexes)."""
    probes = []
    while low <= high:
        probes.append((low + high) // 2)
        if probes[-1] == target:
            break
        if target < probes[-1]:
            high = probes[-1] - 1
        else:
            low = probes[-1] + 1
    return probes


def _ds_7_2_1() -> str:
    return _ratio(sum(len(_probes(0, 19, gap - 0.5)) for gap in range(21)), 21)


def _ds_7_2_2() -> str:
    targets = [half / 2 for half in range(-1, 37)]
    runs = [_probes(0, 17, target) for target in targets]
    options = ([8, 4, 1, 2], [8, 3, 6, 7], [8, 13, 10, 11, 12], [9, 13, 11, 12])
    return only_true({dots(option): any(run[: len(option)] == option for run in runs) for option in options})


class _Node:
    """A node of a binary search tree."""

    def __init__(self, key: int) -> None:
        self.key = key
        self.left: _Node | None = None
        self.right: _Node | None = None
        self.red = True


def _insert(tree: _Node | None, key: int) -> _Node:
    if tree is None:
        return _Node(key)
    if key < tree.key:
        tree.left = _insert(tree.left, key)
    else:
        tree.right = _insert(tree.right, key)
    return tree


def _build(keys: Iterable[int]) -> _Node | None:
    tree: _Node | None = None
    for key in keys:
        tree = _insert(tree, key)
    return tree


def _preorder(tree: _Node | None) -> list[int]:
    return [] if tree is None else [tree.key, *_preorder(tree.left), *_preorder(tree.right)]


def _delete(tree: _Node | None, key: int) -> _Node | None:
    """Delete a key; a node with two children takes the key of its inorder successor."""
    if tree is None:
        return None
    if key < tree.key:
        tree.left = _delete(tree.left, key)
    elif key > tree.key:
        tree.right = _delete(tree.right, key)
    elif tree.left is None or tree.right is None:
        return tree.left or tree.right
    else:
        after = tree.right
        while after.left is not None:
            after = after.left
        tree.key = after.key
        tree.right = _delete(tree.right, after.key)
    return tree


def _ds_7_3_1() -> str:
    shape = [46, 28, 15, 33, 61, 79]  # the preorder sequence determines a binary search tree
    return f"{sum(_preorder(_build(order)) == shape for order in permutations(shape))}种"


def _ds_7_3_2() -> str:
    return commas(_preorder(_delete(_build([50, 24, 81, 13, 37, 66, 95, 58, 74, 62, 90]), 50)))


def _ds_7_3_3() -> str:
    tree = _build([40, 18, 67, 9, 29, 52, 88, 35, 60, 75])
    result = -1
    while tree is not None:
        if tree.key > 52:
            result, tree = tree.key, tree.left
        else:
            tree = tree.right
    return str(result).replace("-", "−")


def _height(tree: _Node | None) -> int:
    return 0 if tree is None else 1 + max(_height(tree.left), _height(tree.right))


def _rotate(top: _Node, side: str) -> _Node:
    """Lift the child on that side over the top node."""
    other = "right" if side == "left" else "left"
    child: _Node = getattr(top, side)
    setattr(top, side, getattr(child, other))
    setattr(child, other, top)
    return child


def _avl_insert(tree: _Node | None, key: int, log: list[str]) -> _Node:
    """Insert into an AVL tree; the types of the rotations go to the log."""
    if tree is None:
        return _Node(key)
    side = "left" if key < tree.key else "right"
    child = _avl_insert(getattr(tree, side), key, log)
    setattr(tree, side, child)
    if abs(_height(tree.left) - _height(tree.right)) < 2:
        return tree
    inner = "left" if key < child.key else "right"
    log.append((side[0] + inner[0]).upper())
    if inner != side:
        setattr(tree, side, _rotate(child, inner))
    return _rotate(tree, side)


def _avl_log(keys: Iterable[int], tree: _Node | None = None) -> list[str]:
    log: list[str] = []
    for key in keys:
        tree = _avl_insert(tree, key, log)
    return log


def _ds_7_4_1() -> str:
    return dots(_avl_log([36, 52, 44, 20, 61, 70, 12, 28, 24, 56]))


def _ds_7_4_2() -> str:
    keys = [50, 30, 70, 20, 40, 60, 35]  # level order: rebuilds the tree of the stem
    return only_true({str(key): _avl_log([key], _build(keys)) == ["LR"] for key in (33, 38, 45, 55)})


@cache
def _least_avl(height: int) -> int:
    return height if height < 2 else 1 + _least_avl(height - 1) + _least_avl(height - 2)


def _ds_7_4_3() -> str:
    return str(next(height for height in count(1) if _least_avl(height + 1) > 60))


def _is_red(node: _Node | None) -> bool:
    return node is not None and node.red


def _red_black_fix(top: _Node) -> _Node:
    """Repair a red child with a red child of its own below a black node."""
    for side, other in (("left", "right"), ("right", "left")):
        child: _Node | None = getattr(top, side)
        if child is None or not child.red or not (_is_red(child.left) or _is_red(child.right)):
            continue
        uncle: _Node | None = getattr(top, other)
        if uncle is not None and uncle.red:
            top.red, child.red, uncle.red = True, False, False
            return top
        if _is_red(getattr(child, other)):
            setattr(top, side, _rotate(child, other))
        new = _rotate(top, side)
        new.red, top.red = False, True
        return new
    return top


def _red_black_insert(tree: _Node | None, key: int) -> _Node:
    if tree is None:
        return _Node(key)
    side = "left" if key < tree.key else "right"
    setattr(tree, side, _red_black_insert(getattr(tree, side), key))
    return tree if tree.red else _red_black_fix(tree)


def _red_keys(tree: _Node | None) -> list[int]:
    if tree is None:
        return []
    return _red_keys(tree.left) + [tree.key] * tree.red + _red_keys(tree.right)


def _ds_7_5_1() -> str:
    tree: _Node | None = None
    for key in (40, 65, 55, 20, 30, 80, 10, 25):
        tree = _red_black_insert(tree, key)
        tree.red = False
    return "{" + commas(_red_keys(tree)) + "}"


def _red_black_sizes(blacks: int) -> tuple[int, int]:
    """Least and greatest number of inner nodes below a black node; blacks counts it and the black empty leaf."""
    if blacks == 1:
        return 0, 0
    least, most = _red_black_sizes(blacks - 1)
    return 1 + 2 * least, 1 + 2 * (1 + 2 * most)  # no red child at all, or two red children


def _ds_7_5_2() -> str:
    least, most = _red_black_sizes(4)
    return f"{least}和{most}"


class _Page:
    """A node of a B-tree; terminal nodes have no children."""

    def __init__(self, keys: Iterable[int], children: Iterable["_Page"] = ()) -> None:
        self.keys = list(keys)
        self.children = list(children)

    def __str__(self) -> str:
        return f"[{commas(self.keys)}]"


def _b_insert(page: _Page, key: int, order: int) -> tuple[int, _Page] | None:
    """Insert below the page; a split gives the key that goes up and the new right page."""
    slot = bisect.bisect(page.keys, key)
    if not page.children:
        page.keys.insert(slot, key)
    elif split := _b_insert(page.children[slot], key, order):
        page.keys.insert(slot, split[0])
        page.children.insert(slot + 1, split[1])
    if len(page.keys) < order:
        return None
    middle = len(page.keys) // 2
    right = _Page(page.keys[middle + 1 :], page.children[middle + 1 :])
    up = page.keys[middle]
    del page.keys[middle:], page.children[middle + 1 :]
    return up, right


def _b_insert_root(root: _Page, key: int, order: int) -> _Page:
    split = _b_insert(root, key, order)
    return _Page([split[0]], [root, split[1]]) if split else root


def _b_borrow(page: _Page, slot: int, order: int) -> bool:
    """Let the child at the slot, one key short, take a key through its parent; False if no sibling can give one."""
    child, spare = page.children[slot], (order + 1) // 2
    if slot and len(page.children[slot - 1].keys) >= spare:
        left = page.children[slot - 1]
        child.keys.insert(0, page.keys[slot - 1])
        page.keys[slot - 1] = left.keys.pop()
        child.children[:0] = left.children[-1:]
        del left.children[-1:]
        return True
    if slot + 1 < len(page.children) and len(page.children[slot + 1].keys) >= spare:
        right = page.children[slot + 1]
        child.keys.append(page.keys[slot])
        page.keys[slot] = right.keys.pop(0)
        child.children += right.children[:1]
        del right.children[:1]
        return True
    return False


def _b_refill(page: _Page, slot: int, order: int) -> None:
    """Borrow for the child at the slot, or merge it with a sibling, if it has too few keys."""
    if len(page.children[slot].keys) >= (order + 1) // 2 - 1 or _b_borrow(page, slot, order):
        return
    left = max(slot - 1, 0)
    first, second = page.children[left : left + 2]
    first.keys += [page.keys.pop(left), *second.keys]
    first.children += second.children
    del page.children[left + 1]


def _b_delete(page: _Page, key: int, order: int) -> None:
    """Delete a key; a key of an inner page is replaced by its direct predecessor."""
    slot = bisect.bisect_left(page.keys, key)
    here = page.keys[slot : slot + 1] == [key]
    if not page.children:
        page.keys.remove(key)
        return
    if here:
        last = page.children[slot]
        while last.children:
            last = last.children[-1]
        key = page.keys[slot] = last.keys[-1]
    _b_delete(page.children[slot], key, order)
    _b_refill(page, slot, order)


def _b_delete_root(root: _Page, key: int, order: int) -> _Page:
    _b_delete(root, key, order)
    return root if root.keys else root.children[0]


def _ds_7_6_1() -> str:
    leaves = [[7, 12], [20, 25, 29, 33], [44, 51], [60, 65, 70]]
    root = _Page([18, 38, 56], map(_Page, leaves))
    for key in (27, 90, 81):
        root = _b_insert_root(root, key, 5)
    return dots(root.children)


def _ds_7_6_2() -> str:
    left = _Page([20, 35], map(_Page, [[8, 15], [24, 30], [41, 46]]))
    right = _Page([70, 85], map(_Page, [[57, 63], [74, 79, 82], [88, 93]]))
    return str(_b_delete_root(_Page([50], [left, right]), 50, 5))


def _ds_7_6_3() -> str:
    order = max(m for m in range(2, 1024) if 4 * m + (8 + 4) * (m - 1) <= 1024)
    branch = -(-order // 2)
    least = 1  # keys of the emptiest tree with as many levels
    for height in count(1):
        least = 2 * branch**height - 1  # the emptiest tree with one level more
        if least > 10**6:
            return str(height)
    raise AssertionError(least)


def _ds_7_7_1() -> str:
    first, wanted, per_leaf = 35, 130, 40
    leaves = (first - 1 + wanted - 1) // per_leaf + 1
    return str(2 + leaves)  # the root and one node of the middle level


def _hash_insert(keys: Iterable[int], size: int, probe: Callable[[int, int], int]) -> dict[int, tuple[int, int]]:
    """For each key its address and the number of comparisons; probe(key, i) is the address of probe i."""
    taken: set[int] = set()
    placed: dict[int, tuple[int, int]] = {}
    for key in keys:
        tries = next(i for i in range(size * size) if probe(key, i) % size not in taken)
        placed[key] = (probe(key, tries) % size, tries + 1)
        taken.add(placed[key][0])
    return placed


def _success(placed: dict[int, tuple[int, int]]) -> str:
    return _ratio(sum(tries for _, tries in placed.values()), len(placed))


def _ds_7_8_1() -> str:
    def square(i: int) -> int:
        return ((i + 1) // 2) ** 2 * (1 if i % 2 else -1)

    placed = _hash_insert([26, 40, 15, 48, 59, 37], 11, lambda key, i: key % 11 + square(i))
    return str(placed[37][0])


def _ds_7_8_2() -> str:
    placed = _hash_insert([24, 13, 37, 25, 15], 11, lambda key, i: key % 11 + i)
    table = {address: key for key, (address, _) in placed.items() if key != 37}
    found = {}
    for key in (13, 25, 15):
        address = key % 11
        while table.get(address, key) != key:
            address = (address + 1) % 11
        found[key] = address in table
    outcomes = {
        "13成功，25和15失败": [13],
        "三个都成功": [13, 25, 15],
        "13和15成功，25失败": [13, 15],
        "13和25成功，15失败": [13, 25],
    }
    return only_true({text: [key for key in found if found[key]] == wanted for text, wanted in outcomes.items()})


def _ds_7_9_1() -> str:
    return _success(_hash_insert([38, 19, 57, 23, 45, 60, 12, 34], 11, lambda key, i: key % 11 + i))


def _ds_7_9_2() -> str:
    placed = _hash_insert([46, 33, 15, 28, 61, 8], 10, lambda key, i: key % 7 + i)
    taken = {address for address, _ in placed.values()}
    return _ratio(sum(next(i + 1 for i in range(10) if (start + i) % 10 not in taken) for start in range(7)), 7)


def _ds_7_9_3() -> str:
    return _success(_hash_insert([25, 47, 36, 19, 58, 30, 40], 11, lambda key, i: key % 11 + i * (1 + key % 7)))


ANSWERS: dict[str, Callable[[], str]] = {
    "ds.7.1-1": _ds_7_1_1,
    "ds.7.2-1": _ds_7_2_1,
    "ds.7.2-2": _ds_7_2_2,
    "ds.7.3-1": _ds_7_3_1,
    "ds.7.3-2": _ds_7_3_2,
    "ds.7.3-3": _ds_7_3_3,
    "ds.7.4-1": _ds_7_4_1,
    "ds.7.4-2": _ds_7_4_2,
    "ds.7.4-3": _ds_7_4_3,
    "ds.7.5-1": _ds_7_5_1,
    "ds.7.5-2": _ds_7_5_2,
    "ds.7.6-1": _ds_7_6_1,
    "ds.7.6-2": _ds_7_6_2,
    "ds.7.6-3": _ds_7_6_3,
    "ds.7.7-1": _ds_7_7_1,
    "ds.7.8-1": _ds_7_8_1,
    "ds.7.8-2": _ds_7_8_2,
    "ds.7.9-1": _ds_7_9_1,
    "ds.7.9-2": _ds_7_9_2,
    "ds.7.9-3": _ds_7_9_3,
}
