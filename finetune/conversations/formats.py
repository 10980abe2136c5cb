"""The formats that training data comes in, and how a row's format is recognised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

from errors import ContentError, UsageError
from finetune.conversations.alpaca_rows import AlpacaRows
from finetune.conversations.chat_rows import ChatRows
from finetune.conversations.conversation import Conversation
from finetune.conversations.cutegpt_rows import CuteGPTRows
from finetune.conversations.prompt_text_rows import PromptTextRows
from finetune.conversations.prompts import PROMPTS
from finetune.conversations.values import kind
from finetune.conversations.xtuner_rows import XTunerRows

__all__ = ["FORMATS", "Format", "format_named", "losses", "recognised"]


class Format(Protocol):
    """How a conversation stands in a file."""

    name: str
    title: str

    def fits(self, row: Any) -> bool:
        """Whether a row looks like one of this format."""

    def conversation(self, row: Any, place: str) -> Conversation:
        """Read a row.

        Raises:
            ContentError: it is not in this format, or no conversation that can be learned from.
        """

    def row(self, conversation: Conversation) -> Any:
        """The row of a conversation.

        Raises:
            ContentError: it can't be written in this format.
        """

    def lacks(self, conversation: Conversation) -> list[str]:
        """What of the conversation this format can't hold, in Chinese."""


_ALL: tuple[Format, ...] = (
    ChatRows("messages", "role/content 列表"),
    ChatRows("conversations", "ChatGLM3 实验与 ShareGPT", system_beside=True),
    AlpacaRows(),
    XTunerRows(),
    CuteGPTRows(),
    *(PromptTextRows(form) for form in PROMPTS.values()),
)
FORMATS = {form.name: form for form in _ALL}
"""The formats by their names, in the order in which they are tried."""
_LISTED = ("messages", "conversations", "xtuner")


def format_named(name: str) -> Format:
    """A format by its name.

    Raises:
        UsageError: there is none of this name.
    """
    if name not in FORMATS:
        raise UsageError(
            f"没有“{name[:40]}”这种格式。可选：{'、'.join(f'{form.name}（{form.title}）' for form in FORMATS.values())}。"
        )
    return FORMATS[name]


def recognised(row: Any, place: str) -> Format:
    """The format that a row is in.

    Raises:
        ContentError: it is in none of them, or could be in two.
    """
    found = [form for form in FORMATS.values() if form.fits(row)]
    listed = [form for form in found if form.name in _LISTED]
    if len(listed) > 1:
        keys = "、".join({"xtuner": "conversation"}.get(form.name, form.name) for form in listed)
        raise ContentError(f"{place}：同时有 {keys}，不知道该学哪一个。请只留一个。")
    if found:
        return found[0]
    told = f"有字段 {'、'.join(map(str, list(row)[:6])) or '（无）'}" if isinstance(row, dict) else f"是{kind(row)}"
    raise ContentError(
        f"{place}：认不出格式（{told[:120]}）。每一条应有 messages、conversations、conversation、"
        "instruction 和 output、或 text（EduChat、CuteGPT 的提示词），或是 CuteGPT 的嵌套列表。"
    )


def losses(name: str, conversations: Sequence[Conversation]) -> list[str]:
    """What is left out when conversations are written in a format: a line of Chinese for each kind of thing."""
    form = format_named(name)
    counts = Counter(lack for conversation in conversations for lack in form.lacks(conversation))
    return [f"{name} 格式放不下{lack}：{count} 条里的没有写入。" for lack, count in counts.items()]
