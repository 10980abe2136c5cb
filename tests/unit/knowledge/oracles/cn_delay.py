"""Store-and-forward by simulating when every packet has arrived at every node."""

from fractions import Fraction

from tests.unit.knowledge.oracles.rounding import half_up


def _last_arrival(transfer):
    left, packets = transfer.data, []
    while left > 0:
        packets.append(min(left, transfer.payload) + transfer.header)
        left -= transfer.payload
    ready = [Fraction(0)] * len(packets)  # when each packet is whole at the present node
    for _ in range(transfer.links):
        free, arrived = Fraction(0), []
        for size, at in zip(packets, ready, strict=True):
            free = max(free, at) + Fraction(size * 8, transfer.rate)
            arrived.append(free + transfer.delay)
        ready = arrived
    return ready[-1]


def _packet_delay(transfer):
    return f"{half_up(_last_arrival(transfer), zeros=False)} ms"


ORACLES = {"cn-packet-delay": _packet_delay}
