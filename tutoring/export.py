"""A conversation as a Markdown document that can be read, printed and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from knowledge.subjects import AUTO, subject_label
from rag.citations import Citation
from rag.conversation import Turn
from rag.events import Answer
from tutoring.records import SessionSummary

__all__ = ["session_markdown"]

_QUOTE_CHARS = 120


def session_markdown(about: SessionSummary, turns: Sequence[Turn], mode_name: Callable[[str], str] = str) -> str:
    """Questions, answers, and under each answer its numbered sources, who answered, and warnings.

    Args:
        mode_name: what the page calls a mode, by its id.
    """
    head = [
        f"# {_line(about.title) or '对话'}",
        f"> {subject_label(about.subject)} · {len(turns)} 轮 · 开始于 {_time(about.created_at)} · 最后更新 {_time(about.updated_at)}",
    ]
    return "\n\n".join([*head, *(_turn(n, turn, mode_name) for n, turn in enumerate(turns, 1))]) + "\n"


def _turn(n: int, turn: Turn, mode_name: Callable[[str], str]) -> str:
    parts = [f"## {n}. 问（{mode_name(turn.mode)}）", _quoted(turn.question), "### 答", turn.answer.text.strip()]
    if turn.answer.notice:
        parts.append(f"**注意**：{_line(turn.answer.notice)}")
    parts += [_sources(turn.answer), _told(turn.answer)]
    return "\n\n".join(part for part in parts if part)


def _told(answer: Answer) -> str:
    subject = "" if answer.subject == AUTO else f" · {subject_label(answer.subject)}"
    return f"*{answer.model}{subject}*"


def _sources(answer: Answer) -> str:
    """The places of an answer; of a refusal the nearest ones, called so."""
    shown = answer.citations or answer.nearest
    title = "出处" if answer.citations else "最接近的几处"
    return "\n".join([f"{title}：", "", *(_source(citation) for citation in shown)]) if shown else ""


def _source(citation: Citation) -> str:
    quote = _line(citation.quote)
    quote = quote if len(quote) <= _QUOTE_CHARS else quote[: _QUOTE_CHARS - 1] + "…"
    section = f" {_line(citation.section)}" if citation.section else ""
    return f"- [{citation.n}] {_line(citation.source)} 第 {citation.page} 页{section}：“{quote}”"


def _quoted(text: str) -> str:
    """What the student typed, as a quotation: a heading in it must not become one of the document."""
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())


def _line(text: str) -> str:
    return " ".join(text.split())


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
