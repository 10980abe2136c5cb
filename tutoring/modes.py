"""The tutor's modes, and the one way to talk in them: `teach`."""

from __future__ import annotations

from collections.abc import Iterator

from errors import UsageError
from rag.conversation import QA, Session, Turn
from rag.events import Answer, Event
from rag.tutor import Task, Tutor
from tutoring.admissions import AdmissionsMode
from tutoring.answering import AskMode
from tutoring.crisis import with_help
from tutoring.essay import EssayMode
from tutoring.explain import ExplainMode
from tutoring.homework import HomeworkMode
from tutoring.mode import Mode
from tutoring.quiz import QuizMode
from tutoring.socratic import SocraticMode
from tutoring.summary import SummaryMode
from tutoring.support import SupportMode

__all__ = ["MODES", "mode_named", "teach", "teach_again"]

_ALL: tuple[Mode, ...] = (
    AskMode(QA, "答疑", "从资料里找答案，每句话标出所在的页。直接输入问题。", "死锁产生的四个必要条件是什么？"),
    SocraticMode(
        "socratic", "苏格拉底式引导", "先问后讲：发一道题、一个问题或一个考点，我一步步提示，三次提示之后才给答案。", "死锁产生的四个必要条件是什么？",
    ),
    ExplainMode(
        "explain", "讲题", "粘贴一道题，分步讲解、逐项判断，并指出考点和资料所在的页。", "下列关于死锁的叙述中，正确的是 A. …… B. …… C. …… D. ……",
    ),
    QuizMode(
        "quiz", "出题", "按主题、难度和题数出题，答完再给答案、解析和所在的页；也能从你的资料里出题。", "出 3 道页面置换的题，难一点",
    ),
    HomeworkMode(
        "homework", "批改作业", "对照评分标准逐点批改综合应用题。先要一道题，或贴上题目、评分标准和你的答案。", "给我一道死锁的大题",
    ),
    SummaryMode(
        "summary", "总结", "把一章、一份资料或一个考点整理成一页：要点、易混、常考，每条标出所在的页。", "总结 操作系统讲义 第四章",
    ),
    EssayMode(
        "essay", "作文批改", "批改英语或中文作文：内容、结构、语言、书写规范四个方面，逐条给修改建议。", "题目：……（不少于 150 词） 作文：……",
    ),
    AdmissionsMode(
        "admissions", "升学咨询", "从政策文件和一流课程资料里找答案，标出所在的页；不预测录取结果。", "一流本科课程分为哪几类？",
    ),
    SupportMode(
        "support", "情感支持", "想说什么都可以：先听你说，再一起想一件能做的小事。不作诊断；紧急时先给求助电话。", "最近压力好大，学不进去",
    ),
    AskMode(
        "chat", "自由对话", "和语言模型自由交谈，不查资料（可以打开“检索”）。", "帮我安排一周的 408 复习计划。",
        Task(retrieve=False, must_find=False),
    ),
)  # fmt: skip

MODES: dict[str, Mode] = {mode.id: mode for mode in _ALL}
"""By id, in the order of the page."""


def mode_named(name: str) -> Mode:
    """The mode with this id or Chinese name.

    Raises:
        UsageError: there is none; the message lists them.
    """
    for mode in _ALL:
        if name in (mode.id, mode.name):
            return mode
    known = "、".join(f"{mode.id}（{mode.name}）" for mode in _ALL)
    raise UsageError(f"没有“{name[:40]}”这个模式。请选择：{known}。")


def teach(tutor: Tutor, text: str, session: Session) -> Iterator[Event]:
    """Answer in the session's mode; the turn is added to the session at the end. A student in danger gets the help lines in any mode.

    Raises:
        QuestionError: the text is empty or too long.
        UsageError: it lacks what the mode needs.
        UnknownSubjectError: the session's subject is not taught.
        StoreError, ChatModelError: retrieval or the chat model failed. After any error the session is as before.
    """
    text = tutor.checked(text)
    mode = mode_named(session.mode)
    events = mode.stream(text, session, tutor)
    for event in events if mode.cares else with_help(text, session, tutor, events):
        if isinstance(event, Answer):
            session.turns.append(Turn(text, event, session.mode))
        yield event


def teach_again(tutor: Tutor, session: Session, turn: int = -1, text: str | None = None) -> Iterator[Event]:
    """Answer a turn anew, in the mode of that time, with another `text` if one is given; it and all after it are replaced at the end.

    Args:
        turn: number of the turn from 0; −1 is the last.

    Raises:
        UsageError: there is no such turn; or as `teach`. After any error the session is as before.
    """
    turn = turn + len(session.turns) if turn < 0 else turn
    before = session.before(turn)
    asked = session.turns[turn].question if text is None else text
    for event in teach(tutor, asked, before):
        if isinstance(event, Answer):
            session.turns[:] = before.turns
        yield event
