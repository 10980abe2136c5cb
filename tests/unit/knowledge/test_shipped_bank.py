"""The shipped bank: its size and balance, its explanations, and the keys that code can compute."""

import re

import pytest

from knowledge.bank import BANK, read_bank
from knowledge.bank_check import check_bank
from knowledge.questions import LETTERS
from tests.unit.knowledge.bank_answers import bank_answers

EXAM = ("ds", "co", "os", "cn")
QUESTIONS = {q.id: q for q in read_bank(BANK).questions}
PROBLEMS = {p.id: p for p in read_bank(BANK).problems}


def test_nothing_is_wrong_with_it() -> None:
    report = check_bank(read_bank(BANK))
    assert not report.faults
    assert not report.duplicates
    assert not report.unbalanced
    assert not report.without_note
    assert not report.without_question


@pytest.mark.parametrize("subject", EXAM)
def test_its_size(subject: str) -> None:
    assert sum(q.subject == subject for q in QUESTIONS.values()) >= 120
    assert sum(p.subject == subject for p in PROBLEMS.values()) >= 10


@pytest.mark.parametrize("identifier", sorted(QUESTIONS))
def test_an_explanation_goes_into_every_option(identifier: str) -> None:
    question = QUESTIONS[identifier]
    first, *others = question.explanation.split("\n")
    assert first.startswith(f"答案是 {question.key}。")
    assert [line[:4] for line in others] == [f"{letter} 项：" for letter in LETTERS if letter != question.key]
    assert all(len(line) > 15 for line in (first, *others))
    assert not re.search(r"[A-D]\s*(?:选项|项)", "".join(line[4:] for line in (first[6:], *others))), (
        "letters would not survive shuffling"
    )
    assert question.points[0].startswith(f"{question.subject}.")


@pytest.mark.parametrize("identifier", sorted(bank_answers()))
def test_computed_keys(identifier: str) -> None:
    assert bank_answers()[identifier]() == QUESTIONS[identifier].answer


@pytest.mark.parametrize("identifier", sorted(PROBLEMS))
def test_problems_are_marked_point_by_point(identifier: str) -> None:
    problem = PROBLEMS[identifier]
    assert 8 <= problem.score <= 15
    assert len(problem.parts) >= 2
    assert all(len(part.answer) > 10 and len(c.text) > 3 for part in problem.parts for c in part.marking)
    assert all(c.score <= 4 for part in problem.parts for c in part.marking)


def test_half_of_the_computable_keys_at_least_are_computed() -> None:
    assert len(bank_answers()) > len(QUESTIONS) / 2
