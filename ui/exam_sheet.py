"""How an exam looks while it is sat: the clock, the palette of numbers, the question. HTML only; every word of a paper is escaped."""

from __future__ import annotations

from datetime import datetime
from html import escape

from knowledge.questions import LETTERS
from knowledge.subjects import SUBJECTS
from tutoring.mock_exam.exam import RUNNING, Exam
from tutoring.mock_exam.paper import shown_points
from tutoring.mock_exam.timing import clock_face
from ui.picking import button_html

__all__ = ["clock_html", "message_html", "options_of", "palette_html", "parts_of", "question_html", "unused_html"]

_LAST, _LATE = 300, 900


def clock_html(exam: Exam, now: datetime) -> str:
    """Seconds that are left, as the server counts them; the page's script counts on from here."""
    left = exam.timing.left_at(now)
    late = ("last", "不到 5 分钟了，先把会的写上") if left <= _LAST else ("late", "不到 15 分钟了") if left <= _LATE else ("", "")
    running = "1" if exam.state == RUNNING else ""
    return (
        f"<div id='exam-bar'><div id='exam-clock-state' class='{late[0]}' data-left='{left}' data-running='{running}' "
        f"data-stamp='{now.timestamp()}'><span id='exam-face' role='timer' aria-label='剩余时间'>{clock_face(left)}</span> "
        f"<span class='warned' role='status'>{late[1]}</span></div>"
        f"<small>{escape(exam.title)}　共 {shown_points(exam.paper.full)} 分</small></div>"
    )


def palette_html(exam: Exam, current: int) -> str:
    """A button for each number, by subject; answered, marked and current are told by colour or sign, and by words."""
    done = len(exam.paper.numbers) - len(exam.unanswered)
    parts = [f"<div class='exam-head'><b>答题卡</b><small>已答 {done} / {len(exam.paper.numbers)}　★ 回头再看</small></div>"]
    groups: dict[str, list[int]] = {}
    for number in exam.paper.numbers:
        section = SUBJECTS[exam.paper.subject_of(number)].name if exam.paper.question(number) else "综合应用题"
        groups.setdefault(section, []).append(number)
    for name, numbers in groups.items():
        buttons = "".join(_number(exam, number, number == current) for number in numbers)
        parts.append(f"<small>{name}</small><div class='exam-palette'>{buttons}</div>")
    return f"<div class='exam'>{''.join(parts)}</div>"


def _number(exam: Exam, number: int, current: bool) -> str:
    done, later = exam.is_answered(number), number in exam.sheet.marked
    told = f"第 {number} 题，{'已答' if done else '未答'}{'，回头再看' if later else ''}"
    button = button_html(str(number), str(number), "go", told, f"n{number}{' done' if done else ''}{' later' if later else ''}")
    return button.replace("<button ", '<button aria-current="step" ', 1) if current else button


def question_html(exam: Exam, number: int) -> str:
    """The question, or the situation of a problem."""
    paper = exam.paper
    entry = paper.question(number) or paper.problem(number)
    if entry is None:
        return ""
    later = "<span title='回头再看'>★</span>" if number in exam.sheet.marked else ""
    return (
        f"<div class='exam' data-number='{number}'><div class='exam-head'><b>第 {number} 题</b>"
        f"<small>{SUBJECTS[entry.subject].name}　{shown_points(paper.worth(number))} 分</small>{later}</div>"
        f"<div class='exam-stem'>{escape(entry.stem)}</div></div>"
    )


def options_of(exam: Exam, number: int) -> list[tuple[str, str]]:
    """What may be chosen, and its letter."""
    question = exam.paper.question(number)
    return [(f"{letter}. {text}", letter) for letter, text in zip(LETTERS, question.options, strict=True)] if question else []


def parts_of(exam: Exam, number: int) -> list[tuple[str, str]]:
    """What each part of a problem asks, with the points that it is worth, and what is written on it."""
    problem = exam.paper.problem(number)
    if problem is None:
        return []
    rate = exam.paper.rate(problem.subject)
    full = [shown_points(rate * sum(c.score for c in part.marking)) for part in problem.parts]
    asked = [f"{part.question}（{points} 分）" for part, points in zip(problem.parts, full, strict=True)]
    return list(zip(asked, exam.words(number), strict=True))


def unused_html(exam: Exam, number: int) -> str:
    """What another window wrote at the same time on this number and is not the answer."""
    kept = [words for field in exam.paper.fields(number) for words in exam.sheet.unused.get(field, [])]
    shown = [words for words in kept if words.strip()]
    if not shown:
        return ""
    return message_html(
        "两个窗口同时改过这道题。下面这些内容没有被采用，但都留着，需要的话复制到答案里：", "warn", "\n\n".join(shown)
    )


def message_html(text: str, kind: str = "", quoted: str = "") -> str:
    """A line that the learner should read; '' shows nothing. `quoted` are words that can be copied."""
    words = f"<pre>{escape(quoted)}</pre>" if quoted else ""
    return f"<div class='exam-message {kind}' role='status'>{escape(text)}{words}</div>" if text else ""
