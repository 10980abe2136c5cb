"""KMP: the next and nextval arrays."""

from __future__ import annotations

import random

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]


def _sample(rng: random.Random, difficulty: int) -> str:
    n, letters = 5 + difficulty, "ab" if difficulty < 3 else "abc"
    while True:
        start = "".join(rng.choice(letters) for _ in range(rng.randrange(2, 4)))
        text = start
        # a prefix repeated now and then, so that matches occur
        while len(text) < n:
            text += start[: rng.randrange(1, len(start) + 1)] if rng.random() < 0.7 else rng.choice(letters)
        text = text[:n]
        if len(set(text)) == len(letters) and max(_next(text)) >= 3 and _next(text) != _nextval(text):
            return text


def _next(text: str) -> list[int]:
    """Positions from 1, next[1] = 0."""
    table, k = [0], 0
    for j in range(1, len(text)):
        # text[j - 1] is the character at position j; k is next[j]
        while k > 0 and text[j - 1] != text[k - 1]:
            k = table[k - 1]
        k += 1
        table.append(k)
    return table


def _nextval(text: str) -> list[int]:
    table: list[int] = []
    for j, k in enumerate(_next(text)):
        table.append(table[k - 1] if k > 0 and text[j] == text[k - 1] else k)
    return table


def _borders(text: str) -> list[int]:
    """Length of the longest proper border of every prefix: the partial match table."""
    return [n - 1 for n in _next(text + text[-1])[1:]]


def _show(table: list[int]) -> str:
    return ", ".join(map(str, table))


def _one_step(text: str) -> list[int]:
    """nextval compared only once, with next and not with nextval."""
    table = _next(text)
    return [table[k - 1] if k and text[j] == text[k - 1] else k for j, k in enumerate(table)]


def _no_fallback(text: str) -> list[int]:
    """next where a mismatch goes straight back to 1."""
    table, k = [0], 0
    for j in range(1, len(text)):
        k = k + 1 if j > 1 and text[j - 1] == text[k - 1] else 1
        table.append(k)
    return table


def _inverted(text: str) -> list[int]:
    """nextval with the two cases exchanged: next where the characters are the same."""
    table, values = _next(text), [0]
    for j, k in list(enumerate(table))[1:]:
        values.append(k if text[j] == text[k - 1] else values[k - 1])
    return values


def _ask(name: str) -> str:
    note = "，nextval[1]=0" if name == "nextval" else ""
    return f"{name} 数组（下标从 1 开始，next[1]=0{note}），按下标从小到大依次是"


def _ask_next(text: str) -> str:
    return f"KMP 算法中，模式串为“{text}”的 {_ask('next')}"


def _ask_nextval(text: str) -> str:
    return f"改进的 KMP 算法中，模式串为“{text}”的 {_ask('nextval')}"


def _next_lines(text: str) -> str:
    lines = ["next[1] = 0，next[2] = 1"]
    for j, k in list(enumerate(_next(text), 1))[2:]:
        found = f"的最长相等真前后缀是“{text[: k - 1]}”，长 {k - 1}" if k > 1 else "没有相等的真前后缀，长 0"
        lines.append(f"j = {j}：前 {j - 1} 个字符“{text[: j - 1]}”{found}，next[{j}] = {k}")
    return "；".join(lines)


def _solve_next(text: str) -> Solution:
    table, borders = _next(text), _borders(text)
    answer = _show(table)
    steps = (
        f"next[j] 等于前 j - 1 个字符的最长相等真前后缀的长度加 1。{_next_lines(text)}。"
        f"所以 next 数组是 {answer}。部分匹配值（最长相等真前后缀长度）是 {_show(borders)}，要右移一位再加 1 才是 next；"
        f"{_show(_nextval(text))} 是 nextval 数组。"
    )
    # Another table; not shifted, not incremented, or only one of the two; falling back to 1 at once; one too many from the third on
    shifted = [0, 1, *borders[1:-1]]
    wrong = [_nextval(text), borders, shifted, _no_fallback(text), [0, *(b + 1 for b in borders[1:])]]
    wrong.append([*table[:2], *(k + 1 for k in table[2:])])
    return Solution(answer, [_show(w) for w in wrong], steps)


def _nextval_lines(text: str) -> str:
    lines, values = ["nextval[1] = 0"], _nextval(text)
    for j, k in list(enumerate(_next(text), 1))[1:]:
        here, there = text[j - 1], text[k - 1]
        if here == there:
            lines.append(f"j = {j}：next = {k}，第 {j}、{k} 个字符都是 {here}，nextval[{j}] = nextval[{k}] = {values[j - 1]}")
        else:
            lines.append(f"j = {j}：next = {k}，第 {j} 个字符 {here} 与第 {k} 个字符 {there} 不同，nextval[{j}] = {k}")
    return "；".join(lines)


def _solve_nextval(text: str) -> Solution:
    table = _next(text)
    answer = _show(_nextval(text))
    steps = (
        f"先求 next 数组：{_show(table)}。再逐个比较第 j 个字符与第 next[j] 个字符，相同则取 nextval[next[j]]，不同则取 next[j]。"
        f"{_nextval_lines(text)}。所以 nextval 数组是 {answer}。"
    )
    wrong = [
        table,
        _one_step(text),
        _inverted(text),
        _borders(text),
        [0, *(max(k, 1) for k in _nextval(text)[1:])],
    ]
    return Solution(answer, [_show(w) for w in wrong], steps)


FAMILIES = [
    Family("ds-kmp-next", "KMP 的 next 数组", "ds", ("ds.4.2",), _sample, _ask_next, _solve_next),
    Family("ds-kmp-nextval", "KMP 的 nextval 数组", "ds", ("ds.4.3",), _sample, _ask_nextval, _solve_nextval),
]
