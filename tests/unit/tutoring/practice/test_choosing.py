import random
from collections import Counter
from dataclasses import dataclass

import pytest

from knowledge.generators import families
from knowledge.questions import LETTERS, Question
from knowledge.syllabus import points
from tutoring.bank import every_question, question_named
from tutoring.practice.cards import Card
from tutoring.practice.choosing import Nothing, choose, fitting_difficulty, worth
from tutoring.practice.filters import COMPUTED, MARKED, UNSEEN, WRITTEN, WRONG, Done, Filters, pool
from tutoring.practice.reviewing import others_on, variant_of
from tutoring.practice.variants import Listed, fresh_variant, moved


@dataclass(frozen=True)
class Belief:
    mean: float
    low: float = 0.0
    high: float = 1.0


def known(mean: float, spread: float = 0.2) -> Belief:
    return Belief(mean, mean - spread / 2, mean + spread / 2)


FRESH = {identifier: known(0.5, 0.8) for identifier in points()}


def drawn(filters: Filters, n: int = 60, done: Done | None = None, beliefs: dict[str, Belief] | None = None) -> list[Question]:
    rng, last, found = random.Random(5), None, []
    for _ in range(n):
        chosen = choose(filters, done or Done(), beliefs or FRESH, rng, last)
        assert isinstance(chosen, Listed)
        found.append(last := chosen.question)
    return found


@pytest.mark.parametrize(
    "filters",
    [
        Filters(subject="co"), Filters(chapter="os.2"), Filters(point="cn.4.5"), Filters(difficulty=4), Filters(kind=WRITTEN),
        Filters(kind=COMPUTED), Filters("ds", "ds.6", "", 2, COMPUTED),
    ],
)  # fmt: skip
def test_every_question_fits_the_filters(filters: Filters) -> None:
    for question in drawn(filters, 25):
        assert filters.subject in ("", question.subject)
        assert filters.difficulty in (0, question.difficulty)
        assert not filters.point or filters.point in question.points
        assert not filters.chapter or filters.chapter in {points()[p].chapter for p in question.points}
        assert filters.kind in ("", COMPUTED if question.family else WRITTEN)


def test_never_the_same_twice_in_a_row_even_where_there_is_little() -> None:
    narrow = Filters(point="os.1.1", kind=WRITTEN)
    assert 2 <= len(pool(narrow, Done()).written) <= 6
    found = drawn(narrow, 40)
    assert all(one.id != other.id for one, other in zip(found, found[1:], strict=False))
    family = drawn(Filters(point=families()["os-srtf"].points[0], kind=COMPUTED), 30)
    assert len({question.id for question in family}) == 30


def test_a_single_question_that_was_just_asked_is_nothing() -> None:
    one = every_question()[0]
    done = Done(marked={one.id})
    assert isinstance(choose(Filters(only=MARKED), done, FRESH, random.Random(1)), Listed)
    assert isinstance(choose(Filters(only=MARKED), done, FRESH, random.Random(1), one), Nothing)


def test_only_wrong_marked_or_unseen_ones() -> None:
    a, b, c = every_question()[:3]
    done = Done({a.id: 1, b.id: 2}, {"os-srtf"}, {a.id, "os-srtf"}, {b.id})
    assert pool(Filters(only=WRONG), done).written == (a,)
    assert [f.id for f in pool(Filters(only=WRONG), done).computed] == ["os-srtf"]
    assert pool(Filters(only=MARKED), done).written == (b,)
    unseen = pool(Filters(only=UNSEEN), done)
    assert c in unseen.written and not {a, b} & set(unseen.written) and "os-srtf" not in {f.id for f in unseen.computed}


def test_weak_uncertain_and_heavy_points_come_more_often_and_dependants_wait() -> None:
    high, low = (next(p for p in points().values() if p.weight == w) for w in ("高", "低"))
    assert worth(high, FRESH) == 3 * worth(low, FRESH)
    assert worth(low, {low.id: known(0.2)}) > worth(low, {low.id: known(0.9)})
    assert worth(low, {low.id: known(0.5, 0.8)}) > worth(low, {low.id: known(0.5, 0.1)})
    child = next(p for p in points().values() if p.requires)
    ready = {child.id: known(0.5)} | {p: known(0.8) for p in child.requires}
    blocked = ready | {child.requires[0]: known(0.2)}
    assert worth(child, blocked) < worth(child, ready) / 5


def test_the_weak_point_of_a_chapter_is_asked_most() -> None:
    inside = [p for p in points().values() if p.chapter == "os.3" and p.weight == "高"]
    weak = inside[-1].id
    beliefs = {p: known(0.95) for p in points()} | {weak: known(0.3)}
    asked = Counter(point for question in drawn(Filters(chapter="os.3"), 80, beliefs=beliefs) for point in question.points)
    assert asked.most_common(1)[0][0] == weak


def test_difficulty_follows_what_is_known() -> None:
    levels = [fitting_difficulty(known(mean)) for mean in (0.2, 0.5, 0.67, 0.8, 0.97)]
    assert levels == sorted(levels) and levels[0] == 1 and levels[2] == pytest.approx(3, abs=0.1) and levels[-1] == 5
    easy, hard = ([q.difficulty for q in drawn(Filters(), 60, beliefs={p: known(m) for p in points()})] for m in (0.3, 0.93))
    assert sum(hard) / 60 - sum(easy) / 60 > 1


