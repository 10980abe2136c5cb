"""Bands for what was counted of an essay. They are never the best one where counting can't tell, and content has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tutoring.essay_checks import Edit, Facts

__all__ = ["CONTENT", "Band", "ComputedAspect", "computed_aspects"]

Band = Literal["优", "良", "中", "待改进"]
CONTENT = "内容"
_WHOLE = {True: 120, False: 500}
"""Words, or characters, from which an essay needs paragraphs."""
_TOO_SHORT = {True: 40, False: 100}
"""Words, or characters, below which structure, or language without a slip, can't be told."""
_PER = {True: 100, False: 300}
"""Length on which slips are counted."""


@dataclass(frozen=True)
class ComputedAspect:
    """An aspect with its band, None where it can't be told, and what was seen."""

    name: str
    band: Band | None
    comment: str


def computed_aspects(facts: Facts, edits: Sequence[Edit], low: int, high: int) -> list[ComputedAspect]:
    """The four aspects. `low` and `high` bound the length that was asked for, 0 where nothing was."""
    return [
        ComputedAspect(CONTENT, None, "切题、立意和论证要读懂才能评，程序不评。" + _length(facts, low, high)),
        _structure(facts),
        _language(facts, edits),
        _mechanics(facts, edits),
    ]


def _length(facts: Facts, low: int, high: int) -> str:
    unit = "词" if facts.english else "字"
    if low and facts.units < low:
        return f"篇幅不够：还差约 {low - facts.units} {unit}，考试会因此扣分。"
    if high and facts.units > high:
        return f"篇幅超出约 {facts.units - high} {unit}，请精简。"
    return "篇幅符合要求。" if low or high else ""


def _structure(facts: Facts) -> ComputedAspect:
    told = f"共 {facts.paragraphs} 段、{facts.sentences} 句，用了 {facts.links} 处衔接词。"
    if facts.units < _TOO_SHORT[facts.english]:
        return ComputedAspect("结构", None, told + "篇幅太短，不评等级。")
    if facts.units >= _WHOLE[facts.english] and facts.paragraphs == 1:
        return ComputedAspect("结构", "待改进", told + "全文只有一段，按“引入—展开—收束”至少分成三段。")
    if facts.units >= _WHOLE[facts.english] and (facts.paragraphs < 3 or facts.links < 2):
        missing = "分段偏少" if facts.paragraphs < 3 else "段落与句子之间缺少衔接词"
        return ComputedAspect("结构", "中", f"{told}{missing}，读者不容易看出层次。")
    return ComputedAspect("结构", "良", told + "只按分段和衔接词估计，层次是否合理要人来看。")


def _language(facts: Facts, edits: Sequence[Edit]) -> ComputedAspect:
    slips = sum(edit.aspect == "语言" for edit in edits)
    unit = "词" if facts.english else "字"
    notes = [f"平均每句 {facts.per_sentence:.0f} {unit}，确定的用词错误 {slips} 处；语法没有逐句看。"]
    if facts.too_long:
        notes.append(f"最长的一句太长，宜拆开：“{facts.longest[:24]}……”。")
    if facts.often:
        listed = "、".join(f"{word}（{n} 次）" for word, n in facts.often[:3])
        notes.append(f"反复出现的词：{listed}，若不是主题词，可以换用别的说法。")
    weight = slips + facts.too_long
    if not weight and facts.units < _TOO_SHORT[facts.english]:
        return ComputedAspect("语言", None, "".join(notes) + "篇幅太短，不评等级。")
    return ComputedAspect("语言", _band(weight, facts, best="良"), "".join(notes))


def _mechanics(facts: Facts, edits: Sequence[Edit]) -> ComputedAspect:
    slips = sum(edit.aspect == "书写规范" for edit in edits)
    told = f"标点、大小写等问题 {slips} 处，见下面的修改建议。" if slips else "没有发现标点、大小写方面的问题。"
    return ComputedAspect("书写规范", _band(slips, facts, best="优"), told)


def _band(slips: int, facts: Facts, best: Band) -> Band:
    share = slips * _PER[facts.english] / max(facts.units, _PER[facts.english])
    if not slips:
        return best
    return "良" if share <= 1 else "中" if share <= 3 else "待改进"
