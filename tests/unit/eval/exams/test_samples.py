from __future__ import annotations

from dataclasses import replace

from eval.exams.samples import GENERATION, LOGPROB, Sample, question_hash, samples_of
from tests.unit.eval.sample_exams import question


def test_a_rotation_moves_the_options_on_and_the_key_with_them() -> None:
    one = question(key="B")
    shown = [Sample(one, rotation).options for rotation in range(4)]
    assert shown[1] == ("创建", "就绪", "运行", "阻塞")
    assert [Sample(one, rotation).gold for rotation in range(4)] == ["B", "C", "D", "A"]
    for rotation in range(4):
        sample = Sample(one, rotation)
        assert sample.options["ABCD".index(sample.gold)] == "运行"
        assert sample.original(sample.gold) == "B"


def test_each_letter_stands_for_each_option_once_over_the_four_rotations() -> None:
    one = question()
    for letter in range(4):
        assert sorted(Sample(one, rotation).options[letter] for rotation in range(4)) == sorted(one.options)


def test_the_hash_knows_a_question_by_its_words_not_by_its_id_or_its_width() -> None:
    one = question()
    assert question_hash(one) == question_hash(replace(one, id="x", explanation="", difficulty=5))
    assert question_hash(one) == question_hash(replace(one, stem=one.stem.replace("1", "１") + " "))
    assert question_hash(one) != question_hash(replace(one, key="A"))
    assert question_hash(one) != question_hash(replace(one, stem=one.stem + "不"))
    assert question_hash(one) != question_hash(replace(one, options=one.options[::-1]))  # type: ignore[arg-type]


def test_all_ways_of_a_question_come_together() -> None:
    samples = list(samples_of([question(1), question(2)], [GENERATION, LOGPROB], [False, True], [0, 1]))
    assert [sample.question.id for sample in samples] == ["q1"] * 8 + ["q2"] * 8
    assert len({sample.key for sample in samples}) == 16
