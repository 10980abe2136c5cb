"""Sending a file over several store-and-forward links: transmission and propagation delay, headers, message switching."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from knowledge.generators.family import Family, Solution
from knowledge.generators.number_format import decimal, exact

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Transfer:
    """Data in bytes, data and header of a packet in bytes, rate in kb/s, number of links, propagation delay of each in ms."""

    data: int
    payload: int
    header: int
    rate: int
    links: int
    delay: int

    @property
    def packets(self) -> int:
        return -(-self.data // self.payload)

    @property
    def packet_ms(self) -> Fraction:
        """Transmission time of a full packet."""
        return Fraction((self.payload + self.header) * 8, self.rate)


def _sample(rng: random.Random, difficulty: int) -> Transfer:
    while True:
        payload, header = rng.choice(((480, 20), (960, 40), (980, 20), (1450, 50), (1480, 20), (230, 20)))
        count = rng.randrange(4, 12 + 10 * difficulty)
        transfer = Transfer(
            payload * count, payload, header if difficulty > 1 else 0, rng.choice((100, 200, 400, 500, 800, 1000, 2000, 4000, 5000)),
            rng.randrange(2, 3 + (difficulty + 1) // 2), 0 if difficulty <= 2 else rng.choice((1, 2, 4, 5, 8, 10, 20)),
        )  # fmt: skip
        if exact(transfer.packet_ms, 2) and _total(transfer) < 20_000:
            return transfer


def _total(t: Transfer) -> Fraction:
    return t.packets * t.packet_ms + (t.links - 1) * t.packet_ms + t.links * t.delay


def _ask(t: Transfer) -> str:
    header = f"每个分组另加 {t.header} B 的首部" if t.header else "忽略分组的首部"
    delay = f"每段链路的传播时延为 {t.delay} ms" if t.delay else "忽略传播时延"
    return (
        f"主机 A 经 {t.links - 1} 个采用存储转发的结点向主机 B 发送 {t.data} B 的数据，{t.links} 段链路的数据传输速率都是 {t.rate} kb/s"
        f"（1 kb/s = 10^3 b/s），数据分成 {t.payload} B 一段，{header}；{delay}，忽略处理、排队与拆装时间。从 A 开始发送到 B 收完全部数据所需的时间是"
    )


def _answer(ms: Fraction) -> str:
    return f"{decimal(ms, 2)} ms"


def _solve(t: Transfer) -> Solution:
    one, total = t.packet_ms, _total(t)
    bare = Fraction(t.payload * 8, t.rate)
    wrong = [
        t.packets * one + t.links * t.delay,  # the forwarding of the last packet forgotten
        t.packets * one + t.links * one + t.links * t.delay,  # one forwarding too many
        t.links * (t.packets * one + t.delay),  # message switching: each node waits for the whole file
        (t.packets + t.links - 1) * bare + t.links * t.delay,  # headers forgotten
        (t.packets + t.links - 1) * one + t.delay,  # propagation counted once
        (t.packets + t.links - 1) * (one + t.delay),  # propagation counted for every packet
        (t.packets - 1) * one + (t.links - 1) * one + t.links * t.delay,  # the first packet forgotten
        (t.packets - 1) * one + t.links * t.delay,  # the first packet and the forwarding forgotten
        (t.packets + t.links + 1) * one + t.links * t.delay,  # both ends counted as forwarding
    ]
    steps = (
        f"共分成 {t.data} ÷ {t.payload} = {t.packets} 个分组，每个分组长 {t.payload + t.header} B，"
        f"发送时延 = {t.payload + t.header} × 8 b ÷ {t.rate} kb/s = {decimal(one, 2)} ms。A 连续发完全部分组需 {t.packets} × {decimal(one, 2)} = "
        f"{decimal(t.packets * one, 2)} ms；最后一个分组还要被 {t.links - 1} 个结点{'各' if t.links > 2 else ''}转发一次，需 {t.links - 1} × {decimal(one, 2)} = "
        f"{decimal((t.links - 1) * one, 2)} ms；"
    )
    steps += f"它在 {t.links} 段链路上的传播时延共 {t.links * t.delay} ms。" if t.delay else "传播时延忽略不计。"
    steps += f"总时间 = {_answer(total)}。若每个结点都等全部分组到齐再转发，会需要 {_answer(wrong[2])}。"
    return Solution(_answer(total), [_answer(w) for w in wrong], steps)


FAMILIES = [Family("cn-packet-delay", "分组交换的总时延", "cn", ("cn.1.3", "cn.1.2"), _sample, _ask, _solve)]
