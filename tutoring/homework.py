"""批改作业: a 综合应用题 marked point by point against its scheme; the result is a band where something can't be told."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from pydantic import BaseModel, Field

from errors import ContentError
from knowledge.problems import Problem
from knowledge.syllabus import points
from rag.conversation import Session
from rag.events import Event
from rag.marks import disarm
from rag.tutor import Tutor
from tutoring.bank import find_problem, problems_on
from tutoring.examining import checked_marks, examined
from tutoring.marking import Mark, Verdict, band, computed_marks
from tutoring.mode import Mode, said
from tutoring.quiz_request import read_request, subject_named
from tutoring.quiz_sources import points_for
from tutoring.submission import NO_REFERENCE, gives_up, read_submission, split_parts, wants_problem, wants_reference

__all__ = ["HomeworkForm", "HomeworkMode"]

_SIGNS = {"得分": "✓", "部分": "◐", "未得分": "✗", "无法判断": "？"}
_KIND = re.compile(r"(?:综合)?(?:应用)?大?题")
_HOW = (
    "可以这样交作业：\n\n"
    "- 先要一道题：“给我一道死锁的大题”，再把答案发过来，按 (1)、(2)……分问写；\n"
    "- 或把题目、评分标准和答案一起发来：\n\n"
    "> 题目：……\n>\n> 评分标准：(2分) ……；(1分) ……\n>\n> 我的答案：……"
)
_MOST_BESIDE = 60
"""Characters of a text that may have nothing to do with the problem; in a longer one the words may only be other ones."""
_TRY = (
    "先不急着看答案。从第 1 问里你最有把握的一步写起，写一步算一步，过程也有分；再把写好的部分发过来。"
    "\n\n实在没有思路，就说“看答案”，我给出参考答案和评分标准；想换题就说“再来一道”。"
)
_BESIDE = "这段话里没有看到与这道题有关的内容，所以没有批改，也没有打分。请按 (1)、(2)……分问写出答案；不会做就说“不会”，想换题就说“再来一道”。"
_NO_MODEL = "没有接入语言模型：程序按数值、公式、术语和否定词核对，拿不准的标为“无法判断”，请对照参考答案。"


class CriterionMark(BaseModel):
    """One criterion; `score` is None where it can't be told, then the points lie between `low` and `high`."""

    part: int
    criterion: str
    full: int
    verdict: Verdict
    score: int | None
    low: int
    high: int
    quote: str
    comment: str


class HomeworkForm(BaseModel):
    """A marked answer, or, without `marks`, a problem that waits for one."""

    problem: str
    stem: str
    questions: list[str]
    marks: list[CriterionMark] = Field(default_factory=list)
    low: int = 0
    high: int = 0
    full: int = 0


@dataclass(frozen=True)
class HomeworkMode(Mode):
    """Shows a problem or takes one, and marks the answer. `rng` draws the problem."""

    form: ClassVar[type[BaseModel]] = HomeworkForm
    rng: random.Random = field(default_factory=random.Random, compare=False, repr=False)

    def stream(self, text: str, session: Session, tutor: Tutor) -> Iterator[Event]:
        handed_in = read_submission(text)
        problem = handed_in.problem or _remembered(session)
        if handed_in.problem is None and not handed_in.answer and wants_problem(text):
            yield from self._given(text, session, tutor)
        elif problem is None:
            yield from said(f"还没有题目。{_HOW}", tutor, session.subject, data=_form(None), memory=dict(session.memory))
        elif handed_in.problem is not None and not handed_in.answer:
            yield from _shown(problem, session, tutor, "题目找到了。请按 (1)、(2)……分问写出答案发过来。")
        elif gives_up(handed_in.answer or text) or wants_reference(text):
            yield from _waiting(problem, session, tutor, _solved(problem) if wants_reference(text) else _TRY)
        else:
            yield from _marked(problem, handed_in.answer or text, session, tutor)

    def _given(self, text: str, session: Session, tutor: Tutor) -> Iterator[Event]:
        used = list(session.memory.get("used", []))
        topic = read_request(_KIND.sub("题", text)).topic or str(session.memory.get("topic", ""))
        found, near = _problems_about(topic, session.subject)
        fresh = [problem for problem in found if problem.id not in used]
        wider = [] if fresh or not found else _unused_beside(found, used)
        if not found:
            words = f"题库里没有“{topic}”的综合应用题。换一个主题（例如“给我一道页面置换的大题”），或自己带题来。{_HOW}"
            yield from said(words, tutor, session.subject, data=_form(None), memory=dict(session.memory))
            return
        lead = "" if fresh else "这个主题的题都做过了，" + ("换一道同科的。" if wider else "再做一遍旧题。")
        lead += f"题库里没有正好考“{topic}”的综合应用题，这是同一章的一道。" if near else ""
        problem = self.rng.choice(fresh or wider or found)
        yield from _shown(problem, session, tutor, f"{lead}写好后按 (1)、(2)……分问把答案发过来。", topic)


def _unused_beside(found: Sequence[Problem], used: Sequence[str]) -> list[Problem]:
    """The problems of the same subject that were not shown yet."""
    whole = problems_on([point for point in points().values() if point.subject == found[0].subject])
    return [problem for problem in whole if problem.id not in used]


