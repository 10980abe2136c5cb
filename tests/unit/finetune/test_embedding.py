from pathlib import Path
from typing import Any

import pytest

from finetune.embedding import _EPOCHS, main
from finetune.embedding_training.shipped import Recipe


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "--out"),
        (["--out", "OUT"], "--pairs"),
        (["--out", "OUT", "--store", "--no-store"], "不能同时用"),
        (["--out", "OUT", "--pairs", "p", "--held-out", "1"], "--held-out 应在"),
        (["--out", "OUT", "--pairs", "p", "--batch-size", "1"], "--batch-size 应在"),
        (["--out", "OUT", "--pairs", "p", "--learning-rate", "nan"], "--learning-rate 应在"),
        (["--out", "OUT", "--pairs", "p", "--resume"], "没有可接着训练的"),
        (["--out", "FULL", "--pairs", "p"], "已经存在"),
        (["--out", "BEGUN", "--pairs", "p"], "--resume"),
    ],
)
def test_wrong_usage_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str) -> None:
    (tmp_path / "FULL").mkdir()
    (tmp_path / "FULL" / "x").touch()
    (tmp_path / "BEGUN.training").mkdir()
    named = [str(tmp_path / word) if word.isupper() else word for word in arguments]
    try:
        status = main(["tune", "base", *named])
    except SystemExit as end:
        status = int(str(end.code))
    assert status == 2 and told in capsys.readouterr().err


def test_a_folder_without_a_model_is_told(tmp_path: Path, write: Any, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = write("p.jsonl", '{"question": "a", "passage": "b"}')
    for base in (tmp_path, tmp_path / "none"):
        assert main(["tune", str(base), "--pairs", str(pairs), "--no-store", "--out", str(tmp_path / "out")]) == 1
    told = capsys.readouterr().err
    assert "没有向量模型" in told and "不存在" in told and not list(tmp_path.glob("out*"))


def test_a_run_that_ended_before_its_first_checkpoint_is_begun_anew(
    tmp_path: Path, write: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out.training").mkdir()
    (tmp_path / "out.training" / "run.json").write_text("{}")
    pairs = write("p.jsonl", '{"question": "a", "passage": "b"}')
    command = ["tune", str(tmp_path / "none"), "--pairs", str(pairs), "--no-store", "--out", str(tmp_path / "out")]
    assert main(command) == 1 and "不存在" in capsys.readouterr().err  # past the check of the folder


def test_no_gpu_is_told(tmp_path: Path, write: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    pairs = write("p.jsonl", '{"question": "a", "passage": "b"}')
    command = ["tune", "x", "--pairs", str(pairs), "--no-store", "--out", str(tmp_path / "out"), "--device", "cuda"]
    assert main(command) == 2 and "--device cpu" in capsys.readouterr().err


def test_an_empty_store_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTOR_DATA_DIR", str(tmp_path / "data"))
    assert main(["tune", "x", "--store", "--out", str(tmp_path / "out")]) == 1
    assert "python -m rag.ingest" in capsys.readouterr().err


def test_the_command_trains_the_shipped_recipe() -> None:
    assert Recipe().epochs == _EPOCHS  # stated twice, because the recipe's module is slow to import
