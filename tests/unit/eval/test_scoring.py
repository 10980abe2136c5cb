import pytest

from eval.gold import GoldQuestion, Judgement
from eval.retrieval import measure
from eval.scoring import estimate, score

FULL, PART = Judgement("时间片轮转适用于分时系统", 2, "a"), Judgement("轮转是一种调度算法", 1, "b")


def question(name: str = "q", subject: str = "os") -> GoldQuestion:
    return GoldQuestion(name, subject, "分时系统用什么调度？", (FULL, PART))


def test_ranks_count_as_ir_measures_counts_them() -> None:
    scores = score([question()], {"q": ["别的", PART.quote, FULL.quote]})
    assert scores["Success@1"] == [0.0] and scores["Success@5"] == [1.0] and scores["RR@10"] == [0.5]
    assert scores["R@10"] == [1.0] and 0 < scores["nDCG@10"][0] < 1


def test_a_text_that_is_found_twice_counts_once() -> None:
    assert score([question()], {"q": [FULL.quote, FULL.quote]})["R@10"] == [0.5]
    both = score([question()], {"q": [FULL.quote + PART.quote]})
    assert both["R@10"] == [0.5] and both["Success@1"] == [1.0], "the better one stands for the text"


def test_nothing_found_is_zero() -> None:
    assert all(values == [0.0] for values in score([question()], {"q": []}).values())


def test_the_interval_holds_the_mean_and_narrows_with_the_number() -> None:
    few, many = estimate([0.0, 1.0] * 5), estimate([0.0, 1.0] * 500)
    assert few.mean == many.mean == 0.5 and few.low < many.low < 0.5 < many.high < few.high
    assert str(estimate([1.0, 1.0])) == "1.000 [1.000, 1.000]" and estimate([0.0, 1.0]) == estimate([0.0, 1.0])


def test_subjects_apart_and_together() -> None:
    questions = [question("a", "os"), question("b", "cn")]
    found = {"分时系统用什么调度？": [FULL.quote]}
    table = measure(questions, lambda text: found[text])
    assert set(table) == {"all", "os", "cn"}
    assert table["cn"]["Success@1"].mean == pytest.approx(1.0)
