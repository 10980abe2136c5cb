"""The lineage of a base and its adapters as a table in Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import east_asian_width

from finetune.lineage import Lineage, Made
from finetune.merging.chain import Part

__all__ = ["lineage_table"]

_HEAD = ("", "名称", "摘要", "来历", "权重")


def lineage_table(base: Part, adapters: Sequence[Part]) -> str:
    """One line a part, columns aligned (a Chinese character is two columns wide)."""
    rows = [_HEAD, ("底座", base.made.name, base.made.digest, _of_base(base.lineage), "")]
    for n, one in enumerate(adapters, 1):
        rows.append((f"适配器 {n}", one.made.name, one.made.digest, _of_adapter(one.lineage), f"{one.made.weight:g}"))
    widths = [max(_width(row[column]) for row in rows) for column in range(len(_HEAD))]
    return "\n".join("  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def _of_base(lineage: Lineage | None) -> str:
    if lineage is None:
        return "原始模型（没有 lineage.json）"
    if lineage.kind == "merged":
        return f"{_sum((lineage.base, *lineage.contains))} 合并而成"
    return f"由 {lineage.base.name} {'全量训练' if lineage.kind == 'full' else '量化'}得到"


def _of_adapter(lineage: Lineage | None) -> str:
    if lineage is None:
        return "不明（没有 lineage.json）"
    where = _sum(lineage.under) if lineage.under else lineage.base.name
    continued = f"，接着 {'、'.join(one.name for one in lineage.contains)} 训练" if lineage.contains else ""
    return f"训练于 {where}（{lineage.base.digest}）{continued}"


def _sum(parts: Sequence[Made]) -> str:
    return " + ".join(one.name if one.weight == 1 else f"{one.weight:g}×{one.name}" for one in parts)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
