"""Fragmentation byte by byte: every fragment is filled with blocks of eight bytes until the next would not fit."""


def _fragments(datagram):
    blocks = [min(8, datagram.data - i) for i in range(0, datagram.data, 8)]
    fragments, offset = [], 0
    while offset < len(blocks):
        size = taken = 0
        while offset + taken < len(blocks) and 20 + size + blocks[offset + taken] <= datagram.mtu:
            size += blocks[offset + taken]
            taken += 1
        fragments.append((offset, size))
        offset += taken
    return fragments


def _answer(datagram):
    fragments = _fragments(datagram)
    offset, size = fragments[-1]
    assert sum(s for _, s in fragments) == datagram.length - 20
    return {"count": f"{len(fragments)} 片", "last": f"{size + 20} B", "offset": f"{offset}"}[datagram.asked]


ORACLES = {"cn-ip-fragment": _answer}
