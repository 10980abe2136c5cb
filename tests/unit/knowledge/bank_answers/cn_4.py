"""Answers of the bank's questions of chapter cn.4, computed from their stems."""

from collections.abc import Callable
from fractions import Fraction
from ipaddress import IPv4Address, IPv4Network, IPv6Address, collapse_addresses, ip_address, ip_interface, ip_network
from itertools import pairwise

from tests.unit.knowledge.bank_answers.shared_cn_4_to_6 import IP_HEADER, fragment, ones_sum

Vector = dict[str, int]  # destination -> distance


Graph = dict[tuple[str, str], int]


RIP_INFINITY = 16


def _only(candidates: dict[str, bool]) -> str:
    """The text of the one candidate that holds."""
    (text,) = [text for text, holds in candidates.items() if holds]
    return text


def _net(text: str) -> IPv4Network:
    network = ip_network(text)
    assert isinstance(network, IPv4Network)
    return network


def _ip(text: str) -> IPv4Address:
    address = ip_address(text)
    assert isinstance(address, IPv4Address)
    return address


def _home(interface: str) -> IPv4Network:
    """The subnet of an interface written as address/length."""
    return _net(str(ip_interface(interface).network))


def _cn_4_1_1() -> str:
    rate, ports, bits = 10**9, 8, 100 * 8
    packets_per_second = Fraction(ports * rate, bits)
    nanoseconds = 10**9 / packets_per_second
    return f"{float(nanoseconds):g} ns"


def _cn_4_2_1() -> str:
    header = bytes.fromhex("47 00 01 2C 0A 5B 20 00 3F 06")
    header_length = (header[0] & 0x0F) * 4
    total = int.from_bytes(header[2:4])
    protocol = {6: "TCP", 17: "UDP"}[header[9]]
    return f"{total - header_length} B，{protocol}"


def _cn_4_2_2() -> str:
    ttl, checksum = 64, 0x3A7C
    # The other words of the header are unknown; any value that makes the old checksum right gives the same result.
    word, new_word = ttl << 8 | 6, (ttl - 1) << 8 | 6
    rest = 0xFFFF - ones_sum([word, checksum])
    return f"0x{0xFFFF - ones_sum([new_word, rest]):04X}"


def _cn_4_3_1() -> str:
    offset, size, _ = fragment([(0, 2820 - IP_HEADER, 0)], 910)[-1]
    return f"{size + IP_HEADER} B，{offset // 8}"


def _cn_4_3_2() -> str:
    pieces = fragment(fragment([(0, 1420 - IP_HEADER, 0)], 1000), 500)
    return str(sum(more for _, _, more in pieces))


PRIVATE = [_net("10.0.0.0/8"), _net("172.16.0.0/12"), _net("192.168.0.0/16")]


def _classful(address: IPv4Address) -> IPv4Network:
    first = int(address) >> 24
    assert first < 224, "class D or E"
    length = 8 if first < 128 else 16 if first < 192 else 24
    return _home(f"{address}/{length}")


def _public_host(text: str) -> bool:
    address = _ip(text)
    network = _classful(address)
    special = {network.network_address, network.broadcast_address}
    return address not in special and not any(address in block for block in PRIVATE)


def _cn_4_4_1() -> str:
    return _only({text: _public_host(text) for text in ("130.6.0.255", "192.168.255.1", "150.20.255.255", "201.6.8.0")})


def _cn_4_4_2() -> str:
    return str(_net("10.2.3.0/24").broadcast_address)


def _plan_works(plan: str, whole: str, needs: dict[str, int]) -> bool:
    """Aligned blocks inside the whole, large enough, not overlapping."""
    blocks: list[IPv4Network] = []
    for entry in plan.split("，"):
        name, block = entry[0], entry[1:]
        network = _home(block)
        if str(network) != block or not network.subnet_of(_net(whole)) or network.num_addresses - 2 < needs[name]:
            return False
        if any(network.overlaps(other) for other in blocks):
            return False
        blocks.append(network)
    return True


def _cn_4_5_1() -> str:
    needs = {"甲": 100, "乙": 50, "丙": 25}
    plans = (
        "甲198.20.6.64/25，乙198.20.6.192/26，丙198.20.6.0/27",
        "甲198.20.6.0/25，乙198.20.6.128/26，丙198.20.6.160/27",
        "甲198.20.6.0/25，乙198.20.6.128/27，丙198.20.6.192/26",
        "甲198.20.6.128/25，乙198.20.6.64/26，丙198.20.6.32/27",
    )
    return _only({plan: _plan_works(plan, "198.20.6.0/24", needs) for plan in plans})


def _cn_4_5_2() -> str:
    real, believed = _home("192.168.30.70/26"), _home("192.168.30.70/24")
    targets = ("192.168.30.200", "192.168.31.200", "192.168.40.70", "192.168.30.100")
    # The gateway is in the believed subnet too, so what H takes for remote is still delivered through it; what H
    # takes for local but is in another subnet is asked for by ARP in vain.
    assert _ip("192.168.30.126") in believed
    return _only({text: _ip(text) in believed and _ip(text) not in real for text in targets})


