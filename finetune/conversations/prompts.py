"""Multi-turn prompts as EduChat and CuteGPT were trained on them: a conversation as one text, and the text as a conversation.

Text that holds a mark of the form could be taken for another turn, so it is refused when a prompt is written.
White space around what is said is not kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from errors import ContentError
from finetune.conversations.conversation import Role, Turn

__all__ = ["PROMPTS", "CuteGPTPrompt", "EduChatPrompt", "PromptForm"]


class PromptForm(Protocol):
    """A way to write a conversation as one text."""

    name: str
    title: str

    def fits(self, text: str) -> bool:
        """Whether a text has the marks of this form."""

    def text(self, turns: Sequence[Turn], place: str = "对话") -> str:
        """The text of a conversation; one that ends with a question is left open for the model's answer.

        Raises:
            ContentError: a turn holds a mark of this form.
        """

    def turns(self, text: str, place: str = "提示词") -> list[Turn]:
        """The conversation of a text; an answer that is left open is no turn.

        Raises:
            ContentError: it has no marks, or they are out of order.
        """


class EduChatPrompt:
    """`<|system|>S</s><|prompter|>Q</s><|assistant|>A</s>…`; read also without `</s>`, with blanks, with a colon behind a mark.

    Source: the examples in EduChat's README, one of which has the colon.
    """

    name = "educhat"
    title = "EduChat 的多轮提示词"
    _MARK = re.compile(r"<\s*\|\s*(system|prompter|assistant)\s*\|\s*>", re.IGNORECASE)
    _END = re.compile(r"<\s*/\s*s\s*>", re.IGNORECASE)
    _ROLES: dict[str, Role] = {"system": "system", "prompter": "user", "assistant": "assistant"}
    _MARKS: dict[Role, str] = {"system": "<|system|>", "user": "<|prompter|>", "assistant": "<|assistant|>"}

    def fits(self, text: str) -> bool:
        """See `PromptForm`."""
        return any(found[1].lower() == "prompter" for found in self._MARK.finditer(text))

    def text(self, turns: Sequence[Turn], place: str = "对话") -> str:
        """See `PromptForm`."""
        written = ""
        for number, turn in enumerate(turns, 1):
            _refuse(self._MARK.search(turn.content) or self._END.search(turn.content), number, place)
            said = turn.content.strip()
            written += f"{self._MARKS[turn.role]}{':' if said.startswith((':', '：')) else ''}{said}</s>"
        return written + (self._MARKS["assistant"] if turns and turns[-1].role == "user" else "")

    def turns(self, text: str, place: str = "提示词") -> list[Turn]:
        """See `PromptForm`."""
        before, *rest = self._MARK.split(text)
        if before.strip() or not rest:
            raise ContentError(f"{place}：应从 <|system|> 或 <|prompter|> 开始。请检查它是不是 EduChat 的提示词。")
        turns = [
            Turn(self._ROLES[role.lower()], self._said(said, place)) for role, said in zip(rest[::2], rest[1::2], strict=True)
        ]
        return _without_open_end(turns)

    def _said(self, told: str, place: str) -> str:
        said, *behind = self._END.split(told)
        if any(part.strip() for part in behind):
            raise ContentError(f"{place}：</s> 后面应是下一个标记（<|prompter|>、<|assistant|>）或结尾。请改正。")
        said = said.strip()
        return said[1:].strip() if said.startswith((":", "：")) else said


class CuteGPTPrompt:
    """`S问：Q\\n答：A<end>\\n问：…\\n答：`; read also without `<end>`, and with a line break behind 答：.

    Source: CuteGPT's inference.py (问：{}\\n答：{}\\n), inference_lora.py (答：\\n{}\\n) and get_multiround_data (<end>).
    """

    name = "cutegpt-prompt"
    title = "CuteGPT 的多轮提示词"
    _END = "<end>"
    _MARK = re.compile(r"(?:(?<![^\n\r\v\f\x85\u2028\u2029])|(?<=<end>))[^\S\n\r]*([问答])[^\S\n\r]*[：:]")
    _ROLES: dict[str, Role] = {"问": "user", "答": "assistant"}

    def fits(self, text: str) -> bool:
        """See `PromptForm`."""
        return "问" in text and any(found[1] == "答" for found in self._MARK.finditer(text))

    def text(self, turns: Sequence[Turn], place: str = "对话") -> str:
        """See `PromptForm`."""
        written = ""
        for number, turn in enumerate(turns, 1):
            _refuse(self._MARK.search(turn.content) or re.search(self._END, turn.content), number, place)
            said = turn.content.strip()
            written += {"system": f"{said}\n", "user": f"问：{said}\n", "assistant": f"答：{said}{self._END}\n"}[turn.role]
        return written + ("答：" if turns and turns[-1].role == "user" else "")

    def turns(self, text: str, place: str = "提示词") -> list[Turn]:
        """See `PromptForm`."""
        before, *rest = self._MARK.split(text)
        if rest and rest[0] == "答" and (asked := re.search(r"问[：:]", before)):  # behind a system prompt without a line break
            rest = ["问", before[asked.end() :], *rest]
            before = before[: asked.start()]
        if not rest:
            raise ContentError(f"{place}：没有“问：”和“答：”。请检查它是不是 CuteGPT 的提示词。")
        system = [Turn("system", before.strip())] if before.strip() else []
        told = zip(rest[::2], rest[1::2], strict=True)
        return _without_open_end([*system, *(Turn(self._ROLES[who], self._said(said, place)) for who, said in told)])

    def _said(self, told: str, place: str) -> str:
        said, *behind = told.split(self._END)
        if any(part.strip() for part in behind):
            raise ContentError(f"{place}：{self._END} 后面应是“问：”或结尾。请改正。")
        return said.strip()


def _refuse(mark: re.Match[str] | None, number: int, place: str) -> None:
    if mark:
        raise ContentError(f"{place}：第 {number} 句里有标记“{mark[0].strip()}”，会被当成另一句话。请改掉它，或换一种格式。")


def _without_open_end(turns: list[Turn]) -> list[Turn]:
    return turns[:-1] if turns and turns[-1].role == "assistant" and not turns[-1].content else turns


PROMPTS: dict[str, PromptForm] = {form.name: form for form in (EduChatPrompt(), CuteGPTPrompt())}
"""The forms by their names."""