def test_new_written_questions_come_before_old_ones_whose_options_then_move() -> None:
    narrow = Filters(point="os.1.1", kind=WRITTEN)
    there = pool(narrow, Done()).written
    seen = {question.id: n for n, question in enumerate(there[1:], 1)}
    first = choose(narrow, Done(seen), FRESH, random.Random(2))
    assert isinstance(first, Listed) and first.question == there[0] and first.order == LETTERS
    again = choose(narrow, Done(seen | {there[0].id: 99}), FRESH, random.Random(2))
    assert isinstance(again, Listed) and again.order != LETTERS and again.key != again.question.key


def test_nothing_says_what_each_filter_holds_back() -> None:
    found = choose(Filters("os", "os.2", "", 5, WRITTEN, MARKED), Done(), FRESH, random.Random(1))
    assert found == Nothing(()) or isinstance(found, Nothing)
    found = choose(Filters(point="os.1.1", difficulty=1, kind=COMPUTED), Done(), FRESH, random.Random(1))
    assert isinstance(found, Nothing)
    gives = {one.filter: (one.written, one.computed) for one in found.loosened}
    for name, (written, computed) in gives.items():
        there = pool(Filters(point="os.1.1", difficulty=1, kind=COMPUTED).without(name), Done())
        assert (len(there.written), len(there.computed)) == (written, computed) != (0, 0)
    assert "point" in gives


def test_filters_are_kept_and_what_is_unknown_is_left_out() -> None:
    filters = Filters("os", "os.2", "os.2.1", 3, COMPUTED, WRONG)
    assert Filters.from_json(filters.to_json()) == filters
    assert Filters.from_json('{"subject": "os", "colour": "red"}') == Filters("os")
    assert filters.without("subject") == Filters("", "", "", 3, COMPUTED, WRONG)
    assert filters.without("chapter") == Filters("os", "", "", 3, COMPUTED, WRONG)


@pytest.mark.parametrize("question", every_question()[::37], ids=lambda q: q.id)
def test_moved_options_keep_key_and_explanation(question: Question) -> None:
    rng = random.Random(question.id)
    listed = moved(question, rng)
    assert listed.options[listed.key] == question.answer and listed.key != question.key
    assert sorted(listed.options.values()) == sorted(question.options)
    assert all(listed.bank(listed.listed(letter)) == letter for letter in LETTERS) and listed.bank("") == listed.listed("") == ""
    solved = listed.explained
    assert solved.key == listed.key and solved.options == listed.options
    own = Listed(question).explained
    assert {listed.options[letter]: why for letter, why in solved.wrong.items()} == {
        Listed(question).options[letter]: why for letter, why in own.wrong.items()
    }


def card(key: str, question: str, difficulty: int) -> Card:
    from tests.unit.tutoring.practice.conftest import MONDAY

    return Card(key, "os", (), difficulty, question, MONDAY, 1, 0, MONDAY, False)


def test_a_review_brings_other_numbers_of_the_same_family() -> None:
    first = families()["os-srtf"].generate(7, 5)
    for seed in range(20):
        listed = variant_of(card("os-srtf", first.id, 5), {first.id}, random.Random(seed))
        assert listed and listed.question.family == "os-srtf" and listed.question.stem != first.stem
        assert listed.question.difficulty in (4, 5) and question_named(listed.question.id) == listed.question


def test_seen_numbers_do_not_come_again() -> None:
    family = families()["os-srtf"]
    rng = random.Random(3)
    seen = {fresh_variant(family, 2, (), random.Random(3)).id}
    assert fresh_variant(family, 2, seen, rng).id not in seen


def test_where_a_level_has_few_problems_the_same_numbers_come_as_late_as_they_can() -> None:
    family, seen, stems = families()["co-struct-alignment"], dict[str, int](), list[str]()
    assert len({family.generate(seed, 1).stem for seed in range(300)}) < 10, "any number of seeds, few problems"
    for number in range(20):
        question = fresh_variant(family, 1, seen, random.Random(number))
        seen[question.id] = number
        assert question.stem not in stems[-3:]
        stems.append(question.stem)
    assert len(set(stems)) > 4


def test_a_question_that_was_skipped_is_not_followed_by_its_twin() -> None:
    only = Filters(difficulty=1, kind=COMPUTED, only=MARKED)
    for seed in range(30):
        last = families()["co-struct-alignment"].generate(seed, 1)
        found = choose(only, Done(marked={"co-struct-alignment"}), FRESH, random.Random(seed), last)
        assert isinstance(found, Listed) and found.question.stem != last.stem


def test_a_review_of_a_written_question_and_of_one_that_is_gone() -> None:
    question = every_question()[0]
    listed = variant_of(card(question.id, question.id, 3), (), random.Random(1))
    assert listed and listed.question == question and listed.order != LETTERS
    assert variant_of(card("gone-1", "gone-1", 3), (), random.Random(1)) is None


def test_others_on_the_same_points_are_told() -> None:
    question = every_question()[0]
    others = others_on(question, ())
    assert others and question not in others and all(set(other.points) & set(question.points) for other in others)
    assert others_on(question, {other.id for other in others}) == []
