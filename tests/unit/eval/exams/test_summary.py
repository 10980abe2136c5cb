from __future__ import annotations

from dataclasses import replace

import pytest

from eval.exams.samples import EVIDENCE, GENERATION, LOGPROB
from eval.exams.summary import ALL, conditions_of
from eval.exams.table import columns, lines_of
from eval.metrics import wilson
from knowledge.questions import Question
from rag.contamination import question_hash
from tests.unit.eval.sample_exams import question, record


def _known(*questions: Question) -> dict[str, Question]:
    return {question_hash(one): one for one in questions}


def test_the_row_of_a_subject_counts_what_it_says() -> None:
    asked = [question(n, "os") for n in range(5)] + [question(9, "cn")]
    records = [record(one) for one in asked[:3]]
    records += [record(asked[3], "A"), replace(record(asked[5], ""), finish_reason="length")]
    [one] = conditions_of(records, _known(*asked), {(GENERATION, False): {"os": 1}})
    row = one["table"]["os"]
    assert (row["n"], row["correct"], row["accuracy"], row["pending"], row["unparsed"]) == (4, 3, 0.75, 1, 0)
    assert row["low"] == pytest.approx(wilson(3, 4).low, abs=1e-4) and row["high"] == pytest.approx(wilson(3, 4).high, abs=1e-4)
    assert (row["seconds"], row["input_tokens"], row["output_tokens"]) == (2.0, 40, 8)
    assert one["table"]["cn"] | {"n": 1, "correct": 0, "unparsed": 1, "truncated": 1} == one["table"]["cn"]
    assert (one["table"][ALL]["n"], one["table"][ALL]["correct"], one["table"][ALL]["pending"]) == (5, 3, 1)
    assert one["letters"]["chosen"] == {"A": 1, "B": 3, "C": 0, "D": 0, "none": 1}
    assert one["points"] is None  # two subjects were not asked


def test_the_estimate_of_a_paper_needs_all_four_subjects() -> None:
    asked = [question(i, subject) for i, subject in enumerate(("ds", "co", "os", "cn") * 5)]
    records = [record(one, "A" if one.subject == "cn" else None) for one in asked]
    [one] = conditions_of(records, _known(*asked), {})
    assert one["points"]["value"] == pytest.approx(125)
    assert one["points"]["low"] < 125 < one["points"]["high"] <= 150


def test_rotations_are_counted_by_question() -> None:
    asked = [question(n) for n in range(12)]
    records = [record(one, "A" if n == 0 and turn == 3 else None, turn) for n, one in enumerate(asked) for turn in range(4)]
    [one] = conditions_of(records, _known(*asked), {})
    row = one["table"][ALL]
    assert (row["n"], row["questions"], row["correct"]) == (48, 12, 47)
    assert row["all_rotations"] | {"n": 12, "correct": 11} == row["all_rotations"]
    assert row["low"] < 47 / 48 < row["high"] <= 1.0


def test_a_question_half_asked_is_not_all_right() -> None:
    asked = question(1)
    [one] = conditions_of([record(asked, rotation=turn) for turn in (0, 1)], _known(asked), {})
    assert one["table"][ALL]["all_rotations"]["n"] == 0


def test_the_clean_part_is_what_was_not_seen() -> None:
    asked = [question(n) for n in range(4)]
    seen = frozenset(question_hash(one) for one in asked[:2])
    [one] = conditions_of([record(q, None if n < 2 else "A") for n, q in enumerate(asked)], _known(*asked), {}, seen)
    assert one["clean"]["n_seen"] == 2
    assert (one["clean"]["table"][ALL]["n"], one["clean"]["table"][ALL]["correct"]) == (2, 0)


def test_points_and_difficulties_have_their_own_rows() -> None:
    asked = [question(1), replace(question(2), points=("os.2.1", "os.3.1"), difficulty=5)]
    [one] = conditions_of([record(asked[0]), record(asked[1], "A")], _known(*asked), {})
    assert {point: (row["n"], row["correct"]) for point, row in one["by_point"].items()} == {"os.2.1": (2, 1), "os.3.1": (1, 0)}
    assert {level: row["correct"] for level, row in one["by_difficulty"].items()} == {"2": 1, "5": 0}


