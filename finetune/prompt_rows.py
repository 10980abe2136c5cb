"""What a batch asks: rows of a JSON or JSONL file, in any of the forms that instruction data has."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from errors import ContentError, TutorError
from knowledge.text_file import read_text

__all__ = ["PromptRow", "read_prompts"]

_ROLES = {"system": SystemMessage, "user": HumanMessage, "human": HumanMessage, "assistant": AIMessage, "gpt": AIMessage}
_QUESTIONS = ("prompt", "question", "query", "instruction")


@dataclass(frozen=True)
class PromptRow:
    """Messages for a chat model; `fields` is the row as the file has it, `key` tells it from every other one."""

    key: str
    fields: dict[str, Any]
    messages: tuple[BaseMessage, ...]


def read_prompts(path: Path, system: str = "") -> list[PromptRow]:
    """The rows of a file: a JSON list, or one JSON object a line.

    A row has `messages` (or `conversations`) as chat data has them, or `prompt`, `question`, `query` or `instruction`, with
    `input` besides; `system` is put before all that have no system message of their own. The key is the row's `id`, else
    its number and the hash of its messages.

    Raises:
        ContentError: the file can't be read, or a row holds no prompt; the message has its place.
    """
    rows = list(_rows(path))
    found = [_row(fields, place, number, system) for number, (place, fields) in enumerate(rows, 1)]
    counts = Counter(row.key for row in found)
    if repeated := next((key for key, count in counts.items() if count > 1), None):
        raise ContentError(f"{path.name}：id“{repeated[:40]}”出现了不止一次。请改成互不相同的 id，或去掉 id。")
    return found


def _rows(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        text = read_text(path)
    except OSError as error:
        raise ContentError(f"打不开 {path}（{error.strerror}）。请检查文件名。") from error
    except TutorError as error:
        raise ContentError(f"{path.name}：{error}") from error
    if text.lstrip().startswith("["):
        yield from ((f"{path.name} 第 {n} 项", fields) for n, fields in enumerate(_parsed(text, path.name), 1))
        return
    for n, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield f"{path.name} 第 {n} 行", _parsed(line, f"{path.name} 第 {n} 行")


def _parsed(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ContentError(f"{place}：不是有效的 JSON。请改正后重试。") from error


def _row(fields: Any, place: str, number: int, system: str) -> PromptRow:
    if not isinstance(fields, dict):
        raise ContentError(f'{place}：应是一个 JSON 对象，例如 {{"prompt": "什么是死锁？"}}。')
    listed = fields.get("messages") or fields.get("conversations")
    messages = _listed(listed, place) if listed else [HumanMessage(_question(fields, place))]
    if not isinstance(messages[-1], HumanMessage):
        messages = messages[:-1]  # the answer of training data: it is to be answered anew
    if not messages or not isinstance(messages[-1], HumanMessage):
        raise ContentError(f"{place}：最后一条应是用户（user）的话。")
    if system and not isinstance(messages[0], SystemMessage):
        messages = [SystemMessage(system), *messages]
    try:
        json.dumps(fields, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ContentError(f"{place}：里面有残缺的字符（半个代理对，如 \\ud83d）。请改正后重试。") from error
    digest = hashlib.sha256(json.dumps([[m.type, m.content] for m in messages], ensure_ascii=False).encode()).hexdigest()
    return PromptRow(str(fields["id"]) if fields.get("id") is not None else f"{number}-{digest[:12]}", fields, tuple(messages))


def _question(fields: dict[str, Any], place: str) -> str:
    text = next((fields[name] for name in _QUESTIONS if isinstance(fields.get(name), str) and fields[name].strip()), None)
    if text is None:
        raise ContentError(f"{place}：没有要问的内容。需要 {'、'.join(_QUESTIONS)} 之一，或 messages。")
    more = fields.get("input")
    return f"{text}\n{more}" if isinstance(more, str) and more.strip() else text


def _listed(listed: Any, place: str) -> list[BaseMessage]:
    messages: list[BaseMessage] = []
    for entry in listed if isinstance(listed, list) else [None]:
        role = entry.get("role", entry.get("from")) if isinstance(entry, dict) else None
        content = entry.get("content", entry.get("value")) if isinstance(entry, dict) else None
        if not isinstance(role, str) or role not in _ROLES or not isinstance(content, str):
            raise ContentError(f"{place}：messages 的每一项应有 role（system、user、assistant）和 content。")
        messages.append(_ROLES[role](content))
    return messages
