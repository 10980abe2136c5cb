"""Two evaluations side by side in the tab 评测: `eval.compare`'s figures, as HTML and as a file to take away."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from errors import UsageError
from eval.comparing.comparison_report import Compared, compared, markdown_of
from eval.comparing.run_condition import RunCondition, conditions
from eval.exams.summary import condition_name
from eval.exams.table import COMPARISON_HEADS, comparison_cells, subject_name
from eval.runs import ExamRun, find_run
from knowledge.printable import printable
from ui.evaluation_view import run_label

__all__ = ["choices_of", "compare_runs", "comparison_html", "comparison_markdown"]

_SEPARATOR = "::"
_LISTED = 20
_FOOT = (
    "差与区间：成对自助法（按题抽样），95%。p：McNemar 精确检验，双侧；各科的 p 按 Holm 校正，“全部”单独检验。"
    "p < 0.05 才说显著；两边对错不同的题少于 6 道时无法判定。"
)


def choices_of(runs: Sequence[ExamRun]) -> list[tuple[str, str]]:
    """Each way of asking of each run that has figures: what the list says, and its key."""
    return [
        (
            f"{run_label(run)} · {condition_name(way['mode'], way['rag'])}",
            f"{run.name}{_SEPARATOR}{way['mode']}{_SEPARATOR}{way['rag']}",
        )
        for run in runs
        if run.summary
        for way in run.summary["conditions"]
        if way["table"]["all"]["n"]
    ]


def compare_runs(root: Path, first: str | None, second: str | None) -> Compared:
    """Compare two ways of asking by their keys.

    Raises:
        UsageError: one is not chosen, both are the same, or they have no question in common.
        ContentError: a file of a run is damaged.
    """
    if not (first and second):
        raise UsageError("请先选两次评测：一次作基线，一次作对照。")
    if first == second:
        raise UsageError("两边选的是同一次，没有可比的。请换一个。")
    one = compared(_condition(root, first), _condition(root, second))
    if not one.comparison.rows:
        raise UsageError("这两次评测没有都答过的题，无法比较。请用同一批题（同样的科目、题数与种子）再评测一次。")
    return one


def comparison_html(one: Compared) -> str:
    """The table, what must be known before it is believed, and the questions that changed."""
    heads = "".join(f"<th scope='col'>{escape(head)}</th>" for head in COMPARISON_HEADS)
    rows = "".join(
        "<tr>" + "".join(f"<td>{_told(cell)}</td>" for cell in comparison_cells(vars(row))) + "</tr>"
        for row in one.comparison.rows
    )
    notes = "".join(f"<li>{_told(note)}</li>" for note in one.notes)
    lists = _changes("错→对", one, gained=True) + _changes("对→错", one, gained=False)
    return (
        f"<p>基线：{_told(one.before.label)}　→　对照：{_told(one.after.label)}</p><ul>{notes}</ul>"
        f"<div class='runs'><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>{lists}<p><small>{_FOOT}</small></p>"
    )


def comparison_markdown(one: Compared) -> str:
    """The same as `python -m eval.compare --out` writes it."""
    return markdown_of([one])


def _condition(root: Path, key: str) -> RunCondition:
    name, _, way = str(key).partition(_SEPARATOR)
    mode, _, rag = way.partition(_SEPARATOR)
    run = find_run(root, name)
    for condition in conditions(str(run.folder)):
        if (condition.mode, str(condition.rag)) == (mode, rag):
            return condition
    raise UsageError("选中的作答方式已经不在这次评测里。请刷新列表后再选。")


def _changes(name: str, one: Compared, gained: bool) -> str:
    pairs = one.comparison.gains if gained else one.comparison.losses
    if not pairs:
        return f"<p>{name}：没有。</p>"
    items = ""
    for pair in pairs[:_LISTED]:
        question = one.before.questions.get(pair.before.qhash)
        stem = " ".join(question.stem.split())[:60] if question else pair.before.qid
        items += (
            f"<li>{_told(subject_name(pair.before.subject))}　{_told(stem)}"
            f"（{_told(pair.before.chosen or '未读出')} → {_told(pair.after.chosen or '未读出')}，答案 {pair.key}）</li>"
        )
    rest = f"<p><small>其余 {len(pairs) - _LISTED} 题在下载的对比里。</small></p>" if len(pairs) > _LISTED else ""
    return f"<details><summary>{name}：{len(pairs)} 题</summary><ul>{items}</ul>{rest}</details>"


def _told(text: object) -> str:
    return escape(printable(str(text)))
