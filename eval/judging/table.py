"""The figures of a judging as lines for a terminal, and as a Markdown file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eval.exams.table import columns
from eval.judging.summary import TOTAL
from eval.judging.tasks import FAMILIES

__all__ = ["failures", "lines_of", "markdown_of"]

_COUNTS = (("题数", "n"), ("未评出", "unscored"), ("未作答或待评", "pending"), ("空回答", "empty"), ("截断", "truncated"))
_REMARK = (
    "每格：平均分（0–10）与 95% 自助区间（各题同分时没有），得分/满分。"
    "未评出的（评委模型两次的回答都无法读取）不计入；接口出错的是未作答、待评，不算 0 分。"
)
_DIFFERENCE_HEADS = ("基线", "对照", "题数", "差（分）", "95% 区间", "更高", "更低", "p", "校正后 p", "结论")
_DIFFERENCE_REMARK = (
    "差：对照 − 基线，两边都有分的题逐题相减再平均，95% 自助区间（按题）；更高、更低：对照得分更高、更低的题数；p：双侧符号检验，"
    "有几对系统时校正（Holm）。区间不含 0 且校正后 p < 0.05 才说显著；得分不同的题少于 6 道时无法判定。"
)
_PAIR_HEADS = ("前者", "后者", "前者胜", "平", "后者胜", "换序改判", "未评出", "待评", "p", "校正后 p", "结论")
_PAIR_REMARK = "两两比较：每题按两种次序各评一次，两次一致才算胜负，不一致算平；p 是双侧符号检验（精确二项），不计平局。"
_KINDS = {"scores": "打分", "pairs": "两两比较"}


def lines_of(summary: Mapping[str, Any]) -> Iterator[str]:
    """What came to nothing, the tables, and what must be said about them."""
    yield from failures(summary)
    yield f"评委模型：{summary['judge']}"
    yield from columns(_score_rows(summary["table"]))
    yield _REMARK
    for _, rows, remark in _further(summary):
        yield ""
        yield from columns(rows)
        yield remark
    yield from _notes(summary)


def markdown_of(summary: Mapping[str, Any]) -> str:
    """The same as a Markdown file."""
    models = [f"- {_escaped(name)}：{_escaped(model)}" for name, model in summary["systems"].items()]
    parts = [
        "# 评委模型打分",
        *(f"**{_escaped(line)}**" for line in failures(summary)),
        f"评委模型：{_escaped(summary['judge'])}",
        "\n".join(models),
        _markdown(_score_rows(summary["table"])),
        _REMARK,
    ]
    for title, rows, remark in _further(summary):
        parts += [f"## {title}", _markdown(rows), remark]
    return "\n\n".join([*parts, *(_escaped(note) for note in _notes(summary))]) + "\n"


def failures(summary: Mapping[str, Any]) -> list[str]:
    """What has no result at all, because nothing that the judge wrote could be read."""
    return [
        f"{name}没有结果：{read['n']} 次评判全部读不出（{read['reason']}），请换一个更听从格式的评委模型。"
        for kind, name in _KINDS.items()
        if (read := summary["read"][kind])["n"] and read["unread"] == read["n"]
    ]


def _further(summary: Mapping[str, Any]) -> Iterator[tuple[str, list[Sequence[str]], str]]:
    """Title, rows and remark of the tables behind the first."""
    if rows := [row for row in summary["differences"] if row["n"]]:
        yield "各题得分之差", [_DIFFERENCE_HEADS, *map(_difference_row, rows)], _DIFFERENCE_REMARK
    if pairs := summary["pairs"]:
        yield "两两比较", [_PAIR_HEADS, *map(_pair_row, pairs)], _PAIR_REMARK


def _score_rows(table: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    systems = list(table[TOTAL])
    rows = [[_family(family), *(_cell(cells[name]) for name in systems)] for family, cells in table.items()]
    counts = [[head, *(str(table[TOTAL][system][name]) for system in systems)] for head, name in _COUNTS]
    return [["类别", *systems], *rows, *counts]


def _cell(cell: Mapping[str, Any]) -> str:
    if not cell["n"]:
        return "—"
    left_out = cell["unscored"] + cell["pending"]
    short = f"（缺 {left_out}）" if left_out else ""
    interval = f"（{cell['low']:.2f}–{cell['high']:.2f}）" if cell["low"] is not None else ""
    return f"{cell['mean']:.2f}{interval}  {cell['points']:g}/{cell['full']}{short}"


def _difference_row(row: Mapping[str, Any]) -> list[str]:
    return [
        row["baseline"],
        row["other"],
        str(row["n"]),
        "—" if row["mean"] is None else _signed(row["mean"]),
        "—" if row["low"] is None else f"{_signed(row['low'])} 到 {_signed(row['high'])}",
        str(row["higher"]),
        str(row["lower"]),
        _p(row["p"]),
        _p(row["p_holm"]),
        row["verdict"],
    ]


def _pair_row(pair: Mapping[str, Any]) -> list[str]:
    counts = (str(pair[name]) for name in ("wins", "ties", "losses", "swayed", "unscored", "pending"))
    return [pair["first"], pair["second"], *counts, _p(pair["p"]), _p(pair["p_holm"]), pair["verdict"]]


def _signed(points: float) -> str:
    return f"{points:+.2f}".replace("-", "−")


def _p(p: float | None) -> str:
    return "—" if p is None else "<0.001" if p < 0.001 else f"{p:.3f}"


def _notes(summary: Mapping[str, Any]) -> Iterator[str]:
    if agreement := summary["agreement"]:
        yield (
            f"判分的一致性：{agreement['n']} 份回答各评 {summary['repeats']} 次，每次换一种评分要点的次序，其余不变（温度 0）；"
            f"每次同分的占 {agreement['same']:.1%}，最高与最低平均相差 {agreement['spread']:.2f} 分。"
        )
    for one in summary["unscored"][:5]:
        yield f"未评出：{one['task']}（{'、'.join(one['systems'])}）：{one['reason']}。"
    if len(summary["unscored"]) > 5:
        yield f"……未评出的共 {len(summary['unscored'])} 次，全部写在 summary.json 里。"


def _family(family: str) -> str:
    return "合计" if family == TOTAL else FAMILIES[family]


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    head, *body = ["| " + " | ".join(map(_escaped, row)) + " |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def _escaped(text: str) -> str:
    """Text that Markdown shows as it is."""
    for char in "\\|<>*_`":
        text = text.replace(char, f"\\{char}")
    return text