def test_a_run_of_which_nothing_was_answered_has_its_table() -> None:
    [one] = conditions_of([], {}, {(GENERATION, True): {"os": 4, "cn": 1}})
    assert (one["table"][ALL]["n"], one["table"][ALL]["pending"], one["table"]["cn"]["pending"]) == (0, 5, 1)
    assert "—" in "".join(lines_of(_summary(one)))


def test_the_baseline_says_that_it_is_no_model() -> None:
    asked = question(1)
    [one] = conditions_of([record(asked, mode=EVIDENCE, rag=True)], _known(asked), {})
    lines = list(lines_of(_summary(one, baseline=True)))
    assert any("检索基线" in line and "不是任何模型的成绩" in line for line in lines)
    assert not any("不是任何模型的成绩" in line for line in lines_of(_summary(one)))


def test_columns_stand_in_line_though_chinese_is_wide() -> None:
    assert columns([("科目", "n"), ("a", "10")]) == ["科目   n", "a     10"]


def test_what_could_not_be_asked_is_told_and_is_no_score() -> None:
    [one] = conditions_of([], {}, {(LOGPROB, False): {"os": 4}}, closed={LOGPROB: "接口不给 logprobs"})
    lines = "\n".join(lines_of(_summary(one)))
    assert "没有考成（不是 0 分）：接口不给 logprobs" in lines and "正确率  " not in lines


def test_a_truncated_answer_tells_what_to_do() -> None:
    asked = question(1)
    [one] = conditions_of([replace(record(asked, ""), finish_reason="length")], _known(asked), {})
    lines = "\n".join(lines_of(_summary(one)))
    assert "1 次回答在 99 token 处被截断，其中 1 次因此没有读出答案" in lines and "TUTOR_CHAT_MAX_TOKENS" in lines


def test_no_more_is_said_of_contamination_than_was_looked_at() -> None:
    asked = question(1)
    [one] = conditions_of([record(asked)], _known(asked), {})
    told = {
        (training, knowledge): "\n".join(lines_of(_summary(one) | {"contamination": _looked(training, knowledge)}))
        for training in (False, True) for knowledge in (False, True)
    }  # fmt: skip
    assert "没有检查考题是否在训练数据里出现过" in told[False, False]
    assert "与知识库重合的题 0 道。没有给训练数据" in told[False, True]
    assert "与所给训练数据重合的题 0 道。" in told[True, False] and "没有给训练数据" not in told[True, False]
    assert "与所给训练数据与知识库重合的题 0 道。" in told[True, True]


def test_tasks_of_ceval_are_averaged_by_category_each_counting_the_same() -> None:
    asked = [question(n, "law") for n in range(8)] + [question(n, "os") for n in range(8, 10)] + [question(10, "logic")]
    records = [record(one, None if n % 2 else "A") for n, one in enumerate(asked)]
    [one] = conditions_of(records, _known(*asked), {})
    assert [(row["name"], row["tasks"], row["accuracy"]) for row in one["by_category"]] == [
        ("STEM", 1, 0.5), ("人文科学", 2, 0.25), ("平均", 3, 0.3333),
    ]  # fmt: skip
    assert "人文科学 25.0%（2 科）" in "\n".join(lines_of(_summary(one)))
    [ours] = conditions_of([record(question(1))], _known(question(1)), {})
    assert ours["by_category"] == []


def _looked(training: bool, knowledge: bool) -> dict[str, object] | None:
    return {"training": training, "knowledge": knowledge, "seen": []} if training or knowledge else None


def _summary(condition: dict[str, object], baseline: bool = False) -> dict[str, object]:
    run = {"model": "m", "baseline": baseline, "shuffle": False, "max_tokens": 99}
    return {
        "run": run, "conditions": [condition], "comparisons": [], "paper": None, "problems": None, "contamination": None,
    }  # fmt: skip
