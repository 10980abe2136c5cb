"""Addresses by a small machine's micro-steps; operation codes by giving away every word of the instruction set."""

import struct


def _operand(p):
    if p.mode == "relative":
        pc = p.register
        for _ in range(p.length):
            pc += 1
        (offset,) = struct.unpack("b", bytes([p.field]))
        for _ in range(p.scale):
            pc += offset
        return f"{pc & 0xFFFF:04X}H"
    memory, address = dict(p.memory), p.field
    for step in {"indirect": "@", "base": "+", "index-indirect": "+@", "indirect-index": "@+"}[p.mode]:
        address = memory[address] if step == "@" else address + p.register
    return f"{address:04X}H"


def _opcodes(p):
    word, last = 0, 1 << p.bits  # an instruction with k addresses takes 2^(k·address) words in a row
    for i, count in enumerate(p.used):
        for _ in range(count):
            word += 1 << (p.most - i) * p.address
    found, step = 0, 1 << (p.most - len(p.used)) * p.address
    while word + step <= last:
        word += step
        found += 1
    return f"{found} 条"


ORACLES = {"co-addressing-modes": _operand, "co-opcode-space": _opcodes}
