"""What data sets are made of without a model: notes, bank and question families, and the files that these are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from errors import UsageError
from finetune.conversations.conversation import Conversation
from finetune.making.from_bank import pairs_from_bank, pairs_from_families
from finetune.making.from_notes import pairs_from_notes
from settings import ROOT

if TYPE_CHECKING:
    from rag.retrieval import Passage

__all__ = ["ORIGINS", "document_sources", "made", "own_sources"]

ORIGINS = ("documents", "notes", "bank", "generated")
_KNOWLEDGE = ROOT / "knowledge"
_FILES = {"notes": ("notes/**/*.md", "asked/*.jsonl"), "bank": ("questions/**/*.jsonl",), "generated": ("generators/*.py",)}


def made(origin: str, n: int, seed: int, subjects: Sequence[str]) -> Iterator[Conversation]:
    """The pairs of an origin that needs no model.

    Args:
        n, seed: of computed questions.
        subjects: ids; all if empty.
    """
    match origin:
        case "notes":
            return pairs_from_notes(subjects)
        case "bank":
            return pairs_from_bank(subjects)
        case "generated":
            return pairs_from_families(n, seed, subjects)
    raise UsageError(f"没有“{origin}”这种来源。可选：{'、'.join(ORIGINS)}。")


def own_sources(origin: str) -> list[dict[str, str]]:
    """The files that an origin is, with their digests."""
    files = sorted(path for pattern in _FILES[origin] for path in _KNOWLEDGE.glob(pattern))
    return [{"name": path.relative_to(_KNOWLEDGE).as_posix(), "sha256": _sha256(path)} for path in files]


def document_sources(passages: Iterable[Passage]) -> list[dict[str, str]]:
    """The documents of passages, with their digests."""
    found = {passage.source: passage.document for passage in passages}
    return [{"name": name, "sha256": found[name]} for name in sorted(found)]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
