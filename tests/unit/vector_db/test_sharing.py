import threading
from pathlib import Path

import pytest

from errors import StoreBusyError, StoreError
from vector_db.sharing import SharedFolder


def test_a_generation_is_another_after_each_announcement(tmp_path: Path) -> None:
    folder, other = SharedFolder(tmp_path), SharedFolder(tmp_path)
    assert folder.generation() == "", "nothing was written yet"
    tokens = [folder.announce(), other.announce(), folder.announce()]
    assert len(set(tokens)) == 3 and folder.generation() == other.generation() == tokens[-1]
    assert [path.name for path in tmp_path.iterdir()] == ["generation"], "no half-written file is left"


def test_a_reader_finds_the_old_or_the_new_but_never_half(tmp_path: Path) -> None:
    folder, done = SharedFolder(tmp_path), threading.Event()
    folder.announce()
    found: set[int] = set()

    def read() -> None:
        while not done.is_set():
            found.add(len(SharedFolder(tmp_path).generation()))

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(500):
        folder.announce()
    done.set()
    reader.join()
    assert found == {32}


def test_turns_are_taken_one_after_the_other(tmp_path: Path) -> None:
    with SharedFolder(tmp_path).exclusive(1), pytest.raises(StoreBusyError, match="再试"), SharedFolder(tmp_path).exclusive(0):
        pass
    with SharedFolder(tmp_path).exclusive(0):
        pass


def test_a_folder_that_cannot_be_written_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    folder = SharedFolder(tmp_path / "file" / "data")
    with pytest.raises(StoreError, match="TUTOR_DATA_DIR"):
        folder.announce()
    with pytest.raises(StoreError, match="TUTOR_DATA_DIR"), folder.exclusive(0):
        pass
