"""Whether a lock is held, asked from outside."""

from pathlib import Path

from filelock import FileLock

from knowledge.locks import is_locked


def test_a_lock_is_seen_as_long_as_it_is_held(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    with FileLock(path):
        assert is_locked(path)
    assert not is_locked(path)


def test_asking_makes_no_file_and_leaves_the_lock_free(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    assert not is_locked(path)
    assert not path.exists()
    path.touch()
    assert not is_locked(path)
    with FileLock(path, timeout=0):
        assert is_locked(path)
