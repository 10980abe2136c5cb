"""A report as Markdown, to be printed or kept: points, what was lost, what to do, and every question with its answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from knowledge.questions import LETTERS
from knowledge.subjects import SUBJECTS
from knowledge.syllabus import points
from tutoring.mock_exam.advice import Advice
from tutoring.mock_exam.losses import earned
from tutoring.mock_exam.marks import GIVERS, CriterionMark
from tutoring.mock_exam.paper import SECTIONS, shown_points
from tutoring.mock_exam.report import Report, shown_band
from tutoring.mock_exam.timing import clock_face

__all__ = ["report_markdown"]


def report_markdown(report: Report, advice: Sequence[Advice]) -> str:
    """The whole report. What the learner wrote stands in fences: it can't become anything else."""
    return "\n".join([*_head(report), *_lost(report), *_advice(advice), *_questions(report), *_problems(report)]) + "\n"


def _head(report: Report) -> Iterator[str]:
    exam = report.exam
    at = exam.submitted_at or exam.created_at
    yield f"# {exam.title}"
    yield ""
    yield (
        f"{at.astimezone():%Y-%m-%d %H:%M} 交卷，用时 {clock_face(report.used)}。"
        f"总分 **{shown_band(report.total)} / {shown_points(report.total.full)}**"
    )
    yield ""
    yield f"| 科目 | {SECTIONS[0]} | {SECTIONS[1]} | 合计 |"
    yield "|---|---|---|---|"
    for row in report.subjects:
        shown = [f"{shown_band(e)} / {shown_points(e.full)}" for e in (row.choices, row.problems, row.total)]
        yield f"| {SUBJECTS[row.subject].name} | {' | '.join(shown)} |"
    yield ""


def _lost(report: Report) -> Iterator[str]:
    if report.losses:
        yield "## 失分的考点"
        yield ""
    for loss in report.losses:
        page = report.exam.marking.pages.get(loss.point)
        where = f"，{page.label}" if page else ""
        numbers = "、".join(str(number) for number in loss.numbers)
        yield f"- {points()[loss.point].name}：失 {shown_points(loss.lost)} 分（第 {numbers} 题）{where}"
    yield ""


def _advice(advice: Sequence[Advice]) -> Iterator[str]:
    yield "## 这一周做什么"
    yield ""
    yield from (f"{n}. {one.text}" for n, one in enumerate(advice, 1))
    yield ""


def _questions(report: Report) -> Iterator[str]:
    exam = report.exam
    yield f"## {SECTIONS[0]}"
    for number, question in enumerate(exam.paper.questions, 1):
        yield ""
        yield f"### {number}. {'✓' if exam.chosen(number) == question.key else '✗'}"
        yield ""
        listed = [f"{letter}. {option}" for letter, option in zip(LETTERS, question.options, strict=True)]
        yield _fenced("\n".join([question.stem, *listed]))
        yield f"你的答案：{exam.chosen(number) or '未作答'}　正确答案：{question.key}　用时：{clock_face(exam.sheet.spent.get(number, 0))}"
        yield ""
        yield _fenced(question.explanation)


def _problems(report: Report) -> Iterator[str]:
    exam = report.exam
    if exam.paper.problems:
        yield f"## {SECTIONS[1]}"
    for number, problem in exam.paper.numbered_problems():
        here = earned(exam, number)
        yield ""
        yield f"### {number}. {shown_band(here)} / {shown_points(here.full)}"
        yield ""
        yield _fenced(problem.stem)
        marks = exam.marking.problems.get(number, [])
        for n, (part, words) in enumerate(zip(problem.parts, exam.words(number), strict=True), 1):
            yield f"**{_line(part.question)}**"
            yield ""
            yield "你的答案："
            yield _fenced(words or "（未作答）")
            yield "参考答案："
            yield _fenced(part.answer)
            yield from (_mark(mark) for mark in marks if mark.part == n)
            yield ""


def _mark(mark: CriterionMark) -> str:
    giver = GIVERS["self" if mark.given is not None else mark.giver]
    got = str(mark.low) if mark.low == mark.high else f"{mark.low}–{mark.high}（待自评）"
    return f"- {got}/{mark.full} {_line(mark.criterion)}（{giver}）"


def _line(text: str) -> str:
    return " ".join(text.split()).replace("<", "&lt;")


def _fenced(text: str) -> str:
    """Text in a fence longer than any within it."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}text\n{text}\n{fence}\n"
