import json
from collections.abc import Callable, Iterable, Sequence

import pytest
from langchain_core.documents import Document

from errors import EmbeddingMismatchError, EmptyStoreError
from rag.retrieval import Retriever
from vector_db.entries import Hit


def chunk(i: str, text: str, subject: str = "os", **meta: str) -> Document:
    base = {
        "source": "a.pdf",
        "document": "00",
        "subject": subject,
        "page": 1,
        "section": "死锁",
        "previous": "",
        "next": "",
        "boxes": "[]",
    }
    return Document(id=i, page_content=text, metadata=base | meta)


class FakeStore:
    """A store at the constructor seam: what each leg finds, and which tokens are rare."""

    def __init__(self, chunks: Sequence[Document], lexical: Sequence[str], dense: Sequence[str]) -> None:
        self.chunks = {str(c.id): c for c in chunks}
        self.legs = (lexical, dense)
        self.at_hand: set[str] = set()
        self.asked: list[list[str]] = []

    def search_lexical(self, query: str, subjects: Sequence[str], k: int) -> list[Hit]:
        return [Hit(i, 9.0 - n, at_hand=i in self.at_hand) for n, i in enumerate(self.legs[0])]

    def begin_dense(self, query: str, subjects: Sequence[str], k: int) -> Callable[[], list[Hit]]:
        return lambda: [Hit(i, 0.9 - n / 10) for n, i in enumerate(self.legs[1])]

    def get(self, ids: Sequence[str], subjects: Sequence[str]) -> dict[str, Document]:
        return {i: self.chunks[i] for i in ids if i in self.chunks}

    def candidates(self, query: str, ids: Sequence[str], subjects: Sequence[str]) -> list[tuple[Document, float]]:
        self.asked.append(list(ids))
        return [(self.chunks[i], 0.0) for i in dict.fromkeys(ids) if i in self.chunks]

    calibrated = False

    def alike(self, query: str, texts: Sequence[Sequence[str]]) -> list[float]:
        return [0.0] * len(texts)

    def count(self) -> int:
        return len(self.chunks)

    def idf(self, tokens: Iterable[str]) -> dict[str, float]:
        text = "".join(c.page_content for c in self.chunks.values())
        return {t: 1.0 if t in text else 5.0 for t in tokens}


CHUNKS = [
    chunk("a", "死锁的条件是互斥。", next="b"),
    chunk("b", "还有循环等待。", previous="a"),
    chunk("c", "拥塞窗口。", "cn"),
]


def test_passage_is_a_chunk_between_its_neighbours() -> None:
    (passage, *_) = Retriever(FakeStore(CHUNKS, ["b"], [])).retrieve("循环等待").passages  # type: ignore[arg-type]
    assert passage.text == "死锁的条件是互斥。\n还有循环等待。" and passage.chunk_id == "b"


def chain_of(texts: Sequence[str], **meta: str) -> list[Document]:
    """Chunks in a row, each the neighbour of the next."""
    ids = ["", *(f"k{i}" for i in range(len(texts))), ""]
    return [chunk(ids[i + 1], text, previous=ids[i], next=ids[i + 2], **meta) for i, text in enumerate(texts)]


def test_a_passage_takes_in_its_section_from_the_middle_as_far_as_the_limit_allows() -> None:
    row = chain_of([f"第{i}段，" + "讲述进程之间的同步与互斥。" * 16 for i in range(9)])
    (passage, *_) = Retriever(FakeStore(row, ["k4"], [])).retrieve("同步").passages  # type: ignore[arg-type]
    assert [part[:4] for part in passage.text.split("\n")] == ["第3段，", "第4段，", "第5段，", "第6段，"]
    assert len(passage.text) <= 900


def test_what_an_earlier_passage_took_is_not_taken_again() -> None:
    row = chain_of([f"第{i}段，" + "".join(f"{i}{j}号进程要同步。" for j in range(19)) for i in range(9)])
    found = Retriever(FakeStore(row, ["k2", "k5"], [])).retrieve("同步").passages  # type: ignore[arg-type]
    taken = [part[:4] for passage in found for part in passage.text.split("\n")]
    assert len(taken) == len(set(taken)) == 8 and "第5段，" in taken


def test_what_a_chunk_repeats_appears_once_and_the_lines_stay_at_their_words() -> None:
    head = "算法\t时间\n"
    texts = [head + "冒泡\t平方级", head + "归并\t线性对数级"]
    row = chain_of(texts)
    for n, c in enumerate(row):
        bounds = [(0, 5, 1), (6, len(texts[n]), n + 1)]
        c.metadata["boxes"] = json.dumps([[a, b, 10, 20, 30, 40, page] for a, b, page in bounds])
    row[1].metadata["repeated"] = len(head)
    (passage,) = Retriever(FakeStore(row, ["k1"], [])).retrieve("归并").passages  # type: ignore[arg-type]
    assert passage.text == "算法\t时间\n冒泡\t平方级\n归并\t线性对数级"
    assert [(passage.text[s.start : s.end], s.page) for s in passage.spans] == [
        ("算法\t时间", 1), ("冒泡\t平方级", 1), ("归并\t线性对数级", 2),
    ]  # fmt: skip


def test_a_chunk_inside_an_earlier_passage_is_not_shown_twice() -> None:
    found = Retriever(FakeStore(CHUNKS, ["a", "b", "c"], [])).retrieve("死锁")  # type: ignore[arg-type]
    assert [p.chunk_id for p in found.passages] == ["a", "c"]


