import threading
from datetime import timedelta

import pytest

from errors import UsageError
from knowledge.generators import families
from knowledge.questions import Question
from tests.unit.tutoring.practice.conftest import Hand, wrong
from tutoring.attempts import PASSED, Attempts
from tutoring.bank import every_question
from tutoring.database import Database
from tutoring.practice.cards import Cards
from tutoring.practice.days import day_of
from tutoring.practice.plan import Plan, Plans
from tutoring.practice.recording import Rating, Recorder, rate_in


@pytest.fixture
def recorder(database: Database, clock: Hand) -> Recorder:
    return Recorder(database, clock)


@pytest.fixture
def cards(database: Database, clock: Hand) -> Cards:
    return Cards(database, clock)


def rate(database: Database, question: Question, clock: Hand, rating: Rating) -> None:
    with database.writing() as connection:
        rate_in(connection, "ann", question, clock.now, rating)


def test_only_what_went_wrong_gets_a_card(
    recorder: Recorder, cards: Cards, database: Database, written: Question, computed: Question
) -> None:
    recorder.record("ann", written, written.key, 12, "practice")
    assert cards.all("ann") == []
    recorder.record("ann", written, wrong(written), 12, "practice")
    recorder.record("ann", computed, PASSED, None, "exam")
    keys = {card.key: card for card in cards.all("ann")}
    assert set(keys) == {written.id, "os-srtf"} and keys["os-srtf"].question == computed.id
    assert all(card.lapses == 1 and card.wrong_at and not card.mastered for card in keys.values())
    assert cards.all("bob") == [] and Attempts(database).count("ann") == 3


def test_another_variant_moves_the_card_of_the_family(recorder: Recorder, cards: Cards, clock: Hand, computed: Question) -> None:
    recorder.record("ann", computed, PASSED, None, "practice")
    clock.on(days=1)
    fresh = families()["os-srtf"].generate(8, 4)
    recorder.record("ann", fresh, fresh.key, 30, "review")
    (card,) = cards.all("ann")
    assert card.question == fresh.id and card.right_days == 1 and card.due > clock.now + timedelta(days=1)
    assert card.difficulty == computed.difficulty, "a variant's own difficulty does not drift into the card"


def test_two_right_days_master_it_and_a_wrong_answer_brings_it_back(
    recorder: Recorder, cards: Cards, clock: Hand, written: Question
) -> None:
    recorder.record("ann", written, PASSED, None, "practice")
    for _ in range(3):
        recorder.record("ann", written, written.key, 5, "practice")
    assert cards.all("ann")[0].right_days == 1, "three right answers on one day are one day"
    clock.on(days=3)
    recorder.record("ann", written, written.key, 5, "review")
    assert cards.all("ann")[0].mastered and cards.wrong("ann") == frozenset()
    clock.on(days=30)
    assert [card.key for card in cards.due("ann", clock.now)] == [written.id], "mastered is still scheduled"
    recorder.record("ann", written, wrong(written), 5, "review")
    (card,) = cards.all("ann")
    assert not card.mastered and card.lapses == 2 and card.wrong_at == clock.now


def test_set_aside_rests_until_it_is_taken_back_or_goes_wrong(
    recorder: Recorder, cards: Cards, clock: Hand, written: Question
) -> None:
    recorder.record("ann", written, PASSED, None, "practice")
    assert cards.remove("ann", written.id) and not cards.remove("bob", written.id)
    clock.on(days=9)
    assert cards.due("ann", clock.now) == [] and cards.wrong("ann") == frozenset()
    recorder.record("ann", written, written.key, 5, "practice")
    assert cards.all("ann")[0].right_days == 0, "a right answer leaves it alone"
    assert cards.restore("ann", written.id)
    assert len(cards.due("ann", clock.now)) == 1
    cards.remove("ann", written.id)
    recorder.record("ann", written, PASSED, 5, "practice")
    assert not cards.all("ann")[0].removed


def test_a_rating_replaces_the_one_before(
    recorder: Recorder, cards: Cards, database: Database, clock: Hand, written: Question
) -> None:
    recorder.record("ann", written, PASSED, None, "practice")
    clock.on(days=1)
    recorder.record("ann", written, written.key, 5, "review")
    good = cards.all("ann")[0]
    seen = {}
    for rating in (Rating.Easy, Rating.Hard, Rating.Easy, Rating.Good):
        rate(database, written, clock, rating)
        seen[rating] = cards.all("ann")[0]
    assert seen[Rating.Hard].due < good.due < seen[Rating.Easy].due
    assert seen[Rating.Good] == good, "there and back again"
    assert Attempts(database).count("ann") == 2
    clock.on(hours=1)
    recorder.record("ann", written, PASSED, 5, "practice")
    after = cards.all("ann")[0]
    rate(database, written, Hand(clock.now - timedelta(hours=1)), Rating.Easy)
    rate(database, written, clock, Rating.Easy)
    assert cards.all("ann")[0] == after, "neither an answer of before nor a wrong one can be rated up"


