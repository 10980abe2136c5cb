"""A comparison as JSON, as lines for a terminal, and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from eval.comparing.comparison import Comparison, Pair, compare, rows_of
from eval.comparing.run_condition import Difference, RunCondition, differing
from eval.exams.exam_set import one_line
from eval.exams.records import Record
from eval.exams.samples import rotatable
from eval.exams.table import COMPARISON_HEADS, columns, comparison_cells, subject_name

__all__ = ["TITLE", "Compared", "as_json", "compared", "lines_of", "markdown_of"]

TITLE = "# 评测对比"
_CHANGE_HEADS = ("题号", "科目", "题干", "选项顺序", "答案", "基线", "对照")
_LISTED, _STEM, _LONG_STEM = 10, 30, 80
_MARKUP = re.compile(r"([\\`*_{}\[\]<>|~#!&$])")
_FOOT = (
    "差与区间：成对自助法（按题抽样），95%。p：McNemar 精确检验，双侧；校正后 p（Holm）：在各科之间校正，“全部”单独检验，不在其列。",
    "结论（对照比基线）：p < 0.05（各科看校正后 p）才说显著更高或显著更低；无法判定：两边对错不同的题少于 6 道，即使都朝一个方向，p 也到不了 0.05。",
)


@dataclass(frozen=True)
class Compared:
    """Two conditions and what came of comparing them.

    Attributes:
        only_before, only_after: ids of the questions that only one of the runs asks.
        pending_before, pending_after: ids of questions of both that this side has not (wholly) answered yet.
        notes: what a reader must know before believing the figures.
    """

    before: RunCondition
    after: RunCondition
    comparison: Comparison
    differing: tuple[Difference, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    pending_before: tuple[str, ...]
    pending_after: tuple[str, ...]
    notes: tuple[str, ...]


def compared(before: RunCondition, after: RunCondition) -> Compared:
    """Compare two conditions; `comparison.rows` is empty if they have nothing in common."""
    differences = tuple(differing(before, after))
    return Compared(
        before,
        after,
        compare(before.records, after.records),
        differences,
        tuple(q.id for h, q in before.questions.items() if h not in after.questions),
        tuple(q.id for h, q in after.questions.items() if h not in before.questions),
        _pending(before, after),
        _pending(after, before),
        tuple(_notes(before, after, differences)),
    )


def as_json(one: Compared) -> dict[str, Any]:
    """Everything about a comparison; the rows as in summary.json."""
    return {
        "before": _side(one.before),
        "after": _side(one.after),
        "rows": rows_of(one.comparison),
        "differing": [vars(difference) for difference in one.differing],
        "notes": list(one.notes),
        "only_before": list(one.only_before),
        "only_after": list(one.only_after),
        "pending_before": list(one.pending_before),
        "pending_after": list(one.pending_after),
        "gains": [_change(pair, one) for pair in one.comparison.gains],
        "losses": [_change(pair, one) for pair in one.comparison.losses],
    }


def lines_of(all_compared: Sequence[Compared]) -> Iterator[str]:
    """One table of all comparisons, what must be said of each, and its first gains and losses."""
    for number, one in enumerate(all_compared, 1):
        yield f"对比 {number}：基线 {_told(one.before)}  →  对照 {_told(one.after)}"
    yield from ["", *columns([COMPARISON_HEADS, *_table(all_compared)]), *_foot(all_compared)]
    for number, one in enumerate(all_compared, 1):
        yield from ["", f"【对比 {number}】", *one.notes, *_unpaired(one, _LISTED)]
        for name, pairs in _changes(one):
            yield f"{name}：{len(pairs)} 题" + (f"，前 {_LISTED} 题：" if len(pairs) > _LISTED else "：" if pairs else "")
            yield from (_line(_change(pair, one)) for pair in pairs[:_LISTED])


def markdown_of(all_compared: Sequence[Compared]) -> str:
    """The same as Markdown, with all gains and losses; whatever comes from questions and models is escaped."""
    lines = [TITLE, ""]
    for number, one in enumerate(all_compared, 1):
        lines.append(f"- 对比 {number}：基线 {_escaped(_told(one.before))} → 对照 {_escaped(_told(one.after))}")
    lines += ["", *_rows_of_markdown(COMPARISON_HEADS, _table(all_compared)), "", *(f"> {line}" for line in _foot(all_compared))]
    for number, one in enumerate(all_compared, 1):
        lines += ["", f"## 对比 {number}", "", *(f"- {_escaped(line)}" for line in [*one.notes, *_unpaired(one, None)])]
        for name, pairs in _changes(one):
            lines += ["", f"### {name}：{len(pairs)} 题"]
            if pairs:
                lines += ["", *_rows_of_markdown(_CHANGE_HEADS, [_cells(_change(pair, one)) for pair in pairs])]
    return "\n".join(lines) + "\n"


def _table(all_compared: Sequence[Compared]) -> list[list[str]]:
    """Rows of all comparisons, the number of each before its subjects where there are several."""
    several = len(all_compared) > 1
    return [
        [f"{number} {name}" if several else name, *cells]
        for number, one in enumerate(all_compared, 1)
        for name, *cells in (comparison_cells(vars(row)) for row in one.comparison.rows)
    ]


def _foot(all_compared: Sequence[Compared]) -> Iterator[str]:
    yield from _FOOT
    if any(row.low == row.high for one in all_compared for row in one.comparison.rows):
        yield "区间是“—”的：每道题的变化都一样，抽样估不出区间，不等于差别一定如此。"
    if len(all_compared) > 1:
        yield f"有 {len(all_compared)} 组对比：p 没有在组与组之间校正，组数越多，越容易碰上一个“显著”。"


def _notes(before: RunCondition, after: RunCondition, differences: Sequence[Difference]) -> Iterator[str]:
    told = "；".join(map(str, differences))
    if len(differences) > 1:
        yield f"注意：两边有 {len(differences)} 处不同：{told}。差别不能归于其中任何一处。"
    else:
        yield f"两边只有一处不同：{told}。" if differences else "两边的设置相同，差别只来自采样等随机因素。"
    if before.is_baseline or after.is_baseline:
        which = "两边都是" if before.is_baseline and after.is_baseline else "基线是" if before.is_baseline else "对照是"
        yield f"检索基线不是模型：{which}检索基线，它只按检索到的原文给选项打分，不能当作模型的成绩。"
    if before.config.get("modes") != after.config.get("modes") and before.mode == after.mode:
        yield "两次评测的 --mode 不同，没法核对评测程序的版本是否相同。"
    shared = before.rotations & after.rotations
    if before.rotations != after.rotations:
        yield f"两边的选项顺序不同，只比较都有的：{_numbers(shared)}。"
    if len(shared) > 1:
        yield "每题按几种选项顺序各答一次：正确率、差与区间用全部作答；错→对、对→错与 p 每题只取一种（原顺序，没有的取下一种），因为检验要求各对独立。"


def _pending(side: RunCondition, other: RunCondition) -> tuple[str, ...]:
    """Ids of questions of both runs that lack an answer of this side in a rotation that both were asked in."""
    done, rotations = {(record.qhash, record.rotation) for record in side.records}, side.rotations & other.rotations
    both = ((h, q) for h, q in side.questions.items() if h in other.questions)
    return tuple(q.id for h, q in both if any((h, r) not in done for r in (rotations if rotatable(q) else rotations & {0})))


def _unpaired(one: Compared, most: int | None) -> Iterator[str]:
    for ids, told in (
        (one.only_before, "只有基线考了的题，没有计入"),
        (one.only_after, "只有对照考了的题，没有计入"),
        (one.pending_before, "基线还没有答完的题，缺的作答没有计入"),
        (one.pending_after, "对照还没有答完的题，缺的作答没有计入"),
    ):
        if ids:
            rest = " 等" if most and len(ids) > most else ""
            yield f"{told}：{len(ids)} 道（{'、'.join(map(one_line, ids[:most]))}{rest}）"


def _changes(one: Compared) -> list[tuple[str, tuple[Pair, ...]]]:
    return [("错→对", one.comparison.gains), ("对→错", one.comparison.losses)]


def _change(pair: Pair, one: Compared) -> dict[str, Any]:
    question = one.before.questions.get(pair.before.qhash)
    return {
        "id": pair.before.qid,
        "subject": pair.before.subject,
        "stem": _short(question.stem, _LONG_STEM) if question else "",
        "rotation": pair.before.rotation,
        "key": pair.key,
        "before": _answer(pair.before),
        "after": _answer(pair.after),
    }


def _cells(change: dict[str, Any]) -> list[str]:
    """A change under `_CHANGE_HEADS`."""
    named = change | {"subject": subject_name(change["subject"]), "rotation": _order(change["rotation"])}
    return [str(value) for value in named.values()]


def _answer(record: Record) -> str:
    """The chosen option's letter in the question itself, or why there is none."""
    return record.chosen or one_line(record.reason) or "没有选项"


def _line(change: dict[str, Any]) -> str:
    told = f"{one_line(change['id'])}  {subject_name(change['subject'])}  {change['before']} → {change['after']}"
    return f"  {told}（答案 {change['key']}）  {_short(change['stem'], _STEM)}"


def _side(condition: RunCondition) -> dict[str, Any]:
    model = condition.config.get("model", "")
    return {"run": str(condition.folder), "mode": condition.mode, "rag": condition.rag, "model": model}


def _told(condition: RunCondition) -> str:
    return one_line(f"{condition.label}（{condition.spec}）")


def _short(text: str, most: int) -> str:
    line = one_line(" ".join(text.split()))
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _order(rotation: int) -> str:
    """What a reader calls a rotation."""
    return f"轮换 {rotation}" if rotation else "原顺序"


def _numbers(numbers: set[int]) -> str:
    return "、".join(map(_order, sorted(numbers))) or "没有"


def _rows_of_markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    table = [heads, ["---"] * len(heads), *([_escaped(cell) for cell in row] for row in rows)]
    return [f"| {' | '.join(row)} |" for row in table]


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", one_line(text))
