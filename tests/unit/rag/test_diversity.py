from langchain_core.documents import Document

from rag.diversity import diverse


def found(name: str, text: str, score: float, source: str = "a.pdf") -> tuple[Document, float]:
    return Document(id=name, page_content=text, metadata={"source": source}), score


def names(*texts: tuple[Document, float], k: int = 3) -> list[str | None]:
    return [chunk.id for chunk, _ in diverse(texts, k)]


def test_a_text_that_stands_almost_whole_in_an_earlier_one_is_left_out() -> None:
    long = "死锁的必要条件是互斥、占有并等待、不可剥夺和循环等待。破坏其一即可预防。"
    assert names(found("a", long, 0.9), found("b", "死锁的必要条件是互斥、占有并等待", 0.8, "b"), found("c", "分页", 0.1)) == [
        "a",
        "c",
    ]


def test_documents_take_turns_only_where_they_are_about_equally_good() -> None:
    own = [found("a", "互斥", 0.90), found("b", "循环等待", 0.89)]
    assert names(*own, found("c", "不可剥夺", 0.88, "b.pdf")) == ["a", "c", "b"]
    assert names(*own, found("c", "不可剥夺", 0.70, "b.pdf")) == ["a", "b", "c"]


def test_the_best_stay_in_their_order_and_no_more_come_than_are_wanted() -> None:
    assert names(found("a", "甲说", 3.0), found("b", "乙说", 2.0), found("c", "丙说", 1.0), k=2) == ["a", "b"]
    assert names() == []
