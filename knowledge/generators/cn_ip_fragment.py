"""Fragmentation of an IPv4 datagram: number of fragments, their lengths and offsets."""

from __future__ import annotations

import random
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]

HEADER = 20


@dataclass(frozen=True)
class Datagram:
    """Total length in bytes, the MTU in bytes, and what is asked: count, last (total length of the last) or offset (its field)."""

    length: int
    mtu: int
    asked: str

    @property
    def data(self) -> int:
        return self.length - HEADER

    @property
    def step(self) -> int:
        """Data bytes of a full fragment: the greatest multiple of 8 that fits."""
        return (self.mtu - HEADER) // 8 * 8


_QUESTIONS = {
    "count": "该数据报被分成的片数是",
    "last": "最后一个分片的总长度（含首部）是",
    "offset": "最后一个分片首部中片偏移字段的值是",
}
_UNITS = {"count": " 片", "last": " B", "offset": ""}


def _sample(rng: random.Random, difficulty: int) -> Datagram:
    asked = ("count", "last", "offset")[0 if difficulty == 1 else rng.randrange(1, 3) if difficulty >= 4 else rng.randrange(3)]
    while True:
        mtu = rng.choice((276, 420, 532, 620, 820, 1020, 1500)) if difficulty <= 2 else rng.randrange(300, 1500, 2)
        d = Datagram(rng.randrange(1000, 6000, 20 if difficulty <= 2 else 2), mtu, asked)
        last = _pieces(d)[-1]
        # A last piece of a few bytes would still fit into the fragment before it, which as the last one need not be a multiple of 8.
        if 3 <= len(_pieces(d)) <= 12 and mtu - HEADER - d.step < last < d.step and (difficulty <= 2 or (mtu - HEADER) % 8):
            return d


def _pieces(d: Datagram) -> list[int]:
    """Data bytes of the fragments."""
    full, rest = divmod(d.data, d.step)
    return [d.step] * full + ([rest] if rest else [])


def _ask(d: Datagram) -> str:
    return (
        f"一个总长度为 {d.length} B、首部长度为 {HEADER} B 的 IPv4 数据报要通过 MTU 为 {d.mtu} B 的链路，"
        f"各分片的首部也是 {HEADER} B，除最后一片外各片都尽可能长，{_QUESTIONS[d.asked]}"
    )


def _value(d: Datagram, step: int, data: int) -> int:
    """What is asked, for `data` bytes cut every `step` bytes."""
    n = -(-data // step)
    last = data - (n - 1) * step
    return {"count": n, "last": last + HEADER, "offset": (n - 1) * step // 8}[d.asked]


def _solve(d: Datagram) -> Solution:
    pieces, step = _pieces(d), d.step
    n, last = len(pieces), pieces[-1]
    key = _value(d, step, d.data)
    wrong = {
        "count": [n - 1, n + 1, _value(d, d.mtu, d.length), n + 2, _value(d, step, d.length), n - 2, n + 3, n - 3],
        "last": [
            last,
            last + 2 * HEADER,
            _value(d, d.mtu - HEADER, d.data),
            step + HEADER,
            _value(d, d.mtu, d.length) - HEADER,
            last + 8,
        ],
        "offset": [
            (n - 1) * step,
            n * step // 8,
            (n - 2) * step // 8,
            (n - 1) * (step + HEADER) // 8,
            (n - 1) * (d.mtu // 8),
            n - 1,
        ],
    }[d.asked]  # header not counted or counted twice; not a multiple of 8; bytes instead of units of 8; one fragment off
    answer = f"{key}{_UNITS[d.asked]}"
    steps = (
        f"数据部分共 {d.length} - {HEADER} = {d.data} B。每片的数据最多 {d.mtu} - {HEADER} = {d.mtu - HEADER} B，"
        f"除最后一片外须是 8 B 的整数倍，取 {step} B。{d.data} = {step} × {n - 1} + {last}，所以分成 {n} 片，最后一片的数据为 {last} B，"
        f"总长度 {last} + {HEADER} = {last + HEADER} B，片偏移 = {n - 1} × {step} ÷ 8 = {(n - 1) * step // 8}（以 8 B 为单位）。答案是 {answer}。"
    )
    return Solution(answer, [f"{w}{_UNITS[d.asked]}" for w in wrong if w > 0], steps)


FAMILIES = [Family("cn-ip-fragment", "IP 数据报的分片", "cn", ("cn.4.3",), _sample, _ask, _solve)]
