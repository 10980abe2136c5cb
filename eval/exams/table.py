"""The figures of a run as lines for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eval.exams.summary import ALL
from knowledge.subjects import SUBJECTS

__all__ = ["COMPARISON_HEADS", "columns", "comparison_cells", "lines_of", "subject_name"]

COMPARISON_HEADS = ("科目", "成对", "之前", "之后", "差（百分点）", "95% 区间", "错→对", "对→错", "p", "p（Holm）", "结论")
_HEADS = ("科目", "题数", "正确率", "95% 区间", "未读出", "截断", "待答", "秒", "token 进/出")


def lines_of(summary: Mapping[str, Any]) -> Iterator[str]:
    """The tables of all ways of asking, and what must be said about them."""
    run = summary["run"]
    for condition in summary["conditions"]:
        yield ""
        yield f"【{condition['name']}】{run['model']}"
        yield from columns([_HEADS, *(_cells(s, row) for s, row in condition["table"].items())])
        if condition["table"][ALL]["n"]:
            yield from _remarks(condition)
    for comparison in summary["comparisons"]:
        yield ""
        yield f"【{comparison['before']} → {comparison['after']}】"
        yield from columns([COMPARISON_HEADS, *map(comparison_cells, comparison["rows"])])
    for paper in summary["paper"] or ():
        yield ""
        yield f"【{paper['name']}】卷面：{_paper(paper)}"
    if summary["problems"]:
        yield _problems(summary["problems"])
    if run["baseline"]:
        yield "这是检索基线：不用语言模型，只按检索到的原文给选项打分。它不是任何模型的成绩。"
    yield "正确率：未读出的算错；接口出错的题是待答，不算错。区间：Wilson 95%（轮换选项时按题自助抽样）。"


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows with their columns in line, the first to the left, the others to the right; a Chinese character is two wide."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(_padded(cell, width, i == 0) for i, (cell, width) in enumerate(zip(row, widths, strict=True))) for row in rows
    ]


def subject_name(subject: str) -> str:
    """Chinese name of a subject; of a task of another exam its own name."""
    return "全部" if subject == ALL else SUBJECTS[subject].name if subject in SUBJECTS else subject


def _cells(subject: str, row: Mapping[str, Any]) -> list[str]:
    return [
        subject_name(subject),
        str(row["n"]),
        f"{row['accuracy']:.1%}" if row["n"] else "—",
        _interval(row),
        str(row["unparsed"]),
        str(row["truncated"]),
        str(row["pending"]),
        f"{row['seconds']:.1f}",
        f"{row['input_tokens']}/{row['output_tokens']}",
    ]


def _interval(row: Mapping[str, Any]) -> str:
    return f"{row['low']:.1%}–{row['high']:.1%}" if row["n"] else "—"


def _remarks(condition: Mapping[str, Any]) -> Iterator[str]:
    if points := condition["points"]:
        yield (
            f"按 45/45/35/25 加权，相当于 {points['full']} 分里的 {points['value']:.1f} 分"
            f"（{points['low']:.1f}–{points['high']:.1f}）：由选择题推算，没有考综合应用题。"
        )
    if whole := condition["table"][ALL]["all_rotations"]:
        yield f"四种选项顺序全对：{whole['correct']}/{whole['n']}，{whole['accuracy']:.1%}（{_interval(whole)}）。"
    chosen, key = condition["letters"]["chosen"], condition["letters"]["key"]
    shown = "  ".join(f"{letter} {chosen[letter]}（{key[letter]}）" for letter in key)
    yield f"选择的字母（括号里是答案）：{shown}" + (f"  未读出 {chosen['none']}" if chosen["none"] else "")
    latency = condition["latency"]
    yield f"每题用时：中位 {latency['p50']:.3f} 秒，95% 在 {latency['p95']:.3f} 秒内，最长 {latency['max']:.3f} 秒。"
    if clean := condition["clean"]:
        row = clean["table"][ALL]
        told = f"{row['accuracy']:.1%}（{_interval(row)}）" if row["n"] else "没有题"
        yield f"与训练数据或知识库重合的题 {clean['n_seen']} 道；其余 {row['n']} 次作答的正确率 {told}。"


def _paper(paper: Mapping[str, Any]) -> str:
    choices = f"选择题 {paper['choices']}/{paper['choices_full']} 分"
    if paper["total"] is None:
        return f"{choices}；综合应用题（{paper['problems_full']} 分）没有评，不估计总分。"
    full = paper["choices_full"] + paper["problems_full"]
    return f"{choices}，综合应用题 {paper['problems']}/{paper['problems_full']} 分（按卷面分值折算），合计 {paper['total']}/{full} 分。"


def _problems(problems: Mapping[str, Any]) -> str:
    left = f"，评不出 {problems['unscored']} 题" if problems["unscored"] else ""
    left += f"，待评 {problems['pending']} 题" if problems["pending"] else ""
    return f"综合应用题：评委 {problems['judge']}，按评分细则 {problems['score']}/{problems['full']} 分{left}。"


def comparison_cells(row: Mapping[str, Any]) -> list[str]:
    """A row of a comparison (eval/comparing/comparison.py) under `COMPARISON_HEADS`."""
    return [
        subject_name(row["subject"]),
        str(row["n"]),
        f"{row['before']:.1%}",
        f"{row['after']:.1%}",
        f"{100 * row['difference']:+.1f}",
        "—" if row["low"] == row["high"] else f"{100 * row['low']:+.1f} 至 {100 * row['high']:+.1f}",
        str(row["gains"]),
        str(row["losses"]),
        _p(row["p"]),
        "—" if row["p_holm"] is None else _p(row["p_holm"]),
        row["verdict"],
    ]


def _p(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def _padded(text: str, width: int, left: bool) -> str:
    gap = " " * (width - _width(text))
    return text + gap if left else gap + text


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
