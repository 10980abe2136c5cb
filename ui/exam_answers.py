"""Every question of an exam that is over, with its answer: choice questions with their explanation, problems criterion by criterion."""

from __future__ import annotations

from html import escape

from knowledge.problems import Part
from knowledge.questions import LETTERS, Question
from knowledge.subjects import SUBJECTS
from tutoring.mock_exam.exam import Exam
from tutoring.mock_exam.losses import earned
from tutoring.mock_exam.marks import GIVERS, CriterionMark
from tutoring.mock_exam.paper import SECTIONS, shown_points
from tutoring.mock_exam.report import shown_band
from tutoring.mock_exam.timing import clock_face
from ui.picking import button_html

__all__ = ["choices_html", "problems_html"]


def choices_html(exam: Exam) -> str:
    """The choice questions, each to be opened; the sign says whether it was right."""
    rows = "".join(_choice(exam, number, question) for number, question in enumerate(exam.paper.questions, 1))
    return f"<div class='exam'><h3>{SECTIONS[0]}</h3><p class='quiet'>点开看题目、答案和解析。</p>{rows}</div>"


def problems_html(exam: Exam, opened: int = 0) -> str:
    """The problems. One with open criteria stands open, and so does `opened`, which was just worked on."""
    if not exam.paper.problems:
        return ""
    rows = "".join(_problem(exam, number, number == opened) for number, _ in exam.paper.numbered_problems())
    told = "每个评分点后面写着分数是谁给的：程序、模型，还是自评。折合分按各科综合题的总分换算。"
    return f"<div class='exam'><h3>{SECTIONS[1]}</h3><p class='quiet'>{told}</p>{rows}</div>"


def _choice(exam: Exam, number: int, question: Question) -> str:
    chosen, spent = exam.chosen(number), exam.sheet.spent.get(number, 0)
    right = chosen == question.key
    sign = "<span class='right'>✓ 对</span>" if right else f"<span class='wrong'>{'✗ 错' if chosen else '✗ 未答'}</span>"
    options = "".join(_option(letter, text, question.key, chosen) for letter, text in zip(LETTERS, question.options, strict=True))
    return (
        f"<details data-number='{number}'><summary><b>{number}</b>{sign}<small>{SUBJECTS[question.subject].name}　你选 {chosen or '—'}，"
        f"答案 {question.key}，用时 {clock_face(spent)}</small></summary>"
        f"<div class='exam-stem'>{escape(question.stem)}</div>{options}<div class='exam-own'>{escape(question.explanation)}</div></details>"
    )


def _option(letter: str, text: str, key: str, chosen: str) -> str:
    css, told = ("right", "　✓ 正确答案") if letter == key else ("wrong", "　✗ 你的选择") if letter == chosen else ("", "")
    return f"<div class='exam-stem {css}'>{letter}. {escape(text)}{told}</div>"


def _problem(exam: Exam, number: int, opened: bool) -> str:
    problem, marks = exam.paper.problem(number), exam.marking.problems.get(number)
    assert problem is not None
    here, words = earned(exam, number), exam.words(number)
    waiting = sum(mark.is_open and mark.given is None for mark in marks or ())
    told = "等待评分" if marks is None else f"{shown_band(here)} / {shown_points(here.full)} 分"
    asked = f"<span class='open'>{waiting} 个评分点待自评</span>" if waiting else ""
    parts = "".join(_part(number, n, part, words[n - 1], marks or []) for n, part in enumerate(problem.parts, 1))
    return (
        f"<details data-number='{number}' {'open' if opened or waiting else ''}><summary><b>{number}</b>{told}{asked}"
        f"<small>{SUBJECTS[problem.subject].name}　用时 {clock_face(exam.sheet.spent.get(number, 0))}</small></summary>"
        f"<div class='exam-stem'>{escape(problem.stem)}</div>{parts}</details>"
    )


def _part(number: int, n: int, part: Part, words: str, marks: list[CriterionMark]) -> str:
    rows = "".join(_mark(number, index, mark) for index, mark in enumerate(marks) if mark.part == n)
    own = f"<div class='exam-own'>{escape(words)}</div>" if words.strip() else "<p class='quiet'>这一问没有作答。</p>"
    return (
        f"<h4 class='exam-stem'>{escape(part.question)}</h4><small>你的答案</small>{own}"
        f"<small>参考答案</small><div class='exam-own'>{escape(part.answer)}</div><ul class='exam-criteria'>{rows}</ul>"
    )


def _mark(number: int, index: int, mark: CriterionMark) -> str:
    got = str(mark.low) if mark.low == mark.high else f"{mark.low}–{mark.high}"
    css = "open" if mark.low < mark.high else "right" if mark.low == mark.full else "wrong" if mark.low == 0 else "open"
    giver = GIVERS["self" if mark.given is not None else mark.giver]
    comment = f"<br><small>{escape(mark.comment)}</small>" if mark.comment else ""
    quote = f"<br><small>你写的：“{escape(mark.quote)}”</small>" if mark.quote else ""
    return (
        f"<li><b class='{css}'>{got} / {mark.full}</b> {escape(mark.criterion)} <small>（{giver}）</small>{comment}{quote}"
        f"{_settling(number, index, mark) if mark.is_open else ''}</li>"
    )


def _settling(number: int, index: int, mark: CriterionMark) -> str:
    """Buttons with which the learner says how many marks it is worth."""
    buttons = "".join(
        button_html(f"{points} 分", f"{number}:{index}:{points}", "settle", f"自评这个评分点 {points} 分").replace(
            "<button ", f"<button aria-pressed='{'true' if mark.given == points else 'false'}' ", 1
        )
        for points in range(mark.full + 1)
    )
    undo = button_html("撤销自评", f"{number}:{index}:", "settle") if mark.given is not None else ""
    return f"<div class='exam-acts'><small>自评：</small>{buttons}{undo}</div>"
