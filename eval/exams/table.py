"""The figures of a run as lines for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eval.exams.summary import ALL
from knowledge.printable import printable
from knowledge.subjects import SUBJECTS

__all__ = ["COMPARISON_HEADS", "columns", "comparison_cells", "lines_of", "subject_name"]

COMPARISON_HEADS = ("科目", "成对", "基线", "对照", "差（百分点）", "95% 区间", "错→对", "对→错", "p", "校正后 p", "结论")
_FOOT = (
    "正确率：答对÷作答；未读出选项的算错，接口出错的是未作答，不算。95% 区间：只凭这些题能估到多准；"
    "两次的区间大半重叠时别说谁好，请用 eval.compare。随机猜约 25%。"
)


def lines_of(summary: Mapping[str, Any]) -> Iterator[str]:
    """The tables of all ways of asking, and what must be said about them."""
    run = summary["run"]
    for condition in summary["conditions"]:
        yield ""
        yield f"【{condition['name']}】{run['model']}"
        if condition["failed"] and not condition["table"][ALL]["n"]:
            yield f"没有考成（不是 0 分）：{condition['failed']}"
            continue
        yield from columns([_heads(run), *(_cells(s, row) for s, row in condition["table"].items())])
        if condition["table"][ALL]["n"]:
            yield from _remarks(condition, summary)
    for comparison in summary["comparisons"]:
        yield ""
        yield f"【{comparison['before']} → {comparison['after']}】"
        yield from columns([COMPARISON_HEADS, *map(comparison_cells, comparison["rows"])])
    yield from _paper(summary["paper"] or (), summary["problems"] or ())
    yield ""
    if run["baseline"]:
        yield "这是检索基线：不用语言模型，只按检索到的原文给选项打分。它不是任何模型的成绩。"
    yield from _contamination(summary)
    yield _FOOT


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows with their columns in line, the first to the left, the others to the right; a Chinese character is two wide."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(_padded(cell, width, i == 0) for i, (cell, width) in enumerate(zip(row, widths, strict=True))) for row in rows
    ]


def subject_name(subject: str) -> str:
    """Chinese name of a subject; of a task of another exam its own name."""
    return "全部" if subject == ALL else SUBJECTS[subject].name if subject in SUBJECTS else printable(subject)


def _heads(run: Mapping[str, Any]) -> tuple[str, ...]:
    asked = "作答" if run["shuffle"] else "题数"
    return ("科目", asked, "正确率", "95% 区间", "未读出", "截断", "未作答", "用时合计（秒）", "token 输入/输出")


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
    return f"{row['low']:.1%}–{row['high']:.1%}" if row["n"] and row["low"] is not None else "—"


def _remarks(condition: Mapping[str, Any], summary: Mapping[str, Any]) -> Iterator[str]:
    whole = condition["table"][ALL]
    if (points := condition["points"]) and not summary["paper"]:
        yield (
            f"按 45/45/35/25 加权，相当于 {points['full']} 分里的 {points['value']:.1f} 分"
            f"（{points['low']:.1f}–{points['high']:.1f}）：由选择题推算，没有考综合应用题。"
        )
    if categories := condition["by_category"]:
        told = "，".join(f"{one['name']} {one['accuracy']:.1%}（{one['tasks']} 科）" for one in categories)
        yield f"按科目平均（C-Eval 的算法，各科不论题数）：{told}。"
    if rights := whole["all_rotations"]:
        yield f"四种选项顺序全对：{rights['correct']}/{rights['n']} 题，{rights['accuracy']:.1%}（{_interval(rights)}）。"
    chosen, key = condition["letters"]["chosen"], condition["letters"]["key"]
    shown = "  ".join(f"{letter} {chosen[letter]}（{key[letter]}）" for letter in key)
    yield f"选择的字母（括号里是答案）：{shown}" + (f"  未读出 {chosen['none']}" if chosen["none"] else "")
    latency = condition["latency"]
    yield f"每题用时：中位 {latency['p50']:.3f} 秒，95% 在 {latency['p95']:.3f} 秒内，最长 {latency['max']:.3f} 秒。"
    if whole["truncated"]:
        yield (
            f"{whole['truncated']} 次回答在 {summary['run']['max_tokens']} token 处被截断，其中 {whole['truncated_unparsed']} 次"
            "因此没有读出答案：成绩偏低。请把 TUTOR_CHAT_MAX_TOKENS 调大（思考型模型建议 8192 以上）再考；换了上限会另开一次评测。"
        )
    if (clean := condition["clean"]) and clean["n_seen"]:
        row = clean["table"][ALL]
        told = f"{row['accuracy']:.1%}（{_interval(row)}）" if row["n"] else "—"
        yield f"重合的题有 {clean['n_seen']} 道；其余 {row['n']} 次作答的正确率 {told}。"


def _contamination(summary: Mapping[str, Any]) -> Iterator[str]:
    """What was looked for where, and no more than that."""
    found = summary["contamination"]
    if found is None:
        yield "没有检查考题是否在训练数据里出现过（--train-data 可查）。"
        return
    places = "与".join(["所给训练数据"] * found["training"] + ["知识库"] * found["knowledge"])
    left = "" if found["training"] or summary["run"]["baseline"] else "没有给训练数据，模型训练时是否见过这些题不知道。"
    yield f"与{places}重合的题 {len(found['seen'])} 道。{left}"


def _paper(papers: Sequence[Mapping[str, Any]], problems: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for paper in papers:
        yield ""
        yield f"【{paper['name']}】卷面：{_points_told(paper)}"
    for one in problems:
        marked = [mark for mark in one["marks"] if mark["score"] is not None]
        told = f"按评分细则 {one['score']}/{one['full']} 分" if marked else "一题也没有评成"
        left = f"，评不出 {one['unscored']} 题" if one["unscored"] else ""
        left += f"，待评 {one['pending']} 题" if one["pending"] else ""
        why = next((f"：{mark['reason']}" for mark in one["marks"] if mark["score"] is None), "")
        yield f"综合应用题（{one['name']}）：评委模型 {one['judge']}，{told}{left}{why}。"
    if problems:
        yield "换一套题、换一个评委模型，分数都会变；模型阅卷没有与真人阅卷对照过。"


def _points_told(paper: Mapping[str, Any]) -> str:
    choices = f"选择题 {paper['choices']}/{paper['choices_full']} 分"
    if paper["pending"]:
        return f"还有 {paper['pending']} 道选择题未作答，答完才能算分（已答的得 {paper['choices']} 分）。"
    if paper["total"] is None:
        why = paper["note"] or f"综合应用题（{paper['problems_full']} 分）没有全部评出，不计总分。"
        return f"{choices}；{why}"
    full = paper["choices_full"] + paper["problems_full"]
    return f"{choices}，综合应用题 {paper['problems']}/{paper['problems_full']} 分（按卷面分值折算），合计 {paper['total']}/{full} 分。"


def comparison_cells(row: Mapping[str, Any]) -> list[str]:
    """A row of a comparison (eval/comparing/comparison.py) under `COMPARISON_HEADS`."""
    return [
        subject_name(row["subject"]),
        str(row["n"]),
        f"{row['before']:.1%}",
        f"{row['after']:.1%}",
        _points(row["difference"]),
        "—" if row["low"] == row["high"] else f"{_points(row['low'])} 到 {_points(row['high'])}",
        str(row["gains"]),
        str(row["losses"]),
        _p(row["p"]),
        "—" if row["p_holm"] is None else _p(row["p_holm"]),
        row["verdict"],
    ]


def _points(share: float) -> str:
    """Percentage points with their sign; the minus is as wide as the plus."""
    return f"{100 * share:+.1f}".replace("-", "−")


def _p(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def _padded(text: str, width: int, left: bool) -> str:
    gap = " " * (width - _width(text))
    return text + gap if left else gap + text


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
