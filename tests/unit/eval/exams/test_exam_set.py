from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from errors import ContentError
from eval.exams.exam_set import DUPLICATE, RENAMED, SKIPPED, bank_exam, generated_exam, kind_of, limited, paper_exam
from eval.exams.samples import stem_hash
from knowledge.bank import BANK, read_banks
from rag.contamination import question_hash
from tests.unit.eval.sample_exams import question


def _bank(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def _row(number: int, **changes: object) -> dict[str, object]:
    return question(number).to_json() | changes


def test_what_cannot_be_asked_is_named_and_the_rest_is_asked(tmp_path: Path) -> None:
    path = _bank(
        tmp_path / "my.jsonl",
        _row(1),
        {name: value for name, value in _row(2).items() if name != "answer"},
        _row(3, options={"A": "1", "B": "2", "C": "3", "D": "4", "E": "5"}),
        _row(4, id="q1"),
        _row(5, question="如下图所示的网络中，主机 A 的 IP 地址是"),
        _row(6, question="下列电路 ![](a.png) 的功能是"),
        _row(1, id="again"),
        _row(7, options={"A": "就绪", "B": "就绪 ", "C": "阻塞", "D": "创建"}),
        _row(8, answer="E"),
        _row(9),
    )
    exam = bank_exam([path], "auto", 0)
    assert [one.stem for one in exam.questions] == [question(n).stem for n in (1, 4, 9)]
    assert len({one.id for one in exam.questions}) == 3
    told = {one.place: one.reason for one in exam.unread}
    assert "answer" in told["my.jsonl 第 2 行"]
    assert "E" in told["my.jsonl 第 3 行"]
    assert "q1" in told["my.jsonl 第 4 行"] and "照常计入" in told["my.jsonl 第 4 行"]
    assert all("图" in told[f"my.jsonl 第 {n} 行"] for n in (5, 6))
    assert "my.jsonl 第 1 行" in told["my.jsonl 第 7 行"]
    assert "选项相同" in told["my.jsonl 第 8 行"]
    assert "E" in told["my.jsonl 第 9 行"]


def test_a_bank_without_any_usable_question_says_why(tmp_path: Path) -> None:
    path = _bank(tmp_path / "my.jsonl", {"question": "?"})
    with pytest.raises(ContentError, match=r"my\.jsonl 里没有可以考的题（.*第 1 行"):
        bank_exam([path], "auto", 0)


def test_the_shipped_bank_is_asked_whole_and_without_its_examples_with_shots() -> None:
    whole, few = bank_exam([], "auto", 0), bank_exam([], "auto", 5)
    assert len(whole.questions) == 530 and not whole.unread
    assert {subject: len(group) for subject, group in few.examples.items()} == {"ds": 5, "co": 5, "os": 5, "cn": 5}
    shown = {question_hash(one) for group in few.examples.values() for one in group}
    assert len(few.questions) == 510 and not shown & {question_hash(one) for one in few.questions}
    assert [(one.place, kind_of(one)) for one in few.unread] == [("自带题库", SKIPPED)] and "20 道题是" in few.unread[0].reason


def test_computed_questions_are_shared_out_as_the_points_are_and_repeat_with_the_seed() -> None:
    exam = generated_exam(150, 7, 5)
    assert Counter(one.subject for one in exam.questions) == {"ds": 45, "co": 45, "os": 35, "cn": 25}
    assert exam.questions == generated_exam(150, 7, 0).questions
    assert len({question_hash(one) for one in exam.questions}) == 150
    other = {question_hash(one) for one in generated_exam(150, 8, 0).questions}
    assert len(other & {question_hash(one) for one in exam.questions}) < 15  # a few have little to vary
    shown = {stem_hash(one) for group in exam.examples.values() for one in group}
    assert not shown & {stem_hash(one) for one in exam.questions}


@pytest.mark.parametrize("n", [1, 2, 3, 7, 40, 1500])
def test_so_many_computed_questions_as_were_asked_for(n: int) -> None:
    assert len(generated_exam(n, 1, 0).questions) == n


def test_a_paper_has_the_shape_of_408() -> None:
    exam = paper_exam([], 3, 0)
    assert [one.subject for one in exam.questions] == ["ds"] * 11 + ["co"] * 11 + ["os"] * 10 + ["cn"] * 8
    assert [one.subject for one in exam.problems] == ["ds", "ds", "co", "co", "os", "os", "cn"]
    assert exam.questions == paper_exam([], 3, 0).questions != paper_exam([], 4, 0).questions


def test_examples_beside_a_paper_change_nothing_of_it_and_are_not_asked(tmp_path: Path) -> None:
    exam = paper_exam([], 3, 5)
    rows = [one.to_json() for one in [*read_banks([BANK]).questions[-39:], exam.examples["cn"][0]]]
    given = paper_exam([_bank(tmp_path / "mine.jsonl", *rows)], 3, 5)
    assert exam.questions == paper_exam([], 3, 0).questions
    for one in (exam, given):
        assert {s: len(group) for s, group in one.examples.items()} == dict.fromkeys(("ds", "co", "os", "cn"), 5)
        shown = {stem_hash(example) for group in one.examples.values() for example in group}
        assert len(one.questions) == 40 and not shown & {stem_hash(question) for question in one.questions}


def test_a_real_paper_gets_its_subjects_by_number(tmp_path: Path) -> None:
    rows = [{k: v for k, v in _row(n).items() if k not in ("subject", "points")} for n in range(1, 41)]
    exam = paper_exam([_bank(tmp_path / "2013.jsonl", *rows)], 0, 0)
    assert Counter(one.subject for one in exam.questions) == {"ds": 11, "co": 11, "os": 10, "cn": 8}
    with pytest.raises(ContentError, match="40 道单项选择题，这里读到 39 道"):
        paper_exam([_bank(tmp_path / "short.jsonl", *rows[1:])], 0, 0)


def test_a_paper_with_questions_that_cannot_be_asked_is_refused_and_each_is_named(tmp_path: Path) -> None:
    rows = [_row(n) for n in range(1, 38)]
    path = _bank(
        tmp_path / "p.jsonl", *rows, _row(1, id="again"), _row(38, question="如下图所示，主机 A 是"), _row(39, options=["1"] * 4)
    )
    with pytest.raises(ContentError, match="能考的只有 37 道") as error:
        paper_exam([path], 0, 0)
    told = str(error.value)
    assert (
        "第 38 行：与 p.jsonl 第 1 行 是同一道题" in told
        and "第 39 行：题目要看图" in told
        and "第 40 行：有两个选项相同" in told
    )
    path = _bank(path, *rows, _row(38), _row(39), _row(40, answer="E"))
    with pytest.raises(ContentError, match=r"能考的只有 39 道.*p\.jsonl 第 40 行：.*E"):
        paper_exam([path], 0, 0)
    path = _bank(path, *rows, _row(38), _row(39), _row(40, id="q1"))
    exam = paper_exam([path], 0, 0)
    assert len(exam.questions) == 40 and [kind_of(one) for one in exam.unread] == [RENAMED]


def test_a_bank_of_ones_own_gets_examples_that_it_does_not_ask(tmp_path: Path) -> None:
    usual = bank_exam([], "auto", 5).examples["ds"]
    a, b, c, d = usual[1].options
    moved = replace(usual[1], id="mine", options=(b, a, c, d), key={"A": "B", "B": "A"}.get(usual[1].key, usual[1].key))
    exam = bank_exam([_bank(tmp_path / "my.jsonl", moved.to_json(), _row(1))], "auto", 5)
    assert [one.id for one in exam.questions] == ["mine", "q1"] and not exam.unread
    assert len(exam.examples["ds"]) == 5 and stem_hash(moved) not in {stem_hash(one) for one in exam.examples["ds"]}


def test_no_control_character_of_a_file_reaches_what_is_told(tmp_path: Path) -> None:
    path = _bank(
        tmp_path / "\x1b[31mred.jsonl", _row(1), _row(1), _row(2, id="\x9b2Jq"), _row(3, id="\x9b2Jq"), _row(4, answer="\x9b]0;")
    )
    exam = bank_exam([path], "auto", 0)
    assert [kind_of(one) for one in exam.unread] == ["unreadable", DUPLICATE, RENAMED]
    assert all((one.place + one.reason + exam.source).isprintable() for one in exam.unread)


def test_a_limit_keeps_the_shares_of_the_subjects() -> None:
    questions = [question(n, subject) for subject, count in (("ds", 40), ("cn", 20)) for n in range(count)]
    assert Counter(one.subject for one in limited(questions, 30)) == {"ds": 20, "cn": 10}
    assert limited(questions, None) == limited(questions, 99) == questions
    assert len(limited(questions, 1)) == 1
