"""Stacks: possible and impossible pop sequences; infix to postfix."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Pops:
    """Items pushed in this order, four candidate pop sequences, and whether the odd one out is the legal one."""

    items: str
    candidates: tuple[str, ...]
    legal: bool


@dataclass(frozen=True)
class Replay:
    """What happens when a pop sequence is tried: the operations so far and, where stuck, the item wanted and the stack's top."""

    operations: str
    wanted: str = ""
    top: str = ""


def _replay(items: str, pops: str) -> Replay:
    stack: list[str] = []
    operations: list[str] = []
    waiting = list(items)
    for item in pops:
        while waiting and item in waiting:
            stack.append(waiting.pop(0))
            operations.append(f"{stack[-1]}进")
        if stack[-1] != item:
            return Replay("，".join(operations), item, stack[-1])
        operations.append(f"{stack.pop()}出")
    return Replay("，".join(operations))


def _random_pops(rng: random.Random, items: str) -> str:
    """A legal pop sequence by random pushes and pops."""
    stack, out, waiting = "", "", items
    while len(out) < len(items):
        if waiting and (not stack or rng.random() < 0.6):
            stack, waiting = stack + waiting[0], waiting[1:]
        else:
            stack, out = stack[:-1], out + stack[-1]
    return out


def _random_stuck(rng: random.Random, items: str) -> str:
    """An illegal sequence near a legal one: two items of a legal sequence exchanged."""
    while True:
        pops = list(_random_pops(rng, items))
        i, j = rng.sample(range(len(pops)), 2)
        pops[i], pops[j] = pops[j], pops[i]
        if _replay(items, "".join(pops)).wanted:
            return "".join(pops)


def _sample_pops(rng: random.Random, difficulty: int) -> Pops:
    alphabet, n = (
        rng.choice(["abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]),
        4 + (difficulty >= 2) + (difficulty >= 4),
    )
    start, legal = rng.randrange(len(alphabet) - n), rng.random() < 0.5
    items = alphabet[start : start + n]
    odd, rest = (_random_pops, _random_stuck) if legal else (_random_stuck, _random_pops)
    candidates = [odd(rng, items)]
    while len(candidates) < 4:
        other = rest(rng, items)
        if other not in candidates and other != items:
            candidates.append(other)
    return Pops(items, tuple(candidates), legal)


def _ask_pops(problem: Pops) -> str:
    what = "可能得到" if problem.legal else "不可能得到"
    return (
        f"元素 {'、'.join(problem.items)} 依次进入初始为空的栈，栈的容量足够大，进栈与出栈可以交替进行，"
        f"直到所有元素都出栈。下列出栈序列中，{what}的是"
    )


def _verdict(items: str, pops: str) -> str:
    replay = _replay(items, pops)
    if replay.wanted:
        return f"{pops}：{replay.operations}之后要弹出 {replay.wanted}，它在栈内但栈顶是 {replay.top}，不可能。"
    return f"{pops}：{replay.operations}，可能。"


def _solve_pops(problem: Pops) -> Solution:
    odd = next(c for c in problem.candidates if (not _replay(problem.items, c).wanted) == problem.legal)
    lines = "".join(_verdict(problem.items, c) for c in problem.candidates)
    what = "可能" if problem.legal else "不可能"
    steps = f"逐个模拟：要弹出的元素还没进栈，就进栈到它为止；已在栈内，则它必须正好是栈顶。{lines}因此{what}得到的是 {odd}。"
    return Solution(odd, [c for c in problem.candidates if c != odd], steps)


_RANK = {"+": 1, "-": 1, "*": 2, "/": 2}


def _expression(rng: random.Random, letters: str) -> tuple[str, int]:
    """A random expression over these letters with no more parentheses than needed, and the rank of its last operator."""
    if len(letters) == 1:
        return letters, 3
    cut, operator = rng.randrange(1, len(letters)), rng.choice("+-*/")
    (left, left_rank), (right, right_rank) = _expression(rng, letters[:cut]), _expression(rng, letters[cut:])
    rank = _RANK[operator]
    left = f"({left})" if left_rank < rank else left
    right = f"({right})" if right_rank <= rank else right
    return left + operator + right, rank


def _sample_infix(rng: random.Random, difficulty: int) -> str:
    while True:
        text, _ = _expression(rng, "abcdefgh"[: 3 + difficulty])
        if 1 <= text.count("(") <= 1 + difficulty // 2 and text.count("((") == 0:
            return text


def _convert(tokens: Iterable[str], right_to_left: bool = False, flat: bool = False) -> tuple[str, list[str]]:
    """The operator-stack method, with the mistakes right associativity and one rank for all operators; output and trace."""
    stack: list[str] = []
    out: list[str] = []
    trace = []
    for token in tokens:
        if token.isalpha():
            out.append(token)
        elif token == "(":
            stack.append(token)
        elif token == ")":
            while stack[-1] != "(":
                out.append(stack.pop())
            stack.pop()
        else:
            _pop_stronger(token, stack, out, right_to_left, flat)
            stack.append(token)
        trace.append(f"读 {token}：栈 [{''.join(stack)}]，输出 {''.join(out) or '空'}")
    return "".join(out + stack[::-1]), trace


def _pop_stronger(token: str, stack: list[str], out: list[str], right_to_left: bool, flat: bool) -> None:
    def rank(operator: str) -> int:
        return 1 if flat else _RANK[operator]

    while stack and stack[-1] != "(" and rank(stack[-1]) >= rank(token) + right_to_left:
        out.append(stack.pop())


def _prefix(text: str) -> str:
    """The prefix expression: the mirror image converted with right associativity, mirrored back."""
    mirror = text[::-1].translate(str.maketrans("()", ")("))
    return _convert(mirror, right_to_left=True)[0][::-1]


def _solve_infix(text: str) -> Solution:
    answer, trace = _convert(text)
    bare = text.replace("(", "").replace(")", "")
    mistakes = [
        _convert(bare)[0],
        _convert(text, flat=True)[0],
        _convert(text, right_to_left=True)[0],
        "".join(c for c in bare if c.isalpha()) + "".join(c for c in reversed(bare) if not c.isalpha()),
        _prefix(text),
    ]
    warnings = [("忽略括号", mistakes[0]), ("不分乘除与加减的优先级", mistakes[1])]
    steps = (
        "操作数直接输出；运算符进栈前，先弹出栈中优先级不低于它的运算符（遇左括号为止）；右括号弹出到左括号为止。"
        f"{'；'.join(trace)}。最后弹出栈中剩下的运算符，得到后缀表达式 {answer}。"
        + "".join(f"若{mistake}，会误得 {wrong}。" for mistake, wrong in warnings if wrong != answer)
    )
    return Solution(answer, mistakes, steps)


def _ask_infix(text: str) -> str:
    return f"利用栈把中缀表达式 {text} 转换为后缀表达式，其中乘除优先于加减，同级运算符从左到右结合。得到的后缀表达式是"


FAMILIES = [
    Family("ds-stack-permutation", "出栈序列的判断", "ds", ("ds.3.2",), _sample_pops, _ask_pops, _solve_pops),
    Family("ds-postfix", "中缀表达式转后缀表达式", "ds", ("ds.3.5",), _sample_infix, _ask_infix, _solve_infix),
]
