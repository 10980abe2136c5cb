"""What a client of the OpenAI protocol sends, and what of it becomes the conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from errors import UsageError
from knowledge.subjects import AUTO
from rag.conversation import QA, Session, Switches, Turn
from rag.events import Answer
from server.faults import ApiError
from tutoring.modes import MODES, mode_named

__all__ = ["CompletionForm", "EmbeddingForm", "Message", "conversation", "mode_of_model", "model_names"]

_PREFIX = "tutor"
MAX_MESSAGES = 1000
MAX_TEXTS = 2048
"""Of one request for embeddings, as OpenAI has it."""


class Part(BaseModel):
    """A piece of a message's content."""

    type: str
    text: str = ""


class Message(BaseModel):
    """One message of a conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None
    tool_calls: list[Any] | None = None


class StreamOptions(BaseModel):
    """What a stream tells besides."""

    include_usage: bool = False


class CompletionForm(BaseModel):
    """POST /v1/chat/completions. What is not named here (temperature, max_tokens, stop, seed, user …) is ignored.

    `subject`, `retrieval`, `calculator`, `web` and `memory` are ours.
    """

    model_config = ConfigDict(extra="ignore")

    model: str
    messages: list[Message] = Field(min_length=1, max_length=MAX_MESSAGES)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: int | None = 1
    tools: list[Any] | None = None
    functions: list[Any] | None = None
    response_format: dict[str, Any] | None = None
    logprobs: bool | None = None
    modalities: list[str] | None = None
    subject: str = AUTO
    retrieval: bool | None = None
    calculator: bool = True
    web: bool = False
    memory: dict[str, Any] | None = None

    def check_supported(self) -> None:
        """Refuse what would change the answer's form and can't be done.

        Raises:
            ApiError: such a thing is asked for.
        """
        asked = {
            "n": self.n not in (None, 1),
            "tools": bool(self.tools),
            "functions": bool(self.functions),
            "response_format": (self.response_format or {}).get("type", "text") != "text",
            "logprobs": bool(self.logprobs),
            "modalities": self.modalities not in (None, ["text"]),
        }
        for name, unsupported in asked.items():
            if unsupported:
                raise ApiError(400, f"不支持 {name}={_UNSUPPORTED[name]}。请去掉这个参数。", "unsupported_parameter", name)

    def session(self, mode: str, turns: list[Turn]) -> Session:
        """The conversation before the question."""
        return Session(self.subject, mode, Switches(self.retrieval, self.calculator, self.web), turns)

    @property
    def with_usage(self) -> bool:
        """Whether a stream ends with the count of tokens."""
        return bool(self.stream_options and self.stream_options.include_usage)


_UNSUPPORTED = {
    "n": "大于 1（一次只回答一份）",
    "tools": "工具调用",
    "functions": "函数调用",
    "response_format": "指定输出格式（批改、出题等模式的结构化结果在 data 里）",
    "logprobs": "对数概率",
    "modalities": "文字以外的输出",
}


class EmbeddingForm(BaseModel):
    """POST /v1/embeddings."""

    model: str
    input: str | list[str]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = None


def model_names() -> list[str]:
    """`tutor` and one name a mode."""
    return [_PREFIX, *(f"{_PREFIX}-{mode}" for mode in MODES)]


def mode_of_model(name: str) -> str:
    """The mode that a model's name stands for.

    Raises:
        ApiError: there is no such model; the message lists them.
    """
    if name == _PREFIX:
        return QA
    try:
        return mode_named(name.removeprefix(f"{_PREFIX}-")).id if name.startswith(f"{_PREFIX}-") else _unknown(name)
    except UsageError:
        return _unknown(name)


def _unknown(name: str) -> str:
    raise ApiError(404, f"没有“{name[:60]}”这个模型。可用的有：{'、'.join(model_names())}。", "model_not_found", "model")


def conversation(
    messages: Sequence[Message], mode: str, subject: str = AUTO, memory: Mapping[str, Any] | None = None
) -> tuple[str, list[Turn]]:
    """The question, and the turns before it: each answer of the assistant with the student's words before it.

    A client's system messages are left out: the rules by which the tutor answers are its own. Words of the student that were never
    answered are left out too.

    Args:
        memory: what the mode noted at the last of these turns.

    Raises:
        ApiError: the last message is not the student's, or something in a message is not text.
    """
    said = [message for message in messages if message.role not in ("system", "developer")]
    if not said or said[-1].role != "user":
        raise ApiError(400, "最后一条消息应是学生的问题（role 为 user）。", "invalid_value", "messages")
    pairs = _pairs(said[:-1])
    if memory and not pairs:
        raise ApiError(400, "memory 要和上一轮的问与答一起放在请求里（messages 里没有上一轮）。", "invalid_value", "memory")
    turns = [Turn(asked, Answer(text, subject, ""), mode) for asked, text in pairs]
    if memory:
        turns[-1] = replace(turns[-1], answer=replace(turns[-1].answer, memory=memory))
    return _text(said[-1]), turns


def _pairs(messages: Sequence[Message]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    asked: list[str] = []
    for message in messages:
        if message.role == "user":
            asked.append(_text(message))
        elif asked:
            pairs.append(("\n".join(asked), _text(message)))
            asked = []
    return pairs


def _text(message: Message) -> str:
    """A message's words.

    Raises:
        ApiError: it holds pictures, calls of tools or their results.
    """
    if message.tool_calls or message.role in ("tool", "function"):
        raise ApiError(400, "不支持工具调用的消息。请只发送文字。", "unsupported_value", "messages")
    if not isinstance(message.content, list):
        return message.content or ""
    if other := next((part.type for part in message.content if part.type != "text"), None):
        raise ApiError(400, f"消息里有 {other[:40]}，只支持文字（type 为 text）。", "unsupported_value", "messages")
    return "".join(part.text for part in message.content)
