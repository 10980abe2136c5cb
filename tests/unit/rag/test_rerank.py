from collections.abc import Iterable

import pytest
from langchain_core.documents import Document

from rag.rerank import PARTS, WEIGHTS, Candidate, parts_of, rerank


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
    only = candidate("a", "无关", cosine=0.5, alike=0.25)
    (one,) = rerank("死锁", [only], idf, dict.fromkeys(PARTS, 0.0) | {"dense": 2.0, "alike": 4.0})
    assert one.score == pytest.approx(2.0)
    assert rerank("死锁", [], idf) == []
