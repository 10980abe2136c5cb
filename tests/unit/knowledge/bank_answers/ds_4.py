"""Answers of the bank's questions of chapter ds.4, computed from their stems."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def _next_table(t: str) -> list[int]:
    """next[1..m], next[1] = 0, else the longest proper border of T[1..j-1] plus 1; index 0 unused."""
    table = [0, 0]
    for j in range(2, len(t) + 1):
        head = t[: j - 1]
        table.append(1 + max(k for k in range(j - 1) if head[:k] == head[j - 1 - k :]))
    return table


def _nextval_table(t: str) -> list[int]:
    table = _next_table(t)
    for j in range(2, len(t) + 1):
        if t[j - 1] == t[table[j] - 1]:
            table[j] = table[table[j]]
    return table


def _kmp_comparisons(s: str, t: str, table: Sequence[int]) -> int:
    """Character comparisons until the first match; j = 0 compares nothing."""
    i = j = 1
    compared = 0
    while i <= len(s) and j <= len(t):
        compared += j > 0
        if j == 0 or s[i - 1] == t[j - 1]:
            i, j = i + 1, j + 1
        else:
            j = table[j]
    return compared


def _ds_4_1_1() -> str:
    s, t = "abaababac", "abac"
    compared = 0
    for start in range(len(s) - len(t) + 1):
        window = s[start : start + len(t)]
        if window == t:
            return str(compared + len(t))
        compared += next(k for k, (a, b) in enumerate(zip(window, t, strict=True), 1) if a != b)
    raise ValueError("no match")


def _ds_4_2_1() -> str:
    # the table entry k is compared with S[20] next, so T[1] lies k-1 to the left of it
    return str(20 - (_next_table("abcabdabcabc")[12] - 1))


def _ds_4_2_2() -> str:
    t = "aabaaac"
    return str(_kmp_comparisons("aabaabaaac", t, _next_table(t)))


def _ds_4_3_1() -> str:
    return ",".join(str(value) for value in _nextval_table("babbabab")[1:])


ANSWERS: dict[str, Callable[[], str]] = {
    "ds.4.1-1": _ds_4_1_1,
    "ds.4.2-1": _ds_4_2_1,
    "ds.4.2-2": _ds_4_2_2,
    "ds.4.3-1": _ds_4_3_1,
}
