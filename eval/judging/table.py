"""The figures of a judging as lines for a terminal, and as a Markdown file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eval.exams.table import columns
from eval.judging.summary import TOTAL
from eval.judging.tasks import FAMILIES

__all__ = ["lines_of", "markdown_of"]

_PAIR_HEADS = ("前者", "后者", "前者胜", "平", "后者胜", "换序改判", "未评出", "待评", "p", "p（Holm）", "结论")
_REMARK = "每格：平均分（0–10）与 95% 自助区间，得分/满分。未评出的（评委两次的回答都无法读取）不计入；接口出错的是待答、待评，不算 0 分。"
_PAIR_REMARK = "两两比较：每题按两种次序各评一次，两次一致才算胜负，不一致算平；p 是双侧符号检验（精确二项），不计平局。"


def lines_of(summary: Mapping[str, Any]) -> Iterator[str]:
    """The tables and what must be said about them."""
    yield f"评委：{summary['judge']}"
    yield from columns(_score_rows(summary["table"]))
    yield _REMARK
    if summary["pairs"]:
        yield ""
        yield from columns([_PAIR_HEADS, *map(_pair_row, summary["pairs"])])
        yield _PAIR_REMARK
    yield from _notes(summary)


def markdown_of(summary: Mapping[str, Any]) -> str:
    """The same as a Markdown file."""
    models = [f"- {_escaped(name)}：{_escaped(model)}" for name, model in summary["systems"].items()]
    parts = [
        f"# 评委打分\n\n评委：{_escaped(summary['judge'])}\n",
        "\n".join(models),
        _markdown(_score_rows(summary["table"])),
        _REMARK,
    ]
    if summary["pairs"]:
        parts += ["## 两两比较", _markdown([_PAIR_HEADS, *map(_pair_row, summary["pairs"])]), _PAIR_REMARK]
    return "\n\n".join([*parts, *(_escaped(note) for note in _notes(summary))]) + "\n"


def _score_rows(table: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    systems = list(table[TOTAL])
    rows = [[_family(family), *(_cell(cells[name]) for name in systems)] for family, cells in table.items()]
    for head, name in (
        ("题数", "n"),
        ("未评出", "unscored"),
        ("待答或待评", "pending"),
        ("空回答", "empty"),
        ("截断", "truncated"),
    ):
        rows.append([head, *(str(table[TOTAL][system][name]) for system in systems)])
    return [["类别", *systems], *rows]


def _cell(cell: Mapping[str, Any]) -> str:
    if not cell["n"]:
        return "—"
    left_out = cell["unscored"] + cell["pending"]
    short = f"（缺 {left_out}）" if left_out else ""
    interval = f" [{cell['low']:.2f}, {cell['high']:.2f}]" if cell["low"] is not None else ""
    return f"{cell['mean']:.2f}{interval}  {cell['points']:g}/{cell['full']}{short}"


def _pair_row(pair: Mapping[str, Any]) -> list[str]:
    counts = (str(pair[name]) for name in ("wins", "ties", "losses", "swayed", "unscored", "pending"))
    tests = ("—" if pair[name] is None else f"{pair[name]:.3f}" for name in ("p", "p_holm"))
    return [pair["first"], pair["second"], *counts, *tests, pair["verdict"]]


def _notes(summary: Mapping[str, Any]) -> Iterator[str]:
    if agreement := summary["agreement"]:
        yield (
            f"判分的一致性：{agreement['n']} 份回答各评 {summary['repeats']} 次，每次同分的占 {agreement['same']:.1%}，"
            f"最高与最低平均相差 {agreement['spread']:.2f} 分。"
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
