"""Hash tables: mean search lengths with linear probing and with chaining."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Table:
    """Keys in the order of insertion; H(key) = key mod p; the table's length; whether successful searches are asked about."""

    keys: tuple[int, ...]
    p: int
    length: int
    success: bool


def _sample(rng: random.Random, difficulty: int) -> Table:
    n, p = 5 + difficulty, rng.choice([7, 11, 13] if difficulty < 3 else [11, 13])
    if difficulty < 3:
        n = min(n, p - 1)
    while True:
        keys = tuple(rng.sample(range(5, 100), n))
        collisions = n - len({key % p for key in keys})
        if 2 <= collisions <= n - 3:
            return Table(keys, p, p + rng.choice([0, 1, 2, 3]), difficulty < 3 or rng.random() < 0.5)


def _probe(table: Table) -> tuple[list[int | None], list[int]]:
    """The table filled by linear probing, and the comparisons each key took."""
    cells: list[int | None] = [None] * table.length
    tries = []
    for key in table.keys:
        at, tried = key % table.p, 1
        while cells[at] is not None:
            at, tried = (at + 1) % table.length, tried + 1
        cells[at] = key
        tries.append(tried)
    return cells, tries


def _misses(cells: list[int | None], p: int) -> list[int]:
    """Comparisons of an unsuccessful search from each home address; the empty cell counts."""
    counts = []
    for home in range(p):
        tried = 1
        while cells[(home + tried - 1) % len(cells)] is not None:
            tried += 1
        counts.append(tried)
    return counts


def _chains(table: Table) -> list[list[int]]:
    chains: list[list[int]] = [[] for _ in range(table.p)]
    for key in table.keys:
        chains[key % table.p].append(key)
    return chains


def _mean(total: int, count: int) -> str:
    return str(Fraction(total, count))


def _from_one(means: list[str]) -> list[str]:
    """Without those below 1: every search that is counted so compares at least once."""
    return [m for m in means if Fraction(m) >= 1]


def _sum(numbers: list[int]) -> str:
    return " + ".join(map(str, numbers))


def _keys(table: Table) -> str:
    return "、".join(map(str, table.keys))


def _ask_linear(table: Table) -> str:
    kind = "查找成功" if table.success else "查找失败"
    note = "" if table.success else f"（散列地址为 0～{table.p - 1} 的可能性相等，与空单元的比较计 1 次）"
    return (
        f"散列表的地址空间为 0～{table.length - 1}，散列函数为 H(key) = key mod {table.p}，用线性探测再散列法处理冲突。"
        f"将关键字 {_keys(table)} 依次插入空表后，在等概率情况下{kind}{note}的平均查找长度是"
    )


def _show_cells(cells: list[int | None]) -> str:
    return "，".join(f"{i}：{'空' if cell is None else cell}" for i, cell in enumerate(cells))


def _solve_linear(table: Table) -> Solution:
    cells, tries = _probe(table)
    misses, n, p = _misses(cells, table.p), len(table.keys), table.p
    hit, miss = _mean(sum(tries), n), _mean(sum(misses), p)
    chained = sum(i for chain in _chains(table) for i in range(1, len(chain) + 1))
    places = "；".join(f"{k} mod {p} = {k % p}，比较 {t} 次" for k, t in zip(table.keys, tries, strict=True))
    start = f"依次插入，各关键字的散列地址和查找成功时的比较次数：{places}。散列表：{_show_cells(cells)}。"
    if table.success:
        steps = f"{start}查找成功的平均查找长度 = ({_sum(tries)}) ÷ {n} = {sum(tries)} ÷ {n} = {hit}。分母是关键字个数 {n}，不是表长 {table.length}。"
        wrong = [miss, _mean(chained, n), _mean(sum(tries), p), _mean(sum(tries) + n, n), _mean(sum(tries) - 1, n)]
        wrong += [_mean(sum(tries) + 1, n), _mean(sum(tries), table.length), _mean(sum(tries), n - 1)]
        return Solution(hit, _from_one(wrong), steps)
    steps = (
        f"{start}查找失败时从每个散列地址 0～{p - 1} 开始比较到空单元为止，比较次数依次为 {_sum(misses)}，共 {sum(misses)} 次。"
        f"平均查找长度 = {sum(misses)} ÷ {p} = {miss}。分母是散列函数能取到的地址数 {p}，不是关键字个数 {n}。"
    )
    wrong = [_mean(sum(misses), n), hit, _mean(sum(misses) - p, p), _mean(sum(_misses(cells, table.length)), table.length)]
    wrong += [_mean(sum(misses), table.length), _mean(sum(misses) + p, p), _mean(sum(misses) + n, p), _mean(sum(misses) - 1, p)]
    return Solution(miss, _from_one(wrong), steps)


def _ask_chain(table: Table) -> str:
    kind = "查找成功" if table.success else "查找失败"
    note = "" if table.success else f"（散列地址为 0～{table.p - 1} 的可能性相等，只计与关键字的比较，与空指针的比较不计）"
    return (
        f"散列函数为 H(key) = key mod {table.p}，用链地址法（拉链法）处理冲突，新结点插在链表的表尾。"
        f"将关键字 {_keys(table)} 依次插入空的散列表后，在等概率情况下{kind}{note}的平均查找长度是"
    )


def _solve_chain(table: Table) -> Solution:
    chains, n, p = _chains(table), len(table.keys), table.p
    depths = [i for chain in chains for i in range(1, len(chain) + 1)]
    tries = _probe(table)[1]
    hit, miss = _mean(sum(depths), n), _mean(n, p)
    lists = "；".join(f"{i}：{' → '.join(map(str, chain))}" for i, chain in enumerate(chains) if chain)
    start = f"各散列地址的链表（没有列出的为空）：{lists}。"
    if table.success:
        counts = {d: depths.count(d) for d in sorted(set(depths))}
        terms = " + ".join(f"{d} × {c}" for d, c in counts.items())
        steps = (
            f"{start}链表中的第 i 个结点要比较 i 次，总次数 = {terms} = {sum(depths)}，平均查找长度 = {sum(depths)} ÷ {n} = {hit}。"
            f"分母是关键字个数 {n}，不是地址数 {p}。"
        )
        used = sum(map(bool, chains))
        wrong = [_mean(sum(tries), n), _mean(sum(depths) + n, n), _mean(sum(depths), used), _mean(sum(depths), p), _mean(n, used)]
        wrong += [_mean(sum(depths) - 1, n), _mean(sum(depths) + 1, n)]
        return Solution(hit, _from_one(wrong), steps)
    lengths = [len(chain) for chain in chains]
    steps = (
        f"{start}查找失败要与所在链表的全部结点比较，各地址的次数为 {_sum(lengths)}，共 {n} 次。"
        f"平均查找长度 = {n} ÷ {p} = {miss}。若把与空指针的比较也计 1 次会得 {_mean(n + p, p)}，题目已说明不计。"
    )
    used = sum(map(bool, chains))
    # The null pointer counted; the other search; only chains that are not empty; one key forgotten; an address too many; chains counted
    wrong = [_mean(n + p, p), hit, _mean(n, used), _mean(n - 1, p), _mean(n, p + 1), _mean(used, p), _mean(sum(depths), p)]
    return Solution(miss, wrong, steps)


FAMILIES = [
    Family("ds-hash-asl-linear", "线性探测法的平均查找长度", "ds", ("ds.7.9",), _sample, _ask_linear, _solve_linear),
    Family("ds-hash-asl-chain", "链地址法的平均查找长度", "ds", ("ds.7.9",), _sample, _ask_chain, _solve_chain),
]
