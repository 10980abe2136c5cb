"""Byte order by Python's conversions; structures by this machine's C layout."""

import ctypes


def _stored(p):
    order = "little" if p.little else "big"
    memory = dict(enumerate(p.value.to_bytes(4, order), p.base))
    if p.half:
        return str(int.from_bytes([memory[p.base + p.at], memory[p.base + p.at + 1]], order, signed=True))
    return f"{memory[p.base + p.at]:02X}H"


def _struct(p):
    types = {"char": ctypes.c_char, "short": ctypes.c_int16, "int": ctypes.c_int32, "double": ctypes.c_double}
    fields = [(f"m{i}", types[kind] * count) for i, (kind, count) in enumerate(p.members)]
    return f"{ctypes.sizeof(type('S', (ctypes.Structure,), {'_fields_': fields}))} B"


ORACLES = {"co-endian": _stored, "co-struct-alignment": _struct}
