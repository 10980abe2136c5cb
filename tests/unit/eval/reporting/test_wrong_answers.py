"""What the page browses: which records, in which order, each text once."""

from dataclasses import replace

from eval.exams.records import Retrieved
from eval.reporting.wrong_answers import browsable, kinds, shortened, visible
from rag.contamination import question_hash
from tests.unit.eval.sample_exams import question, record

ONE, TWO = question(1), question(2)
QUESTIONS = {question_hash(one): one for one in (ONE, TWO)}
WAYS = [("gen", False), ("gen", True)]


def test_kinds_of_wrong() -> None:
    assert kinds(record(ONE, "A")) == ["wrong"]
    assert kinds(record(ONE, "")) == ["unparsed"]
    assert kinds(replace(record(ONE, ""), finish_reason="length")) == ["unparsed", "truncated"]
    assert kinds(replace(record(ONE, "A"), finish_reason="length")) == ["wrong", "truncated"]


def test_wrong_answers_in_the_order_of_the_questions() -> None:
    records = [record(TWO, "A"), record(ONE, "C", rag=True), record(ONE), record(ONE, "D", rotation=1)]
    found = browsable(QUESTIONS, records, WAYS, {"os.2.1": "进程"})
    assert [(e["question"], e["condition"], e["rotation"]) for e in found["entries"]] == [(0, 0, 1), (0, 1, 0), (1, 0, 0)]
    assert [q["id"] for q in found["questions"]] == ["q1", "q2"]
    assert found["points"] == {"os.2.1": "进程"}


def test_subjects_stand_in_the_order_of_the_exam() -> None:
    asked = [question(7, "law"), question(8, "cn"), question(9, "ds")]
    found = browsable({question_hash(one): one for one in asked}, [record(one, "A") for one in asked], WAYS, {})
    assert [q["subject"] for q in found["questions"]] == ["ds", "cn", "law"]


def test_letters_are_as_shown_and_outcomes_as_in_the_question() -> None:
    found = browsable(QUESTIONS, [record(ONE, "D", rotation=1), record(ONE)], WAYS, {})
    entry = found["entries"][0]
    assert (entry["parsed"], entry["gold"]) == ("A", "C")  # D and B, moved on by one
    assert found["outcomes"] == [[(0, 0, "B", True), (0, 1, "D", False)]]


def test_a_question_that_is_right_everywhere_is_not_in_it() -> None:
    found = browsable(QUESTIONS, [record(ONE), record(TWO, "A")], WAYS, {})
    assert [q["id"] for q in found["questions"]] == ["q2"] and len(found["outcomes"]) == 1


def test_records_of_other_questions_and_conditions_are_left_out() -> None:
    assert browsable(QUESTIONS, [record(question(9), "A"), record(ONE, "A", mode="logprob")], WAYS, {})["entries"] == []


def test_a_passage_that_was_shown_twice_stands_once() -> None:
    passage = Retrieved("c1", "讲义.pdf", 3, "2.1", "进程有五种状态。")
    shown = [replace(record(one, "A", rag=True), retrieved=(passage,)) for one in (ONE, TWO)]
    found = browsable(QUESTIONS, shown, WAYS, {})
    assert len(found["passages"]) == 1 and [e["passages"] for e in found["entries"]] == [[0], [0]]


def test_shortened_keeps_both_ends() -> None:
    assert shortened("短", 10) == "短"
    told = shortened("a" * 50 + "b" * 50, 30)
    assert told.startswith("a" * 20 + "\n") and told.endswith("\n" + "b" * 10) and "省略 70 字" in told


def test_visible() -> None:
    assert visible("\x1b[0m\x00 a\tb\n\x7f\x85\u202e\ud83d") == "␛[0m␀ a\tb\n␡⟨U+0085⟩⟨U+202E⟩\ufffd"
    assert visible("👨\u200d👩") == "👨\u200d👩"
