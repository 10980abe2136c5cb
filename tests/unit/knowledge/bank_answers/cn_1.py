"""Answers of the bank's questions of chapter cn.1, computed from their stems."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import combinations

from tests.unit.knowledge.bank_answers.shared_cn_1_to_3 import store_and_forward

ROMAN = "ⅠⅡⅢⅣ"


def _ms(seconds: Fraction, places: int) -> str:
    """Seconds as text in milliseconds."""
    return f"{float(seconds * 1000):.{places}f} ms"


def _only(truths: Sequence[bool]) -> str:
    """The usual option text for a list of true statements."""
    chosen = "、".join(mark for mark, true in zip(ROMAN, truths, strict=False) if true)
    return chosen if all(truths) else f"仅{chosen}"


def _connected(nodes: int, links: Iterable[tuple[int, int]]) -> bool:
    root = list(range(nodes))

    def find(node: int) -> int:
        return node if root[node] == node else find(root[node])

    for a, b in links:
        root[find(a)] = find(b)
    return len({find(node) for node in range(nodes)}) == 1


def _cn_1_1_1() -> str:
    nodes = 7
    mesh = list(combinations(range(nodes), 2))
    ring = [(node, (node + 1) % nodes) for node in range(nodes)]
    for links in (mesh, ring):  # what the stem claims: any one link may fail
        assert all(_connected(nodes, [link for link in links if link != broken]) for broken in links)
    return str(abs(len(mesh) - len(ring)))


def _cn_1_2_1() -> str:
    packets = math.ceil(Fraction(980_000, 1000 - 20))
    slot = Fraction(1000 * 8, 4_000_000)
    return _ms(store_and_forward(packets, [slot] * 3)[-1][-1], 0)


def _cn_1_2_2() -> str:
    table = {("R1", 1, 5): (3, 2), ("R1", 2, 5): (3, 7), ("R2", 1, 2): (2, 5), ("R2", 1, 7): (3, 4)}
    wires = {("R1", 3): ("R2", 1)}
    node, port, circuit = "R1", 2, 5
    while True:
        port, circuit = table[node, port, circuit]
        if (node, port) not in wires:
            return f"接口 {port}、虚电路号 {circuit}"
        node, port = wires[node, port]


def _cn_1_2_3() -> str:
    rate, payload, size, links = 1_000_000, 800, 1000, 4
    packets = 1
    while True:
        circuit = Fraction(53, 1000) + Fraction(packets * payload, rate)
        if circuit <= store_and_forward(packets, [Fraction(size, rate)] * links)[-1][-1]:
            return f"{packets * payload} bit"
        packets += 1


def _cn_1_3_1() -> str:
    slots = [Fraction(8000, 10_000_000), Fraction(8000, 5_000_000)]
    arrived, left = store_and_forward(20, slots)
    return _ms(left[-1] - slots[1] - arrived[-1], 1)


def _cn_1_3_2() -> str:
    propagation = Fraction(600_000, 200_000_000)
    return str(propagation // Fraction(1500 * 8, 100_000_000))


def _cn_1_3_3() -> str:
    def link(rate: int) -> tuple[Fraction, Fraction, Fraction, Fraction]:
        length, speed, packet = 1000, 200_000_000, 12_000  # any fixed values
        propagation = Fraction(length, speed)
        return Fraction(packet, rate), propagation, propagation * rate, Fraction(speed, rate)

    ratios = [new / old for old, new in zip(link(10**8), link(10**9), strict=True)]
    claims = [Fraction(1, 10), Fraction(1, 10), Fraction(10), Fraction(1, 10)]
    return _only([ratio == claim for ratio, claim in zip(ratios, claims, strict=True)])


def _cn_1_3_4() -> str:
    before, after = (1 / (1 - Fraction(used, 10)) for used in (6, 9))
    return f"{float(after / before):g} 倍"


def _cn_1_4_1() -> str:
    data, most = 3000, 1460
    parts = [min(most, data - start) for start in range(0, data, most)]
    # A frame carries at least 46 B (padding); here every part is longer.
    return f"{sum(max(46, part + 20 + 20) + 18 for part in parts)} B"


def _cn_1_5_1() -> str:
    layers = {"主机": 5, "集线器": 1, "交换机": 2, "路由器": 3}
    path = ["主机", "集线器", "交换机", "路由器", "交换机", "路由器", "主机"]
    network, link = (sum(layers[node] >= layer for node in path) for layer in (3, 2))
    return f"{network} 和 {link}"


ANSWERS: dict[str, Callable[[], str]] = {
    "cn.1.1-1": _cn_1_1_1,
    "cn.1.2-1": _cn_1_2_1,
    "cn.1.2-2": _cn_1_2_2,
    "cn.1.2-3": _cn_1_2_3,
    "cn.1.3-1": _cn_1_3_1,
    "cn.1.3-2": _cn_1_3_2,
    "cn.1.3-3": _cn_1_3_3,
    "cn.1.3-4": _cn_1_3_4,
    "cn.1.4-1": _cn_1_4_1,
    "cn.1.5-1": _cn_1_5_1,
}
