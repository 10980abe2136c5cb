from __future__ import annotations

from pathlib import Path

import pytest

from errors import UsageError
from eval.exam import main
from eval.exams.configuration import config_of
from eval.exams.exam_set import ExamSet, generated_exam
from eval.exams.plan import planned
from eval.exams.run_folder import config_hash
from eval.exams.samples import EVIDENCE, GENERATION, LOGPROB
from rag.ingest import find_documents, ingest
from rag.library import open_library
from settings import Settings
from tests.unit.eval.sample_exams import question

MODEL = Settings(_env_file=None, chat_model="openai:m", chat_base_url="http://127.0.0.1:9/v1")
NO_MODEL = Settings(_env_file=None)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--limit", "0"], "--limit 应是正整数"),
        (["--limit", "x"], "--limit 应是正整数，而不是 'x'"),
        (["--shots", "3"], "--shots 不能是"),
        (["--questions"], "--questions 后面缺少内容"),
        (["--questions", "nowhere.jsonl"], "没有找到题库"),
        (["--generated", "5", "--ceval-dir", "."], "只能选一个"),
        (["--generated", "5", "--paper"], "--paper 只能单独用"),
        (["--ceval-dir", "tests"], "不是 C-Eval 或 CMMLU 的文件夹"),
        (["--tasks", "law"], "--tasks 要与 --ceval-dir 一起用"),
        (["--judge", "openai:x"], "--judge 要与 --paper 一起用"),
        (["--paper", "--limit", "5"], "--paper 是一套完整的试卷"),
        (["--paper", "--shuffle", "circular"], "--paper 是一套完整的试卷"),
        (["--paper", "--mode", "logprob", "--judge", "openai:x"], "选项概率不写答案"),
        (["--paper", "--judge", "openai:m"], "评委"),
    ],
)
def test_wrong_usage_is_told_in_chinese(
    options: list[str], told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUTOR_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TUTOR_CHAT_MODEL", "openai:m")
    monkeypatch.setenv("TUTOR_CHAT_BASE_URL", "http://127.0.0.1:9/v1")
    try:
        status = main(options)
    except SystemExit as end:
        status = int(str(end.code))
    assert status in (1, 2)
    assert told in capsys.readouterr().err


def test_a_model_is_asked_as_the_options_say() -> None:
    plan = planned(MODEL, "both", "both", 5, True, False)
    assert (plan.modes, plan.rag, plan.rotations, plan.shots) == ((GENERATION, LOGPROB), (False, True), (0, 1, 2, 3), 5)
    assert len(plan.samples([question(1), question(2)])) == 2 * 2 * 2 * 4
    assert planned(MODEL, None, None, 0, False, False).modes == (GENERATION,)
    assert planned(MODEL, None, None, 0, False, False).rag == (False,)


def test_without_a_model_it_is_the_baseline_and_nothing_else() -> None:
    plan = planned(NO_MODEL, None, "on", 0, True, False)
    assert (plan.modes, plan.rag) == ((EVIDENCE,), (True,))
    for mode, rag, shots, chat in (("gen", None, 0, False), (None, "off", 0, False), (None, "both", 0, False),
                                   (None, None, 5, False), (None, None, 0, True)):  # fmt: skip
        with pytest.raises(UsageError, match="检索基线"):
            planned(NO_MODEL, mode, rag, shots, False, chat)


def test_what_the_answers_depend_on_makes_another_run() -> None:
    exam, plan = generated_exam(8, 1, 0), planned(MODEL, None, None, 0, False, False)
    before = config_hash(config_of(MODEL, plan, exam, None))
    assert before == config_hash(config_of(MODEL, plan, generated_exam(8, 1, 0), None))
    others = [
        config_of(MODEL.model_copy(update={"chat_model": "openai:n"}), plan, exam, None),
        config_of(MODEL.model_copy(update={"chat_max_tokens": 99}), plan, exam, None),
        config_of(MODEL, planned(MODEL, "logprob", None, 0, False, False), exam, None),
        config_of(MODEL, planned(MODEL, None, "on", 0, False, False), exam, None),
        config_of(MODEL, plan, generated_exam(8, 2, 0), None),
        config_of(MODEL, plan, ExamSet(exam.source, exam.questions[1:]), None),
        config_of(MODEL, planned(MODEL, None, None, 5, False, False), generated_exam(8, 1, 5), None),
    ]
    assert len({before, *map(config_hash, others)}) == 8


def test_another_knowledge_base_makes_another_run(settings: Settings, tmp_path: Path) -> None:
    exam, plan = generated_exam(8, 1, 0), planned(MODEL, None, "on", 0, False, False)
    note = tmp_path / "笔记.md"
    empty = config_of(MODEL, plan, exam, settings)
    hashes = [config_hash(empty)]
    for text in ("# 进程\n\n进程是资源分配的基本单位。", "# 线程\n\n线程是调度的基本单位。"):
        note.write_text(text, encoding="utf-8")
        for _ in ingest(open_library(settings), find_documents([note])[0]):
            pass
        hashes.append(config_hash(config_of(MODEL, plan, exam, settings)))
    assert empty["knowledge"] == "empty" and len(set(hashes)) == 3


def test_the_key_of_an_endpoint_is_not_in_the_configuration() -> None:
    exam, plan = generated_exam(4, 1, 0), planned(MODEL, None, None, 0, False, False)
    address = "http://somebody:secret@127.0.0.1:9/v1?key=secret"
    config = config_of(MODEL.model_copy(update={"chat_api_key": "sk-secret", "chat_base_url": address}), plan, exam, None)
    assert "secret" not in str(config) and config["endpoint"] == "http://127.0.0.1:9/v1"


def test_a_setting_that_names_no_model_is_told_before_anything_is_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUTOR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TUTOR_CHAT_MODEL", "gpt-4")
    assert main(["--out", str(tmp_path / "run")]) == 1
    assert "TUTOR_CHAT_MODEL=gpt-4 无法识别" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
