"""TCP by simulating a receiver that keeps every byte; round-trip times by unrolling the recursion into weights."""

from fractions import Fraction

from tests.unit.knowledge.oracles.rounding import half_up


def _receive(exchange):
    """Next sequence number of the sender, and the first byte that the receiver lacks."""
    number, have = exchange.start, set()
    have.add(number)  # SYN
    number += 1
    for i, size in enumerate(exchange.sizes):
        if i != exchange.lost:
            have.update(range(number, number + size))
        number += size
    if exchange.asked == "fin":
        have.add(number)
        number += 1
    expected = exchange.start
    while expected in have:
        expected += 1
    return number, expected


def _sequence(exchange):
    following, expected = _receive(exchange)
    return str(following if exchange.asked == "seq" else expected)


def _weighted(first, values, new):
    """Exponentially weighted mean as one sum."""
    n = len(values)
    return (1 - new) ** n * first + sum(new * (1 - new) ** (n - 1 - i) * v for i, v in enumerate(values))


def _estimate(samples):
    old = [_weighted(samples.before, samples.measured[:i], Fraction(1, 8)) for i in range(len(samples.measured) + 1)]
    value = old[-1]
    if samples.asked == "timeout":
        errors = [abs(m - o) for m, o in zip(samples.measured, old, strict=False)]
        value += 4 * _weighted(samples.deviation, errors, Fraction(1, 4))
    return f"{half_up(value, zeros=False)} ms"


ORACLES = {"cn-tcp-sequence": _sequence, "cn-rtt-estimate": _estimate}
