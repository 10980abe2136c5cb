"""Page replacement: number of page faults under FIFO, LRU and OPT."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class References:
    """Pages in the order of use, and the frames of the process."""

    frames: int
    pages: tuple[int, ...]


Victim = Callable[[list[int], tuple[int, ...], int], int]  # resident pages by load time, all references, now → page to evict


def _sample(rng: random.Random, difficulty: int) -> References:
    frames = 3 if difficulty < 4 else 4
    length, kinds = 8 + 2 * difficulty, frames + 2 + (difficulty >= 3)
    while True:  # never the same page twice in a row; at least three replacements, and the three algorithms differ
        pages = [rng.randrange(kinds)]
        while len(pages) < length:
            pages.append(rng.choice([p for p in range(kinds) if p != pages[-1]]))
        problem = References(frames, tuple(pages))
        counts = {_faults(problem, rule) for rule in (_fifo, _lru, _opt)}
        if len(set(pages)) > frames + 1 and len(counts) == 3:
            return problem


def _fifo(resident: list[int], pages: tuple[int, ...], now: int) -> int:
    return resident[0]


def _lru(resident: list[int], pages: tuple[int, ...], now: int) -> int:
    return min(resident, key=lambda p: max(i for i in range(now) if pages[i] == p))


def _opt(resident: list[int], pages: tuple[int, ...], now: int) -> int:
    return max(resident, key=lambda p: next((i for i in range(now, len(pages)) if pages[i] == p), len(pages)))


def _trace(problem: References, rule: Victim) -> list[tuple[int, bool, int | None]]:
    """By reference: page, fault or not, page evicted."""
    resident: list[int] = []
    rows: list[tuple[int, bool, int | None]] = []
    for now, page in enumerate(problem.pages):
        fault, victim = page not in resident, None
        if fault:
            if len(resident) == problem.frames:
                victim = rule(resident, problem.pages, now)
                resident.remove(victim)
            resident.append(page)
        rows.append((page, fault, victim))
    return rows


def _faults(problem: References, rule: Victim) -> int:
    return sum(fault for _, fault, _ in _trace(problem, rule))


def _row(page: int, fault: bool, victim: int | None) -> str:
    if not fault:
        return f"{page} 命中"
    return f"{page} 缺页" if victim is None else f"{page} 缺页换出 {victim}"


def _ask(name: str) -> Callable[[References], str]:
    def ask(problem: References) -> str:
        return (
            f"进程分得 {problem.frames} 个页框（初始为空，固定分配、局部置换），依次访问的页号为 "
            f"{', '.join(map(str, problem.pages))}。采用{name}置换算法，缺页次数（页框装满前的缺页也计入）是"
        )

    return ask


def _solver(rule: Victim, others: tuple[Victim, ...], name: str, why: str) -> Callable[[References], Solution]:
    def solve(problem: References) -> Solution:
        rows = _trace(problem, rule)
        count = sum(fault for _, fault, _ in rows)
        replaced = count - problem.frames  # the first loads forgotten
        fewer, more = (replace(problem, frames=problem.frames + step) for step in (-1, 1))
        wrong = [
            *(_faults(problem, other) for other in others),  # another rule
            replaced,
            _faults(fewer, rule),  # a page of the program taken to occupy a frame of its own
            _faults(more, rule),  # the victim believed to stay until the next fault
            count + 1,  # one hit overlooked
            count - 1,  # one fault overlooked
            len(set(problem.pages)),  # each page's first access only
            len(rows) - count,  # hits
        ]
        steps = (
            f"{why}逐次访问：{'；'.join(_row(*row) for row in rows)}。共访问 {len(rows)} 次，命中 {len(rows) - count} 次，"
            f"缺页 {count} 次，其中前 {problem.frames} 次装入空页框，{replaced} 次发生置换；只数置换是错的。{name} 算法的缺页次数是 {count} 次。"
        )
        return Solution(f"{count} 次", [f"{n} 次" for n in wrong], steps)

    return solve


_FIFO_WHY = "FIFO 换出最早装入的页，命中不改变次序。"
_LRU_WHY = "LRU 换出最久未被访问的页，命中也会更新次序。"
_OPT_WHY = "OPT 换出将来最长时间不再访问的页（多页都不再访问时换出哪一页不影响缺页次数）。"

FAMILIES = [
    Family(
        "os-page-lru", "LRU 的缺页次数", "os", ("os.5.5",), _sample,
        _ask("最近最久未使用（LRU）"), _solver(_lru, (_fifo, _opt), "LRU", _LRU_WHY),
    ),
    Family(
        "os-page-fifo", "FIFO 的缺页次数", "os", ("os.5.4",), _sample,
        _ask("先进先出（FIFO）"), _solver(_fifo, (_lru, _opt), "FIFO", _FIFO_WHY),
    ),
    Family(
        "os-page-opt", "OPT 的缺页次数", "os", ("os.5.4",), _sample,
        _ask("最佳（OPT）"), _solver(_opt, (_lru, _fifo), "OPT", _OPT_WHY),
    ),
]  # fmt: skip
