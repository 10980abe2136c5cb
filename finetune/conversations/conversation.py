"""One sample of training data: a conversation, and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from errors import ContentError

__all__ = ["Conversation", "Role", "Source", "Turn", "checked"]

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True)
class Turn:
    """What one side says."""

    role: Role
    content: str


@dataclass(frozen=True)
class Source:
    """Where a pair comes from (出处).

    Attributes:
        document: name of the document, of the note (`notes/os/死锁.md`) or of the bank (`questions/os.jsonl`).
        page: its page, from 1; None where it has none.
        quote: the words of the passage that the answer stands on.
        passage: the passage that the pair was made from.
        id: of the question or knowledge point in the bank or the syllabus.
    """

    document: str
    page: int | None = None
    section: str = ""
    subject: str = ""
    quote: str = ""
    passage: str = ""
    id: str = ""

    def to_json(self) -> dict[str, Any]:
        """The fields that say something."""
        return {name: value for name, value in asdict(self).items() if value not in ("", None)}


@dataclass(frozen=True)
class Conversation:
    """Turns of a conversation whose assistant turns are learned.

    Attributes:
        turns: an optional system turn, then user and assistant in turn; the last is the assistant's.
        extra: further fields of its row in a file; they are kept.
    """

    turns: tuple[Turn, ...]
    id: str = ""
    source: Source | None = None
    extra: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def system(self) -> str:
        """The system prompt; empty if there is none."""
        return self.turns[0].content if self.turns and self.turns[0].role == "system" else ""

    @property
    def spoken(self) -> tuple[Turn, ...]:
        """The turns without the system prompt."""
        return self.turns[1:] if self.system or (self.turns and self.turns[0].role == "system") else self.turns


def checked(turns: Sequence[Turn], place: str) -> tuple[Turn, ...]:
    """The turns, if a model can learn from them.

    Raises:
        ContentError: nothing is said, the assistant begins, roles are out of order, a turn is empty, or the last word is not
            the assistant's; the message has the place.
    """
    spoken = [turn for turn in turns if turn.role != "system"]
    if any(turn.role == "system" for turn in turns[1:]):
        raise ContentError(f"{place}：system 只能是第一条。请把它移到最前面，或并入第一个问题。")
    if not spoken:
        raise ContentError(f"{place}：对话是空的。请删去这一条，或补上问题和回答。")
    if spoken[0].role == "assistant":
        raise ContentError(f"{place}：对话从模型（assistant）的话开始。请在前面补上用户（user）的问题，或删去这一句。")
    for number, (turn, following) in enumerate(zip(spoken, spoken[1:], strict=False), 1):
        if turn.role == following.role:
            raise ContentError(
                f"{place}：第 {number}、{number + 1} 句都是 {turn.role} 说的。用户与模型应一人一句，请合并或补全。"
            )
    if spoken[-1].role != "assistant":
        raise ContentError(f"{place}：最后一句是用户说的，没有回答可学。请补上回答，或删去这一句。")
    if empty := next((number for number, turn in enumerate(spoken, 1) if not turn.content.strip()), None):
        raise ContentError(f"{place}：第 {empty} 句是空的。请补上内容，或删去这一条。")
    return tuple(turns)
