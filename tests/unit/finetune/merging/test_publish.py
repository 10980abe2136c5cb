"""A model's folder appears whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from filelock import FileLock

from errors import UsageError
from finetune.merging.publish import check_place, drafted


def test_appears_when_all_is_well(tmp_path: Path) -> None:
    out = tmp_path / "new" / "model"
    with drafted(out) as draft:
        (draft / "weights").write_text("1")
        assert not out.exists()
    assert [path.name for path in out.parent.iterdir()] == ["model"]
    assert (out / "weights").read_text() == "1"


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    out = tmp_path / "model"
    out.mkdir()
    check_place(out, 0)
    with drafted(out) as draft:
        (draft / "weights").write_text("1")
    assert (out / "weights").exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError()])
def test_nothing_is_left_of_what_failed(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)), drafted(tmp_path / "model") as draft:
        (draft / "weights").write_text("half")
        raise error
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_explained(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="磁盘已满.*写了一半的已经删除"), drafted(tmp_path / "model"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".model.draft").mkdir()
    (tmp_path / ".model.draft" / "half").write_text("half")
    (tmp_path / ".model.lock").touch()
    with drafted(tmp_path / "model") as draft:
        assert list(draft.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_another_process_is_writing_it(tmp_path: Path) -> None:
    with FileLock(tmp_path / ".model.lock"), pytest.raises(UsageError, match="另一个进程正在写"), drafted(tmp_path / "model"):
        raise AssertionError


def test_what_came_to_lie_there_meanwhile_stays(tmp_path: Path) -> None:
    out = tmp_path / "model"
    with pytest.raises(UsageError, match="写不了"), drafted(out):
        out.mkdir()
        (out / "other").write_text("1")
    assert (out / "other").read_text() == "1"


def test_a_place_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="写不了"), drafted(tmp_path / "file" / "model"):
        raise AssertionError


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for taken in (tmp_path, tmp_path / "file"):
        with pytest.raises(UsageError, match="已经有内容，不会覆盖"):
            check_place(taken, 0)


def test_a_disk_that_is_too_small_is_found_before(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"大约要 1000000000\.0 GB，只剩"):
        check_place(tmp_path / "a" / "b", 10**18)


def test_the_lock_goes_while_it_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Afterwards another process may hold one of that name: without it, a third could write beside the second."""
    left: list[bool] = []
    release = FileLock.release
    monkeypatch.setattr(
        FileLock, "release", lambda lock, force=False: (left.append(Path(lock.lock_file).exists()), release(lock))
    )
    with drafted(tmp_path / "model"):
        assert (tmp_path / ".model.lock").exists()
    assert left[0] is False
