"""The words that an embedding model wants before a question and before a passage."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["Prompts", "prompts_of"]

_BGE_ZH = re.compile(r"bge[^/\\]*-zh", re.IGNORECASE)
_BGE_ZH_QUERY = "为这个句子生成表示以用于检索相关文章："
"""Instruction that BGE's Chinese v1.5 models expect before a query (their model card); their folders don't hold it."""
_DOCUMENT_NAMES = ("document", "passage", "corpus")
"""What sentence-transformers' `encode_document` looks for, in its order."""


class Prompts(NamedTuple):
    """Words before a question and before a passage; mostly none."""

    query: str
    document: str


def prompts_of(stated: Mapping[str, str | None], name: str) -> Prompts:
    """The prompts that a model's folder states, or else those that its name or path is known for (`bge…-zh`)."""
    known = _BGE_ZH_QUERY if _BGE_ZH.search(name) else ""
    document = next((text for one in _DOCUMENT_NAMES if (text := stated.get(one))), "")
    return Prompts(stated.get("query") or known, document)
