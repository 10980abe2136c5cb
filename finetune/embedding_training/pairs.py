"""Pairs of a question and the passage that answers it: what an embedding model is fine-tuned on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from errors import ContentError
from finetune.conversations.files import read_conversations
from finetune.prompt_rows import read_rows
from vector_db.segmentation import normalize

if TYPE_CHECKING:
    from langchain_core.documents import Document

__all__ = ["Pair", "asked_pairs", "distinct", "plain", "read_pairs"]

_QUESTIONS = ("question", "query", "anchor")
_PASSAGES = ("passage", "positive", "context")
_WANTED = "每行应是 {“question”或“query”: …, “passage”或“positive”: …}，或 finetune.dataset 做的问答（source.passage 是原文）"


@dataclass(frozen=True)
class Pair:
    """A question and the passage that answers it.

    Attributes:
        passage: the text that is to be found, as it is embedded.
        document: name of the document that it is from; empty if it is not known.
        page: its page, from 1; None where it has none or it is not known.
        quote: the words of the passage that hold the answer; empty if they are not known.
        chunk: id of the store's chunk that it is; empty if it is none.
    """

    question: str
    passage: str
    document: str = ""
    page: int | None = None
    quote: str = ""
    chunk: str = ""


def plain(text: str) -> str:
    """A text without blanks and differences of width and case: for telling whether two are the same."""
    return "".join(normalize(text).split())


def read_pairs(path: Path) -> tuple[list[Pair], int]:
    """The pairs of a JSON or JSONL file, and how many rows have a question but no passage (conversations without a source).

    Raises:
        ContentError: the file can't be read, a row is wrong, or none of them is a pair; the message has the place.
    """
    rows = read_rows(path) if path.suffix.lower() != ".pkl" else []
    if any(isinstance(fields, dict) and any(name in fields for name in _PASSAGES) for _, fields in rows):
        found, without = [_pair(fields, place) for place, fields in rows], 0
    else:
        found, without = _of_conversations(path)
    if not found:
        raise ContentError(f"{path.name}：没有一条带原文的问答。{_WANTED}。")
    return found, without


def asked_pairs(chunks: Iterable[Document]) -> list[Pair]:
    """The questions that the chunks of a store are known to answer, each with its chunk; in the order of their ids."""
    from vector_db.entries import embedded_text

    return [
        Pair(question.strip(), embedded_text(chunk), chunk.metadata["source"], chunk.metadata["page"], "", str(chunk.id))
        for chunk in sorted(chunks, key=lambda one: str(one.id))
        for question in str(chunk.metadata.get("asked") or "").split("\n")
        if question.strip()
    ]


def distinct(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs, each once, in their order."""
    return list({(plain(pair.question), plain(pair.passage)): pair for pair in reversed(pairs)}.values())[::-1]


def _pair(fields: Any, place: str) -> Pair:
    if not isinstance(fields, dict):
        raise ContentError(f"{place}：应是一个 JSON 对象。{_WANTED}。")
    question, passage = _text(fields, _QUESTIONS, place, "问题"), _text(fields, _PASSAGES, place, "原文")
    page = fields.get("page")
    return Pair(
        question, passage, _optional(fields, "document") or _optional(fields, "source"),
        page if isinstance(page, int) and not isinstance(page, bool) else None, _optional(fields, "quote"),
    )  # fmt: skip


def _text(fields: dict[str, Any], names: Sequence[str], place: str, what: str) -> str:
    found = next((fields[name] for name in names if isinstance(fields.get(name), str) and fields[name].strip()), None)
    if found is None:
        raise ContentError(f"{place}：没有{what}（{'、'.join(names)} 之一，不能为空）。请补上，或删去这一行。")
    return str(found).strip()


def _optional(fields: dict[str, Any], name: str) -> str:
    return fields[name].strip() if isinstance(fields.get(name), str) else ""


def _of_conversations(path: Path) -> tuple[list[Pair], int]:
    """Pairs of QA data in any of its forms. Of a longer conversation the first question: the others lean on it."""
    conversations = read_conversations(path)
    with_passage = [one for one in conversations if one.source and one.source.passage.strip()]
    pairs = [
        Pair(one.spoken[0].content.strip(), one.source.passage.strip(), one.source.document, one.source.page, one.source.quote)
        for one in with_passage
        if one.source
    ]
    return pairs, len(conversations) - len(with_passage)
