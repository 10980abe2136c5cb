"""What the answers of several chapters compute with."""

from collections.abc import Iterable

Fragment = tuple[int, int, int]  # (offset in bytes, data bytes, MF)


IP_HEADER = 20


def fragment(pieces: Iterable[Fragment], mtu: int, header: int = IP_HEADER) -> list[Fragment]:
    """The pieces after a link with this MTU; every piece but the last of a datagram carries a multiple of 8 bytes."""
    most = (mtu - header) // 8 * 8
    result: list[Fragment] = []
    for offset, size, more in pieces:
        if size <= mtu - header:
            result.append((offset, size, more))
            continue
        for start in range(0, size, most):
            part = min(most, size - start)
            result.append((offset + start, part, more if start + part == size else 1))
    return result


def ones_sum(words: Iterable[int]) -> int:
    """Sum of 16-bit words with end-around carry."""
    total = 0
    for word in words:
        total += word
        total = (total & 0xFFFF) + (total >> 16)
    return total
