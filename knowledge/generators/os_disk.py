"""Disk scheduling: head movement under SSTF, SCAN and C-SCAN."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Requests:
    """Tracks 0…last, the place of the head, its direction (1 towards greater numbers) and the queue by arrival."""

    last: int
    head: int
    direction: int
    tracks: tuple[int, ...]


def _draw(rng: random.Random, difficulty: int) -> Requests:
    """Requests on both sides of the head, none on an end track (there SCAN and LOOK would be one)."""
    n, last = 4 + difficulty, 199 if difficulty > 1 else 99
    while True:
        head = rng.randrange(last // 4, 3 * last // 4)
        tracks = rng.sample([t for t in range(3, last - 2) if t != head], n)
        if min(tracks) < head < max(tracks) and sum(t < head for t in tracks) >= 2 and sum(t > head for t in tracks) >= 2:
            return Requests(last, head, rng.choice([1, -1]), tuple(tracks))


def _sample_sstf(rng: random.Random, difficulty: int) -> Requests:
    while True:  # no request may be as near as another
        problem = _draw(rng, difficulty)
        at, left = problem.head, set(problem.tracks)
        for track in _sstf(problem):
            if sum(abs(t - at) == abs(track - at) for t in left) > 1:
                break
            at = track
            left.remove(track)
        else:
            return problem


def _sstf(problem: Requests) -> list[int]:
    at, left, path = problem.head, list(problem.tracks), []
    while left:
        at = min(left, key=lambda t: abs(t - at))
        left.remove(at)
        path.append(at)
    return path


def _sides(problem: Requests, direction: int) -> tuple[list[int], list[int]]:
    """Requests ahead of the head and behind it, each by distance from the head."""
    above = sorted(t for t in problem.tracks if t > problem.head)
    below = sorted((t for t in problem.tracks if t < problem.head), reverse=True)
    return (above, below) if direction == 1 else (below, above)


def _ends(problem: Requests, direction: int) -> tuple[int, int]:
    """The end track ahead and the other one."""
    return (problem.last, 0) if direction == 1 else (0, problem.last)


def _scan(problem: Requests, direction: int) -> list[int]:
    ahead, behind = _sides(problem, direction)
    return [*ahead, _ends(problem, direction)[0], *behind]


def _look(problem: Requests) -> list[int]:
    ahead, behind = _sides(problem, problem.direction)
    return ahead + behind


def _cscan(problem: Requests, direction: int) -> list[int]:
    ahead, behind = _sides(problem, direction)
    return [*ahead, *_ends(problem, direction), *reversed(behind)]


def _clook(problem: Requests) -> list[int]:
    ahead, behind = _sides(problem, problem.direction)
    return ahead + behind[::-1]


def _distance(problem: Requests, path: list[int]) -> int:
    return sum(abs(b - a) for a, b in pairwise([problem.head, *path]))


def _answer(distance: int) -> str:
    return f"{distance} 个磁道"


def _steps(problem: Requests, path: list[int], rule: str) -> str:
    moves = " + ".join(str(abs(b - a)) for a, b in pairwise([problem.head, *path]))
    return (
        f"{rule}磁头依次经过 {' → '.join(map(str, [problem.head, *path]))}，"
        f"移动距离 = {moves} = {_answer(_distance(problem, path))}。"
    )


def _ask(rule: str, directed: bool) -> Callable[[Requests], str]:
    def ask(problem: Requests) -> str:
        way = f"，正朝磁道号{'增大' if problem.direction == 1 else '减小'}的方向移动" if directed else ""
        return (
            f"磁盘的磁道号为 0～{problem.last}，磁头位于 {problem.head} 号磁道{way}。请求按到达次序为 "
            f"{', '.join(map(str, problem.tracks))}，处理期间没有新请求。{rule}，服务完全部请求时磁头移动的总距离是"
        )

    return ask


def _solve_sstf(problem: Requests) -> Solution:
    path = _sstf(problem)
    wrong = [_look(problem), list(problem.tracks), _scan(problem, problem.direction), _clook(problem)]
    rule = "SSTF 每次服务离磁头当前位置（不是初始位置）最近的请求。"
    static = sorted(problem.tracks, key=lambda t: abs(t - problem.head))  # distances measured once, from the first place
    whole, first = _distance(problem, path), abs(path[0] - problem.head)
    short = [whole - first, whole - abs(path[-1] - path[-2]), max(problem.tracks) - min(problem.tracks)]
    return Solution(
        _answer(whole),
        # The way to the first request or the last way forgotten; only the span of the requests.
        [_answer(d) for d in [_distance(problem, static), short[0], *(_distance(problem, p) for p in wrong), *short[1:]]],
        _steps(problem, path, rule),
    )


def _solve_scan(problem: Requests) -> Solution:
    path, look = _scan(problem, problem.direction), _look(problem)
    wrong = [look, _scan(problem, -problem.direction), _cscan(problem, problem.direction), _sstf(problem)]
    steps = _steps(problem, path, "SCAN 沿当前方向服务途中的请求，到端点磁道后折返，服务另一侧的请求，最后一个请求服务完即停。")
    steps += f"若在最远的请求处就折返（LOOK），得到的 {_answer(_distance(problem, look))}不合题意。"
    return Solution(_answer(_distance(problem, path)), [_answer(_distance(problem, p)) for p in wrong], steps)


def _solve_cscan(problem: Requests) -> Solution:
    path, scan = _cscan(problem, problem.direction), _scan(problem, problem.direction)
    whole = _distance(problem, path)
    wrong = [whole - problem.last, _distance(problem, scan), _distance(problem, _clook(problem))]
    wrong += [
        _distance(problem, _cscan(problem, -problem.direction)),
        whole + abs(path[-1] - problem.head),  # back to where it began
        whole + problem.last,  # the way back counted twice
        2 * problem.last,  # taken for one whole turn
        _distance(problem, list(problem.tracks)),  # in order of arrival
        _distance(problem, _sstf(problem)),
    ]
    steps = _steps(problem, path, "C-SCAN 只在一个方向上服务，到端点磁道后直接返回另一端，再沿原方向服务剩余请求。")
    steps += (
        f"不计返回行程 {problem.last} 会得到 {_answer(wrong[0])}，折返时就服务（SCAN）会得到 {_answer(wrong[1])}，都不合题意。"
    )
    return Solution(_answer(whole), [_answer(n) for n in wrong], steps)


_SCAN_RULE = "采用 SCAN（电梯）算法，磁头移到端点磁道（0 号或最大号）才改变方向"
_CSCAN_RULE = "采用 C-SCAN 算法，磁头移到端点磁道后直接返回另一端的端点磁道，返回途中不服务请求，返回行程计入移动距离"

FAMILIES = [
    Family(
        "os-disk-sstf", "SSTF 的磁头移动距离", "os", ("os.7.6",), _sample_sstf,
        _ask("采用最短寻道时间优先（SSTF）算法", False), _solve_sstf,
    ),
    Family("os-disk-scan", "SCAN 的磁头移动距离", "os", ("os.7.6",), _draw, _ask(_SCAN_RULE, True), _solve_scan),
    Family("os-disk-cscan", "C-SCAN 的磁头移动距离", "os", ("os.7.6",), _draw, _ask(_CSCAN_RULE, True), _solve_cscan),
]  # fmt: skip
