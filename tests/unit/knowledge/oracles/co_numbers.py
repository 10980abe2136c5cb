"""A ripple-carry adder bit by bit; single precision by the machine's own floats."""

import struct
from decimal import Decimal


def _ripple(p):
    carry, into_top, result = int(p.subtract), 0, 0
    for i in range(p.bits):
        a, b = p.x >> i & 1, (p.y >> i & 1) ^ p.subtract
        into_top = carry
        result |= (a ^ b ^ carry) << i
        carry = (a & b) | (carry & (a ^ b))
    return f"{result:0{p.bits // 4}X}H，OF = {carry ^ into_top}，CF = {carry ^ p.subtract}"


def _single(p):
    value = p.numerator / 2**p.shift
    code = struct.pack(">f", value).hex().upper()
    if p.from_code:
        return format(Decimal(struct.unpack(">f", bytes.fromhex(code))[0]), "f")
    return f"{code}H"


ORACLES = {"co-complement-overflow": _ripple, "co-ieee754": _single}
