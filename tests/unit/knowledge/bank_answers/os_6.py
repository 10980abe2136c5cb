"""Answers of the bank's questions of chapter os.6, computed from their stems."""

from collections.abc import Callable, Sequence
from fractions import Fraction

from tests.unit.knowledge.bank_answers.shared_os_4_to_7 import GB, KB, MB, bits_of, ceil, pages


def _os_6_1_1() -> str:
    n = 6400
    cost = {g: Fraction(n // g, 2) + Fraction(g, 2) for g in range(1, n + 1) if n % g == 0}
    best = min(cost, key=cost.__getitem__)
    return f"{best}个，约{cost[best]}次"


def _os_6_2_1() -> str:
    opened: dict[str, int] = {}  # one entry with its own pointer per open
    for fd, read in (("A.fd1", 300), ("B.fd1", 120), ("A.fd2", 50)):
        opened[fd] = read
    del opened["A.fd1"]
    return f"{len(opened)}、{opened['A.fd2']}、{opened['B.fd1']}"


def _os_6_2_2() -> str:
    size, base = 4096, 8192
    blocks = list(dict.fromkeys((base + offset) // size for offset in (0, 4000, 4100, 13000, 200, 14999, 5000)))
    return f"{len(blocks)}次，块{'、'.join(map(str, blocks))}"


def _os_6_3_1() -> str:
    # Directory blocks read in /, data and exp, then an inode after each, then the datum.
    blocks_read = {"data": 1, "exp": 2, "log.txt": 2}
    return f"{sum(blocks + 1 for blocks in blocks_read.values()) + 1}次"


def _os_6_3_2() -> str:
    files, block = 1280, 2 * KB

    def average(entry: int) -> Fraction:
        per = block // entry
        return Fraction(sum(i // per + 1 for i in range(files)), files)

    return str(average(128) - (average(16) + 1))


def _os_6_4_1() -> str:
    content: dict[int, str] = {1: "AAA"}
    names: dict[str, int] = {"x": 1}
    names["y"] = names["x"]
    soft = "x"  # z keeps the path
    del names["x"]
    content[2], names["x"] = "BBB", 2
    names["w"] = names["y"]
    del names["y"]
    links = list(names.values()).count(names["w"])
    return f"{content[names['w']]}、{content[names[soft]]}、{links}"


def _os_6_4_2() -> str:
    mode, group, right = 0o651, {"u1", "u2"}, {"读": 4, "写": 2, "执行": 1}

    def allowed(user: str, action: str) -> bool:
        shift = 6 if user == "u1" else 3 if user in group else 0
        return bool(mode >> shift & right[action])

    options = [("u1", "执行"), ("u3", "读"), ("u2", "执行"), ("u2", "写")]
    (permitted,) = [f"{user}{action}该文件" for user, action in options if allowed(user, action)]
    return permitted


def _os_6_5_2() -> str:
    return f"{10230 // (1024 - 4) + 1}次"


def _os_6_5_3() -> str:
    clusters = 96 * GB // (8 * KB)
    return f"{clusters * ceil(bits_of(clusters), 8) // MB} MB"


def _index_blocks(block: int, direct: int, per: int) -> set[str]:
    """Index blocks on the way to a logical block: direct items, one single and one double indirect item."""
    if block < direct:
        return set()
    if block < direct + per:
        return {"single"}
    return {"double", f"double/{(block - direct - per) // per}"}


def _with_index(blocks: Sequence[int], direct: int, per: int) -> int:
    return len(blocks) + len({x for b in blocks for x in _index_blocks(b, direct, per)})


def _os_6_6_1() -> str:
    return str(_with_index(pages(269500, 2000, KB), 8, KB // 4))


def _os_6_6_2() -> str:
    return str(_with_index(range(ceil(6000, 4)), 12, 4 * KB // 8))


def _os_6_6_3() -> str:
    per = 2 * KB // 4
    by_index, by_field = (10 + 2 * per + per**2) * 2 * KB, 2**28 - 1
    return "(2^28-1) B" if by_field < by_index else "(10+2×512+512^2)×2 KB"


def _os_6_7_1() -> str:
    row, column = divmod(1234, 32)
    return f"{row + 1}和{column + 1}"


def _os_6_7_2() -> str:
    stack, saved, capacity = [80, 35, 62], {80: [17, 90, 41, 23]}, 4
    got: list[int] = []
    for _ in range(4):
        block = stack.pop()
        if not stack:
            stack = saved.pop(block)
        got.append(block)
    for block in (62, 35):
        if len(stack) == capacity:
            saved[block], stack = stack, []
        stack.append(block)
    return f"{got[-1]}和{len(stack)}"


def _os_6_8_1() -> str:
    per = 2 * KB // 128
    block, slot = divmod(500 - 1, per)
    return f"{20 + block}和{slot * 128}"


ANSWERS: dict[str, Callable[[], str]] = {
    "os.6.1-1": _os_6_1_1,
    "os.6.2-1": _os_6_2_1,
    "os.6.2-2": _os_6_2_2,
    "os.6.3-1": _os_6_3_1,
    "os.6.3-2": _os_6_3_2,
    "os.6.4-1": _os_6_4_1,
    "os.6.4-2": _os_6_4_2,
    "os.6.5-2": _os_6_5_2,
    "os.6.5-3": _os_6_5_3,
    "os.6.6-1": _os_6_6_1,
    "os.6.6-2": _os_6_6_2,
    "os.6.6-3": _os_6_6_3,
    "os.6.7-1": _os_6_7_1,
    "os.6.7-2": _os_6_7_2,
    "os.6.8-1": _os_6_8_1,
}
