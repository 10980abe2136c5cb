"""Answers of the bank's questions of chapter ds.2, computed from their stems."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from tests.unit.knowledge.bank_answers.shared_ds_1_to_5 import listed, only


def _ds_2_1_1() -> str:
    n = 9
    other = Fraction(1, 2) / n
    # inserting before the k-th element moves n-k+1 elements, at the end none
    return str(float(sum(other * (n - k + 1) for k in range(1, n + 1))))


def _ds_2_1_2() -> str:
    capacity, copied = 4, 0
    for length in range(33):
        if length == capacity:
            copied += length
            capacity *= 2
    return str(copied)


def _ds_2_2_1() -> str:
    after: dict[int, int | None] = {i: i + 1 for i in range(6)} | {6: None}  # 0 is the head node
    p = after[0]
    while p is not None and (q := after[p]) is not None:
        after[p] = after[q]
        after[q] = after[0]
        after[0] = q
        p = after[p]
    return listed(_follow(after))


def _follow(after: Mapping[int, int | None]) -> Iterator[int]:
    node = after[0]
    while node is not None:
        yield node
        node = after[node]


def _assign(statements: str, names: dict[str, str], fields: dict[tuple[str, str], str]) -> None:
    """Run pointer assignments such as p->next = q->next; on a small heap."""
    for statement in filter(None, (part.strip() for part in statements.split(";"))):
        target, source = (side.strip().split("->") for side in statement.split("="))
        value = names[source[0]]
        for field in source[1:]:
            value = fields[value, field]
        if len(target) == 1:
            names[target[0]] = value
            continue
        owner = names[target[0]]
        for field in target[1:-1]:
            owner = fields[owner, field]
        fields[owner, target[-1]] = value


def _ring(order: Sequence[str]) -> dict[tuple[str, str], str]:
    """Links of a circular doubly linked list."""
    links = {(a, "next"): b for a, b in pairwise([*order, order[0]])}
    return links | {(b, "prior"): a for (a, _), b in links.items()}


def _ds_2_3_1() -> str:
    before = "q = p->next; p->next = q->next; q->next->prior = p;"
    after = "p->prior->next = q; p->prior = q;"
    lists = [["head", *prefix, "p", "q", *suffix] for prefix in ([], ["x"], ["w", "x"]) for suffix in ([], ["y"], ["y", "z"])]

    def swaps(blank: str, order: Sequence[str]) -> bool:
        names, links = {"p": "p"}, _ring(order)
        _assign(before + blank + after, names, links)
        k = order.index("p")
        return links == _ring([*order[:k], "q", "p", *order[k + 2 :]])

    blanks = (
        "q->prior = p->prior; q->next = p;",
        "q->prior = p->prior; q->next = p->next;",
        "q->next = p; q->prior = p;",
        "q->prior = p->next; q->next = p;",
    )
    return only({blank: all(swaps(blank, order) for order in lists) for blank in blanks})


def _ds_2_3_2() -> str:
    data = ["头", "B", "", "A", "D", "C", ""]
    cursor, avail = [3, 5, 6, 1, -1, 4, -1], 2
    gone = data.index("C")
    cursor[cursor.index(gone)] = cursor[gone]  # unlink C, then return its cell
    cursor[gone], avail = avail, gone
    new, avail = avail, cursor[avail]  # take a cell for X, then link it after A
    a = data.index("A")
    cursor[new], cursor[a] = cursor[a], new
    return listed(cursor[i] for i in (1, 3, 5))


def _ds_2_4_1() -> str:
    after = {i: i + 1 for i in range(1, 9)} | {9: 4}
    slow = fast = 1
    while True:
        slow, fast = after[slow], after[after[fast]]
        if slow == fast:
            return f"结点 {slow}"


def _ds_2_4_2() -> str:
    a, k = [5, 8, 3, 6, 2, 7, 4], 0
    for i in range(len(a)):
        if a[i] % 2 == 0:
            a[k], a[i] = a[i], a[k]
            k += 1
    return listed(a)


class _Cell:
    """A list node; reading .next of None raises AttributeError, as a null pointer would."""

    def __init__(self, after: _Cell | None, index: int) -> None:
        self.after, self.index = after, index


def _next(node: _Cell | None) -> _Cell | None:
    if node is None:
        raise AttributeError("null pointer")
    return node.after


def _ds_2_4_3() -> str:
    def stops_at(more: Callable[[_Cell | None], bool], n: int) -> int:
        first: _Cell | None = None
        for i in range(n, 0, -1):
            first = _Cell(first, i)
        p = q = first
        while more(q):
            p, q = _next(p), _next(_next(q))
        return p.index if p is not None else 0

    def right(more: Callable[[_Cell | None], bool]) -> bool:
        try:
            return all(stops_at(more, n) == math.ceil(n / 2) for n in range(1, 20))
        except AttributeError:
            return False

    return only(
        {
            "q != NULL && q->next != NULL": right(lambda q: q is not None and _next(q) is not None),
            "q != NULL && q->next->next != NULL": right(lambda q: q is not None and _next(_next(q)) is not None),
            "q->next != NULL || q->next->next != NULL": right(lambda q: _next(q) is not None or _next(_next(q)) is not None),
            "q->next != NULL && q->next->next != NULL": right(lambda q: _next(q) is not None and _next(_next(q)) is not None),
        }
    )


ANSWERS: dict[str, Callable[[], str]] = {
    "ds.2.1-1": _ds_2_1_1,
    "ds.2.1-2": _ds_2_1_2,
    "ds.2.2-1": _ds_2_2_1,
    "ds.2.3-1": _ds_2_3_1,
    "ds.2.3-2": _ds_2_3_2,
    "ds.2.4-1": _ds_2_4_1,
    "ds.2.4-2": _ds_2_4_2,
    "ds.2.4-3": _ds_2_4_3,
}
