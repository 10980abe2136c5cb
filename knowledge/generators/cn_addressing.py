"""IPv4 addresses: subnets, aggregation of CIDR blocks, the longest matching prefix."""

from __future__ import annotations

import random
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]

_KINDS = ("broadcast", "hosts", "last")


@dataclass(frozen=True)
class Host:
    """An address in a subnet, and what is asked: the broadcast address, the number of hosts, or the last host."""

    address: int
    prefix: int
    kind: str


@dataclass(frozen=True)
class Blocks:
    """Blocks to aggregate: network address and prefix length."""

    blocks: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Table:
    """A routing table in its printed order (network, prefix length, next hop), and a destination."""

    rows: tuple[tuple[int, int, str], ...]
    destination: int


def _dotted(address: int) -> str:
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))


def _mask(prefix: int) -> int:
    return (1 << 32) - (1 << (32 - prefix))


def _cidr(address: int, prefix: int) -> str:
    return f"{_dotted(address & _mask(prefix))}/{prefix}"


def _random_address(rng: random.Random) -> int:
    first = rng.choice((10, 172, 180, 192, 200, 202, 210))
    second = {10: rng.randrange(256), 172: rng.randrange(16, 32), 192: 168}.get(first, rng.randrange(1, 200))
    return first << 24 | second << 16 | rng.randrange(1, 255) << 8 | rng.randrange(1, 255)


def _sample_subnet(rng: random.Random, difficulty: int) -> Host:
    prefix = rng.choice(((26, 27), (26, 27, 28), (27, 28, 29), (20, 21, 22), (18, 19, 20, 21, 22, 23))[difficulty - 1])
    while True:
        address = _random_address(rng)
        network, broadcast = address & _mask(prefix), address | ~_mask(prefix) & 0xFFFFFFFF
        # The subnet is neither the first nor the last of its byte, where careless methods would be right too.
        edge = 24 if prefix > 24 else 16
        inside = network != address & _mask(edge) and broadcast != address | ~_mask(edge) & 0xFFFFFFFF
        if network + 1 < address < broadcast - 1 and inside:
            return Host(address, prefix, rng.choice(_KINDS))


def _ask_subnet(host: Host) -> str:
    what = {"broadcast": "广播地址", "hosts": "可分配给主机的 IP 地址个数", "last": "最大的可分配给主机的 IP 地址"}[host.kind]
    return f"某主机的 IP 地址为 {_dotted(host.address)}，子网掩码为 {_dotted(_mask(host.prefix))}，则该主机所在子网的{what}是"


