import pytest

from rag.expansion import shipped_expansion


def test_the_terms_are_those_of_what_the_question_is_about() -> None:
    terms = shipped_expansion().terms("刚被换出的页面很快又要换入，处理机大部分时间用于换页")
    assert "抖动" in terms and len(terms) <= 12 and sum(terms.values()) == pytest.approx(1.0)
    assert all(weight > 0 for weight in terms.values())


def test_what_the_question_holds_is_not_told_to_it() -> None:
    assert "死锁" not in shipped_expansion().terms("死锁") and shipped_expansion().terms("死锁")


def test_the_same_question_has_the_same_terms() -> None:
    assert shipped_expansion().terms("三次握手为什么不是两次") == shipped_expansion().terms("三次握手为什么不是两次")
