"""File systems: the longest file of an inode, the size of a FAT, places in a bitmap."""

from __future__ import annotations

import random
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]

_LEVELS = ("直接", "一级间接", "二级间接", "三级间接")


@dataclass(frozen=True)
class Inode:
    """Numbers of direct, single, double and triple indirect pointers; block size in KB, bytes of a block address."""

    pointers: tuple[int, int, int, int]
    block_kb: int
    address: int


@dataclass(frozen=True)
class Fat:
    """Disk size in MB, cluster size in KB, bits of an entry (0: as few as will do, in whole half bytes)."""

    disk_mb: int
    cluster_kb: int
    bits: int


@dataclass(frozen=True)
class Bitmap:
    """Word width, number of the first block, row and column; the block and its place; which of them is asked for."""

    width: int
    first: int
    block: int
    asks_block: bool

    @property
    def place(self) -> tuple[int, int]:
        row, column = divmod(self.block - self.first, self.width)
        return row + self.first, column + self.first


def _sum_of_units(kb: int) -> str:
    units = (("GB", kb >> 20), ("MB", (kb >> 10) & 1023), ("KB", kb & 1023))
    return " + ".join(f"{n} {unit}" for unit, n in units if n)


def _sample_inode(rng: random.Random, difficulty: int) -> Inode:
    double, triple = int(difficulty > 1) + int(difficulty > 3 and rng.random() < 0.4), int(difficulty == 5)
    pointers = (rng.randrange(5, 14), rng.randrange(1, 4), double, triple)
    return Inode(pointers, rng.choice([1, 2, 4]), rng.choice([4, 8]))


def _ask_inode(problem: Inode) -> str:
    items = "、".join(f"{n} 个{name}地址项" for n, name in zip(problem.pointers, _LEVELS, strict=True) if n)
    return (
        f"某文件系统的索引节点有 {items}，磁盘块大小 {problem.block_kb} KB，每个块地址占 {problem.address} B"
        "（1 KB = 2^10 B，1 MB = 2^20 B，1 GB = 2^30 B）。单个文件的最大长度是"
    )


def _inode_kb(problem: Inode, per_block: int, pointers: tuple[int, ...]) -> int:
    blocks: int = sum(n * per_block**level for level, n in enumerate(pointers))
    return blocks * problem.block_kb


