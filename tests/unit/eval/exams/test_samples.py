from __future__ import annotations

from dataclasses import replace

from eval.exams.samples import GENERATION, LOGPROB, Sample, samples_of, stem_hash
from rag.contamination import question_hash
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
    assert question_hash(one) != question_hash(replace(one, options=one.options[::-1]))


def test_all_ways_of_a_question_come_together() -> None:
    samples = list(samples_of([question(1), question(2)], [GENERATION, LOGPROB], [False, True], [0, 1]))
    assert [sample.question.id for sample in samples] == ["q1"] * 8 + ["q2"] * 8
    assert len({sample.key for sample in samples}) == 16


def test_a_question_whose_options_speak_of_one_another_is_asked_as_it_stands() -> None:
    fixed = question(2, options=("就绪", "运行", "阻塞", "以上都不是"))
    samples = list(samples_of([question(1), fixed], [GENERATION, LOGPROB], [False], range(4)))
    assert [(one.question.id, one.rotation) for one in samples] == [*[("q1", n) for n in range(4)] * 2, ("q2", 0), ("q2", 0)]
    assert [one.mode for one in samples[8:]] == [GENERATION, LOGPROB]


def test_the_stem_is_known_by_its_words_whatever_its_options_and_its_blank_are() -> None:
    one = question(stem="栈的特点是____。")
    assert stem_hash(one) == stem_hash(replace(one, options=one.options[::-1], key="C", id="x"))
    for stem in ("栈的特点是", "栈的特点是（　）。", "栈的 特点是：", "栈的特点是( )", "栈的特点是＿＿"):
        assert stem_hash(one) == stem_hash(replace(one, stem=stem)), stem
    for stem in ("队列的特点是____。", "栈的特点不是____。"):
        assert stem_hash(one) != stem_hash(replace(one, stem=stem)), stem
    assert stem_hash(question(stem="x=-3 时")) != stem_hash(question(stem="x=3 时"))
    assert stem_hash(question(stem="x=1.5 时")) != stem_hash(question(stem="x=15 时"))