def _problems_about(topic: str, subject: str) -> tuple[list[Problem], bool]:
    """Problems on the points of a topic, or else on those of its chapter; and whether they are only of the chapter.

    Of a topic the surest point tells the chapter: 链表 stands in 十字链表 too, which is no reason for a problem on graphs.
    """
    chosen = [point for point in points().values() if topic == point.chapter_name] or points_for(topic, subject)
    if topic and subject_named(topic) is None:
        chosen = [point for point in chosen if point.chapter == chosen[0].chapter]
    if found := problems_on(chosen):
        return found, False
    chapters = {point.chapter for point in chosen}
    return problems_on([point for point in points().values() if point.chapter in chapters]), True


def _remembered(session: Session) -> Problem | None:
    """The problem that waits for an answer."""
    kept = session.memory.get("problem")
    if isinstance(kept, str):
        return find_problem(kept)
    try:
        return Problem.from_json(kept, "对话") if isinstance(kept, dict) else None
    except ContentError:  # of another version of the program
        return None


def _memory(problem: Problem, session: Session, topic: str = "") -> dict[str, Any]:
    used = [i for i in session.memory.get("used", []) if i != problem.id]
    kept = problem.to_json() if problem.id == "pasted" else problem.id
    return {"problem": kept, "used": [*used, problem.id], "topic": topic or str(session.memory.get("topic", ""))}


def _shown(problem: Problem, session: Session, tutor: Tutor, words: str, topic: str = "") -> Iterator[Event]:
    questions = [f"{part.question}（{sum(c.score for c in part.marking)} 分）" for part in problem.parts]
    if problem.id == "pasted":
        questions = []
    text = disarm("\n\n".join([f"**综合应用题**（{problem.id}，{problem.score} 分）", problem.stem, *questions, words]))
    yield from said(text, tutor, problem.subject, data=_form(problem), memory=_memory(problem, session, topic))


def _marked(problem: Problem, answer: str, session: Session, tutor: Tutor) -> Iterator[Event]:
    marks = computed_marks(problem, split_parts(answer, len(problem.parts)))
    if len(answer) <= _MOST_BESIDE and not (tutor.speaker.generative or any(mark.quote or mark.low for mark in marks)):
        yield from _waiting(problem, session, tutor, _BESIDE)
        return
    notice = _NO_MODEL
    if tutor.speaker.generative:
        filled = yield from examined(problem, answer, tutor.speaker)
        notice = filled.notice and f"{filled.notice}{_NO_MODEL.partition('：')[2]}"
        marks = checked_marks(marks, filled.value, answer) if filled.value else marks
    yield from said(
        _told(problem, marks), tutor, problem.subject, notice=notice, data=_form(problem, marks), memory=_memory(problem, session)
    )  # fmt: skip


def _waiting(problem: Problem, session: Session, tutor: Tutor, words: str) -> Iterator[Event]:
    """Words to a student who has not answered yet; the problem goes on waiting."""
    yield from said(words, tutor, problem.subject, data=_form(problem), memory=_memory(problem, session))


def _solved(problem: Problem) -> str:
    """The reference answer of each part with what its points are given for; no mark."""
    parts = []
    for n, part in enumerate(problem.parts, 1):
        scheme = "\n".join(f"- （{criterion.score} 分）{criterion.text}" for criterion in part.marking)
        parts.append(f"**第 {n} 问**\n\n参考答案：{part.answer}\n\n评分标准：\n{scheme}")
    return disarm("\n\n".join([*parts, "合上它自己再写一遍，写好发过来，我按评分标准逐点批改。"]))


def _told(problem: Problem, marks: Sequence[Mark]) -> str:
    low, high = band(marks)
    open_now = sum(mark.verdict == "无法判断" for mark in marks)
    total = f"{low}" if low == high else f"{low}–{high}"
    parts = [f"**得分：{total} / {problem.score}**" + (f"（有 {open_now} 个评分点无法判断，所以是一个范围）" if open_now else "")]
    for n, part in enumerate(problem.parts, 1):
        own = [mark for mark in marks if mark.part == n]
        head = f"**第 {n} 问**" if len(problem.parts) > 1 else "**逐点批改**"
        parts.append("\n".join([head, *(_line(mark) for mark in own)]))
        if part.answer != NO_REFERENCE:
            parts.append(f"参考答案：{part.answer}")
    parts.append("改完可以把新的答案再发一次；想换题就说“再来一道”。")
    return disarm("\n\n".join(parts))


def _line(mark: Mark) -> str:
    points = f"{mark.low}" if mark.low == mark.high else f"{mark.low}–{mark.high}"
    quote = f" 你写的是“{' '.join(mark.quote.split())}”。" if mark.quote else ""
    return f"- {_SIGNS[mark.verdict]} {mark.verdict} {points}/{mark.full}：{mark.criterion}。{quote}{mark.comment}"


def _form(problem: Problem | None, marks: Sequence[Mark] = ()) -> dict[str, Any]:
    if problem is None:
        return HomeworkForm(problem="", stem="", questions=[]).model_dump(mode="json")
    low, high = band(marks)
    form = HomeworkForm(
        problem=problem.id, stem=problem.stem, questions=[part.question for part in problem.parts],
        marks=[CriterionMark(**asdict(mark), score=mark.low if mark.low == mark.high else None) for mark in marks],
        low=low, high=high, full=problem.score,
    )  # fmt: skip
    return form.model_dump(mode="json")
