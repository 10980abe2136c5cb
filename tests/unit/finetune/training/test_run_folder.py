"""Whether a run may write into a folder."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from errors import ContentError, UsageError
from finetune.training.config_file import checked_config
from finetune.training.run_folder import Identity, RunFolder, alone, check_folder, identity_config


def config(**changes: Any) -> dict[str, Any]:
    return identity_config(checked_config({"model": "m", "train": "a", **changes}, "c"))


IDENTITY = Identity(config(), base="b1", parent="", data={"a": "1"}, processes=1)


@pytest.fixture
def begun(tmp_path: Path) -> RunFolder:
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    run.write({"state": "running", "identity": asdict(IDENTITY)})
    return run


def test_an_empty_folder_is_free(tmp_path: Path) -> None:
    assert check_folder(RunFolder(tmp_path), IDENTITY, resume=False) == ""
    assert check_folder(RunFolder(tmp_path / "new"), IDENTITY, resume=True) == ""


def test_other_files_are_not_covered(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").touch()
    for resume in (False, True):
        with pytest.raises(UsageError, match="已有别的文件"):
            check_folder(RunFolder(tmp_path), IDENTITY, resume)


def test_a_run_is_gone_on_with_only_when_asked(begun: RunFolder) -> None:
    with pytest.raises(UsageError, match="加 --resume"):
        check_folder(begun, IDENTITY, resume=False)
    assert check_folder(begun, IDENTITY, resume=True) == "unfinished"


def test_a_finished_run_stays_as_it_is(begun: RunFolder) -> None:
    begun.write({"state": "finished", "identity": asdict(IDENTITY)})
    with pytest.raises(UsageError, match="完成了的训练"):
        check_folder(begun, IDENTITY, resume=False)
    assert check_folder(begun, IDENTITY, resume=True) == "finished"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"config": config(lora={"r": 8})}, "lora.r：16 → 8"),
        ({"config": config(epochs=1)}, "stages.train.epochs：3.0 → 1.0"),
        ({"config": config(early_stopping={}, val="v")}, "early_stopping"),
        ({"base": "b2"}, "底座（model）不是原来的那个"),
        ({"parent": "p"}, "--from-adapter 不是原来的那个"),
        ({"data": {"a": "2"}}, "数据文件 a 的内容变了"),
        ({"processes": 2}, "进程数：1 → 2"),
    ],
)
def test_what_has_changed_is_named(begun: RunFolder, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as raised:
        check_folder(begun, replace(IDENTITY, **changed), resume=True)
    assert said in str(raised.value)


def test_what_does_not_matter_may_change(begun: RunFolder) -> None:
    again = replace(IDENTITY, config=config(keep_checkpoints=9, tensorboard=False, out="elsewhere"))
    assert check_folder(begun, again, resume=True) == "unfinished"


def test_a_damaged_record_is_said_to_be(begun: RunFolder) -> None:
    begun.record.write_text('{"identity": {', encoding="utf-8")
    with pytest.raises(ContentError, match="已损坏"):
        check_folder(begun, IDENTITY, resume=True)


def test_two_do_not_write_at_once(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "deep" / "run")
    with alone(run), pytest.raises(UsageError, match="另一个进程正在"), alone(run):
        pass
    with alone(run):
        pass


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="Linux")
def test_where_no_lock_can_be_made_nobody_else_is_blamed() -> None:
    with pytest.raises(UsageError, match="写不了输出目录"), alone(RunFolder(Path("/proc/run"))):
        pass


def test_a_folder_that_can_not_be_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="写不了输出目录"), alone(RunFolder(tmp_path / "file" / "run")):
        pass
