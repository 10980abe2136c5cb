"""Cache mapping by counting and by division with remainder instead of bit fields."""


def _bits_to_number(count):
    """Bits that number `count` things, by trying."""
    bits = 0
    while 2**bits < count:
        bits += 1
    return bits


def _address(p):
    words, sets = p.block // p.unit, p.size // (p.block * p.ways)
    name = "行号" if p.ways == 1 else "组号"
    if p.address < 0:
        blocks_per_set = 2**p.address_bits // words // sets
        return (
            f"标记 {_bits_to_number(blocks_per_set)} 位，{name} {_bits_to_number(sets)} 位，块内地址 {_bits_to_number(words)} 位"
        )
    tag, index = divmod(p.address // words, sets)
    return f"标记 {tag:X}H，{name} {index:X}H"


def _total(p):
    sets = p.size // (p.block * p.ways)
    candidates = 2**p.address_bits // p.block // sets  # memory blocks that a line can hold
    bits = 0
    for _ in range(sets):
        for _ in range(p.ways):
            bits += 8 * p.block + _bits_to_number(candidates) + 1 + p.replace + (1 if p.dirty else 0)
    assert bits % 1024 == 0
    return f"{bits // 1024} K 位"


ORACLES = {"co-cache-address": _address, "co-cache-total-bits": _total}
