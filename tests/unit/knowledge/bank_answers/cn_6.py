"""Answers of the bank's questions of chapter cn.6, computed from their stems."""

from collections.abc import Callable
from fractions import Fraction
from math import ceil


def _cn_6_1_1() -> str:
    size, peers, server_up, peer_down, peer_up = 900, 12, 60, 3, 5
    client_server = max(Fraction(peers * size, server_up), Fraction(size, peer_down))
    shared = Fraction(peers * size, server_up + peers * peer_up)
    peer_to_peer = max(Fraction(size, server_up), Fraction(size, peer_down), shared)
    return f"{client_server} s，{peer_to_peer} s"


def _resolve(name: str, server_known: set[str], host_known: set[str]) -> list[str]:
    """The servers asked for a name: the local one, then down from the deepest zone known; both caches are filled.

    A zone is known when the address of its server is, a name when its own address is; the root "" is always known.
    """
    if name in host_known:
        return []
    host_known.add(name)
    asked = ["local"]
    if name in server_known:
        return asked
    labels = name.split(".")
    zones = ["", *(".".join(labels[i:]) for i in range(len(labels) - 1, 0, -1))]
    deepest = max(i for i, zone in enumerate(zones) if zone == "" or zone in server_known)
    asked += zones[deepest:]
    server_known.update([*zones[1:], name])
    return asked


def _cn_6_2_1() -> str:
    rtt = {"local": 4, "": 50, "edu": 30, "x.edu": 20}
    server: set[str] = set()
    h1: set[str] = set()
    h2: set[str] = set()
    queries = [("a.x.edu", h1), ("b.x.edu", h1), ("a.x.edu", h2)]
    return f"{sum(rtt[asked] for name, host in queries for asked in _resolve(name, server, host))} ms"


def _cn_6_2_2() -> str:
    # Each exchange is one query and one response.
    return str(2 * len(_resolve("m.lab.uni.org", {"uni.org"}, set())))


def _cn_6_3_1() -> str:
    numbers = [int(part) for part in "203,0,113,4,195,80".split(",")]
    port = numbers[4] * 256 + numbers[5]
    # Passive mode: the server waits on the port of its answer to PASV, the client connects to it.
    return f"由客户发起，连接服务器的{port}端口"


def _cn_6_4_2() -> str:
    return str(ceil(1000 / 3) * 4)


def _cn_6_6_1() -> str:
    rtt, lookup, images, parallel = 30, 25, 6, 3
    per_object = 2 * rtt  # connection, then request and answer
    return f"{lookup + per_object + ceil(images / parallel) * per_object} ms"


def _rounds(size: int, cwnd: int) -> tuple[int, int]:
    """Round trips to send `size` segments, and cwnd once all of them are acknowledged."""
    count = 0
    while size > 0:
        sent = min(size, cwnd)
        size -= sent
        cwnd += sent
        count += 1
    return count, cwnd


def _cn_6_6_2() -> str:
    html, cwnd = _rounds(3, 1)
    # The request for the image rides on the last acknowledgements of the HTML, so cwnd has grown when it arrives.
    image, _ = _rounds(10, cwnd)
    return str(1 + html + image)


def _cn_6_6_3() -> str:
    rtt, bits_per_ms = 20, 8 * 10**3
    objects = [10_000, 100_000, 100_000]
    total = rtt + sum(rtt + Fraction(size * 8, bits_per_ms) for size in objects)
    return f"{total} ms"


ANSWERS: dict[str, Callable[[], str]] = {
    "cn.6.1-1": _cn_6_1_1,
    "cn.6.2-1": _cn_6_2_1,
    "cn.6.2-2": _cn_6_2_2,
    "cn.6.3-1": _cn_6_3_1,
    "cn.6.4-2": _cn_6_4_2,
    "cn.6.6-1": _cn_6_6_1,
    "cn.6.6-2": _cn_6_6_2,
    "cn.6.6-3": _cn_6_6_3,
}
