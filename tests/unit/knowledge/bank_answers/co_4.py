"""Answers of the bank's questions of chapter co.4, computed from their stems."""

from collections.abc import Callable
from fractions import Fraction

from tests.unit.knowledge.bank_answers.shared_co_1_2_4_6 import flags_of, only, signed


def _co_4_1_1() -> str:
    postfix = "AB-CD+*"
    memory_reference, operation = (8 + 16) // 8, 8 // 8
    total = sum(memory_reference if symbol.isalpha() else operation for symbol in postfix)
    return str(total + memory_reference)  # the final POP X


def _co_4_1_2() -> str:
    """Breadth-first search over programs; cells are compared on several operand triples at once."""
    samples = [(7, 3, 5), (100, 11, 13), (2, -17, 19)]
    columns = [tuple(column) for column in zip(*samples, strict=True)]
    goal = tuple(a - b * c for a, b, c in samples)
    # cells A, B, C, T, Y; A, B and C must keep their contents, so only T and Y are written
    level = {(*columns, (10007, 10009, 10037), (20011, 20021, 20023))}
    for count in range(1, 6):
        level = {_two_address(cells, op, d, s) for cells in level for op in range(3) for d in (3, 4) for s in range(5)}
        if any(cells[4] == goal for cells in level):
            return str(count)
    raise ValueError("no program found")


def _two_address(cells: tuple[tuple[int, ...], ...], op: int, target: int, source: int) -> tuple[tuple[int, ...], ...]:
    """Cells after MOV, SUB or MUL (op 0, 1, 2) target, source."""
    left, right = cells[target], cells[source]
    moved = (right, tuple(x - y for x, y in zip(left, right, strict=True)))
    value = moved[op] if op < 2 else tuple(x * y for x, y in zip(left, right, strict=True))
    return (*cells[:target], value, *cells[target + 1 :])


def _co_4_2_1() -> str:
    one_address_codes = ((2 ** (18 - 15) - 6) * 2**5 - 60) * 2**5
    return f"{max(n for n in range(one_address_codes + 1) if (one_address_codes - n) * 2**5 >= 130)}条"


def _co_4_2_2() -> str:
    opcode = (90 - 1).bit_length()
    register_field = (24 - opcode) // 2 - 3  # both address codes have the same length
    return f"{2**register_field}个"


def _co_4_3_1() -> str:
    memory = {0x25: 0x60, 0x55: 0x25, 0x60: 0x88, 0x90: 0x71}
    return f"{memory[memory[0x25 + 0x30]]:02X}H"


def _co_4_3_2() -> str:
    fetch, source, destination, store = 2, 2, 1, 1  # source: its address, then the operand
    return f"{fetch + source + destination + store}次"


def _co_4_3_3() -> str:
    return f"{(0x1F40 + signed(0xA6)) & 0xFFFF:04X}H"


def _co_4_4_1() -> str:
    distance = 0x004019F0 - (0x00401A2C + 4)
    return f"{distance // 4 & 0xFFFF:04X}H"


def _co_4_4_2() -> str:
    base = 0x3000 + 2
    targets = [base + 2 * displacement for displacement in range(-(2**9), 2**9)]
    return f"{min(targets):04X}H～{max(targets):04X}H"


def _co_4_4_3() -> str:
    second = 0x1200 + 2 + 0x2E
    return f"{next(byte for byte in range(256) if second + 2 + signed(byte) == 0x1200):02X}H"


def _co_4_4_4() -> str:
    moved = 0x6000 - 0x2000
    relative, direct = 0x2080 + moved, 0x2040  # PC moves with the program, an address in the code does not
    return f"相对转移到{relative:04X}H，直接转移到{direct:04X}H"


def _co_4_5_1() -> str:
    array = [5, -2, 0, 7, -9, 4]
    executed = 2
    ecx = eax = 0
    while True:
        executed += 2  # cmp ecx,6 and jge L3
        if ecx >= 6:
            return str(executed + 1)  # ret
        executed += 3  # mov, cmp edx,0 and jle L2
        if array[ecx] > 0:
            eax += array[ecx]
            executed += 1
        ecx += 1
        executed += 2  # inc ecx and jmp L1


def _co_4_5_2() -> str:
    flags = flags_of(0x90, 0x30, subtract=True)
    less = flags["SF"] != flags["OF"]
    zero = flags["ZF"] == 1
    taken = {"jl": less, "jne": not zero, "jg": not less and not zero, "ja": flags["CF"] == 0 and not zero}
    return only({name: not jumps for name, jumps in taken.items()})


def _co_4_6_1() -> str:
    esp = 0xFFFFD040 - 3 * 4
    first_parameter = esp  # pushed last
    esp -= 4 + 4 + 16 + 4  # return address, ebp, local area, ebx
    return f"{esp:08X}H和{first_parameter:08X}H"


def _depth(n: int) -> int:
    """Largest number of frames of f that are on the stack at one time."""
    return 1 if n <= 1 else 1 + max(_depth(n - 1), _depth(n - 2))


def _co_4_6_2() -> str:
    return f"{_depth(5) * (4 + 4 + 4 + 8)} B"


def _co_4_7_1() -> str:
    risc = Fraction("1.6") * Fraction("1.25") / 2
    cisc = Fraction("4.2") / Fraction("2.4")
    return f"{float(cisc / risc):.2f}倍"


ANSWERS: dict[str, Callable[[], str]] = {
    "co.4.1-1": _co_4_1_1,
    "co.4.1-2": _co_4_1_2,
    "co.4.2-1": _co_4_2_1,
    "co.4.2-2": _co_4_2_2,
    "co.4.3-1": _co_4_3_1,
    "co.4.3-2": _co_4_3_2,
    "co.4.3-3": _co_4_3_3,
    "co.4.4-1": _co_4_4_1,
    "co.4.4-2": _co_4_4_2,
    "co.4.4-3": _co_4_4_3,
    "co.4.4-4": _co_4_4_4,
    "co.4.5-1": _co_4_5_1,
    "co.4.5-2": _co_4_5_2,
    "co.4.6-1": _co_4_6_1,
    "co.4.6-2": _co_4_6_2,
    "co.4.7-1": _co_4_7_1,
}
