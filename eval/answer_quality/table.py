"""The figures of a run of the tutor as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eval.answer_quality.figures import FIGURES, Kind
from eval.exams.table import columns, subject_name

__all__ = ["lines_of"]

_STANDING = {
    "page": "整句在页上",
    "runs_on": "跨页",
    "lines": "逐行在页上",
    "elsewhere": "在别的页",
    "nowhere": "找不到",
    "unread": "没法核对",
}

_MARKS, _CLAIMS, _POINTS = ("unscored_marks",), ("unscored_claims", "without_claims"), ("unscored_points",)
_UNSCORED = {
    "citation_supports": _MARKS,
    "citation_supports_by_quote": _MARKS,
    "citation_supports_reworded": _MARKS,
    "point": _POINTS,
    "faithful": _CLAIMS,
    "contradicted": _CLAIMS,
}
"""The counts that say why a figure is missing: the judge failed."""


def lines_of(summary: Mapping[str, Any]) -> Iterator[str]:
    """All questions with n and interval, each subject beside the others, and what must be said about the figures."""
    config, counted, figures = summary["config"], summary["counts"], summary["figures"]
    yield f"【答疑质量】{config['label']}；支持与忠实：{config['judge_label']}"
    if not figures:
        yield "还没有答完的题。"
    else:
        yield from _overall(figures["all"], counted)
        yield ""
        yield from _subjects({group: found for group, found in figures.items() if group != "all"})
    yield ""
    yield from _remarks(config, counted)
    if pending := summary["pending"]:
        yield f"未作答（接口出错）的 {len(pending)} 题，不计入：{'、'.join(list(pending)[:10])}。再运行一次会只补这些。"


def _overall(found: Mapping[str, Mapping[str, Any]], counted: Mapping[str, Any]) -> list[str]:
    rows = [["", "比例", "95% 区间", "句数/题数"]]
    for name, kind in FIGURES.items():
        if one := found.get(name):
            rows.append([kind.title, f"{one['mean']:.1%}", _interval(one) or "—", _counted(one, kind)])
        elif any(counted[count] for count in _UNSCORED.get(name, ())):
            rows.append([kind.title, "—", "评委模型没有给出结论", "—"])
    return columns(rows)


def _subjects(groups: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[str]:
    rows = [["", *map(subject_name, groups)]]
    for name, kind in FIGURES.items():
        if any(name in found for found in groups.values()):
            rows.append([kind.title, *(_cell(found.get(name)) for found in groups.values())])
    return columns(rows)


def _cell(one: Mapping[str, Any] | None) -> str:
    if not one:
        return "—"
    interval = _interval(one)
    return f"{one['mean']:.1%}" + (f"（{interval}）" if interval else "")


def _interval(one: Mapping[str, Any]) -> str:
    return "" if one["low"] is None else f"{one['low']:.1%}–{one['high']:.1%}"


def _counted(one: Mapping[str, Any], kind: Kind) -> str:
    """Of what kind and how many, and in how many questions; the sum below F1 counts nothing that a reader knows."""
    return f"{one['questions']} 题" if kind.unit == "题" else f"{one['n']} {kind.unit}（{one['questions']} 题）"


def _remarks(config: Mapping[str, str], counted: Mapping[str, Any]) -> Iterator[str]:
    standing = "  ".join(f"{title} {counted['standing'].get(kind, 0)}" for kind, title in _STANDING.items())
    yield f"{counted['questions']} 题，答了 {counted['answered']} 题；引文：{standing}；每题用时中位 {counted['median_seconds']:.2f} 秒。"
    if config["judge"] == "rule":
        yield "按词句核对是一条规则（词占比、数、否定），不是事实：换了说法的对句可能判为没有依据，张冠李戴的错句可能判为有依据。"
    if config["extractive"]:
        yield "摘录式的回答就是资料原句，所以“支持”“忠实”几乎必然为 100%，不能拿来与语言模型比较；要看的是引文位置、要点与拒答。"
    unscored = {
        "句子的出处": counted["unscored_marks"],
        "断言": counted["unscored_claims"],
        "要点": counted["unscored_points"],
        "回答没能拆成断言": counted["without_claims"],
    }
    if any(unscored.values()):
        yield "评委模型没有给出结论、不计入的：" + "，".join(f"{name} {n}" for name, n in unscored.items() if n) + "。"
    yield "区间：95%，按题自助抽样；各题都一样（如全对）时是 Wilson 区间，F1 则没有。不足 10 题的不给区间。"
