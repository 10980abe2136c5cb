from collections.abc import Sequence

import pytest
from langchain_core.documents import Document

from rag.indexing import BatchWriter


class RecordingStore:
    """Keeps what it was told, in order."""

    def __init__(self) -> None:
        self.upserted: list[tuple[str, list[str]]] = []
        self.settled: list[list[tuple[str, int, bool]]] = []
        self.discarded: list[str] = []

    def embed(self, chunks: Sequence[Document]) -> list[str]:
        return [f"vector of {c.id}" for c in chunks]

    def upsert(self, subject: str, chunks: Sequence[Document], vectors: list[str]) -> None:
        assert vectors == self.embed(chunks) != []
        self.upserted.append((subject, [str(c.id) for c in chunks]))

    def settle(self, batch) -> None:
        self.settled.append([(r.source, len(r.chunks), r.fresh) for r in batch])
        self.ids = [c.id for r in batch for c in r.chunks]

    def discard(self, subject: str, chunks: Sequence[Document]) -> None:
        self.discarded += [str(c.id) for c in chunks]


def chunks(name: str, count: int, subject: str = "os") -> list[Document]:
    return [Document(id=f"{name}{i}", page_content="文", metadata={"subject": subject}) for i in range(count)]


def writer(store: RecordingStore, now: list[float] | None = None) -> BatchWriter:
    clock = now or [0.0]
    return BatchWriter(store, clock=lambda: clock[0])  # type: ignore[arg-type]


def test_small_documents_share_an_upsert_and_a_settlement() -> None:
    store = RecordingStore()
    batch = writer(store)
    for i in range(3):
        batch.add(chunks(f"{i}-", 2))
        assert batch.close(f"{i}.md", "os", fresh=i == 0) == 2
    assert not store.upserted and not store.settled
    assert [r.source for r in batch.flush()] == ["0.md", "1.md", "2.md"]
    assert store.upserted == [("os", ["0-0", "0-1", "1-0", "1-1", "2-0", "2-1"])]
    assert store.settled == [[("0.md", 2, True), ("1.md", 2, False), ("2.md", 2, False)]]
    assert batch.flush() == [] and len(store.settled) == 1


def test_a_long_document_is_written_while_it_is_read_and_settled_when_it_is_whole() -> None:
    store = RecordingStore()
    batch = writer(store)
    for part in range(5):
        batch.add(chunks(f"{part}-", 500))
    assert len(batch._open.loose) == 1500, "what is written is packed"
    assert [len(ids) for _, ids in store.upserted] == [1000], "the second batch is embedded while the first is written"
    assert batch.flush() == [] and not store.settled, "what is not complete is not found"
    batch.close("book.pdf", "os", fresh=True)
    batch.flush()
    assert sum(len(ids) for _, ids in store.upserted) == 2500 and store.settled == [[("book.pdf", 2500, True)]]
    assert store.ids == [f"{part}-{i}" for part in range(5) for i in range(500)]


def test_settlement_is_due_by_number_and_by_time() -> None:
    now = [100.0]
    batch = writer(RecordingStore(), now)
    batch.add(chunks("a", 10))
    now[0] += 60
    assert not batch.is_due, "nothing is complete"
    batch.close("a.md", "os", fresh=True)
    assert not batch.is_due
    now[0] += 4
    assert batch.is_due
    batch.flush()
    assert not batch.is_due
    batch.add(chunks("b", 3001))
    batch.close("b.md", "os", fresh=True)
    assert batch.is_due


@pytest.mark.parametrize("parts", [[1500], [700] * 5])
def test_a_document_that_fails_midway_leaves_nothing(parts: list[int]) -> None:
    store = RecordingStore()
    batch = writer(store)
    batch.add(chunks("good", 1))
    batch.close("good.md", "os", fresh=True)
    for number, count in enumerate(parts):
        batch.add(chunks(f"bad{number}-", count))
    packed = len(batch._open) - len(batch._open.loose)
    assert bool(packed) == (len(parts) > 1)
    batch.drop(keep=False)
    batch.flush()
    written = {i for _, ids in store.upserted for i in ids}
    assert set(store.discarded) >= {i for i in written if i.startswith("bad")} and "good0" in written - set(store.discarded)
    assert len(store.discarded) == len(set(store.discarded)) >= packed
    assert store.settled == [[("good.md", 1, True)]] and len(written) < sum(parts), "what was waiting of it is not written"


def test_chunks_that_the_store_held_before_stay_when_reading_them_again_fails() -> None:
    store = RecordingStore()
    batch = writer(store)
    batch.add(chunks("old", 1200))
    batch.drop(keep=True)
    assert store.discarded == []


def test_each_subject_has_its_own_batches() -> None:
    store = RecordingStore()
    batch = writer(store)
    batch.add(chunks("a", 2, "os"))
    batch.close("a.md", "os", fresh=True)
    batch.add(chunks("b", 3, "cn"))
    batch.close("b.md", "cn", fresh=True)
    batch.flush()
    assert sorted((subject, len(ids)) for subject, ids in store.upserted) == [("cn", 3), ("os", 2)]
