from pathlib import Path

import pytest

from errors import ContentError, UsageError
from finetune.embedding_training.work_folder import begun, held, is_stale


def checkpoint(work: Path, step: int) -> Path:
    folder = work / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    (folder / "trainer_state.json").write_text("{}")
    return folder


def test_one_process_at_a_time(tmp_path: Path) -> None:
    work = tmp_path / "w"
    with held(work), pytest.raises(UsageError, match="另一个进程"), held(work):
        pass
    with held(work):
        pass


def test_what_ended_before_its_first_checkpoint_is_begun_anew(tmp_path: Path) -> None:
    work = tmp_path / "w"
    with held(work):
        assert begun(work, {"seed": 1}, resume=False) is None
        (work / "examples.jsonl").touch()
        (work / "checkpoint-3").mkdir()
    assert is_stale(work)
    with held(work):
        assert begun(work, {"seed": 2}, resume=False) is None
    assert sorted(path.name for path in work.iterdir()) == ["lock", "run.json"]


def test_a_run_with_a_checkpoint_is_not_begun_over(tmp_path: Path) -> None:
    work = tmp_path / "w"
    with held(work):
        begun(work, {"seed": 1}, resume=False)
        last = [checkpoint(work, step) for step in (9, 10)][-1]
        with pytest.raises(UsageError, match="--resume"):
            begun(work, {"seed": 1}, resume=False)
        assert begun(work, {"seed": 1}, resume=True) == last and not is_stale(work)
        with pytest.raises(ContentError, match="--seed"):
            begun(work, {"seed": 2}, resume=True)


def test_a_folder_that_is_not_ours_is_not_stale(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    assert not is_stale(tmp_path)
