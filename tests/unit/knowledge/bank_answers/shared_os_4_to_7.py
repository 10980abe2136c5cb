"""What the answers of several chapters compute with."""

from collections import OrderedDict
from collections.abc import Sequence

KB = 1 << 10


MB = 1 << 20


GB = 1 << 30


def ceil(a: int, b: int) -> int:
    return -(-a // b)


def bits_of(n: int) -> int:
    """Bits needed to number n things."""
    return (n - 1).bit_length()


def pages(start: int, length: int, size: int) -> list[int]:
    return list(range(start // size, (start + length - 1) // size + 1))


def lru(refs: Sequence[int], frames: int) -> int:
    stack: OrderedDict[int, None] = OrderedDict()
    faults = 0
    for page in refs:
        if page in stack:
            stack.move_to_end(page)
            continue
        faults += 1
        if len(stack) == frames:
            stack.popitem(last=False)
        stack[page] = None
    return faults