def _cn_4_5_3() -> str:
    return str(_home("172.25.107.61/255.255.240.0").broadcast_address)


def _cn_4_6_1() -> str:
    blocks = ["10.64.16.0/22", "10.64.20.0/23", "10.64.22.0/24", "10.64.23.0/24"]
    (whole,) = collapse_addresses(map(_net, blocks))
    return str(whole)


def _cn_4_6_2() -> str:
    groups = (
        "20.5.12.0/24、20.5.13.0/24、20.5.14.0/23",
        "20.5.10.0/24、20.5.11.0/24、20.5.12.0/23",
        "20.5.8.0/24、20.5.9.0/24、20.5.10.0/24",
        "20.5.6.0/24、20.5.7.0/24、20.5.8.0/23",
    )
    return _only({group: len(list(collapse_addresses(map(_net, group.split("、"))))) == 1 for group in groups})


def _cn_4_6_3() -> str:
    left = [_net("100.72.160.0/20")]
    for given in (_net("100.72.164.0/22"), _net("100.72.172.0/23")):
        left = [part for block in left for part in (block.address_exclude(given) if given.subnet_of(block) else [block])]
    return str(len(list(collapse_addresses(left))))


def _longest_match(table: dict[str, str], target: str) -> str:
    address = _ip(target)
    return table[str(max((net for net in map(_net, table) if address in net), key=lambda net: net.prefixlen))]


def _cn_4_7_1() -> str:
    table = {"0.0.0.0/0": "R0", "140.30.128.0/17": "R1", "140.30.160.0/19": "R2", "140.30.176.0/22": "R3"}
    return _longest_match(table, "140.30.180.9")


def _cn_4_7_2() -> str:
    table = {"62.4.64.0/20": "R1", "62.4.72.0/22": "R2", "62.4.74.0/24": "R1", "0.0.0.0/0": "R3"}
    # Outside the /20 only the default route matches, so counting inside it is counting everywhere.
    assert all(_net(text).subnet_of(_net("62.4.64.0/20")) for text in table if text != "0.0.0.0/0")
    return str(sum(_longest_match(table, str(address)) == "R1" for address in _net("62.4.64.0/20")))


def _cn_4_7_3() -> str:
    own = _ip("10.0.0.5")
    (peer,) = [host for host in _home("10.0.0.5/30").hosts() if host != own]
    return str(peer)


def _cn_4_8_1() -> str:
    source, target = "192.168.1.20:3000", "203.0.113.80:80"
    leaving_x = {"192.168.1.20:3000": "198.51.100.9:41000"}
    entering_y = {"203.0.113.80:80": "192.168.1.10:80"}
    source = leaving_x[source]
    target = entering_y[target]
    return f"{source}，{target}"


def _arp_requests(path: list[str], caches: dict[str, set[str]]) -> int:
    """ARP requests sent while one datagram follows the path; the asked node learns the asker."""
    count = 0
    for sender, receiver in pairwise(path):
        if receiver not in caches[sender]:
            count += 1
            caches[sender].add(receiver)
            caches[receiver].add(sender)
    return count


def _cn_4_9_1() -> str:
    path = ["A", "R1", "R2", "B"]
    caches: dict[str, set[str]] = {node: set() for node in path}
    return str(_arp_requests(path, caches) + _arp_requests(path[::-1], caches))


def _cn_4_9_2() -> str:
    target, gateway = _ip("10.3.2.9"), _ip("10.3.1.1")
    asked = target if target in _home("10.3.1.7/24") else gateway
    broadcast = "-".join(["FF"] * 6)
    return f"{broadcast}，{asked}"


def _cn_4_10_2() -> str:
    lease = 24
    renewed_at = lease // 2
    # The server is gone after the renewal, so neither the later half nor the 7/8 mark extends the lease.
    return f"t={renewed_at + lease}小时"


def _cn_4_11_1() -> str:
    total, ttl = 1500, 2
    next_links = [("R1", 1500), ("R2", 1000), ("R3", 1500)]
    for router, mtu in next_links:
        ttl -= 1
        if ttl == 0:
            return f"{router}发送的时间超过报文"
        if total > mtu:
            return f"{router}发送的终点不可达报文"
    raise AssertionError("delivered")


def _cn_4_12_1() -> str:
    address = IPv6Address("FE80:0000:0000:00A0:0000:0000:0000:3C00")
    forms = ("FE80:0:0:A0::3C", "FE80:0:0:A0:0:0:0:3C00", "FE80::A0:0:0:0:3C00", "FE80:0:0:A0::3C00")
    return _only({form: IPv6Address(form) != address for form in forms})


