"""What a batch asks: rows of a file, as plain prompts or in any form of training data, whose last answer is the reference."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from errors import ContentError, TutorError
from finetune.conversations.conversation import Role, Turn, checked
from finetune.conversations.formats import FORMATS
from finetune.conversations.json_rows import checked_row, json_rows
from finetune.conversations.object_rows import ObjectRows
from finetune.conversations.pickled import pickled_rows
from finetune.conversations.values import blank
from knowledge.text_file import read_text

__all__ = ["PromptRow", "prompt_row", "read_prompts", "read_rows"]

_MESSAGES: dict[Role, type[BaseMessage]] = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}
_QUESTIONS = ("prompt", "question", "query", "instruction")
_REFERENCES = ("reference", "answer", "output", "completion")


@dataclass(frozen=True)
class PromptRow:
    """Messages for a chat model.

    Attributes:
        key: tells the row from every other one of its file.
        fields: the row as the file has it; of a sample that is a list, under `sample`.
        question: the last thing that the user says.
        reference: what the data has as the answer; empty if it has none.
    """

    key: str
    fields: dict[str, Any]
    messages: tuple[BaseMessage, ...]
    question: str
    reference: str = ""


def prompt_row(prompt: str, system: str = "") -> PromptRow:
    """The row of one prompt."""
    turns = [*([Turn("system", system)] if system else []), Turn("user", prompt)]
    return PromptRow("1", {"prompt": prompt}, _messages(turns), prompt)


def read_prompts(path: Path, system: str = "") -> list[PromptRow]:
    """The rows of a file: a JSON list, one JSON value a line, or CuteGPT's pickle.

    A row is in one of the formats of training data, or has `messages` that end with the user, or `prompt`, `question`, `query` or
    `instruction`, with `input` besides; `system` is put before all that have no system message of their own. The key is the
    row's `id`, else its number and the hash of its messages.

    Raises:
        ContentError: the file can't be read, or a row holds no prompt; the message has its place.
    """
    found = [_row(value, place, number, system) for number, (place, value) in enumerate(read_rows(path), 1)]
    counts = Counter(row.key for row in found)
    if repeated := next((key for key, count in counts.items() if count > 1), None):
        raise ContentError(f"{path.name}：id“{repeated[:40]}”出现了不止一次。请改成互不相同的 id，或去掉 id。")
    return found


def read_rows(path: Path) -> list[tuple[str, Any]]:
    """The values of a file, whatever they are, each with its place for messages.

    Raises:
        ContentError: the file can't be read, or a value can't.
    """
    try:
        pickled = path.suffix.lower() == ".pkl"
        rows = [checked_row(row) for row in (pickled_rows(path) if pickled else json_rows(read_text(path), path.name))]
    except OSError as error:
        raise ContentError(f"打不开 {path}（{error.strerror}）。请检查文件名。") from error
    except ContentError:
        raise
    except TutorError as error:
        raise ContentError(f"{path.name}：{error}") from error
    if wrong := next((row for row in rows if row.fault), None):
        raise ContentError(f"{wrong.place}：{wrong.fault}。")
    return [(row.place, row.value) for row in rows]


def _row(value: Any, place: str, number: int, system: str) -> PromptRow:
    turns, reference = _asked(value, place)
    if system and turns[0].role != "system":
        turns = [Turn("system", system), *turns]
    messages = _messages(turns)
    told = [[message.type, message.content] for message in messages]
    digest = hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()
    fields = value if isinstance(value, dict) else {"sample": value}
    key = str(fields["id"]) if fields.get("id") is not None else f"{number}-{digest[:12]}"
    return PromptRow(key, fields, messages, turns[-1].content, reference)


def _asked(value: Any, place: str) -> tuple[list[Turn], str]:
    """The turns up to the last question, and the answer that the row has to it."""
    if isinstance(value, list):
        turns, reference = list(FORMATS["cutegpt"].conversation(value, place).turns), ""
    elif isinstance(value, dict):
        turns, reference = _turns_of({name: field for name, field in value.items() if not blank(field)}, place)
    else:
        raise ContentError(f'{place}：应是一个 JSON 对象，例如 {{"prompt": "什么是死锁？"}}。')
    if turns and turns[-1].role == "assistant":
        reference = turns.pop().content  # of training data: it is to be answered anew
    if not turns or turns[-1].role != "user":
        raise ContentError(f"{place}：最后一条应是用户（user）的话。")
    checked([*turns, Turn("assistant", "…")], place)
    return turns, reference.strip()


def _turns_of(fields: dict[str, Any], place: str) -> tuple[list[Turn], str]:
    for form in FORMATS.values():
        if isinstance(form, ObjectRows) and form.fits(fields):
            return form.read_turns(fields, place)[0], _text(fields, _REFERENCES)
    question = _text(fields, _QUESTIONS)
    if not (asked := "\n".join(filter(None, (question, _text(fields, ("input",)))))):
        raise ContentError(f"{place}：没有要问的内容。需要 {'、'.join(_QUESTIONS)} 之一，或 messages。")
    system = _text(fields, ("system",))
    return [*([Turn("system", system)] if system else []), Turn("user", asked)], _text(fields, _REFERENCES)


def _text(fields: dict[str, Any], names: Sequence[str]) -> str:
    """The first of these fields that is text and says something; '' if there is none."""
    return next((fields[name] for name in names if isinstance(fields.get(name), str) and fields[name].strip()), "")


def _messages(turns: Sequence[Turn]) -> tuple[BaseMessage, ...]:
    return tuple(_MESSAGES[turn.role](turn.content) for turn in turns)
