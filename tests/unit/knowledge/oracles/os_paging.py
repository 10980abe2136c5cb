"""Paging by counting: pages one by one, accesses one by one, levels until they reach far enough."""

from fractions import Fraction
from itertools import count

from tests.unit.knowledge.oracles.rounding import half_up


def _size(amount):
    units = ["B", "KB", "MB", "GB"]
    while amount % 1024 == 0 and len(units) > 1:
        amount //= 1024
        units.pop(0)
    return f"{amount} {units[0]}"


def _layout(problem):
    page, space = problem.page_kb * 1024, 2**problem.bits
    per_table = page // problem.entry
    if problem.question == "size":
        return _size(space // page * problem.entry)
    if problem.question == "levels":
        return f"{next(n for n in count(1) if page * per_table**n >= space)} 级"
    used = range(0, problem.used_mb * 1024 * 1024, page)
    directory_entries = {address // page // per_table for address in used}
    return _size(page + len(directory_entries) * page)


def _tlb(problem):
    """A hundred accesses, each a walk."""
    total = 0
    for access in range(100):
        total += problem.tlb
        if access >= problem.hit:
            for _level in range(problem.levels):
                total += problem.memory
        total += problem.memory
    return f"{total / 100:g} ns"


def _faults(problem):
    """A hundred faults and the accesses between them."""
    total = 0
    for fault in range(100):
        total += (problem.every - 1) * problem.memory
        total += problem.service * 1_000_000 * (2 if fault < problem.dirty else 1)
    return f"{half_up(Fraction(total, 100 * problem.every))} ns"


ORACLES = {"os-effective-access-tlb": _tlb, "os-page-table-size": _layout, "os-effective-access-fault": _faults}
