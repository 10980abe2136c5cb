"""Files by counting: blocks reached from each pointer, table entries by their width, bits walked through in order."""


def _blocks(level, per_block):
    """Data blocks below a pointer of this level."""
    return per_block * _blocks(level - 1, per_block) if level else 1


def _inode(problem):
    block = problem.block_kb * 1024
    total = sum(n * _blocks(level, block // problem.address) for level, n in enumerate(problem.pointers)) * block
    parts = []
    for unit, bytes_ in (("GB", 1024**3), ("MB", 1024**2), ("KB", 1024)):
        if total // bytes_:
            parts.append(f"{total // bytes_} {unit}")
        total %= bytes_
    return " + ".join(parts)


def _fat(problem):
    clusters = problem.disk_mb * 1024 // problem.cluster_kb
    bits = problem.bits
    if not bits:
        bits, numbers = 4, 16
        while numbers < clusters:
            bits, numbers = bits + 4, numbers * 16
    return f"{clusters * bits / 8 / 1024:g} KB"


def _bitmap(problem):
    """Walk the bitmap bit by bit, counting blocks as they go."""
    row = column = problem.first
    block = problem.first
    while True:
        if problem.asks_block and (row, column) == problem.place:
            return f"{block} 号"
        if not problem.asks_block and block == problem.block:
            return f"第 {row} 行第 {column} 列"
        block, column = block + 1, column + 1
        if column == problem.first + problem.width:
            row, column = row + 1, problem.first


ORACLES = {"os-inode-max-file": _inode, "os-fat-size": _fat, "os-bitmap": _bitmap}
