"""Which passages are asked about, and how many pairs of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from langchain_core.documents import Document

from errors import EmptyStoreError, UsageError
from finetune.making.passages import MOST, passages_of, spread
from rag.retrieval import Passage

TEXT = "进程是资源分配的基本单位，线程是处理机调度的基本单位，同一进程的线程共享它的地址空间和打开的文件。第{}段。"


class Chunks:
    """A store that has nothing but these chunks."""

    def __init__(self, *chunks: Document) -> None:
        self._chunks = chunks

    def chunks(self, subjects: Iterable[str]) -> Iterator[Document]:
        wanted = set(subjects)
        yield from (chunk for chunk in self._chunks if chunk.metadata["subject"] in wanted)


def chunk(source: str, page: int, position: int, text: str, subject: str = "os") -> Document:
    about = {"source": source, "document": "f" * 64, "subject": subject, "page": page, "section": "", "position": position}
    return Document(id=f"{source}-{position}", page_content=text, metadata={**about, "boxes": "[]"})


def found(*chunks: Document, sources: tuple[str, ...] = (), subjects: Iterable[str] = ("os", "ds")) -> list[str]:
    store: Any = Chunks(*chunks)
    return [passage.chunk_id for passage in passages_of(store, subjects, sources)]


ONE, TWO, THREE = (chunk("docs/a.pdf", n, n, TEXT.format(n)) for n in (1, 2, 3))
OTHER = chunk("docs/b.pdf", 1, 1, TEXT.format("别的"), "ds")


def test_in_the_order_of_documents_and_pages_whatever_the_store_s_order() -> None:
    assert found(OTHER, THREE, ONE, TWO) == ["docs/a.pdf-1", "docs/a.pdf-2", "docs/a.pdf-3", "docs/b.pdf-1"]


def test_a_text_that_comes_twice_is_taken_once_and_one_too_short_not_at_all() -> None:
    again, short = chunk("docs/b.pdf", 9, 9, ONE.page_content.replace("，", "， ")), chunk("docs/a.pdf", 4, 4, "目录 ...... 3")
    assert found(ONE, again, short) == ["docs/a.pdf-1"]


@pytest.mark.parametrize("name", ["docs/b.pdf", "b.pdf", "/courses/b.pdf"])
def test_a_document_is_known_by_its_name(name: str) -> None:
    assert found(ONE, OTHER, sources=(name,)) == ["docs/b.pdf-1"]


def test_an_unknown_document_is_told_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="最接近的是“docs/b.pdf”"):
        found(ONE, OTHER, sources=("docs/bb.pdf",))
    with pytest.raises(UsageError, match="有 2 份资料叫“a.pdf”"):
        found(ONE, chunk("x/a.pdf", 1, 1, TEXT), sources=("a.pdf",))


def test_nothing_there_is_told() -> None:
    with pytest.raises(EmptyStoreError, match="rag.ingest"):
        found(ONE, subjects=("cn",))
    with pytest.raises(UsageError, match="没有可以出题的段落"):
        found(chunk("a.pdf", 1, 1, "目录"))


def passages(n: int) -> list[Passage]:
    return [Passage(str(i), "a.pdf", "f", i, "", "os", "", 0.0) for i in range(n)]


@pytest.mark.parametrize(("n", "pairs"), [(10, 150), (10, 10), (10, 3), (100, 150), (7, 30), (1, 4), (205, 150)])
def test_pairs_are_spread_evenly(n: int, pairs: int) -> None:
    tasks = list(spread(passages(n), pairs))
    counts = [task.count for task in tasks]
    assert sum(counts) == min(pairs, MOST * n)
    assert max(counts) - min(counts) <= 1
    chosen = [task.passage.page for task in tasks]
    gaps = [b - a for a, b in zip(chosen, chosen[1:], strict=False)]
    assert not gaps or (max(gaps) - min(gaps) <= 1 and chosen[0] <= max(gaps) and n - chosen[-1] <= max(gaps))
