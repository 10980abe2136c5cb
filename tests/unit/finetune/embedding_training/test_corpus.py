from langchain_core.documents import Document

from finetune.embedding_training.corpus import alike, corpus_of
from finetune.embedding_training.pairs import Pair

DEADLOCK = "死锁的四个必要条件是互斥条件、请求并保持条件、不可剥夺条件和循环等待条件。"
PAGING = "页面置换算法有最佳置换、先进先出、最近最久未使用和时钟算法几种，各有优劣。"


def chunk(name: str, text: str, page: int = 1, source: str = "os.pdf") -> Document:
    return Document(id=name, page_content=text, metadata={"source": source, "page": page, "section": "章 > 节", "header": ""})


def test_near_duplicates_and_parts_are_alike() -> None:
    assert alike(DEADLOCK, DEADLOCK.replace("。", "！")) and alike(DEADLOCK, f"前言。{DEADLOCK}后记。")
    assert not alike(DEADLOCK, PAGING)
    assert not alike("定义", f"{DEADLOCK}定义") and alike("定义", " 定 义")


def test_a_passage_of_the_store_is_embedded_as_the_store_does() -> None:
    pairs, corpus = corpus_of([Pair("死锁？", DEADLOCK, "os.pdf", 1)], [chunk("b", PAGING), chunk("a", DEADLOCK)])
    assert [passage.id for passage in corpus.passages] == ["a", "b"] and corpus.answers == (frozenset({0}),)
    assert pairs[0].passage == f"章 > 节\n{DEADLOCK}"


def test_a_passage_that_is_not_in_the_store_is_added_once() -> None:
    pairs = [Pair("死锁？", DEADLOCK, "x.pdf", 1), Pair("条件？", DEADLOCK, "x.pdf", 1)]
    placed, corpus = corpus_of(pairs, [chunk("b", PAGING)])
    assert placed == pairs and len(corpus.passages) == 2 and corpus.answers == (frozenset({1}), frozenset({1}))


def test_all_that_answers_a_question_is_known() -> None:
    pairs = [Pair("死锁？", DEADLOCK, "os.pdf", 1, "循环等待条件"), Pair("死锁 ？", PAGING, "os.pdf", 7)]
    held = chunk("q", f"循环等待条件是第四个条件；{DEADLOCK[:12]}还有别的话要说，足够长而不是同一段。", page=1)
    elsewhere = held.model_copy(update={"id": "r", "metadata": held.metadata | {"page": 2}})
    _, corpus = corpus_of(pairs, [chunk("a", DEADLOCK), held, elsewhere, chunk("b", PAGING, 7)])
    ids = [{corpus.passages[place].id for place in places} for places in corpus.answers]
    assert ids[0] == ids[1] >= {"a", "q", "b"}  # asked twice: each passage answers both
    assert "r" not in ids[0]  # the quote on another page is another place


def test_the_order_of_the_store_does_not_matter() -> None:
    chunks = [chunk("a", DEADLOCK), chunk("b", PAGING)]
    one, other = (corpus_of([Pair("问", DEADLOCK)], some)[1] for some in (chunks, chunks[::-1]))
    assert one == other and one.digest == other.digest
    assert one.digest != corpus_of([Pair("问", DEADLOCK)], chunks[:1])[1].digest
