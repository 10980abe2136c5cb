from langchain_core.documents import Document

from rag.diversity import diverse


def found(name: str, text: str, score: float, source: str = "a.pdf") -> tuple[Document, float]:
    return Document(id=name, page_content=text, metadata={"source": source}), score


def names(*texts: tuple[Document, float], k: int = 3) -> list[str | None]:
    return [chunk.id for chunk, _ in diverse(texts, k)]


def test_a_text_that_stands_almost_whole_in_an_earlier_one_is_left_out() -> None:
    long = "死锁的必要条件是互斥、占有并等待、不可剥夺和循环等待。破坏其一即可预防。"
    short = "死锁的必要条件是互斥、占有并等待"
    assert names(found("a", long, 0.9), found("b", short, 0.8, "b"), found("c", "分页", 0.1)) == ["a", "c"]
    assert names(found("b", short, 0.9), found("a", long, 0.8, "b"), found("c", "分页", 0.1)) == ["b", "a", "c"], (
        "it adds something"
    )


def test_copies_do_not_take_the_place_of_others() -> None:
    copies = [found(f"k{i}", "拥塞窗口在超时后变为一个报文段。", 0.9 - i / 100) for i in range(9)]
    assert names(*copies, found("b", "分页", 0.2), found("c", "分段", 0.1)) == ["k0", "b", "c"]


def test_documents_take_turns_only_where_they_are_about_equally_good() -> None:
    own = [found("a", "互斥", 0.90), found("b", "循环等待", 0.89)]
    assert names(*own, found("c", "不可剥夺", 0.88, "b.pdf")) == ["a", "c", "b"]
    assert names(*own, found("c", "不可剥夺", 0.70, "b.pdf")) == ["a", "b", "c"]
    book = [found(f"k{i}", f"第{i}节讲的是{'甲乙丙丁戊己庚辛'[i]}", 0.9) for i in range(8)]
    assert names(*book, found("z", "不可剥夺", 0.8, "b.pdf"), k=9)[-1] == "z", "a whole book is better than what is not"


def test_scores_fall_and_no_more_come_than_are_wanted() -> None:
    texts = [found("a", "甲说", 3.0), found("b", "乙说", 2.95), found("c", "丙说", 2.9, "b.pdf")]
    scores = [score for _, score in diverse(texts, 3)]
    assert scores == sorted(scores, reverse=True) and len(diverse(texts, 2)) == 2
    assert names() == []