def test_a_right_answer_that_was_hard_gets_a_card_and_loses_it_again(
    recorder: Recorder, cards: Cards, database: Database, clock: Hand, written: Question
) -> None:
    recorder.record("ann", written, written.key, 5, "practice")
    rate(database, written, clock, Rating.Easy)
    assert cards.all("ann") == []
    rate(database, written, clock, Rating.Hard)
    rate(database, written, clock, Rating.Hard)
    (card,) = cards.all("ann")
    assert card.lapses == 0 and card.wrong_at is None and card.due > clock.now
    rate(database, written, clock, Rating.Good)
    assert cards.all("ann") == []


def test_an_exam_is_kept_whole_or_not_at_all(recorder: Recorder, cards: Cards, database: Database, computed: Question) -> None:
    other = families()["os-srtf"].generate(9, 2)
    answers = [(q, PASSED, 3) for q in every_question()[:10]] + [(computed, PASSED, 3), (other, other.key, 3)]
    assert len(recorder.record_all("ann", answers, "exam")) == 12
    assert len(cards.all("ann")) == 11 and Attempts(database).count("ann") == 12
    with pytest.raises(AttributeError):
        recorder.record_all("ann", [(computed, PASSED, 3), (None, PASSED, 3)], "exam")  # type: ignore[list-item]
    assert Attempts(database).count("ann") == 12


def test_many_windows_at_once_lose_nothing(recorder: Recorder, cards: Cards, database: Database, written: Question) -> None:
    recorder.record("ann", written, PASSED, 1, "practice")
    threads = [threading.Thread(target=lambda: recorder.record("ann", written, PASSED, 1, "practice")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cards.all("ann")[0].lapses == Attempts(database).count("ann") == 9


def test_a_new_exam_date_moves_all_cards(
    recorder: Recorder, cards: Cards, database: Database, clock: Hand, written: Question
) -> None:
    plans = Plans(database, clock)
    assert plans.of("ann") == Plan(None, 20, 0.9)
    recorder.record("ann", written, PASSED, 1, "practice")
    for _ in range(4):
        clock.now = max(clock.now, cards.all("ann")[0].due)
        recorder.record("ann", written, written.key, 1, "review")
    plain = cards.all("ann")[0].due
    assert plain > clock.now + timedelta(days=20)
    plans.save("ann", Plan(day_of(clock.now) + timedelta(days=10), 30, 0.9))
    assert plans.of("ann").days_left(clock.now) == 10
    assert clock.now < cards.all("ann")[0].due <= clock.now + timedelta(days=5)
    plans.save("ann", Plan(None, 30, 0.9))
    assert cards.all("ann")[0].due == plain


def test_a_plan_puts_off_nothing_that_is_due_and_another_goal_moves_nothing(
    recorder: Recorder, cards: Cards, database: Database, clock: Hand, written: Question
) -> None:
    plans, exam = Plans(database, clock), day_of(clock.now) + timedelta(days=90)
    plans.save("ann", Plan(exam, 20, 0.9))
    recorder.record("ann", written, PASSED, 1, "practice")
    for _ in range(2):
        clock.now = cards.all("ann")[0].due
        recorder.record("ann", written, written.key, 1, "review")
        rate(database, written, clock, Rating.Easy)
    due = cards.all("ann")[0].due
    clock.now += (due - clock.now) / 2
    plans.save("ann", Plan(exam, 35, 0.9))
    assert cards.all("ann")[0].due == due
    clock.now = due + timedelta(days=1)
    for day in (exam, exam + timedelta(days=20), None):
        plans.save("ann", Plan(day, 20, 0.8))
        assert [card.due for card in cards.due("ann", clock.now)] == [due]


@pytest.mark.parametrize("plan", [Plan(daily_goal=0), Plan(daily_goal=501), Plan(retention=0.5), Plan(retention=float("nan"))])
def test_an_impossible_plan_is_refused(database: Database, plan: Plan) -> None:
    with pytest.raises(UsageError):
        Plans(database).save("ann", plan)
