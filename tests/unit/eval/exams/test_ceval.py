from __future__ import annotations

from pathlib import Path

import pytest

from errors import ContentError
from eval.exams.ceval import CATEGORIES, ceval_exam

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


def test_all_52_tasks_have_a_category() -> None:
    assert len(CATEGORIES) == 52 and len(set(CATEGORIES.values())) == 4
