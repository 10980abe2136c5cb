"""What processes that share a data folder tell each other: that a document was written, and whose turn at the vectors it is."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from errors import StoreBusyError, StoreError

__all__ = ["SharedFolder"]


class SharedFolder:
    """A data folder that several processes have open. Nothing is created before the first write."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._generation = folder / "generation"

    def generation(self) -> str:
        """A text that is another one after each `announce` of any process; empty before the first. Reads one small file."""
        try:
            with open(self._generation, "rb", buffering=0) as file:  # every search asks: a fifth of the time of `read_text`
                return file.read().decode("ascii")
        except OSError:
            return ""

    def announce(self) -> str:
        """Say that something was written; return the new generation.

        It is random and not counted, so that a folder that was emptied and filled anew never repeats one.

        Raises:
            StoreError: the folder can't be written.
        """
        token = uuid.uuid4().hex
        part = self._generation.with_suffix(f".{token}")
        try:
            part.write_text(token, encoding="ascii")
            part.replace(self._generation)  # a reader finds the old text or the new one, never half of it
        except OSError as error:
            raise _unwritable(self._folder, error) from error
        return token

    @contextmanager
    def exclusive(self, seconds: float) -> Iterator[None]:
        """Hold the turn at the vector files: one process or thread at a time, writer or opener.

        Opening loads, and may even write, the very files that a writer replaces. A turn is one batch: short.

        Raises:
            StoreBusyError: it was not free within `seconds`.
            StoreError: the folder can't be written.
        """
        lock = FileLock(self._folder / "vectors.lock", timeout=seconds, thread_local=False)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout as error:
            raise StoreBusyError("另一个任务正在写入向量库。请过几秒再试。") from error
        except OSError as error:
            raise _unwritable(self._folder, error) from error
        try:
            yield
        finally:
            lock.release()


def _unwritable(folder: Path, error: OSError) -> StoreError:
    return StoreError(f"数据目录 {folder} 不能写入（{error.strerror}）。请检查权限，或用 TUTOR_DATA_DIR 换一个目录。")
