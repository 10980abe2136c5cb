from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from langchain_core.documents import Document

from vector_db.copies import Copies
from vector_db.lexical import LexicalIndex

VECTOR = np.array([0.6, 0.8], dtype=np.float32)


def chunk(i: str, text: str = "死锁", **meta: str) -> Document:
    return Document(id=i, page_content=text, metadata={"source": "a.md", "subject": "os", "section": "死锁"} | meta)


def nothing(ids: Sequence[str]) -> dict[str, np.ndarray]:
    return {}


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    return LexicalIndex(tmp_path / "lexical")


def copies(index: LexicalIndex, embedding: str = "m-1", trusted: bool = True) -> Copies:
    return Copies(index, lambda: embedding, trusted)


def test_what_was_written_is_read_as_it_was(index: LexicalIndex) -> None:
    written, chunks = copies(index), [chunk("a", "互斥\n与等待", asked="什么是死锁？"), chunk("b")]
    written.keep(chunks, [VECTOR, VECTOR[::-1]])
    index.replace("a.md", "os", written.rows(chunks, nothing))
    found = copies(index).read(["b", "a", "a", "absent"], ["os"])
    assert {i: c for i, (c, _) in found.items()} == {"a": chunks[0], "b": chunks[1]}
    assert found["b"][1].dtype == np.float32 and found["b"][1].tolist() == VECTOR[::-1].tolist()
    assert index.search("互斥", ["os"], 5)[0][0] == "a"


def test_what_a_search_has_read_is_not_looked_for_again(index: LexicalIndex) -> None:
    index.replace("a.md", "os", [copies(index).row(c, VECTOR) for c in (chunk("a"), chunk("b", "分页 😀"))])
    known = {found.chunk_id: found.copy for found in index.find("死锁", ["os"], 5) if found.copy}
    assert known.keys() == {"a", "b"}
    read = copies(index).decoded(known, ["os"])
    assert {i: c.page_content for i, (c, _) in read.items()} == {"a": "死锁", "b": "分页 😀"}
    assert copies(index).decoded(known, ["cn"]) == {}, "of another subject"
    assert copies(index, "m-2").decoded(known, ["os"]) == {}, "of another embedding"
    assert copies(index, trusted=False).decoded(known, ["os"]) == {}, "perhaps out of date"


def test_a_vector_that_is_not_kept_is_read_from_where_it_is(index: LexicalIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vector_db.copies._KEPT", 1)
    written, asked = copies(index), list[str]()

    def read(ids: Sequence[str]) -> dict[str, np.ndarray]:
        asked.extend(ids)
        return {"a": VECTOR}

    chunks = [chunk("a"), chunk("lost"), chunk("b")]
    written.keep(chunks, [VECTOR[::-1]] * 3)
    index.replace("a.md", "os", written.rows(chunks, read))
    assert asked == ["a", "lost"] and len(index) == 3
    found = written.read(["a", "b", "lost"], ["os"])
    assert {i: vector.tolist() for i, (_, vector) in found.items()} == {"a": VECTOR.tolist(), "b": VECTOR[::-1].tolist()}


def test_of_another_embedding_or_subject_there_is_none(index: LexicalIndex) -> None:
    index.replace("a.md", "os", [copies(index).row(chunk("a"), VECTOR)])
    assert copies(index).read(["a"], ["os", "cn"]) and not copies(index).read(["a"], ["cn"])
    assert not copies(index, "m-2").read(["a"], ["os"])


def test_where_others_write_too_none_is_made_or_read(index: LexicalIndex) -> None:
    untrusted = copies(index, trusted=False)
    untrusted.keep([chunk("a")], [VECTOR])
    index.replace("a.md", "os", untrusted.rows([chunk("a")], lambda ids: {"a": VECTOR}))
    assert len(index) == 1 and not copies(index).read(["a"], ["os"])
    index.replace("a.md", "os", [copies(index).row(chunk("a"), VECTOR)])
    assert copies(index).read(["a"], ["os"]) and not untrusted.read(["a"], ["os"])
