"""The figures of a run of the tutor as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eval.answer_quality.figures import FIGURES
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


def lines_of(summary: Mapping[str, Any]) -> Iterator[str]:
    """All questions with n and interval, each subject beside the others, and what must be said about the figures."""
    config, counted, figures = summary["config"], summary["counts"], summary["figures"]
    yield f"【答疑质量】{config['label']}；支持与忠实：{config['judge_label']}"
    if not figures:
        yield "还没有答完的题。"
    else:
        yield from _overall(figures["all"])
        yield ""
        yield from _subjects({group: found for group, found in figures.items() if group != "all"})
    yield ""
    yield from _remarks(config, counted)
    if pending := summary["pending"]:
        yield f"待答 {len(pending)} 题（模型出错，不计入）：{'、'.join(list(pending)[:10])}。再运行一次会只补这些。"


def _overall(found: Mapping[str, Mapping[str, float]]) -> list[str]:
    rows = [["", "比例", "95% 区间", "分母"]]
    for name, (title, _) in FIGURES.items():
        if name in found:
            one = found[name]
            rows.append([title, f"{one['mean']:.1%}", f"{one['low']:.1%}–{one['high']:.1%}", str(one["n"])])
    return columns(rows)


def _subjects(groups: Mapping[str, Mapping[str, Mapping[str, float]]]) -> list[str]:
    rows = [["", *map(subject_name, groups)]]
    for name, (title, _) in FIGURES.items():
        if any(name in found for found in groups.values()):
            rows.append([title, *(_cell(found.get(name)) for found in groups.values())])
    return columns(rows)


def _cell(one: Mapping[str, float] | None) -> str:
    return f"{100 * one['mean']:.1f} [{100 * one['low']:.1f}, {100 * one['high']:.1f}]" if one else "—"


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
        "回答没能拆成断言": counted["without_claims"],
    }
    if any(unscored.values()):
        yield "评判模型没有给出结论、不计入的：" + "，".join(f"{name} {n}" for name, n in unscored.items() if n) + "。"
    yield "区间：95%，按题自助抽样；各题都一样（如全对）时是 Wilson 区间。"
