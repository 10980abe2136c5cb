"""Sequence and acknowledgement numbers of TCP, and its estimate of the round-trip time."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from knowledge.generators.family import Family, Solution
from knowledge.generators.number_format import decimal, exact

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Exchange:
    """Initial sequence number of the client, data bytes of its segments in order, index of the one that is lost (-1: none).

    asked: seq (of the segment after the last one), ack (of the server's latest acknowledgement) or fin (see the stem).
    """

    start: int
    sizes: tuple[int, ...]
    lost: int
    asked: str


def _sample_numbers(rng: random.Random, difficulty: int) -> Exchange:
    n = 2 + (difficulty + 1) // 2
    sizes = tuple(rng.sample(range(100, 1461, 10), n))
    if difficulty <= 2:
        return Exchange(rng.randrange(100, 20_000), sizes, -1, rng.choice(("seq", "ack")))
    lost = rng.randrange(0, n - 1) if difficulty <= 4 or rng.random() < 0.5 else -1
    return Exchange(rng.randrange(100, 20_000), sizes, lost, "ack" if lost >= 0 else "fin")


def _ask_numbers(e: Exchange) -> str:
    sizes = "、".join(map(str, e.sizes))
    stem = (
        f"TCP 客户以序号 seq = {e.start} 的 SYN 报文段发起连接，三次握手的报文段都不携带数据。"
        f"连接建立后客户连续发送 {len(e.sizes)} 个报文段，携带的数据依次为 {sizes} B。"
    )
    if e.asked == "seq":
        return stem + "客户再发送的下一个数据报文段的序号是"
    if e.asked == "fin":
        return stem + "数据全部被确认后客户发送 FIN 报文段（不携带数据）请求释放连接，服务器对该 FIN 报文段的确认号是"
    if e.lost >= 0:
        return stem + f"其中第 {e.lost + 1} 个报文段丢失，其余都正确到达并被接收方缓存，此时服务器最近一次返回的确认号是"
    return stem + "这些报文段都正确到达，服务器收到最后一个报文段后返回的确认号是"


def _solve_numbers(e: Exchange) -> Solution:
    first = e.start + 1  # SYN uses up one number
    arrived = e.sizes if e.lost < 0 else e.sizes[: e.lost]
    base, total = first + sum(arrived), first + sum(e.sizes)
    key = base + (e.asked == "fin")
    wrong = [
        key - 1,  # SYN (or FIN) not counted
        total if e.lost >= 0 else key - e.sizes[-1],  # a gap acknowledged over; the last segment forgotten
        key + 1,  # the number after the expected one; the third handshake counted
        base + (e.sizes[e.lost] if e.lost >= 0 else e.sizes[-1]),  # the lost one counted as received
        total - e.sizes[e.lost] if e.lost >= 0 else first,  # arrived bytes added up over the gap
        first + sum(e.sizes[: e.lost - 1]) if e.lost >= 1 else total - e.sizes[-1],  # the segment before the gap forgotten
        key + 2,
        total - 1,
        key - 2,
    ]
    parts = " + ".join(map(str, (first, *arrived)))
    steps = f"SYN 报文段消耗一个序号，所以第一个数据字节的序号是 {e.start} + 1 = {first}。"
    if e.lost >= 0:
        steps += (
            f"TCP 的确认是累积的：第 {e.lost + 1} 个报文段丢失，只有它之前的字节按序到达，失序到达的报文段只缓存、不被确认，"
            f"确认号是期望收到的下一个字节的序号，即丢失报文段的第一个字节：{parts}{f' = {key}' if arrived else ''}。"
        )
    elif e.asked == "fin":
        steps += (
            f"数据之后的序号是 {parts} = {base}，FIN 报文段的序号是 {base}；FIN 也消耗一个序号，确认号 = {base} + 1 = {key}。"
        )
    else:
        what = "下一个报文段的序号" if e.asked == "seq" else "确认号是期望收到的下一个字节的序号，"
        steps += f"{what} = {parts} = {key}。" if e.asked == "seq" else f"{what}即 {parts} = {key}。"
    return Solution(str(key), [str(w) for w in wrong if w >= e.start], steps)


@dataclass(frozen=True)
class Samples:
    """Estimate before and measured round-trip times in ms; weight of a new sample is 1/8. asked: estimate or timeout."""

    before: int
    measured: tuple[int, ...]
    deviation: int
    asked: str


_WEIGHTS = Fraction(1, 8), Fraction(1, 4)


def _sample_rtt(rng: random.Random, difficulty: int) -> Samples:
    n = 1 if difficulty <= 2 else 2
    while True:
        before = rng.randrange(5, 40) * 8
        measured = tuple(rng.randrange(3, 64) * 8 for _ in range(n))
        asked = "timeout" if difficulty >= 4 else "estimate"
        s = Samples(before, measured, rng.randrange(2, 14) * 4 if difficulty >= 4 else 0, asked)
        if all(m != before for m in measured) and len(set(measured)) == n and _in_time(s):
            return s


def _in_time(s: Samples) -> bool:
    """Whether every sample is back before the timer: a segment that was sent again gives no sample."""
    limits = [_run(Samples(s.before, s.measured[:i], s.deviation, "timeout"), *_WEIGHTS) for i in range(len(s.measured))]
    return all(m < (limit if s.deviation else 2 * s.before) for m, limit in zip(s.measured, limits, strict=True))


def _run(s: Samples, alpha: Fraction, beta: Fraction, times: int = 4) -> Fraction:
    """The estimate, or the timeout (estimate + 4 deviations), after all samples; RFC 6298 updates the deviation first."""
    estimate, deviation = Fraction(s.before), Fraction(s.deviation)
    for measured in s.measured:
        deviation = (1 - beta) * deviation + beta * abs(estimate - measured)
        estimate = (1 - alpha) * estimate + alpha * measured
    return estimate + times * deviation if s.asked == "timeout" else estimate


def _ask_rtt(s: Samples) -> str:
    measured = "、".join(f"{m} ms" for m in s.measured)
    measured = f"此后测得的往返时间样本依次为 {measured}" if len(s.measured) > 1 else f"此后测得一个往返时间样本 {measured}"
    stem = f"TCP 用加权移动平均估计往返时间，新样本的权重 α = 1/8。当前的平滑往返时间 SRTT = {s.before} ms，"
    if s.asked == "timeout":
        stem += f"偏差 RTTVAR = {s.deviation} ms，偏差的新样本权重 β = 1/4（先用旧的 SRTT 更新 RTTVAR，再更新 SRTT），RTO = SRTT + 4 × RTTVAR，"
        return stem + f"{measured}，更新后的 RTO（四舍五入到两位小数）是"
    return stem + f"{measured}，更新后的 SRTT（四舍五入到两位小数）是"


def _solve_rtt(s: Samples) -> Solution:
    alpha, beta = _WEIGHTS
    key = _run(s, alpha, beta)
    last = Samples(s.before, s.measured[-1:], s.deviation, s.asked)
    wrong = [
        _run(s, 1 - alpha, beta),  # weights exchanged
        Fraction(s.before + sum(s.measured), len(s.measured) + 1) + 4 * s.deviation,  # a plain mean
        _run(s, Fraction(1, 4), beta),  # the deviation's weight for the estimate
        _run(last, alpha, beta) if len(s.measured) > 1 else _run(s, Fraction(1, 16), beta),  # a sample skipped; 2^-4
        *(
            [_run(s, alpha, beta, 2), _run(s, alpha, 1 - beta), _run(s, alpha, Fraction(0)), _run(s, alpha, alpha)]
            if s.deviation
            else []
        ),
        Fraction(s.before + s.measured[-1], 2) + 4 * s.deviation,  # half the old and half the new
        _run(s, Fraction(1, 16), beta),  # α taken for 2^-4
        _run(Samples(s.before, s.measured[:1], s.deviation, s.asked), alpha, beta),  # the last sample left out
    ]
    return Solution(_ms(key), [_ms(w) for w in wrong], _rtt_steps(s, alpha, beta))


def _rtt_steps(s: Samples, alpha: Fraction, beta: Fraction) -> str:
    estimate, deviation, lines = Fraction(s.before), Fraction(s.deviation), []
    for measured in s.measured:
        text = ""
        if s.asked == "timeout":
            new = (1 - beta) * deviation + beta * abs(estimate - measured)
            text = f"RTTVAR = 3/4 × {decimal(deviation)} + 1/4 × |{decimal(estimate)} - {measured}| = {decimal(new)} ms，"
            deviation = new
        new = (1 - alpha) * estimate + alpha * measured
        lines.append(f"样本 {measured} ms：{text}SRTT = 7/8 × {decimal(estimate)} + 1/8 × {measured} = {decimal(new)} ms")
        estimate = new
    end = f"更新后的 SRTT 是 {_ms(estimate)}。"
    if s.asked == "timeout":
        sign = "=" if exact(estimate + 4 * deviation, 2) else "≈"
        end = f"RTO = {decimal(estimate, 6)} + 4 × {decimal(deviation, 6)} {sign} {_ms(estimate + 4 * deviation)}。"
    return "；".join(lines) + f"。{end}新样本只占 1/8，旧估计占 7/8，两个权重不能颠倒，也不是求平均。"


def _ms(value: Fraction) -> str:
    return f"{decimal(value, 2)} ms"


FAMILIES = [
    Family("cn-tcp-sequence", "TCP 的序号与确认号", "cn", ("cn.5.6",), _sample_numbers, _ask_numbers, _solve_numbers),
    Family("cn-rtt-estimate", "往返时间的估计", "cn", ("cn.5.7",), _sample_rtt, _ask_rtt, _solve_rtt),
]