def _group_mac(text: str) -> int:
    return 0x01005E000000 | int(_ip(text)) & 0x7FFFFF


def _cn_4_16_1() -> str:
    groups = ("225.86.20.9", "230.151.20.9", "230.22.150.9", "225.22.20.9")
    return _only({group: _group_mac(group) == _group_mac("230.150.20.9") for group in groups})


def _rip_update(table: dict[str, tuple[int, str]], neighbour: str, heard: Vector) -> dict[str, tuple[int, str]]:
    """The table after a neighbour's update; unreachable networks are not added."""
    new = dict(table)
    for target, distance in heard.items():
        offer = min(distance + 1, RIP_INFINITY)
        current, hop = new.get(target, (RIP_INFINITY, ""))
        if hop == neighbour or offer < current:
            new[target] = (offer, neighbour)
    return new


def _cn_4_13_1() -> str:
    table = {"N1": (3, "A"), "N2": (5, "B"), "N3": (2, "C")}
    new = _rip_update(table, "B", {"N1": 1, "N2": 6, "N3": 1, "N4": 15})
    return "，".join(f"{target}距离{distance}下一跳{hop}" for target, (distance, hop) in sorted(new.items()))


def _cn_4_13_2() -> str:
    r1 = {"N": (RIP_INFINITY, "")}
    r2 = {"N": (2, "R1")}
    updates = 0
    while r2["N"][0] < RIP_INFINITY:
        r1 = _rip_update(r1, "R2", {"N": r2["N"][0]})
        r2 = _rip_update(r2, "R1", {"N": r1["N"][0]})
        updates += 1
    return str(updates)


def _cn_4_13_3() -> str:
    cost = {"B": 2, "C": 5, "D": 1}
    heard = {"B": 2, "C": 0, "D": 6}
    distance, hop = min((cost[node] + heard[node], node) for node in cost)
    return f"{distance}，{hop}"


def _dijkstra(links: Graph, source: str) -> list[tuple[str, int]]:
    """Nodes in the order in which they are settled, with their distances, the source left out."""
    edges = links | {(b, a): cost for (a, b), cost in links.items()}
    distance = {source: 0}
    settled: list[tuple[str, int]] = []
    done: set[str] = set()
    while len(done) < len(distance):
        node = min((name for name in distance if name not in done), key=lambda name: distance[name])
        done.add(node)
        settled.append((node, distance[node]))
        for (a, b), cost in edges.items():
            if a == node:
                distance[b] = min(distance.get(b, distance[a] + cost), distance[a] + cost)
    return settled[1:]


def _cn_4_14_1() -> str:
    costs = {"AB": 6, "AC": 2, "AD": 9, "BC": 3, "BD": 2, "CE": 8, "BE": 5, "DE": 1}
    order = _dijkstra({(pair[0], pair[1]): cost for pair, cost in costs.items()}, "A")
    return f"{order[2][0]}，{dict(order)['E']}"


def _cn_4_15_1() -> str:
    own, preferred = 65010, 65002
    paths = [(65001, 65007), (65002, 65009, 65007), (65003, 65010, 65007)]
    (looped,) = [path for path in paths if own in path]
    chosen = min((path for path in paths if own not in path), key=lambda path: (path[0] != preferred, len(path)))
    return f"{chosen[0]}，{looped[0]}"


ANSWERS: dict[str, Callable[[], str]] = {
    "cn.4.1-1": _cn_4_1_1,
    "cn.4.2-1": _cn_4_2_1,
    "cn.4.2-2": _cn_4_2_2,
    "cn.4.3-1": _cn_4_3_1,
    "cn.4.3-2": _cn_4_3_2,
    "cn.4.4-1": _cn_4_4_1,
    "cn.4.4-2": _cn_4_4_2,
    "cn.4.5-1": _cn_4_5_1,
    "cn.4.5-2": _cn_4_5_2,
    "cn.4.5-3": _cn_4_5_3,
    "cn.4.6-1": _cn_4_6_1,
    "cn.4.6-2": _cn_4_6_2,
    "cn.4.6-3": _cn_4_6_3,
    "cn.4.7-1": _cn_4_7_1,
    "cn.4.7-2": _cn_4_7_2,
    "cn.4.7-3": _cn_4_7_3,
    "cn.4.8-1": _cn_4_8_1,
    "cn.4.9-1": _cn_4_9_1,
    "cn.4.9-2": _cn_4_9_2,
    "cn.4.10-2": _cn_4_10_2,
    "cn.4.11-1": _cn_4_11_1,
    "cn.4.12-1": _cn_4_12_1,
    "cn.4.13-1": _cn_4_13_1,
    "cn.4.13-2": _cn_4_13_2,
    "cn.4.13-3": _cn_4_13_3,
    "cn.4.14-1": _cn_4_14_1,
    "cn.4.15-1": _cn_4_15_1,
    "cn.4.16-1": _cn_4_16_1,
}
