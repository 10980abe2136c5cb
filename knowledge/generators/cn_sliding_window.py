"""Channel utilisation and window sizes of stop-and-wait, go-back-N and selective repeat."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from knowledge.generators.family import Family, Solution
from knowledge.generators.number_format import fixed

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Link:
    """Rate in kb/s, frame and acknowledgement in bytes, one-way delay in ms, bits of the sequence number (0: not given)."""

    rate: int
    frame: int
    ack: int
    delay: int
    bits: int


def _number(x: Fraction) -> str:
    return f"{float(x):.6f}".rstrip("0").rstrip(".")


def _percent(x: Fraction) -> str:
    return f"{fixed(min(x, Fraction(1)) * 100, 1)}%"


def _ms(size: int, rate: int) -> Fraction:
    """Transmission time in ms of some bytes at kb/s."""
    return Fraction(size * 8, rate)


def _ceil(x: Fraction) -> int:
    return -(-x.numerator // x.denominator)


def _times(link: Link) -> tuple[Fraction, Fraction, Fraction]:
    """Transmission times of the frame and of the acknowledgement, and the cycle, in ms."""
    frame, ack = _ms(link.frame, link.rate), _ms(link.ack, link.rate)
    return frame, ack, frame + 2 * link.delay + ack


def _sample_wait(rng: random.Random, difficulty: int) -> Link:
    rate = rng.choice((4, 8, 10, 16, 20)) if difficulty <= 2 else rng.choice((32, 50, 64, 100, 128, 200))
    frame = rng.choice((100, 125, 200, 250)) if difficulty <= 2 else rng.choice((400, 500, 625, 800, 1000, 1200))
    ack = 0 if difficulty <= 2 else rng.choice((25, 50, 64)) if difficulty >= 4 else frame
    return Link(rate, frame, ack, rng.choice((20, 25, 30, 40, 50, 60, 75, 100, 150, 200, 250)), 0)


def _line(link: Link) -> str:
    return f"信道的数据传输速率为 {link.rate} kb/s，单向传播时延为 {link.delay} ms，数据帧长 {link.frame} B，"


def _ack_text(link: Link) -> str:
    if not link.ack:
        return "确认帧的长度忽略不计"
    return f"每个数据帧单独确认，确认帧{'与数据帧等长' if link.ack == link.frame else f'长 {link.ack} B'}"


def _ask_wait(link: Link) -> str:
    return f"采用停止-等待协议，{_line(link)}{_ack_text(link)}，不出差错，忽略处理时间（1 kb/s = 10^3 b/s），信道利用率约为"


def _time_steps(link: Link) -> str:
    frame, ack, cycle = _times(link)
    acks = f"，确认帧的发送时延 = {link.ack} × 8 b ÷ {link.rate} kb/s = {_number(ack)} ms" if link.ack else ""
    return (
        f"数据帧的发送时延 = {link.frame} × 8 b ÷ {link.rate} kb/s = {_number(frame)} ms{acks}。"
        f"从开始发一帧到收到其确认的周期 = {_number(frame)} + 2 × {link.delay}{f' + {_number(ack)}' if link.ack else ''} = {_number(cycle)} ms。"
    )


def _solve_wait(link: Link) -> Solution:
    frame, ack, cycle = _times(link)
    answer, one_way = _percent(frame / cycle), _percent(frame / (frame + link.delay + ack))
    no_frame = _percent(frame / (2 * link.delay))
    as_bits = _percent(frame / 8 / (frame / 8 + 2 * link.delay + ack / 8))
    without_ack = _percent(frame / (frame + 2 * link.delay))
    text = (
        f"{_time_steps(link)}停止-等待协议每个周期只发一帧，利用率 = {_number(frame)} ÷ {_number(cycle)} ≈ {answer}。"
        f"只算单程传播时延会得到 {one_way}，把字节当成比特会得到 {as_bits}，都不对。"
    )
    wrong = [
        one_way,
        _percent(frame / (frame + 4 * link.delay + ack)),  # the stated delay taken for one way of two
        without_ack,
        as_bits,
        no_frame,
        _percent(frame / (2 * frame + 2 * link.delay + ack)),  # the frame received as long as it is sent, counted again
        _percent(frame / (cycle + ack + 2 * link.delay)),  # the acknowledgement taken to make a round trip
        _percent(2 * frame / cycle),
        _percent((frame + ack) / cycle),  # the acknowledgement counted as useful
    ]
    return Solution(answer, [w for w in wrong if w != "100.0%"], text)


def _sample_gbn(rng: random.Random, difficulty: int) -> Link:
    rates = (16, 20, 32, 50, 64) if difficulty <= 2 else (64, 100, 128, 200, 256)
    frame = rng.choice((100, 125, 200, 250, 256, 400, 500, 512))
    ack = 0 if difficulty <= 3 else frame
    delay = rng.choice((50, 80, 100, 150, 200, 250, 270, 300, 400))
    return Link(rng.choice(rates), frame, ack, delay, 1 if difficulty >= 2 else 0)


def _ask_gbn(link: Link) -> str:
    goal = (
        "为使信道利用率最高（发送方能不停地发送），帧序号的位数至少应为"
        if link.bits
        else "为使发送方能不停地发送，发送窗口至少应为"
    )
    return f"采用后退 N 帧（GBN）协议，{_line(link)}{_ack_text(link)}，不出差错，忽略处理时间（1 kb/s = 10^3 b/s）。{goal}"


def _bits_for(window: int) -> int:
    """The least n with 2^n - 1 ≥ window."""
    return window.bit_length()


def _solve_gbn(link: Link) -> Solution:
    frame, ack, cycle = _times(link)
    window = _ceil(cycle / frame)
    one_way, no_frame = _ceil((frame + link.delay + ack) / frame), _ceil((cycle - frame) / frame)
    as_bits = _ceil((frame / 8 + 2 * link.delay + ack / 8) / (frame / 8))
    need = f"{_time_steps(link)}发送窗口 W 要满足 W × {_number(frame)} ≥ {_number(cycle)}，即 W ≥ {_number(cycle / frame)}，取整得 W 至少为 {window} 帧。"
    if not link.bits:
        four_ways = _ceil((cycle + 2 * link.delay) / frame)
        wrong = [one_way, four_ways, no_frame, window + 1, as_bits, window - 1, window + 2]
        text = f"{need}所以答案是 {window} 帧。注意周期里既要算往返的传播时延，也要算数据帧自己的发送时延。"
        return Solution(f"{window} 帧", [f"{w} 帧" for w in wrong if w > 0], text)
    n = _bits_for(window)
    guesses = [n + 1, _bits_for(one_way), n + 2, n - 1, n - 2, n + 3]
    text = (
        f"{need}GBN 用 n 位序号时发送窗口最大为 2^n - 1，由 2^n - 1 ≥ {window}，且 2^{n - 1} - 1 = {2 ** (n - 1) - 1} < {window} ≤ "
        f"2^{n} - 1 = {2**n - 1}，得帧序号至少 {n} 位。注意窗口上限是 2^n - 1（选择重传才是 2^(n-1)），周期里的传播时延要算往返。"
    )
    return Solution(f"{n} 位", [f"{g} 位" for g in guesses if g > 0], text)


def _sample_sr(rng: random.Random, difficulty: int) -> Link:
    while True:
        link = _sample_gbn(rng, max(difficulty, 2))
        link = Link(link.rate, link.frame, link.ack, link.delay, rng.choice((2, 3) if difficulty <= 3 else (3, 4, 5)))
        if _times(link)[0] * 2 ** (link.bits - 1) < _times(link)[2]:
            return link


def _ask_sr(link: Link) -> str:
    return (
        f"采用选择重传（SR）协议，帧序号占 {link.bits} 位，收发窗口相等并取允许的最大值，{_line(link)}{_ack_text(link)}，"
        "不出差错，忽略处理时间（1 kb/s = 10^3 b/s），信道利用率最高约为"
    )


def _solve_sr(link: Link) -> Solution:
    frame, ack, cycle = _times(link)
    window, gbn = 2 ** (link.bits - 1), 2**link.bits - 1
    answer = _percent(window * frame / cycle)
    as_gbn, one_way = _percent(gbn * frame / cycle), _percent(window * frame / (frame + link.delay + ack))
    text = (
        f"SR 用 {link.bits} 位序号且收发窗口相等时，窗口最大为 2^({link.bits}-1) = {window} 帧。{_time_steps(link)}"
        f"一个周期内最多发 {window} 帧，用时 {window} × {_number(frame)} = {_number(window * frame)} ms，"
        f"利用率 = {_number(window * frame)} ÷ {_number(cycle)} ≈ {answer}。若误用 GBN 的窗口 2^{link.bits} - 1 = {gbn} 会得到 {as_gbn}。"
    )
    wrong = [
        as_gbn,
        _percent(window * frame / (cycle + 2 * link.delay)),  # the stated delay taken for one way of two
        one_way,
        _percent((window - 1) * frame / cycle),  # 2^(n-1) - 1 frames
        _percent(frame / cycle),  # stop-and-wait
        _percent((window + 1) * frame / cycle),
        _percent(window // 2 * frame / cycle),  # halved once more
        _percent(2 * window * frame / cycle),
    ]
    return Solution(answer, [w for w in wrong if w != "100.0%"], text)


FAMILIES = [
    Family(
        "cn-stop-wait-utilisation", "停止-等待协议的信道利用率", "cn", ("cn.3.4", "cn.3.7"), _sample_wait, _ask_wait, _solve_wait
    ),
    Family("cn-gbn-window", "后退 N 帧协议的窗口与序号位数", "cn", ("cn.3.5", "cn.3.7"), _sample_gbn, _ask_gbn, _solve_gbn),
    Family("cn-sr-utilisation", "选择重传协议的信道利用率", "cn", ("cn.3.6", "cn.3.7"), _sample_sr, _ask_sr, _solve_sr),
]
