"""Sliding windows by simulating when every frame leaves and when its acknowledgement is back."""

from fractions import Fraction

from tests.unit.knowledge.oracles.rounding import half_up


def _run(link, window, frames):
    """Start times of the frames and the time the last acknowledgement of the first `frames` is back."""
    send, back = Fraction(link.frame * 8, link.rate), Fraction(link.ack * 8, link.rate)
    starts, acks, free = [], [], Fraction(0)
    for i in range(frames):
        start = max(free, acks[i - window]) if i >= window else free
        starts.append(start)
        free = start + send
        acks.append(free + link.delay + back + link.delay)
    return starts, send


def _utilisation(link, window):
    rounds = 20
    starts, send = _run(link, window, window * rounds + 1)
    return f"{half_up(send * window * rounds / starts[-1] * 100, 1)}%"


def _window(link):
    window = 1
    while True:
        starts, send = _run(link, window, window + 1)
        if all(b - a == send for a, b in zip(starts, starts[1:], strict=False)):
            return window
        window += 1


def _gbn(link):
    window = _window(link)
    if not link.bits:
        return f"{window} 帧"
    n = 1
    while not 2**n > window:  # the frames of a full window and the next expected one differ in their numbers
        n += 1
    return f"{n} 位"


ORACLES = {
    "cn-stop-wait-utilisation": lambda link: _utilisation(link, 1),
    "cn-gbn-window": _gbn,
    "cn-sr-utilisation": lambda link: _utilisation(link, 2**link.bits // 2),
}
