from collections.abc import Iterable

import pytest
from langchain_core.documents import Document

from rag.rerank import PARTS, WEIGHTS, Candidate, headed, parts_of, rerank


def candidate(i: str, text: str, section: str = "", cosine: float = 0.0, alike: float = 0.0) -> Candidate:
    return Candidate(Document(id=i, page_content=text, metadata={"section": section}), cosine, alike)


def idf(tokens: Iterable[str]) -> dict[str, float]:
    return {token: 0.5 if token in ("进程", "资源") else 4.0 for token in tokens}


def order(query: str, *candidates: Candidate) -> list[str | None]:
    return [one.chunk.id for one in rerank(query, candidates, idf)]


def test_a_rare_word_counts_more_than_common_ones() -> None:
    common, rare = candidate("a", "进程占有资源，进程释放资源。"), candidate("b", "银行家算法试探地分配。")
    assert order("进程的资源与银行家算法", common, rare) == ["b", "a"]


def test_heading_meaning_and_questions_break_ties() -> None:
    text = "系统处于安全状态时不会发生。"
    assert order("死锁", candidate("a", text), candidate("b", text, "第3章 > 死锁")) == ["b", "a"]
    assert order("卡死", candidate("a", text), candidate("b", text, cosine=0.4)) == ["b", "a"]
    assert order("卡死", candidate("a", text), candidate("b", text, alike=0.4)) == ["b", "a"]


def test_equal_candidates_stand_in_a_repeatable_order() -> None:
    one, two = candidate("b", "死锁"), candidate("a", "死锁")
    assert order("死锁", one, two) == order("死锁", two, one) == ["a", "b"]


def test_parts_lie_between_0_and_1_whatever_is_asked() -> None:
    text = "死锁的必要条件是互斥、占有并等待、不可剥夺、循环等待。"
    for query in ("死锁", text, "量子力学", "……", "P操作与V操作"):
        (row, _) = parts_of(query, [candidate("a", text, text), candidate("b", "分页")], idf)
        assert tuple(row) == PARTS == tuple(WEIGHTS) and all(0 <= value <= 1.0001 for value in row.values())


def test_the_score_is_the_weighted_sum() -> None:
    only = candidate("a", "无关" * 170, cosine=0.5, alike=0.25)  # of the usual length
    (one,) = rerank("死锁", [only], idf, dict.fromkeys(PARTS, 0.0) | {"dense": 2.0, "alike": 4.0})
    assert one.score == pytest.approx(2.0)
    assert rerank("死锁", [], idf) == []


def test_of_two_texts_that_say_the_same_the_shorter_comes_first() -> None:
    long, short = (
        candidate("a", "死锁。" + "分页与分段。" * 60, cosine=0.5),
        candidate("b", "死锁。" + "分页与分段。" * 10, cosine=0.5),
    )
    assert [one.chunk.id for one in rerank("页表", [long, short], idf)] == ["b", "a"]


def test_terms_that_belong_to_the_question_speak_for_a_text_that_nobody_asked_about() -> None:
    far, near = candidate("a", "系统处于安全状态。"), candidate("b", "这种现象是抖动。")
    assert [one.chunk.id for one in rerank("页面刚换出又换入", [far, near], idf, related={"抖动": 0.6, "缺页": 0.4})] == [
        "b",
        "a",
    ]
    (row,) = parts_of("页面刚换出又换入", [near], idf, {"抖动": 0.6, "缺页": 0.4})
    assert row["related"] == pytest.approx(0.6)
    near.chunk.metadata["asked"] = "什么是颠簸"
    assert parts_of("页面刚换出又换入", [near], idf, {"抖动": 0.6, "缺页": 0.4})[0]["related"] == 0.0


def test_a_term_may_stand_there_by_another_name() -> None:
    assert order("先来先服务", candidate("a", "短作业优先"), candidate("b", "FCFS 是非抢占的")) == ["b", "a"]
    assert order("先来先服务", candidate("a", "FCFS 是非抢占的"), candidate("b", "先来先服务是非抢占的")) == ["b", "a"]


def test_a_latin_word_is_no_part_of_another_one() -> None:
    inside, whole = parts_of("ip", [candidate("a", "流水线 pipeline"), candidate("b", "IP 地址")], idf)
    assert inside["cover"] == 0.0 and whole["cover"] == pytest.approx(1.0)


def test_a_chunk_stands_under_its_own_heading() -> None:
    assert (
        headed(candidate("a", "互斥。", "第3章 > 死锁").chunk) == "死锁\n互斥。"
        and headed(candidate("a", "互斥。").chunk) == "互斥。"
    )
