"""Which passages of the ingested documents pairs are made from, and how many from each."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from errors import EmptyStoreError, UsageError
from rag.retrieval import Passage, passage_of
from vector_db.segmentation import normalize
from vector_db.store import CourseStore

__all__ = ["MOST", "Task", "passages_of", "spread"]

MOST = 5
"""Pairs of one passage: more than it holds would be the same things asked again."""
_LEAST = 30
"""Chinese characters of a passage from which something can be asked."""
_CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Task:
    """A passage, and how many pairs are wanted of it."""

    passage: Passage
    count: int


def passages_of(store: CourseStore, subjects: Iterable[str], sources: Sequence[str] = ()) -> list[Passage]:
    """The passages of the documents, in the order of names and pages; a text that comes twice is taken once.

    Args:
        sources: documents by their name, their file name or a path that ends with it; all if empty.

    Raises:
        EmptyStoreError: there is no document.
        UsageError: a document is not there (the message has the nearest name), or nothing can be made of them.
    """
    chunks = sorted(store.chunks(subjects), key=lambda c: (c.metadata["source"], c.metadata["position"], c.metadata["page"]))
    if not chunks:
        raise EmptyStoreError(
            "知识库里还没有这些科目的资料。请先入库，例如 python -m rag.ingest docs/；或用 --from notes，不需要资料也不需要模型。"
        )
    names = list(dict.fromkeys(str(chunk.metadata["source"]) for chunk in chunks))
    wanted = {_known(source, names) for source in sources} or set(names)
    chosen = [passage_of(chunk, [chunk], 0.0) for chunk in chunks if chunk.metadata["source"] in wanted]
    found = {_same(passage.text): passage for passage in reversed(chosen) if len(_CHINESE.findall(passage.text)) >= _LEAST}
    if not found:
        raise UsageError("这些资料里没有可以出题的段落（每段至少要有 30 个汉字）。请换别的资料。")
    return list(reversed(found.values()))


def spread(passages: Sequence[Passage], pairs: int) -> Iterator[Task]:
    """`pairs` pairs over the passages: each has as many as any other or one more, those with more lying evenly among the rest."""
    pairs, n = min(pairs, MOST * len(passages)), len(passages)
    for i, passage in enumerate(passages):
        if count := (i + 1) * pairs // n - i * pairs // n:
            yield Task(passage, count)


def _known(source: str, names: Sequence[str]) -> str:
    """The document that is meant."""
    if source in names:
        return source
    ends = [name for name in names if PurePath(name).name == PurePath(source).name]
    if len(ends) == 1:
        return ends[0]
    if len(ends) > 1:
        raise UsageError(f"有 {len(ends)} 份资料叫“{PurePath(source).name}”：{'、'.join(ends)}。请写全名。")
    near = difflib.get_close_matches(source, names, 1, 0.0)
    raise UsageError(f"知识库里没有“{source}”，最接近的是“{near[0]}”。用 python -m rag.ingest --list 查看全部资料的名称。")


def _same(text: str) -> str:
    return "".join(normalize(text).split())
