"""The tutor's modes, and the one way to talk in them: `teach`."""

from __future__ import annotations

from collections.abc import Iterator

from errors import UsageError
from rag.conversation import QA, Session, Turn
from rag.events import Answer, Event
from rag.tutor import Task, Tutor
from tutoring.answering import AskMode
from tutoring.mode import Mode

__all__ = ["MODES", "mode_named", "teach", "teach_again"]

_ALL: tuple[Mode, ...] = (
    AskMode(QA, "答疑", "从资料里找答案，每句话标出所在的页。直接输入问题。", "死锁产生的四个必要条件是什么？"),
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
    """Answer in the session's mode; the turn is added to the session at the end.

    Raises:
        QuestionError: the text is empty or too long.
        UsageError: it lacks what the mode needs.
        UnknownSubjectError: the session's subject is not taught.
        StoreError, ChatModelError: retrieval or the chat model failed. After any error the session is as before.
    """
    text = tutor.checked(text)
    for event in mode_named(session.mode).stream(text, session, tutor):
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
