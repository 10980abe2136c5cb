"""Answers of the bank's questions of chapter ds.3, computed from their stems."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import count

from tests.unit.knowledge.bank_answers.shared_ds_1_to_5 import listed, only, spaced


def _stack_outputs(n: int, capacity: int | None = None) -> list[tuple[int, ...]]:
    """All output sequences of pushing 1..n through a stack."""
    limit = n if capacity is None else capacity

    def grow(pushed: int, stack: tuple[int, ...], out: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if len(out) == n:
            yield out
        if stack:
            yield from grow(pushed, stack[:-1], (*out, stack[-1]))
        if pushed < n and len(stack) < limit:
            yield from grow(pushed + 1, (*stack, pushed + 1), out)

    return list(grow(0, (), ()))


def _sequences(*texts: str) -> dict[str, tuple[int, ...]]:
    return {text: tuple(int(part) for part in text.split("、")) for text in texts}


def _ds_3_1_1() -> str:
    size = 12
    tests: dict[str, Callable[[int, int], bool]] = {
        "top0 + top1 == 11": lambda top0, top1: top0 + top1 == 11,
        "top0 == top1 + 1": lambda top0, top1: top0 == top1 + 1,
        "top0 + 1 == top1": lambda top0, top1: top0 + 1 == top1,
        "top0 == top1": lambda top0, top1: top0 == top1,
    }
    # a and b elements in the two stacks: top0 = a, top1 = 11 - b
    states = [(a, b) for a in range(size + 1) for b in range(size + 1 - a)]
    return only({name: all(test(a, size - 1 - b) == (a + b == size) for a, b in states) for name, test in tests.items()})


def _ds_3_1_2() -> str:
    top = 5
    for step in ["push", "push", "push", "pop", "push", "push", "pop", "pop"]:
        top += -1 if step == "push" else 1
    return f"{top} 和 {5 - top}"


def _ds_3_2_1() -> str:
    possible = set(_stack_outputs(7, capacity=3))
    options = _sequences("2、5、4、3、1、6、7", "3、2、5、4、6、1、7", "2、4、3、6、5、1、7", "1、4、3、2、6、7、5")
    return only({text: sequence not in possible for text, sequence in options.items()})


def _ds_3_2_2() -> str:
    return f"{sum(out[0] == 3 and out[-1] == 6 for out in _stack_outputs(6))} 种"


def _ds_3_2_3() -> str:
    outs = [out for out in _stack_outputs(8) if out[2] == 1]
    return only(
        {
            "p1 是 3，p2 是 2，次序唯一": all(out[:2] == (3, 2) for out in outs),
            "p1 和 p2 是 2 和 3，次序不定": {out[:2] for out in outs} == {(2, 3), (3, 2)},
            "p4 是 4，即 1 之后紧接 4": all(out[3] == 4 for out in outs),
            "p1 和 p2 中恰有一个大于 3": all((out[0] > 3) + (out[1] > 3) == 1 for out in outs),
        }
    )


def _ds_3_3_1() -> str:
    size, front, rear = 20, 16, 5
    length = (rear - front + size) % size + 1
    for _ in range(4):
        front, length = front % size + 1, length - 1
    for _ in range(9):
        rear, length = rear % size + 1, length + 1
    return listed((front, rear, length))


def _ds_3_3_2() -> str:
    s1 = s2 = pushes = 0
    for step in "i" * 3 + "o" * 2 + "i" * 2 + "o" * 2:
        if step == "i":
            s1, pushes = s1 + 1, pushes + 1
            continue
        if s2 == 0:
            s1, s2, pushes = 0, s1, pushes + s1
        s2 -= 1
    return str(pushes)


def _ds_3_3_3() -> str:
    def works(blank: Callable[[int, int, int], tuple[int, int]], n: int) -> bool:
        # nodes 0 (head) to n; dequeuing frees node 1, so neither pointer may remain on it
        front, rear = blank(0, n, 1)
        return front == 0 and rear == (0 if n == 1 else n)

    blanks: dict[str, Callable[[int, int, int], tuple[int, int]]] = {
        "if (Q.rear == p) Q.front = Q.rear;": lambda front, rear, p: (rear, rear) if rear == p else (front, rear),
        "if (Q.rear == p) Q.rear = Q.front;": lambda front, rear, p: (front, front) if rear == p else (front, rear),
        "if (Q.rear != p) Q.rear = Q.front;": lambda front, rear, p: (front, front) if rear != p else (front, rear),
        "if (Q.front == p) Q.rear = Q.front;": lambda front, rear, p: (front, front) if front == p else (front, rear),
    }
    return only({text: all(works(blank, n) for n in range(1, 6)) for text, blank in blanks.items()})


def _ds_3_4_1() -> str:
    def possible(wanted: Sequence[int]) -> bool:
        held: deque[int] = deque()
        coming = 1
        # elements enter on the right; entering before they are needed never helps
        for item in wanted:
            while coming <= item:
                held.append(coming)
                coming += 1
            if held[-1] == item:
                held.pop()
            elif held[0] == item:
                held.popleft()
            else:
                return False
        return True

    options = _sequences("3、1、4、2、5", "5、1、4、2、3", "2、5、3、1、4", "2、4、1、3、5")
    return only({text: not possible(sequence) for text, sequence in options.items()})


_PRIORITY = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 3}


def _to_postfix(infix: str) -> Iterator[tuple[str, str, str]]:
    """Yield (symbol read, output so far, operator stack) after each symbol; at last ("", output, "")."""
    out, stack = "", ""
    for symbol in infix:
        if symbol.isalpha():
            out += symbol
        elif symbol == "(":
            stack += symbol
        elif symbol == ")":
            out, stack = out + stack[: stack.rindex("(") : -1], stack[: stack.rindex("(")]
        else:
            while stack and stack[-1] != "(" and _yields(stack[-1], symbol):
                out, stack = out + stack[-1], stack[:-1]
            stack += symbol
        yield symbol, out, stack
    yield "", out + stack[::-1], ""


def _yields(top: str, symbol: str) -> bool:
    """Whether the operator on the stack is output before the new one; ^ is right associative."""
    if _PRIORITY[top] == _PRIORITY[symbol]:
        return symbol != "^"
    return _PRIORITY[top] > _PRIORITY[symbol]


def _ds_3_5_1() -> str:
    return next(spaced(stack) for symbol, _, stack in _to_postfix("a*(b-c/d)+e-f*(g+h)") if symbol == "h")


def _ds_3_5_2() -> str:
    stack: list[Fraction] = []
    most = 0
    for symbol in ["9", "2", "1", "+", "/", "8", "6", "4", "-", "*", "+", "5", "-"]:
        if symbol.isdigit():
            stack.append(Fraction(symbol))
        else:
            right, left = stack.pop(), stack.pop()
            stack.append(_apply(symbol, left, right))
        most = max(most, len(stack))
    return f"{stack[0]} 和 {most}"


def _apply(symbol: str, left: Fraction, right: Fraction) -> Fraction:
    if symbol in "+-":
        return left + right if symbol == "+" else left - right
    return left * right if symbol == "*" else left / right


def _ds_3_5_3() -> str:
    *_, (_, out, _) = _to_postfix("a-b^c^d*e")
    return spaced(out)


def _ds_3_6_1() -> str:
    stack = ""
    for number, symbol in enumerate("([{}()]{[()}])", start=1):
        if symbol in "([{":
            stack += symbol
        elif not stack or stack[-1] + symbol not in ("()", "[]", "{}"):
            return f"{number} 和 {len(stack)}"
        else:
            stack = stack[:-1]
    raise ValueError("the brackets match")


def _ds_3_6_2() -> str:
    def f(n: int) -> str:
        return f(n - 1) + str(n) + f(n - 2) if n > 0 else ""

    return spaced(f(4))


def _ds_3_7_1() -> str:
    size, first, second = 4, 1076, 1164
    # the difference of the two addresses settles the number of columns
    columns = next(c for c in count(1) if ((5 - 2) * c + (1 - 3)) * size == second - first)
    return str(first + ((7 - 2) * columns + (6 - 3)) * size)


def _ds_3_7_2() -> str:
    # leftmost subscript changes fastest, so it is the innermost loop
    order = [(i, j, k) for k in range(-1, 4) for j in range(6) for i in range(1, 5)]
    return str(500 + 2 * order.index((3, 4, 2)))


def _ds_3_8_1() -> str:
    n = 12
    return str([(i, j) for j in range(1, n + 1) for i in range(j, n + 1)].index((9, 5)))


def _ds_3_8_2() -> str:
    n = 20
    return str([(i, j) for i in range(1, n + 1) for j in range(1, n + 1) if abs(i - j) <= 2].index((10, 11)))


def _ds_3_8_3() -> str:
    rows, columns = 50, 40
    return f"{max(t for t in range(rows * columns + 1) if t * (2 + 2 + 8) < rows * columns * 8)} 个"


ANSWERS: dict[str, Callable[[], str]] = {
    "ds.3.1-1": _ds_3_1_1,
    "ds.3.1-2": _ds_3_1_2,
    "ds.3.2-1": _ds_3_2_1,
    "ds.3.2-2": _ds_3_2_2,
    "ds.3.2-3": _ds_3_2_3,
    "ds.3.3-1": _ds_3_3_1,
    "ds.3.3-2": _ds_3_3_2,
    "ds.3.3-3": _ds_3_3_3,
    "ds.3.4-1": _ds_3_4_1,
    "ds.3.5-1": _ds_3_5_1,
    "ds.3.5-2": _ds_3_5_2,
    "ds.3.5-3": _ds_3_5_3,
    "ds.3.6-1": _ds_3_6_1,
    "ds.3.6-2": _ds_3_6_2,
    "ds.3.7-1": _ds_3_7_1,
    "ds.3.7-2": _ds_3_7_2,
    "ds.3.8-1": _ds_3_8_1,
    "ds.3.8-2": _ds_3_8_2,
    "ds.3.8-3": _ds_3_8_3,
}
