import random
from datetime import timedelta

import pytest

from errors import UsageError
from knowledge.generators import families
from knowledge.questions import LETTERS, Question
from tests.unit.tutoring.practice.conftest import Hand
from tutoring.attempts import PASSED, Attempts
from tutoring.bank import every_question
from tutoring.database import Database
from tutoring.learner_records import AttemptRow, ErrorReportRow, OpenQuestionRow
from tutoring.practice.cards import Cards
from tutoring.practice.choosing import Nothing
from tutoring.practice.desk import Asked, Desk
from tutoring.practice.export import cards_markdown
from tutoring.practice.filters import COMPUTED, MARKED, UNSEEN, WRITTEN, Filters
from tutoring.practice.history import History
from tutoring.practice.recording import Rating, Recorder
from tutoring.practice.remarks import LONGEST_NOTE, Remark, Remarks
from tutoring.practice.today import done_today


@pytest.fixture
def desk(database: Database, clock: Hand) -> Desk:
    return Desk(database, "practice", clock, random.Random(1))


@pytest.fixture
def review(database: Database, clock: Hand) -> Desk:
    return Desk(database, "review", clock, random.Random(1))


def asked_of(found: Asked | Nothing | None) -> Asked:
    assert isinstance(found, Asked)
    return found


def test_a_question_lies_there_through_a_restart_with_its_time_running(desk: Desk, database: Database, clock: Hand) -> None:
    assert desk.open("ann") is None
    asked = asked_of(desk.next("ann", Filters(subject="os")))
    clock.on(seconds=41)
    again = Desk(database, "practice", clock)
    assert again.open("ann") == asked and again.open("bob") is None
    answered = asked_of(again.answer("ann", asked.token, asked.listed.key))
    assert answered.right and answered.seconds == 41 and answered.rating is Rating.Good and answered.card is None
    assert Desk(database, "practice", clock).open("ann") == answered
    (attempt,) = Attempts(database).of("ann")
    assert attempt.correct and attempt.seconds == 41 and attempt.source == "practice"


def test_listed_letters_are_kept_as_the_banks(desk: Desk, database: Database, clock: Hand) -> None:
    Recorder(database, clock).record_all("ann", [(q, q.key, 3) for q in every_question() if "os.1.1" in q.points], "practice")
    asked = asked_of(desk.next("ann", Filters(point="os.1.1", kind=WRITTEN)))
    assert asked.listed.order != LETTERS
    answered = asked_of(desk.answer("ann", asked.token, asked.listed.key))
    assert answered.right and answered.chosen == asked.listed.key
    assert Attempts(database).of("ann")[-1].chosen == asked.question.key


def test_an_answer_counts_once_and_only_for_what_lies_there(desk: Desk, database: Database) -> None:
    old = asked_of(desk.next("ann", Filters()))
    new = asked_of(desk.next("ann", Filters()))
    assert asked_of(desk.answer("ann", old.token, "A")) == new, "an answer from a window that shows the question before"
    assert Attempts(database).count("ann") == 0
    assert desk.answer("bob", new.token, "A") is None
    first = asked_of(desk.answer("ann", new.token, PASSED))
    assert first.chosen == "" and first.card and first.card.lapses == 1
    assert desk.answer("ann", new.token, new.listed.key) == first, "a second click changes nothing"
    assert Attempts(database).count("ann") == 1


@pytest.mark.parametrize("token", ["", "*", "a\0b", "\ud800", "不" * 100_000])
def test_what_was_never_given_out_answers_nothing(desk: Desk, database: Database, token: str) -> None:
    asked = asked_of(desk.next("ann", Filters()))
    assert desk.answer("ann", token, "A") == asked and Attempts(database).count("ann") == 0


@pytest.mark.parametrize("letter", ["E", "AB", "'; --", "不会", " "])
def test_what_is_no_letter_is_not_known(desk: Desk, letter: str) -> None:
    asked = asked_of(desk.next("ann", Filters()))
    assert asked_of(desk.answer("ann", asked.token, letter)).chosen == PASSED