def _solve_inode(problem: Inode) -> Solution:
    per_block, pointers = problem.block_kb * 1024 // problem.address, problem.pointers
    answer = _sum_of_units(_inode_kb(problem, per_block, pointers))
    parts = [
        f"{name} {n} 项：{n} × {('', f'{per_block} × ', f'{per_block}^2 × ', f'{per_block}^3 × ')[level]}{problem.block_kb} KB = "
        f"{_sum_of_units(n * per_block**level * problem.block_kb)}"
        for level, (n, name) in enumerate(zip(pointers, _LEVELS, strict=True))
        if n
    ]
    steps = (
        f"一个索引块可放 {problem.block_kb} KB ÷ {problem.address} B = {per_block} 个块地址。{'；'.join(parts)}。"
        f"各部分相加，最大长度是 {answer}。漏掉直接块，或漏掉最高一级的间接块，都是错的。"
    )
    top = max(level for level, n in enumerate(pointers) if n)
    one_of_each = tuple(min(n, 1) if level else n for level, n in enumerate(pointers))
    lower = (*pointers[:top], 0, 0, 0)[:4]
    deeper = (pointers[0], 0, *pointers[1:])  # each indirect pointer taken one level too deep
    wrong = [
        _inode_kb(problem, per_block, (0, *pointers[1:])),  # the direct blocks forgotten
        _inode_kb(problem, per_block, lower),  # the highest level forgotten
        _inode_kb(problem, per_block // 2, pointers),  # an address taken twice as long
        _inode_kb(problem, per_block, one_of_each),  # one indirect pointer of each level
        _inode_kb(problem, per_block, deeper),
        _inode_kb(problem, per_block * 2, pointers),  # an address taken half as long
        _inode_kb(problem, per_block, tuple(n + (level == top) for level, n in enumerate(pointers))),  # a pointer miscounted
        _inode_kb(problem, per_block, (pointers[0] + pointers[1], *pointers[1:])),  # index blocks counted as data
    ]
    return Solution(answer, [_sum_of_units(kb) for kb in wrong], steps)


def _sample_fat(rng: random.Random, difficulty: int) -> Fat:
    if difficulty <= 2:
        cluster = rng.choice([1, 2, 4, 8])
        bits = rng.choice([16, 32])
        most = 64 * cluster if bits == 16 else 1024  # 16 bits number 2^16 clusters
        return Fat(4 * rng.randrange(4, most // 4 + 1), cluster, bits)
    return Fat(20 * rng.randrange(2, 25 * difficulty), rng.choice([1, 2, 4] if difficulty < 5 else [1, 2, 4, 8]), 0)


def _ask_fat(problem: Fat) -> str:
    entry = (
        f"FAT 每个表项占 {problem.bits // 8} B"
        if problem.bits
        else "FAT 表项的位数取能编号全部簇的最少位数，并向上取为 4 位（半字节）的整数倍"
    )
    return (
        f"某磁盘数据区容量 {problem.disk_mb} MB，簇大小 {problem.cluster_kb} KB，采用 FAT 文件系统，每个簇对应一个表项，{entry}"
        "（1 KB = 2^10 B，1 MB = 2^20 B）。FAT 占用的空间是"
    )


def _fat_kb(clusters: int, bits: int) -> str:
    return f"{clusters * bits / 8192:g} KB"


def _solve_fat(problem: Fat) -> Solution:
    clusters = problem.disk_mb * 1024 // problem.cluster_kb
    least = (clusters - 1).bit_length()
    bits = problem.bits or -(-least // 4) * 4
    answer = _fat_kb(clusters, bits)
    width = (
        f"表项占 {bits // 8} B。"
        if problem.bits
        else f"2^{least - 1} < {clusters} ≤ 2^{least}，至少要 {least} 位，取 4 的整数倍为 {bits} 位，即 {bits / 8:g} B。"
    )
    steps = (
        f"簇数 = {problem.disk_mb} MB ÷ {problem.cluster_kb} KB = {clusters}。{width}"
        f"FAT 占 {clusters} × {bits / 8:g} B = {clusters * bits // 8} B = {answer}。{'表项的位数要除以 8 才是字节数。' if problem.bits else ''}"
    )
    wrong = [
        _fat_kb(clusters, least),  # not rounded up
        _fat_kb(clusters, bits * 8),  # bits taken for bytes
        _fat_kb(problem.disk_mb * 1024, bits),  # an entry for every KB
        _fat_kb(clusters, 16 if bits != 16 else 32),  # FAT16 (FAT32) as a matter of course
        _fat_kb(clusters, 8),  # one byte an entry
    ]
    return Solution(answer, wrong, steps)


def _sample_bitmap(rng: random.Random, difficulty: int) -> Bitmap:
    width, first = rng.choice([8, 16] if difficulty == 1 else [16, 32] if difficulty < 4 else [32, 64]), rng.randrange(2)
    while True:  # inside a row and away from its ends, so that slips show
        problem = Bitmap(width, first, rng.randrange(3 * width, (6 + 8 * difficulty) * width), rng.random() < 0.5)
        if 1 < problem.place[1] - first < width - 2 and problem.place[0] != problem.place[1]:
            return problem


def _ask_bitmap(problem: Bitmap) -> str:
    row, column = problem.place
    head = f"用位示图管理空闲盘块，每行 {problem.width} 位，盘块号、行号和列号都从 {problem.first} 开始，位按行依次对应盘块。"
    if problem.asks_block:
        return head + f"第 {row} 行第 {column} 列的位对应的盘块是"
    return head + f"{problem.block} 号盘块对应的位是"


def _solve_bitmap(problem: Bitmap) -> Solution:
    width, first, block, (row, column) = problem.width, problem.first, problem.block, problem.place
    if problem.asks_block:
        answer = f"{block} 号"
        steps = (
            f"它之前有 {row - first} 个整行，每行 {width} 位，本行之前还有 {column - first} 位，共 {row - first} × {width} + {column - first} = "
            f"{block - first} 位；盘块号从 {first} 开始，所以是 {block - first} + {first} = {answer}盘块。起点的 {first} 要在行、列、块三处一致地处理。"
        )
        numbers = [(row - first) * width + column + 1, (row + 1) * width + column, row * width + column, block - 1, block + 1]
        wrong = [f"{n} 号" for n in [*numbers, (column - first) * width + row]]
    else:
        answer = f"第 {row} 行第 {column} 列"
        steps = (
            f"{block} 号盘块之前有 {block - first} 块。{block - first} ÷ {width} 商 {row - first} 余 {column - first}，"
            f"即前面有 {row - first} 个整行，本行前面有 {column - first} 位；行列号从 {first} 开始，所以是{answer}。商是行、余数是列，不能颠倒。"
        )
        places = [
            (row, column + 1 - 2 * first),
            (row + 1 - 2 * first, column),
            (column, row),
            (row + 1 - 2 * first, column + 1 - 2 * first),
        ]
        wrong = [f"第 {r} 行第 {c} 列" for r, c in places]
    return Solution(answer, wrong, steps)


FAMILIES = [
    Family("os-inode-max-file", "索引节点的最大文件长度", "os", ("os.6.6",), _sample_inode, _ask_inode, _solve_inode),
    Family("os-fat-size", "FAT 的大小", "os", ("os.6.5",), _sample_fat, _ask_fat, _solve_fat),
    Family("os-bitmap", "位示图定位", "os", ("os.6.7",), _sample_bitmap, _ask_bitmap, _solve_bitmap),
]
