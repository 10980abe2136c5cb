"""Pipelines cycle by cycle: every instruction moves on when the next stage and its operands are free."""

from fractions import Fraction

from tests.unit.knowledge.oracles.rounding import half_up


def _times(p):
    clock, cycle, stages = max(s + p.latch for s in p.stages), 0, [None] * len(p.stages)
    waiting, done = p.count, 0
    while done < p.count:
        stages = [waiting > 0 or None, *stages[:-1]]
        waiting -= 1
        cycle += 1
        done += stages[-1] is not None
    if p.asked == "time":
        return f"{cycle * clock} ps"
    ratio = Fraction(sum(p.stages) * p.count, cycle * clock)
    return half_up(ratio)


def _move(slots, ready, fetched, last):
    """The stages (IF ID EX M WB; None: empty) one cycle later. The instruction in ID moves on only when it is ready."""
    fetch, decode, execute, memory, _ = slots
    if decode is not None and not ready:
        return [fetch if fetch is not None else (fetched if fetched < last else None), decode, None, execute, memory]
    return [fetched if fetched < last else None, fetch, decode, execute, memory]


def _cycles(code):
    """Cycle by cycle; `born` says in which cycle the result of an instruction arises."""
    slots, cycle, fetched, ready, born = [None] * 5, 0, 0, True, {}
    while slots[4] != len(code.lines) - 1:
        slots = _move(slots, ready, fetched, len(code.lines))
        fetched = max([fetched, *(i + 1 for i in slots if i is not None)])
        cycle += 1
        _, decode, execute, memory, write = slots
        results = [write] + code.forward * [memory, execute if execute is None or code.lines[execute][0] != "lw" else None]
        for index in results:
            if index is not None:
                born.setdefault(index, cycle)
        ready = decode is None or all(_seen(code, decode, r, born, cycle) for r in code.lines[decode][2])
    return f"{cycle} 个"


def _seen(code, index, register, born, cycle):
    """Whether the register's value reaches the instruction in time: with forwarding it is needed in EX, a cycle later."""
    writers = [j for j in range(index) if code.lines[j][1] == register]
    if not writers:
        return True
    made = born.get(writers[-1], 10**9)
    if code.forward:
        return made <= cycle
    return made <= cycle if code.shared else made < cycle


ORACLES = {"co-pipeline-cycles": _times, "co-pipeline-hazard-stalls": _cycles}
