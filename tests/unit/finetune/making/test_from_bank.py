"""Pairs from the bank and from question families."""

from __future__ import annotations

from finetune.making.from_bank import pairs_from_bank, pairs_from_families
from finetune.making.pair import answer_of, question_of
from knowledge.bank import BANK, read_bank
from knowledge.generators import families


def test_a_choice_question_ends_with_its_letter_and_keeps_its_options() -> None:
    question = read_bank(BANK).questions[0]
    one = next(iter(pairs_from_bank()))
    assert question_of(one).splitlines()[-4:] == [f"{x}. {o}" for x, o in zip("ABCD", question.options, strict=True)]
    assert answer_of(one).endswith(f"\n答案：{question.key}") and not answer_of(one).startswith("答案")
    assert one.source and (one.source.id, one.source.subject) == (question.id, question.subject)


def test_the_whole_bank_comes_the_problems_part_by_part() -> None:
    bank, pairs = read_bank(BANK), list(pairs_from_bank())
    assert len(pairs) == len(bank.entries)
    problem, told = bank.problems[0], pairs[len(bank.questions)]
    assert all(part.question in question_of(told) and part.answer in answer_of(told) for part in problem.parts)
    assert answer_of(told).startswith("(1) ")


def test_computed_questions_are_all_different_and_the_same_for_a_seed() -> None:
    pairs = list(pairs_from_families(400, 7, ["cn"]))  # some of its families have few problems
    assert len({question_of(one).partition("\nA. ")[0] for one in pairs}) == 400
    assert pairs == list(pairs_from_families(400, 7, ["cn"])) and pairs != list(pairs_from_families(400, 8, ["cn"]))
    assert {one.source.subject for one in pairs_from_families(40, 0, ["os"]) if one.source} == {"os"}


def test_the_families_take_turns() -> None:
    count = len(families())
    documents = [one.source.document for one in pairs_from_families(count, 0) if one.source]
    assert len(set(documents)) == count


def test_the_key_is_what_the_family_computes() -> None:
    for one in pairs_from_families(100, 1):
        assert one.source
        family, _, rest = one.source.id.rpartition("-")[0].rpartition("-")
        question = families()[family].generate(int(one.source.id.rpartition("-")[2]), int(rest))
        assert answer_of(one).endswith(f"答案：{question.key}") and question.stem in question_of(one)


def test_seeds_are_none_of_an_exam_s() -> None:
    """Computed exams use their `--seed` times a million, practice numbers below a million."""
    seeds = [int(one.source.id.rpartition("-")[2]) for one in pairs_from_families(200, 0) if one.source]
    assert min(seeds) >= 10**12
