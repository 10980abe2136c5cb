from langchain_core.documents import Document

from rag.packed import PackedChunks


def _chunks(first: int, count: int) -> list[Document]:
    metadata = {"source": "书.pdf", "page": 3, "confidence": 0.1 + 0.2, "boxes": "[[0, 4, 1.5]]", "ocr": False}
    return [
        Document(id=f"c{i}", page_content=f"第 {i} 段\n\ud800\x0b", metadata=metadata | {"n": i})
        for i in range(first, first + count)
    ]


def test_packed_chunks_come_out_as_they_went_in() -> None:
    held, chunks = PackedChunks(), _chunks(0, 7)
    held.loose += chunks[:5]
    held.pack(3)
    held.pack(1)
    held.loose += chunks[5:]
    assert len(held) == 7 and len(held.loose) == 3
    assert list(held) == chunks == list(held), "as often as wanted"
    assert chunks[0] in held and _chunks(9, 1)[0] not in held


def test_nothing_holds_nothing() -> None:
    assert len(PackedChunks()) == 0 and not list(PackedChunks())
