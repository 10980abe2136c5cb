"""The page CLOCK evicts, and the working set."""

from __future__ import annotations

import random
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Clock:
    """Frames, and the pages used; the last use is a fault on full frames."""

    frames: int
    pages: tuple[int, ...]


@dataclass(frozen=True)
class Window:
    """Pages used at the times 1, 2, …; the window's size and the time asked about."""

    pages: tuple[int, ...]
    size: int
    time: int


@dataclass
class _Hand:
    """Frames with their use bits, and the pointer."""

    pages: list[int | None]
    used: list[bool]
    at: int = 0

    def use(self, page: int) -> int | None:
        """Use a page; the page evicted for it."""
        if page in self.pages:
            self.used[self.pages.index(page)] = True
            return None
        while self.used[self.at]:
            self.used[self.at] = False
            self.at = (self.at + 1) % len(self.pages)
        victim, self.pages[self.at], self.used[self.at] = self.pages[self.at], page, True
        self.at = (self.at + 1) % len(self.pages)
        return victim


def _sample_clock(rng: random.Random, difficulty: int) -> Clock:
    length = 6 + 2 * difficulty
    while True:  # the use bits must matter: FIFO, LRU and CLOCK do not all evict one page
        pages = [rng.randrange(1, 8)]
        while len(pages) < length:
            pages.append(rng.choice([p for p in range(1, 8) if p != pages[-1]]))
        problem = Clock(4, tuple(pages))
        *_, (_, victim) = _trace(problem)
        others = (_fifo(problem), _lru(problem))
        if victim is not None and None not in others and len({victim, *others}) > 1 + (difficulty > 2):
            return problem


def _trace(problem: Clock) -> list[tuple[int, int | None]]:
    """By use: page, page evicted."""
    hand = _Hand([None] * problem.frames, [False] * problem.frames)
    return [(page, hand.use(page)) for page in problem.pages]


def _before_last(problem: Clock) -> _Hand:
    hand = _Hand([None] * problem.frames, [False] * problem.frames)
    for page in problem.pages[:-1]:
        hand.use(page)
    return hand


def _replay(problem: Clock, refresh: bool) -> int | None:
    """The last victim of FIFO, or (refreshing at a hit) of LRU."""
    resident: list[int] = []
    victim = None
    for page in problem.pages:
        victim = None
        if page in resident:
            if refresh:
                resident.remove(page)
                resident.append(page)
            continue
        if len(resident) == problem.frames:
            victim = resident.pop(0)
        resident.append(page)
    return victim


def _fifo(problem: Clock) -> int | None:
    return _replay(problem, refresh=False)


def _lru(problem: Clock) -> int | None:
    return _replay(problem, refresh=True)


def _ask_clock(problem: Clock) -> str:
    return (
        f"进程分得 {problem.frames} 个页框（初始为空，固定分配、局部置换），采用简单 CLOCK 置换算法：装入或访问页面时使用位置 1；"
        "缺页时从指针处开始扫描，使用位为 1 则清 0 并前移，为 0 则置换，装入后指针指向下一个页框。"
        f"依次访问的页号为 {', '.join(map(str, problem.pages))}。最后一次访问（页 {problem.pages[-1]}）缺页，被换出的页是"
    )


def _solve_clock(problem: Clock) -> Solution:
    hand, rows = _before_last(problem), []
    pages = [p for p in hand.pages if p is not None]
    bits = "，".join(f"页 {p}（使用位 {int(u)}）" for p, u in zip(hand.pages, hand.used, strict=True))
    replay = _Hand([None] * problem.frames, [False] * problem.frames)
    for page in problem.pages:
        fault = page not in replay.pages
        victim = replay.use(page)
        rows.append(f"{page} {'命中' if not fault else '缺页装入' if victim is None else f'缺页换出 {victim}'}")
    victim = _trace(problem)[-1][1]
    others = (("FIFO", _fifo(problem)), ("LRU", _lru(problem)))
    steps = (
        f"逐次访问：{'；'.join(rows)}。最后一次访问之前，页框 0～{problem.frames - 1} 依次为 {bits}，指针指向页框 {hand.at}。"
        f"从指针处扫描，使用位为 1 的清 0 跳过，第一个使用位为 0 的（全为 1 时转一圈回到指针处）是页框 {hand.pages.index(victim)} 中的页，所以换出的是页 {victim}。"
        + "".join(f"若按 {name}，换出的会是页 {other}。" for name, other in others if other != victim and other in pages)
    )
    newest = hand.pages[hand.at - 1]
    wrong = [_lru(problem), _fifo(problem), hand.pages[hand.at], newest, *pages]  # the hand's page without a second chance
    return Solution(f"页 {victim}", [f"页 {p}" for p in wrong if p in pages], steps)


def _sample_window(rng: random.Random, difficulty: int) -> Window:
    while True:
        length, size = 9 + 2 * difficulty, rng.randrange(3, 5) + (difficulty + 1) // 2
        pages = tuple(rng.randrange(1, 7 + (difficulty > 3)) for _ in range(length))
        problem = Window(pages, size, rng.randrange(size + 2, length - 1))
        inside = pages[problem.time - size : problem.time]
        if len(set(inside)) < size and len(set(_wrong_windows(problem)) - {_set(inside)}) >= 3:
            return problem


def _set(pages: tuple[int, ...]) -> str:
    return "{" + ", ".join(map(str, sorted(set(pages)))) + "}"


def _wrong_windows(problem: Window) -> list[str]:
    """One too few, one too many, the time itself left out, the window ahead, everything so far."""
    pages, size, now = problem.pages, problem.size, problem.time
    spans = [(now - size + 1, now), (now - size - 1, now), (now - size - 1, now - 1), (now - 1, now - 1 + size), (0, now)]
    return [_set(pages[a:b]) for a, b in spans]


def _ask_window(problem: Window) -> str:
    return (
        f"某进程在时刻 1, 2, 3, … 依次访问的页号为 {', '.join(map(str, problem.pages))}（每个时刻访问一页）。"
        f"工作集窗口大小为 {problem.size}（最近 {problem.size} 次访问，含当前这次），则时刻 {problem.time} 访问之后的工作集是"
    )


def _solve_window(problem: Window) -> Solution:
    first = problem.time - problem.size
    inside = problem.pages[first : problem.time]
    steps = (
        f"时刻 {problem.time} 的窗口包含时刻 {first + 1}～{problem.time} 共 {problem.size} 次访问：{', '.join(map(str, inside))}。"
        f"去掉重复的页，工作集是 {_set(inside)}，含 {len(set(inside))} 页。窗口取少一次或多一次、或向后取都是错的。"
    )
    return Solution(_set(inside), _wrong_windows(problem), steps)


FAMILIES = [
    Family("os-page-clock", "CLOCK 换出的页", "os", ("os.5.6",), _sample_clock, _ask_clock, _solve_clock),
    Family("os-working-set", "工作集", "os", ("os.5.7",), _sample_window, _ask_window, _solve_window),
]
