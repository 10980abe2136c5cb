from __future__ import annotations

import random
from collections import Counter

from eval.exams.computed import computed_examples, computed_questions
from eval.exams.samples import stem_hash
from knowledge.generators import Family, Solution, families


def _sum(name: str, subject: str, most: int) -> Family:
    """A family with so many questions."""
    return Family(
        name, name, subject, (),
        lambda rng, _: rng.randrange(most),
        lambda n: f"{name}：{n} 加 1 得",
        lambda n: Solution(str(n + 1), [str(n), str(n + 2), str(n + 3)], ""),
    )  # fmt: skip


_SMALL = [_sum("a", "ds", 3), _sum("b", "ds", 40), _sum("c", "co", 10**6), _sum("d", "os", 10**6), _sum("e", "cn", 10**6)]


def test_a_family_with_little_to_vary_leaves_its_turns_to_the_others() -> None:
    asked = computed_questions(_SMALL, 100, 408)
    assert Counter(one.subject for one in asked) == {"ds": 30, "co": 30, "os": 23, "cn": 17}
    assert len({stem_hash(one) for one in asked}) == 100
    assert Counter(one.family for one in asked)["a"] == 3
    assert asked == computed_questions(_SMALL, 100, 408)


def test_where_no_family_has_anything_new_there_are_fewer() -> None:
    asked = computed_questions(_SMALL, 1000, 408)
    assert 40 <= Counter(one.subject for one in asked)["ds"] <= 43
    assert len({stem_hash(one) for one in asked}) == len(asked)


def test_no_example_has_the_stem_of_a_question_that_is_asked() -> None:
    for seed in range(-1, 6):
        asked = computed_questions(families().values(), 200, seed)
        examples = computed_examples(families().values(), asked)
        shown = [one for group in examples.values() for one in group]
        assert not {stem_hash(one) for one in shown} & {stem_hash(one) for one in asked}
        assert len(asked) == 200 and {s: len(group) for s, group in examples.items()} == dict.fromkeys(
            ("ds", "co", "os", "cn"), 5
        )


def test_examples_are_computed_until_one_is_not_asked() -> None:
    rng = random.Random(1)
    choice = [_sum(str(rng.random()), "ds", 40) for _ in range(5)]
    asked = computed_questions(choice, 400, 1)  # three quarters of what there is, or more
    found = computed_examples(choice, asked)["ds"]
    assert not {stem_hash(one) for one in found} & {stem_hash(one) for one in asked}
    assert len(found) == 5
