import random
from datetime import UTC, datetime, timedelta

import pytest
from fsrs import Card, Scheduler

from tests.unit.tutoring.practice.conftest import MONDAY
from tutoring.practice.days import day_of, next_day, start_of
from tutoring.practice.scheduling import Aim, Rating, first_due, new_state, retention_near, reviewed

RATINGS = (Rating.Again, Rating.Hard, Rating.Good, Rating.Easy)
FREE = Aim(None, 0.9)


def exam_in(days: int, now: datetime = MONDAY) -> Aim:
    return Aim(start_of(day_of(now) + timedelta(days=days)), 0.9)


def test_a_wrong_answer_comes_back_the_next_day_and_right_ones_ever_later() -> None:
    state, due = reviewed(new_state(MONDAY), Rating.Again, MONDAY, FREE)
    assert due == MONDAY + timedelta(days=1)
    gaps = []
    for _ in range(5):
        now = due
        state, due = reviewed(state, Rating.Good, now, FREE)
        gaps.append((due - now).days)
    assert gaps == sorted(gaps) and gaps[0] >= 2 and gaps[-1] > 30


def test_whatever_happens_a_due_date_lies_ahead_not_after_the_exam_and_rises_with_the_rating() -> None:
    rng = random.Random(408)
    for _ in range(300):
        now = MONDAY + timedelta(minutes=rng.randrange(60 * 24 * 30))
        aim = exam_in(rng.choice((1, 2, 3, 8, 30, 120, 400)), now)
        state = new_state(now)
        while aim.end and now < aim.end:
            dues = [reviewed(state, rating, now, aim)[1] for rating in RATINGS]
            assert dues == sorted(dues), "a better rating never comes back sooner"
            assert all(now < due <= aim.end for due in dues)
            assert all(due >= min(next_day(now), now + timedelta(days=1)) for due in dues[1:]), "right: not again today"
            state, due = reviewed(state, rng.choice(RATINGS), now, aim)
            now = max(due, now + timedelta(minutes=1)) + timedelta(minutes=rng.randrange(60 * 20))


def test_who_reviews_on_time_sees_every_card_in_the_last_seven_days() -> None:
    rng = random.Random(7)
    for _ in range(300):
        aim = exam_in(rng.randrange(8, 400))
        assert aim.end
        now, state = MONDAY, new_state(MONDAY)
        seen = []
        while now < aim.end:
            seen.append(aim.end - now)
            state, now = reviewed(state, rng.choice(RATINGS[1:]), now, aim)
        assert min(seen) <= timedelta(days=7)


def test_without_an_exam_or_after_it_fsrs_is_plain() -> None:
    plain = Scheduler(desired_retention=0.9, learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    rng = random.Random(1)
    for aim in (FREE, Aim(MONDAY - timedelta(days=3), 0.9)):
        card, state, now = Card(card_id=0, due=MONDAY), new_state(MONDAY), MONDAY
        for _ in range(20):
            rating = rng.choice(RATINGS)
            card, _ = plain.review_card(card, rating, now)
            state, due = reviewed(state, rating, now, aim)
            assert due == card.due
            assert first_due(state, now, aim, right=True) == card.due, "our interval is FSRS's"
            now = due + timedelta(hours=rng.randrange(72))


def test_another_exam_date_moves_what_is_to_come_and_leaves_what_is_overdue() -> None:
    state, due = reviewed(new_state(MONDAY), Rating.Easy, MONDAY, FREE)
    assert due > MONDAY + timedelta(days=7)
    near = exam_in(4)
    assert near.end
    assert first_due(state, MONDAY, near, right=True) <= MONDAY + (near.end - MONDAY) / 2
    late = due + timedelta(days=2)
    assert first_due(state, late, exam_in(30, late), right=True) < late
    assert first_due(state, MONDAY, FREE, right=True) == due
    assert first_due(new_state(MONDAY), MONDAY, near, right=True) == MONDAY


def test_retention_rises_toward_the_exam() -> None:
    wanted = [retention_near(MONDAY, exam_in(days)) for days in (200, 61, 45, 20, 3)]
    assert wanted == sorted(wanted) and wanted[0] == 0.9 and wanted[-1] == pytest.approx(0.95, abs=0.005)
    assert retention_near(MONDAY, Aim(start_of(day_of(MONDAY)) + timedelta(days=9), 0.97)) == 0.97, "never lower than the plan's"
    assert retention_near(MONDAY, Aim(MONDAY - timedelta(days=1), 0.8)) == 0.8


def test_on_the_last_day_a_right_answer_is_done_with_and_a_wrong_one_comes_again() -> None:
    now = start_of(day_of(MONDAY)) + timedelta(hours=8)
    aim = exam_in(1, now)
    assert aim.end
    assert reviewed(new_state(now), Rating.Good, now, aim)[1] == aim.end == next_day(now)
    assert reviewed(new_state(now), Rating.Again, now, aim)[1] == now + (aim.end - now) / 2


def test_a_clock_that_was_put_back_does_no_harm() -> None:
    state, _ = reviewed(new_state(MONDAY), Rating.Good, MONDAY, FREE)
    before = MONDAY - timedelta(days=40)
    _, due = reviewed(state, Rating.Good, before, exam_in(10, before))
    assert before < due


def test_a_day_begins_here_at_midnight() -> None:
    assert start_of(day_of(MONDAY)).astimezone().hour == 0
    assert start_of(day_of(MONDAY)) <= MONDAY < next_day(MONDAY)
    assert next_day(MONDAY).tzinfo is UTC