def test_the_rating_of_a_right_answer_is_kept_and_a_wrong_one_has_none(desk: Desk, database: Database) -> None:
    asked = asked_of(desk.next("ann", Filters()))
    assert asked_of(desk.rate("ann", asked.token, Rating.Hard)).rating is None, "not before the answer"
    desk.answer("ann", asked.token, asked.listed.key)
    rated = asked_of(desk.rate("ann", asked.token, Rating.Hard))
    assert rated.rating is Rating.Hard and rated.card and rated.card.lapses == 0
    assert asked_of(desk.rate("ann", "another", Rating.Good)).rating is Rating.Hard
    assert asked_of(desk.rate("ann", asked.token, Rating.Again)).rating is Rating.Hard
    failed = asked_of(desk.next("ann", Filters()))
    desk.answer("ann", failed.token, PASSED)
    assert asked_of(desk.rate("ann", failed.token, Rating.Easy)).rating is Rating.Again


def test_a_wrong_one_comes_back_on_its_day_as_another_variant(desk: Desk, review: Desk, database: Database, clock: Hand) -> None:
    asked = asked_of(desk.next("ann", Filters(kind=COMPUTED)))
    desk.answer("ann", asked.token, PASSED)
    assert review.next_review("ann") is None
    clock.on(days=1)
    back = asked_of(review.next_review("ann"))
    assert back.question.family == asked.question.family and back.question.id != asked.question.id
    assert review.next_review("bob") is None
    assert review.next_review("ann", "policy") is None
    answered = asked_of(review.answer("ann", back.token, back.listed.key))
    assert answered.card and answered.card.right_days == 1 and answered.card.due > clock.now + timedelta(days=1)
    assert review.next_review("ann") is None
    assert Attempts(database).of("ann")[-1].source == "review"
    assert asked_of(desk.open("ann")).question == asked.question, "practice has a desk of its own"


def test_reviews_alternate_and_the_longest_overdue_comes_first(review: Desk, database: Database, clock: Hand) -> None:
    a, b = every_question()[:2]
    recorder = Recorder(database, clock)
    recorder.record("ann", a, PASSED, 1, "practice")
    clock.on(hours=1)
    recorder.record("ann", b, PASSED, 1, "practice")
    clock.on(days=2)
    assert [asked_of(review.next_review("ann")).question for _ in range(3)] == [a, b, a]


def test_who_does_not_want_to_wait_reviews_what_is_due_first(review: Desk, database: Database, clock: Hand) -> None:
    a, b = every_question()[:2]
    recorder = Recorder(database, clock)
    recorder.record("ann", b, PASSED, 1, "practice")
    clock.on(days=1)
    recorder.record("ann", a, PASSED, 1, "practice")
    back = asked_of(review.next_review("ann", early=True))
    assert back.question == b, "it is due today: that comes before what is not"
    answered = asked_of(review.answer("ann", back.token, back.listed.key))
    assert answered.card and answered.card.due > clock.now + timedelta(days=1)
    assert review.next_review("ann") is None, "nothing else is due"
    assert asked_of(review.next_review("ann", early=True)).question == a, "due tomorrow, before the one that was right"
    assert review.next_review("ann", a.subject if a.subject != "policy" else "", early=True)
    assert review.next_review("ann", "policy", early=True) is None
    cards = Cards(database, clock)
    cards.remove("ann", a.id)
    cards.remove("ann", b.id)
    assert review.next_review("ann", early=True) is None, "what is set aside stays there"


def test_a_review_that_is_skipped_brings_other_numbers(review: Desk, database: Database, clock: Hand) -> None:
    missed = families()["co-struct-alignment"].generate(1, 1)
    Recorder(database, clock).record("ann", missed, PASSED, 1, "practice")
    clock.on(days=1)
    stems = [missed.stem, *(asked_of(review.next_review("ann")).question.stem for _ in range(12))]
    assert all(one != other for one, other in zip(stems, stems[1:], strict=False))
    assert missed.stem not in stems[1:]


def test_a_question_that_left_the_bank_stops_nobody(desk: Desk, database: Database, clock: Hand) -> None:
    asked = asked_of(desk.next("ann", Filters()))
    with database.writing() as connection:
        row = connection.get(OpenQuestionRow, ("ann", "practice"))
        assert row
        row.question = "gone-1"
    assert desk.open("ann") is None and desk.answer("ann", asked.token, "A") is None
    assert isinstance(desk.next("ann", Filters()), Asked)


