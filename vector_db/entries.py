"""What goes into a store and what comes out of it: chunks as they are embedded and indexed, replacements, hits."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from typing import TYPE_CHECKING

from langchain_core.documents import Document

from vector_db.chroma import PREFIX
from vector_db.chunk import Copy
from vector_db.lexical import Row

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

__all__ = ["Hit", "Replacement", "embedded_text", "lexical_row", "lexical_texts", "subject_of"]


@dataclass(frozen=True)
class Hit:
    """A chunk found by one leg, with that leg's score (cosine similarity, or BM25).

    The dense leg tells its subject, too; the lexical one, whether the chunk was read with it.
    """

    chunk_id: str
    score: float
    subject: str = ""
    at_hand: bool = False


@dataclass(frozen=True)
class Replacement:
    """What becomes the whole of a source's chunks. `fresh`: nothing of this source was written before, ever."""

    source: str
    subject: str
    chunks: abc.Collection[Document]
    fresh: bool = False


def subject_of(collection: Collection) -> str:
    """The subject in a collection's name."""
    return collection.name.removeprefix(PREFIX).partition(".")[0]


def lexical_row(chunk: Document, copy: Copy | None) -> Row:
    """What the lexical index holds of a chunk."""
    return str(chunk.id), *lexical_texts(chunk), copy


def lexical_texts(chunk: Document) -> tuple[str, str, str]:
    """What it finds a chunk by: text, heading, and questions that the text answers."""
    return chunk.page_content, chunk.metadata["section"], chunk.metadata.get("asked", "")


def embedded_text(chunk: Document) -> str:
    """What is embedded: the contextual header (`书名 > 章 > 节`), or the section path of an older chunk, then the text."""
    return f"{chunk.metadata.get('header') or chunk.metadata['section']}\n{chunk.page_content}".strip()
