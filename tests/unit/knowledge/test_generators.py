"""Every family on 200 seeds: its key equals a second method's, its options are distinct, it repeats itself exactly."""

import re
from collections import Counter

import pytest

from knowledge.generators import families
from knowledge.questions import LETTERS, Question
from knowledge.syllabus import points
from tests.unit.knowledge.oracles import oracles

SEEDS = 200


def test_every_family_has_an_oracle_and_known_points() -> None:
    assert set(families()) == set(oracles())
    for family in families().values():
        assert set(family.points) <= set(points()) and family.points and family.id.startswith(f"{family.subject}-")


@pytest.mark.parametrize("name", sorted(families()))
def test_the_key_agrees_with_a_second_method(name: str) -> None:
    family, oracle = families()[name], oracles()[name]
    for seed in range(SEEDS):
        problem = family.problem(seed, difficulty=1 + seed % 5)
        assert family.solve(problem).answer == oracle(problem), (seed, problem)


@pytest.mark.parametrize("name", sorted(families()))
def test_questions_are_whole_and_repeatable(name: str) -> None:
    family, keys = families()[name], []
    for seed in range(40):
        question = family.generate(seed, difficulty=1 + seed % 5)
        assert question == family.generate(seed, difficulty=1 + seed % 5)
        assert len(set(question.options)) == 4 and question.answer == family.solve(family.problem(seed, 1 + seed % 5)).answer
        assert len(question.stem) > 15 and question.answer in question.explanation
        keys.append(question.key)
    assert len(set(keys)) == 4, "the key stands at every letter"
    assert len({family.generate(seed).stem for seed in range(40)}) >= 20, "the numbers differ from seed to seed"


@pytest.mark.parametrize("name", sorted(families()))
def test_no_rank_betrays_the_key(name: str) -> None:
    ranks = Counter(_rank(families()[name].generate(seed, difficulty=1 + seed % 5)) for seed in range(SEEDS))
    ranks.pop(None, None)
    if ranks.total() > SEEDS / 2:
        assert max(ranks.values()) < 0.62 * ranks.total(), ranks
        assert sum(n > 0.04 * ranks.total() for n in ranks.values()) >= 3, ranks


def _rank(question: Question) -> int | None:
    """The place of the key among four numbers by size; None for other options."""
    found = [re.findall(r"-?\d+(?:\.\d+)?", option) for option in question.options]
    if any(len(numbers) != 1 for numbers in found) or len({re.sub(r"[\d.-]", "", o) for o in question.options}) > 1:
        return None
    values = [float(numbers[0]) for numbers in found]
    return sorted(values).index(values[LETTERS.index(question.key)])