def test_remarks_are_of_one_learner_and_of_a_whole_family(
    database: Database, desk: Desk, computed: Question, written: Question
) -> None:
    remarks = Remarks(database)
    assert remarks.of("ann", written) == Remark()
    remarks.mark("ann", computed, True)
    remarks.note("ann", computed, "先画\0甘特图\ud800<script>")
    sister = families()["os-srtf"].generate(99, 1)
    assert remarks.of("ann", sister) == Remark(True, "先画甘特图?<script>")
    assert remarks.marked("ann") == {"os-srtf"} and not remarks.marked("bob") and not remarks.notes("bob")
    assert asked_of(desk.next("ann", Filters(only=MARKED))).question.family == "os-srtf"
    remarks.mark("ann", computed, False)
    remarks.note("ann", written, "长" * 9999)
    assert remarks.marked("ann") == frozenset() and len(remarks.notes("ann")[written.id]) == LONGEST_NOTE
    with pytest.raises(UsageError):
        remarks.report("ann", written, "  ")
    remarks.report("ann", computed, "B 也对")
    with database.reading() as connection:
        (report,) = connection.query(ErrorReportRow)
        assert (report.owner, report.question, report.text, report.settled) == ("ann", computed.id, "B 也对", False)


def test_history_reads_what_is_new_and_begins_again_if_rows_go(database: Database, clock: Hand) -> None:
    history, recorder = History(database, clock), Recorder(database, clock)
    assert history.of("ann").seen == {} and set(history.of("ann").beliefs)
    for question in every_question()[:12]:
        recorder.record("ann", question, question.key, 1, "practice")
        assert question.id in history.of("ann").seen
    recorder.record("ann", families()["os-srtf"].generate(1, 1), PASSED, 1, "practice")
    assert history.of("ann").families == {"os-srtf"} and history.of("bob").families == set()
    before = history.of("ann").beliefs["os.2.8"].mean
    recorder.record_all("ann", [(families()["os-srtf"].generate(n, 1), PASSED, 1) for n in range(2, 9)], "practice")
    assert history.of("ann").beliefs["os.2.8"].mean < before
    with database.writing() as connection:
        connection.query(AttemptRow).filter(AttemptRow.family == "os-srtf").delete()
    assert history.of("ann").families == set() and len(history.of("ann").seen) == 12


def test_unseen_ones_run_out_with_a_word_about_it(desk: Desk, database: Database, clock: Hand) -> None:
    narrow = Filters(point="os.1.1", kind=WRITTEN, only=UNSEEN)
    answers = [(q, q.key, 1) for q in every_question() if "os.1.1" in q.points]
    Recorder(database, clock).record_all("ann", answers, "practice")
    found = desk.next("ann", narrow)
    assert isinstance(found, Nothing) and {one.filter for one in found.loosened} >= {"point", "only"}


def test_today_counts_from_midnight_here(database: Database, clock: Hand, written: Question) -> None:
    recorder = Recorder(database, clock)
    assert done_today(database, "ann", clock) == (0, 0)
    recorder.record("ann", written, PASSED, 1, "practice")
    recorder.record("ann", written, written.key, 1, "exam")
    assert done_today(database, "ann", clock) == (2, 1) and done_today(database, "bob", clock) == (0, 0)
    clock.on(days=1)
    assert done_today(database, "ann", clock) == (0, 0)


def test_the_export_has_questions_first_and_no_html_of_anybody(
    database: Database, clock: Hand, written: Question, computed: Question
) -> None:
    Recorder(database, clock).record_all("ann", [(written, PASSED, 1), (computed, PASSED, 1)], "exam")
    text = cards_markdown(Cards(database, clock).all("ann"), {written.id: "<img src=x onerror=alert(1)>"}, clock.now)
    questions, answers = text.split("# 答案与解析")
    assert questions.count("\n## ") == 2 and "错过 1 次" in questions and f"**{written.key}**" in answers
    assert "\\<img" in answers and not text.replace("\\<", "").count("<")
