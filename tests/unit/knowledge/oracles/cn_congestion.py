"""TCP's window by counting every acknowledgement, in KB."""

from fractions import Fraction


def _run(loss, window, threshold):
    for _ in range(loss.rounds):
        flight = window
        for _ in range(int(flight)):
            # Below the threshold each acknowledgement adds a segment; above it, a window's worth of them adds one.
            window = min(window + 1, threshold) if flight < threshold else window + Fraction(1, int(flight))
    size = int(window) * loss.mss
    return f"{min(size, loss.receiver * loss.mss) if loss.receiver else size} KB"


ORACLES = {
    "cn-congestion-window": lambda loss: _run(loss, Fraction(1), Fraction(loss.window, 2)),
    "cn-fast-recovery": lambda loss: _run(loss, Fraction(loss.window, 2), Fraction(loss.window, 2)),
}