def test_what_came_with_the_words_is_weighed_while_the_vectors_are_still_searched() -> None:
    store = FakeStore(CHUNKS, ["a", "c"], ["b", "a"])
    store.at_hand = {"a"}
    begin = store.begin_dense

    def begin_dense(*args: object) -> Callable[[], list[Hit]]:
        hits = begin(*args)  # type: ignore[arg-type]
        return lambda: store.asked.append(["the vectors"]) or hits()

    store.begin_dense = begin_dense  # type: ignore[method-assign]
    found = Retriever(store).search("死锁")  # type: ignore[arg-type]
    assert store.asked == [["a"], ["the vectors"], ["c", "b"]]
    assert {chunk.id for chunk, _ in found} == {"a", "b", "c"}


def test_confidence_is_high_where_what_is_asked_is_spoken_of() -> None:
    retriever = Retriever(FakeStore(CHUNKS, ["a", "c"], []))  # type: ignore[arg-type]
    known, unknown = retriever.retrieve("死锁的互斥"), retriever.retrieve("红烧肉的火候")
    assert known.confidence >= 0.6 and known.answerable
    assert unknown.confidence < 0.1 and not unknown.answerable


def test_a_near_duplicate_is_left_out() -> None:
    text = "死锁的必要条件是互斥、占有并等待、不可剥夺和循环等待四个。"
    copies = [chunk("a", text), chunk("b", text.replace("四个", "这四个"), source="b.pdf"), chunk("c", "银行家算法避免死锁。")]
    retriever = Retriever(FakeStore(copies, ["a", "b", "c"], []))  # type: ignore[arg-type]
    assert [p.chunk_id for p in retriever.retrieve("死锁的必要条件").passages] == ["a", "c"]
    assert [c.id for c, _ in retriever.search("死锁的必要条件")] == ["a", "c"]


def test_subject_is_the_one_asked_for_or_voted() -> None:
    retriever = Retriever(FakeStore(CHUNKS, ["a", "c"], []))  # type: ignore[arg-type]
    assert retriever.retrieve("死锁").subject == "os"
    assert retriever.retrieve("死锁", "cn").subject == "cn"
    assert 0.5 < retriever.retrieve("死锁").subject_confidence < 1 == retriever.retrieve("死锁", "cn").subject_confidence


def test_a_stem_that_asks_for_the_wrong_one_is_told_from_others() -> None:
    retriever = Retriever(FakeStore(CHUNKS, ["a", "c"], []))  # type: ignore[arg-type]
    assert retriever.retrieve("下列不属于死锁必要条件的是").negated and not retriever.retrieve("死锁的必要条件").negated


def test_chunks_of_another_embedding_are_an_error_that_says_what_to_do() -> None:
    with pytest.raises(EmbeddingMismatchError, match="--reindex"):
        Retriever(FakeStore([], ["a"], [])).search("死锁")  # type: ignore[arg-type]
    with pytest.raises(EmptyStoreError, match="知识库还是空的"):
        Retriever(FakeStore([], [], [])).search("死锁")  # type: ignore[arg-type]
    assert Retriever(FakeStore(CHUNKS, [], [])).search("量子") == []  # type: ignore[arg-type]


def test_an_unknown_word_beside_common_ones_is_not_outvoted() -> None:
    store = FakeStore([chunk("a", "计算机的工作原理是执行程序。")], ["a"], [])
    confidence = Retriever(store).retrieve("量子纠缠计算机的工作原理").confidence  # type: ignore[arg-type]
    assert 0 < confidence < 0.5


class FakeReranker:
    """Likes what holds a word."""

    def __init__(self, word: str) -> None:
        self.word = word

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        return [float(self.word in text) for text in texts]


def test_a_reranker_model_decides_the_order() -> None:
    store = FakeStore(CHUNKS, ["a", "c"], [])
    assert [c.id for c, _ in Retriever(store).search("死锁的条件")] == ["a", "c"]  # type: ignore[arg-type]
    reranked = Retriever(store, reranker=FakeReranker("拥塞"))  # type: ignore[arg-type]
    assert [(c.id, score) for c, score in reranked.search("死锁的条件")] == [("c", 1.0), ("a", 0.0)]
    assert reranked.retrieve("死锁的条件").passages[0].chunk_id == "c"


def test_options_of_a_choice_question_are_searched_too() -> None:
    class Store(FakeStore):
        def search_lexical(self, query: str, subjects: Sequence[str], k: int) -> list[Hit]:
            return [Hit("c", 1.0)] if "拥塞" in query else [Hit("a", 1.0)]

    choice = "死锁的条件是（ ）。\nA. 互斥\nB. 拥塞窗口\nC. 分页\nD. 栈"
    assert {c.id for c, _ in Retriever(Store(CHUNKS, [], [])).search(choice)} == {"a", "c"}  # type: ignore[arg-type]


def test_what_the_options_speak_of_moves_up() -> None:
    rows = [chunk("x", "死锁的定理。"), chunk("y", "死锁与互斥、占有并等待、循环等待、不可剥夺有关。"), chunk("z", "分页。")]
    store = FakeStore(rows, ["x", "y", "z"], [])
    choice = "死锁的是（ ）。\nA. 互斥\nB. 占有并等待\nC. 循环等待\nD. 不可剥夺"
    assert [c.id for c, _ in Retriever(store).search("死锁")][0] == "x"  # type: ignore[arg-type]
    assert [c.id for c, _ in Retriever(store).search(choice)][0] == "y"  # type: ignore[arg-type]
