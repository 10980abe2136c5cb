"""Every family on 200 seeds: its key equals a second method's, its options are distinct, it repeats itself exactly."""

import pytest

from knowledge.generators import families
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