def _solve_subnet(host: Host) -> Solution:
    size = 1 << (32 - host.prefix)
    network = host.address & _mask(host.prefix)
    broadcast = network + size - 1
    text = (
        f"子网掩码 {_dotted(_mask(host.prefix))} 即 /{host.prefix}，主机号占 {32 - host.prefix} 位，每个子网有 2^{32 - host.prefix} = {size} 个地址。"
        f"IP 地址与掩码按位与，得网络地址 {_dotted(network)}；主机号全 1 的是广播地址 {_dotted(broadcast)}。"
        f"去掉这两个地址，可分配的是 {_dotted(network + 1)} 到 {_dotted(broadcast - 1)}，共 {size} - 2 = {size - 2} 个。"
    )
    if host.kind == "hosts":
        wrong = [size, size - 1, size * 2 - 2, size // 2 - 2]
        return Solution(
            f"{size - 2} 个",
            [f"{w} 个" for w in wrong],
            f"{text}所以答案是 {size - 2} 个，忘记去掉网络地址和广播地址会得到 {size} 个。",
        )
    wide = (host.address & _mask(host.prefix - 1)) + 2 * size - 1
    narrow = (host.address & _mask(host.prefix + 1)) + size // 2 - 1
    classful = host.address | (0xFF if host.prefix > 24 else 0xFFFF)
    if host.kind == "broadcast":
        wrong, answer = [classful, broadcast - 1, wide, narrow, network], broadcast
    else:
        wrong, answer = [broadcast, classful - 1, wide - 1, narrow - 1], broadcast - 1
    return Solution(
        _dotted(answer),
        [_dotted(w) for w in wrong],
        f"{text}所以答案是 {_dotted(answer)}。不按掩码划分、只看点分十进制的字节会得到 {_dotted(wrong[0] if host.kind == 'broadcast' else wrong[1])}。",
    )


def _sample_blocks(rng: random.Random, difficulty: int) -> Blocks:
    while True:
        wide = rng.choice((20, 21, 22) if difficulty <= 3 else (18, 19, 20, 25))
        base = _random_address(rng) & _mask(wide)
        depth = 2 if difficulty <= 2 else 3
        small = wide + depth
        slots = sorted(rng.sample(range(1 << depth), (3, 4, 4, 5, 6)[difficulty - 1]) if difficulty > 1 else [0, 1, 2])
        if slots[0] < 1 << (depth - 1) <= slots[-1]:
            return Blocks(tuple((base + (s << (32 - small)), small) for s in slots))


def _common(blocks: Blocks) -> int:
    """The length of the prefix that all blocks share."""
    first = blocks.blocks[0][0]
    length = min(p for _, p in blocks.blocks)
    while any(a & _mask(length) != first & _mask(length) for a, _ in blocks.blocks):
        length -= 1
    return length


def _ask_aggregate(blocks: Blocks) -> str:
    rows = "、".join(_cidr(a, p) for a, p in blocks.blocks)
    return f"路由器要把下列网络 {rows} 聚合成一个能包含它们全部的最小（前缀最长）的地址块，聚合的结果是"


def _solve_aggregate(blocks: Blocks) -> Solution:
    first, prefix = blocks.blocks[0]
    last, common = blocks.blocks[-1][0], _common(blocks)
    octet = common // 8
    binary = "；".join(
        f"{_dotted(a)} 的第 {octet + 1} 字节 {a >> (24 - 8 * octet) & 255} = {a >> (24 - 8 * octet) & 255:08b}"
        for a, _ in blocks.blocks
    )
    answer = _cidr(first, common)
    half = f"{_dotted(first)}/{common + 1}"
    wrong = [half, _cidr(first, common - 1), f"{_dotted(first)}/{prefix - 1}", _cidr(last, common + 1), _cidr(first, common - 2)]
    text = (
        f"各网络的前 {octet} 个字节相同，把第 {octet + 1} 字节写成二进制：{binary}。从左起共同的位有 {common} 位，"
        f"其余位取 0，得聚合结果 {answer}。前缀取 {common + 1} 位的地址块包含不了 {_cidr(last, prefix)}；"
        f"取 {common - 1} 位的 {_cidr(first, common - 1)} 虽然都包含，却不是最小的。"
    )
    return Solution(answer, wrong, text)


def _sample_table(rng: random.Random, difficulty: int) -> Table:
    while True:
        target = _random_address(rng)
        lengths = sorted(
            rng.sample(
                ((16, 20, 24), (18, 20, 22, 24), (19, 21, 23, 25), (20, 22, 23, 25, 27), (19, 21, 22, 25, 26, 28))[
                    difficulty - 1
                ],
                2 + (difficulty >= 4),
            )
        )
        rows = [(target & _mask(p), p) for p in lengths]
        # Longer prefixes that differ from the destination in their last bits only do not match.
        for extra in (1, 2)[: 1 + (difficulty >= 3)]:
            p = min(lengths[-1] + extra, 29)
            rows.append(((target ^ 1 << (32 - p)) & _mask(p), p))
        if len(set(rows)) == len(rows):
            rng.shuffle(rows)
            rows.append((0, 0))
            return Table(tuple((a, p, f"R{i}") for i, (a, p) in enumerate(rows, 1)), target)


def _ask_prefix(table: Table) -> str:
    rows = "；".join(f"目的网络 {_cidr(a, p)}，下一跳 {hop}" for a, p, hop in table.rows)
    return f"某路由器的路由表为：{rows}。若该路由器收到一个目的 IP 地址为 {_dotted(table.destination)} 的分组，则转发给的下一跳是"


def _solve_prefix(table: Table) -> Solution:
    def fits(row: tuple[int, int, str]) -> bool:
        return table.destination & _mask(row[1]) == row[0]

    lines = [
        f"{_cidr(a, p)}：目的地址前 {p} 位对应的网络是 {_cidr(table.destination, p)}，{'匹配' if fits((a, p, hop)) else '不匹配'}"
        for a, p, hop in table.rows
        if p
    ]
    best = max(filter(fits, table.rows), key=lambda row: row[1])
    by_length = sorted(table.rows, key=lambda row: -row[1])
    missed = [row[2] for row in by_length if not fits(row)]
    shorter = [row[2] for row in by_length if fits(row) and row != best]
    text = (
        f"逐项匹配：{'；'.join(lines)}；默认路由 0.0.0.0/0 总匹配。匹配的项中前缀最长的是 {_cidr(best[0], best[1])}，"
        f"所以转发给 {best[2]}。前缀更长的 {missed[0]} 一项并不匹配；能匹配的 {shorter[0]} 一项前缀较短。"
    )
    return Solution(best[2], [missed[0], shorter[0], *missed[1:], *shorter[1:]], text)


FAMILIES = [
    Family("cn-subnet", "子网的广播地址与主机地址", "cn", ("cn.4.5",), _sample_subnet, _ask_subnet, _solve_subnet),
    Family("cn-cidr-aggregate", "路由聚合", "cn", ("cn.4.6",), _sample_blocks, _ask_aggregate, _solve_aggregate),
    Family("cn-longest-prefix", "最长前缀匹配", "cn", ("cn.4.7",), _sample_table, _ask_prefix, _solve_prefix),
]
