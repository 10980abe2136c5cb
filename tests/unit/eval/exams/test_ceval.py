from __future__ import annotations

from pathlib import Path

import pytest

from errors import ContentError
from eval.exams.categories import CATEGORIES
from eval.exams.ceval import ceval_exam
from eval.exams.exam_set import DUPLICATE, SKIPPED, kind_of
from eval.exams.samples import stem_hash
from eval.exams.summary import ALL

_HEAD = "id,question,A,B,C,D,answer,explanation\n"
_CMMLU = ",Question,A,B,C,D,Answer\n"


def _csv(path: Path, head: str, n: int, told: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    tail = "" if head is _CMMLU else ","
    path.write_text(
        head + "".join(f"{i},{told}{i}____。,甲,乙,丙,丁,{'ABCD'[i % 4]}{tail}\n" for i in range(n)), encoding="utf-8"
    )


def test_ceval_val_is_asked_with_the_examples_of_dev(tmp_path: Path) -> None:
    for task, n in (("operating_system", 6), ("law", 3)):
        _csv(tmp_path / "val" / f"{task}_val.csv", _HEAD, n, f"{task} 的第")
        _csv(tmp_path / "dev" / f"{task}_dev.csv", _HEAD, 5, f"{task} 的示例")
    exam = ceval_exam(tmp_path, [], 5)
    assert [one.subject for one in exam.questions] == ["law"] * 3 + ["os"] * 6
    assert {s: len(found) for s, found in exam.examples.items()} == {"law": 5, "os": 5}
    assert [one.key for one in exam.questions[3:]] == list("ABCDAB")
    assert not ceval_exam(tmp_path, [], 0).examples
    assert {one.subject for one in ceval_exam(tmp_path, ["law"], 0).questions} == {"law"}


def test_cmmlu_has_its_keys_in_test(tmp_path: Path) -> None:
    _csv(tmp_path / "test" / "computer_science.csv", _CMMLU, 4, "第")
    _csv(tmp_path / "dev" / "computer_science.csv", _CMMLU, 5, "示例")
    exam = ceval_exam(tmp_path, [], 5)
    assert len(exam.questions) == 4 and len(exam.examples["computer_science"]) == 5


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="不是 C-Eval 或 CMMLU 的文件夹"):
        ceval_exam(tmp_path, [], 0)
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "law_test.csv").write_text("id,question,A,B,C,D\n0,第 0 题____。,甲,乙,丙,丁\n", encoding="utf-8")
    with pytest.raises(ContentError, match="没有公开答案"):
        ceval_exam(tmp_path, [], 0)
    with pytest.raises(ContentError, match="没有这些科目：physics。可选：law"):
        ceval_exam(tmp_path, ["physics"], 0)
    _csv(tmp_path / "val" / "law_val.csv", _HEAD, 2, "第")
    exam = ceval_exam(tmp_path, [], 5)
    assert [one.place for one in exam.unread] == ["dev/law"] and len(exam.questions) == 2


def test_no_task_stands_under_the_name_of_the_total_or_of_another_task(tmp_path: Path) -> None:
    for name in ("all", "all_task", "cn", "computer_network_val", "law", "\x1b[31mlaw_val", "law\x07"):
        _csv(tmp_path / "val" / f"{name}.csv", _HEAD, 1, f"{name[-9:]} 的第".replace("\x1b", "").replace("\x07", "7"))
    exam = ceval_exam(tmp_path, [], 0)
    subjects = {one.subject for one in exam.questions}
    assert len(subjects) == len(exam.questions) == 7 and ALL not in subjects and all(map(str.isprintable, subjects))
    assert [one.subject for one in ceval_exam(tmp_path, ["all"], 0).questions] == ["all_task"]
    assert len(ceval_exam(tmp_path, ["law", "law"], 0).questions) == 1


def test_what_could_not_be_read_of_a_task_is_told(tmp_path: Path) -> None:
    (tmp_path / "val").mkdir()
    rows = "0,甲____。,1,2,3,4,A,\n1,乙____。,1,2,3,4,,\n2,丙____。,1,2,3,4,E,\n"
    (tmp_path / "val" / "law_val.csv").write_text(_HEAD + rows, encoding="utf-8")
    (tmp_path / "val" / "torn_val.csv").write_text(_HEAD + '0,"甲____。,1,2,3,4,A,\n', encoding="utf-8")
    (tmp_path / "val" / "empty\x1b[2J_val.csv").write_text("", encoding="utf-8")
    exam = ceval_exam(tmp_path, [], 0)
    assert len(exam.questions) == 1 and all((one.place + one.reason).isprintable() for one in exam.unread)
    told = {one.place: one.reason for one in exam.unread}
    assert told["law_val.csv 第 3 行"] == "没有答案" and "E" in told["law_val.csv 第 4 行"]
    assert "引号" in told["torn_val.csv 第 2 行"] and "没有文字" in told["empty[2J_val.csv"]
    with pytest.raises(ContentError, match=r"没有带答案的题（torn_val\.csv 第 2 行：引号没有成对"):
        ceval_exam(tmp_path, ["torn"], 0)


def test_a_question_of_two_tasks_is_asked_once(tmp_path: Path) -> None:
    _csv(tmp_path / "val" / "a_val.csv", _HEAD, 3, "第")
    _csv(tmp_path / "val" / "b_val.csv", _HEAD, 4, "第")
    exam = ceval_exam(tmp_path, [], 0)
    assert [one.subject for one in exam.questions] == ["a", "a", "a", "b"]
    assert "a_val.csv 第 2 行 是同一道题" in exam.unread[0].reason
    assert [(one.place, kind_of(one)) for one in exam.unread] == [(f"b_val.csv 第 {n} 行", DUPLICATE) for n in (2, 3, 4)]
    _csv(tmp_path / "val" / "b_val.csv", _HEAD, 2, "第")
    assert [one.place for one in ceval_exam(tmp_path, [], 5).unread] == ["b_val.csv 第 2 行", "b_val.csv 第 3 行", "dev/a"]


def test_a_question_that_is_asked_is_no_example(tmp_path: Path) -> None:
    _csv(tmp_path / "val" / "law_val.csv", _HEAD, 2, "第")
    (tmp_path / "dev").mkdir()
    rows = "".join(f"{i},第{i}（ ）,丁,丙,乙,甲,A,\n" for i in range(7))
    (tmp_path / "dev" / "law_dev.csv").write_text(_HEAD + rows, encoding="utf-8")
    exam = ceval_exam(tmp_path, [], 5)
    assert [one.stem for one in exam.examples["law"]] == [f"第{i}（ ）" for i in range(2, 7)] and not exam.unread
    _csv(tmp_path / "val" / "law_val.csv", _HEAD, 4, "第")
    exam = ceval_exam(tmp_path, [], 5)
    assert len(exam.questions) == 4 and len(exam.examples["law"]) == 3
    assert not {stem_hash(one) for one in exam.questions} & {stem_hash(one) for one in exam.examples["law"]}
    assert [(one.place, kind_of(one)) for one in exam.unread] == [("dev/law_dev.csv", SKIPPED)]
    assert "只带 3 道示例（另有 4 道就在考题里" in exam.unread[0].reason


def test_all_52_tasks_have_a_category() -> None:
    assert len(CATEGORIES) == 52 and len(set(CATEGORIES.values())) == 4
