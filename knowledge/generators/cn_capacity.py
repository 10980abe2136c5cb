"""The greatest data rate of a channel: Nyquist's theorem without noise, Shannon's with noise."""

from __future__ import annotations

import random
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Channel:
    """Bandwidth in kHz; states of a symbol as phases × amplitudes; signal-to-noise ratio as a plain ratio (0: no noise)."""

    bandwidth: int
    phases: int
    amplitudes: int
    ratio: int

    @property
    def states(self) -> int:
        return self.phases * self.amplitudes

    @property
    def bits(self) -> int:
        """Bits of a symbol."""
        return self.states.bit_length() - 1


_BANDWIDTHS = (2, 3, 4, 5, 6, 8, 10, 12, 15, 16, 20, 24, 25, 30, 40, 50, 60, 80)
_DECIBELS = {1000: 30, 100: 20, 10_000: 40}


def _rate(kbps: float) -> str:
    return f"{kbps:.1f}".rstrip("0").rstrip(".") + " kb/s"


def _sample_nyquist(rng: random.Random, difficulty: int) -> Channel:
    while True:
        phases, amplitudes = rng.choice((2, 4, 8, 16, 32)), 1 if difficulty <= 2 else rng.choice((2, 4, 8))
        channel = Channel(rng.choice(_BANDWIDTHS), phases, amplitudes, 0)
        if 2 <= channel.bits <= 8:
            return channel


def _ask_nyquist(c: Channel) -> str:
    symbol = (
        f"采用 {c.phases} 种相位" + (f"、每种相位有 {c.amplitudes} 种振幅" if c.amplitudes > 1 else "、振幅固定") + "的调制技术"
    )
    return f"某无噪声信道的带宽为 {c.bandwidth} kHz，{symbol}，该信道的最大数据传输速率是"


def _solve_nyquist(c: Channel) -> Solution:
    key = 2 * c.bandwidth * c.bits
    wrong = [
        c.bandwidth * c.bits,  # 2W taken for W
        2 * c.bandwidth,  # the symbol rate instead of the bit rate
        2 * c.bandwidth * c.states,  # the logarithm forgotten
        4 * c.bandwidth * c.bits,  # doubled twice
        2 * c.bandwidth * (c.phases.bit_length() - 1),  # amplitudes left out
        2 * c.bandwidth * (c.bits + 1),  # one bit too many
        2 * c.bandwidth * ((c.phases + c.amplitudes).bit_length() - 1),  # states added, not multiplied
        2 * c.bandwidth * (c.bits - 1),  # one bit too few
        2 * c.bandwidth * (c.bits + 2),
    ]
    product = f"{c.phases} × {c.amplitudes} = {c.states}" if c.amplitudes > 1 else str(c.states)
    steps = (
        f"每个码元有 {product} 种状态，携带 log2({c.states}) = {c.bits} 比特。奈奎斯特定理给出最大码元速率 2W = 2 × {c.bandwidth} k = "
        f"{2 * c.bandwidth} k 码元/秒，所以最大数据传输速率 = {2 * c.bandwidth} k × {c.bits} = {_rate(key)}。"
        f"{2 * c.bandwidth} k 码元/秒只是最大码元速率，还要乘以每个码元的比特数；最大码元速率是 2W，不是 W。"
    )
    return Solution(_rate(key), [_rate(w) for w in wrong], steps)


def _sample_noise(rng: random.Random, difficulty: int) -> Channel:
    ratio = rng.choice((3, 7, 15, 31, 63, 127, 255)) if difficulty <= 3 else rng.choice((1000, 1000, 100, 10_000, 1023, 255, 63))
    if difficulty <= 3:
        return Channel(rng.choice(_BANDWIDTHS), 0, 1, ratio)
    while True:  # which of the two bounds is the lower one must be calculated
        bits, noise_first = rng.randrange(2, 8), rng.random() < 0.5
        if (2 * bits > _bits_of(ratio)) == noise_first and 2 * bits != _bits_of(ratio):
            return Channel(rng.choice(_BANDWIDTHS), 2**bits, 1, ratio)


def _bits_of(ratio: int) -> int:
    """log2(1 + ratio) as the exam rounds it: 30 dB count as 10 bits."""
    return (ratio + 1).bit_length() - 1 if ratio not in _DECIBELS else {1000: 10, 100: 7, 10_000: 13}[ratio]


def _noise(c: Channel) -> str:
    if c.ratio not in _DECIBELS:
        return f"信噪比 S/N 为 {c.ratio}"
    return f"信噪比为 {_DECIBELS[c.ratio]} dB（取 log2(1 + {c.ratio}) ≈ {_bits_of(c.ratio)}）"


def _ask_noise(c: Channel) -> str:
    stem = f"某信道的带宽为 {c.bandwidth} kHz，{_noise(c)}"
    if c.phases:
        return (
            stem
            + f"，每个码元有 {c.phases} 种状态，同时考虑奈奎斯特定理与香农定理，该信道数据传输速率的上限{'约为' if c.ratio in _DECIBELS else '是'}"
        )
    return stem + "，该信道的极限数据传输速率是"


def _solve_noise(c: Channel) -> Solution:
    shannon = c.bandwidth * _bits_of(c.ratio)
    nyquist = 2 * c.bandwidth * c.bits if c.phases else 0
    key = min(shannon, nyquist) if nyquist else shannon
    wrong = [
        *([max(shannon, nyquist), c.bandwidth * c.bits, 2 * c.bandwidth * (c.bits - 1)] if nyquist else []),
        2 * c.bandwidth * _bits_of(c.ratio),  # Nyquist's 2W put into Shannon's formula
        c.bandwidth * (_bits_of(c.ratio) - 1),  # a power of two too few
        c.bandwidth * (_bits_of(c.ratio) + 1),  # a power of two too many
        2 * c.bandwidth,  # the symbol rate
        c.bandwidth * _bits_of(c.ratio) / 2,  # half of W
        c.bandwidth * (_bits_of(c.ratio) + 2),
    ]
    ratio = f"{_DECIBELS[c.ratio]} dB 即 S/N = {c.ratio}，" if c.ratio in _DECIBELS else ""
    sign = "≈" if c.ratio in _DECIBELS else "="
    steps = f"{ratio}香农定理：W × log2(1 + S/N) = {c.bandwidth} k × log2({1 + c.ratio}) {sign} {c.bandwidth} k × {_bits_of(c.ratio)} = {_rate(shannon)}。"
    if nyquist:
        steps += f"奈奎斯特定理：2W × log2({c.phases}) = 2 × {c.bandwidth} k × {c.bits} = {_rate(nyquist)}。两个上限都要满足，取较小者 {_rate(key)}。"
    else:
        steps += f"公式里是 W 而不是 2W，对数的真数是 1 + S/N，所以极限速率是 {_rate(key)}。"
    return Solution(_rate(key), [_rate(w) for w in wrong], steps)


FAMILIES = [
    Family("cn-nyquist", "无噪声信道的最大数据率", "cn", ("cn.2.2", "cn.2.1"), _sample_nyquist, _ask_nyquist, _solve_nyquist),
    Family("cn-shannon", "有噪声信道的极限数据率", "cn", ("cn.2.2",), _sample_noise, _ask_noise, _solve_noise),
]
