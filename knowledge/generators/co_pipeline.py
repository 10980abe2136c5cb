"""Instruction pipelines: time of many instructions, stalls by data hazards."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from knowledge.generators.family import Family, Solution
from knowledge.generators.number_format import decimal, fixed

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Pipeline:
    """Times of the stages and of the latch behind each (ps), instructions, what is asked: "time" or "speedup"."""

    stages: tuple[int, ...]
    latch: int
    count: int
    asked: str


def _sample_pipeline(rng: random.Random, difficulty: int) -> Pipeline:
    stages = tuple(rng.randrange(6, 17) * 10 for _ in range(4 if difficulty == 1 else 5))
    latch = rng.choice((10, 20)) if difficulty >= 3 else 0
    # A speedup of many instructions hardly shows the time to fill the pipeline.
    count = rng.choice((100, 200, 500, 1000) if difficulty == 3 else (10, 20, 40))
    return Pipeline(stages, latch, count, "speedup" if difficulty >= 4 else "time")


def _ask_pipeline(p: Pipeline) -> str:
    latch = f"，每个流水段之后的流水段寄存器延迟为 {p.latch} ps" if p.latch else "，不计流水段寄存器的延迟"
    stem = (
        f"某指令流水线分为 {len(p.stages)} 段，各段的执行时间依次为 {'、'.join(map(str, p.stages))} ps{latch}，时钟周期取满足要求的最小值。"
        f"连续执行 {p.count} 条指令（无冒险、无阻塞）"
    )
    if p.asked == "time":
        return stem + "，所需的时间是"
    return (
        stem
        + f"，与不用流水线、每条指令用时为各段时间之和 {sum(p.stages)} ps（无流水段寄存器）的串行执行相比，加速比（保留两位小数）约为"
    )


def _solve_pipeline(p: Pipeline) -> Solution:
    k, n, slow = len(p.stages), p.count, max(p.stages)
    clock, mean = slow + p.latch, Fraction(sum(p.stages), k) + p.latch
    right = Fraction((k + n - 1) * clock)
    mistakes: list[Fraction] = [
        Fraction((k + n) * clock),
        Fraction(n * clock),
        (k + n - 1) * mean,
        Fraction((k + n - 1) * slow),
        Fraction(n * sum(p.stages)),
        Fraction(n * k * clock),
    ]
    if p.asked == "speedup":
        answer, wrong = _ratio(p, right), [_ratio(p, m) for m in mistakes[:4] if m != right]
        wrong.insert(2, _ratio(p, right + clock * (k - 1)))  # filled again at the end
        wrong.insert(3, _ratio(p, Fraction((k + n - 1) * (clock + p.latch))))  # the register counted before and after a stage
        wrong += [f"{k}.00", fixed(Fraction(n * k * clock) / right)]  # the number of stages; stages of equal length
        wrong.append(_ratio(p, Fraction((k + n) * (clock + p.latch))))
    else:
        answer, wrong = f"{decimal(right)} ps", [f"{decimal(m)} ps" for m in mistakes]
    end = f"加速比 = {n} × {sum(p.stages)} ÷ {decimal(right)} ≈ {answer}。" if p.asked == "speedup" else ""
    steps = (
        f"时钟周期由最慢的段决定：{f'{slow} + {p.latch} = ' if p.latch else ''}{clock} ps。第一条指令用 {k} 个周期，此后每个周期完成一条，"
        f"共 {k} + ({n} - 1) = {k + n - 1} 个周期，用时 {k + n - 1} × {clock} = {decimal(right)} ps。{end}"
        f"误用 {k} + {n} 个周期会得到 {wrong[0]}，忽略流水线的填充时间（只算 {n} 个周期）会得到 {wrong[1]}。"
    )
    return Solution(answer, wrong, steps)


def _ratio(p: Pipeline, time: Fraction) -> str:
    return fixed(p.count * sum(p.stages) / time)


@dataclass(frozen=True)
class Code:
    """Instructions (operation, target, sources), with or without forwarding; without: may WB and ID share a cycle?"""

    lines: tuple[tuple[str, int, tuple[int, ...]], ...]
    forward: bool
    shared: bool


def _sample_code(rng: random.Random, difficulty: int) -> Code:
    forward = difficulty in (3, 5)
    while True:
        lines: list[tuple[str, int, tuple[int, ...]]] = []
        for _ in range(3 + difficulty // 2):
            fresh = rng.randrange(1, 9)
            recent = [line[1] for line in lines[-2:]]
            source = rng.choice(recent) if recent and rng.random() < 0.7 else rng.randrange(1, 9)
            load = rng.random() < (0.5 if forward else 0.3)
            lines.append(
                ("lw", fresh, (source,)) if load else (rng.choice(("add", "sub", "and")), fresh, (source, rng.randrange(1, 9)))
            )
        code = Code(tuple(lines), forward, rng.random() < 0.5 if difficulty in (2, 4) else True)
        targets = [line[1] for line in lines]
        if 1 <= _stalls(code) and len(set(targets)) == len(targets) and all(t not in s for _, t, s in lines):
            return code


def _distance(code: Code, producer: tuple[str, int, tuple[int, ...]], forward: bool, shared: bool) -> int:
    """Cycles that a reader's ID must follow the producer's ID by."""
    if forward:
        return 2 if producer[0] == "lw" else 1
    return 3 if shared else 4


def _decode_times(code: Code, forward: bool, shared: bool) -> list[int]:
    """The cycle in which each instruction reads its registers (the last one of its ID)."""
    times: list[int] = []
    for i, (_, _, sources) in enumerate(code.lines):
        earliest = times[-1] + 1 if times else 2
        for register in sources:
            writers = [j for j in range(i) if code.lines[j][1] == register]
            if writers:
                last = writers[-1]
                earliest = max(earliest, times[last] + _distance(code, code.lines[last], forward, shared))
        times.append(earliest)
    return times


def _stalls(code: Code) -> int:
    return _decode_times(code, code.forward, code.shared)[-1] - len(code.lines) - 1


def _print_line(line: tuple[str, int, tuple[int, ...]]) -> str:
    operation, target, sources = line
    return (
        f"lw R{target}, 0(R{sources[0]})"
        if operation == "lw"
        else f"{operation} R{target}, " + ", ".join(f"R{s}" for s in sources)
    )


def _ask_code(code: Code) -> str:
    text = "；".join(f"I{i}：{_print_line(line)}" for i, line in enumerate(code.lines, 1))
    if code.forward:
        rule = "采用转发（旁路）技术，ALU 运算结果可转发给下一条指令，只有 load-use 冒险需要阻塞"
    elif code.shared:
        rule = "不采用转发，寄存器在前半周期写、后半周期读（同一周期内 WB 写入的值可被 ID 读出），数据冒险靠阻塞解决"
    else:
        rule = "不采用转发，WB 写入的值要到下一个时钟周期才能被 ID 读出，数据冒险靠阻塞解决"
    return (
        f"某五段流水线（IF、ID、EX、M、WB，每段 1 个时钟周期，ID 段读寄存器，WB 段写寄存器），按序发射，{rule}。"
        f"执行以下指令序列（第一个寄存器为目的寄存器）：{text}。从 I1 取指到最后一条指令完成 WB，所需的时钟周期数是"
    )


def _solve_code(code: Code) -> Solution:
    n, times = len(code.lines), _decode_times(code, code.forward, code.shared)
    right, plain = times[-1] + 3, n + 4
    variants = [
        _decode_times(code, f, s)[-1] + 3 for f, s in ((code.forward, not code.shared), (not code.forward, True), (False, False))
    ]
    mistakes = [plain, *variants, right - 1, right + 1, right + 2]
    parts = [f"I{i} 在第 {t} 周期读寄存器" + _wait(code, times, i - 1) for i, t in enumerate(times, 1)]
    steps = (
        f"无阻塞时 {n} 条指令要 5 + ({n} - 1) = {plain} 个周期。逐条确定 ID 段读出操作数的周期：{'；'.join(parts)}。"
        f"共阻塞 {right - plain} 个周期，总周期数 = {plain} + {right - plain}，即 {right} 个。不考虑阻塞会误得 {plain} 个。"
    )
    return Solution(f"{right} 个", [f"{m} 个" for m in mistakes], steps)


def _wait(code: Code, times: list[int], i: int) -> str:
    gap = times[i] - times[i - 1] - 1 if i else 0
    if not gap:
        return ""
    needed = [
        j for j in range(i) if code.lines[j][1] in code.lines[i][2]
        and times[j] + _distance(code, code.lines[j], code.forward, code.shared) == times[i]
    ]  # fmt: skip
    return f"（要等 I{needed[0] + 1} 的 R{code.lines[needed[0]][1]}，阻塞 {gap} 个周期）"


FAMILIES = [
    Family("co-pipeline-cycles", "流水线的执行时间与加速比", "co", ("co.5.6",), _sample_pipeline, _ask_pipeline, _solve_pipeline),
    Family("co-pipeline-hazard-stalls", "数据冒险与阻塞", "co", ("co.5.7",), _sample_code, _ask_code, _solve_code),
]
