from __future__ import annotations

from dataclasses import replace

from eval.exams.examples import examples_beside, examples_of, without
from knowledge.questions import Question
from tests.unit.eval.sample_exams import question


def test_examples_are_spread_over_the_syllabus() -> None:
    questions: list[Question] = [question(n) for n in range(20)]
    assert [one.id for one in examples_of(questions)["os"]] == ["q0", "q4", "q8", "q12", "q16"]
    assert len(examples_of(questions[:3])["os"]) == 3


def test_a_question_is_known_again_with_its_options_in_another_order() -> None:
    asked = [question(1), question(2)]
    moved = replace(asked[0], id="x", options=asked[0].options[::-1], key="C")
    assert without(asked, [moved]) == asked[1:]


def test_examples_are_those_of_a_bank_that_are_not_asked() -> None:
    bank = [question(n) for n in range(20)]
    asked = bank[:12:3]
    found = examples_beside(asked, bank)["os"]
    assert len(found) == 5 and without(asked, found) == asked


def test_where_nearly_the_whole_bank_is_asked_examples_are_of_what_is_asked() -> None:
    bank = [question(n) for n in range(20)] + [question(n, "ds") for n in range(20, 40)]
    found = examples_beside(bank[:16], bank)
    assert found["os"] == examples_of(bank)["os"] and len(without(bank[:16], found["os"])) == 12
    assert found["ds"] == examples_of(bank)["ds"]


def test_a_stem_that_stands_over_many_questions_does_not_make_them_one() -> None:
    one = question(1, stem="下列说法正确的是")
    other = replace(one, options=("栈", "队列", "树", "图"))
    partly = replace(one, options=(one.options[2], "队列", one.options[0], "图"))
    assert without([one], [other]) == [one]
    assert without([one], [partly]) == []
