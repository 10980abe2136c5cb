"""A model's folder that appears whole or not at all: written beside its place, moved there when all is well."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from errors import UsageError

__all__ = ["check_place", "drafted"]


def check_place(out: Path, needed: int) -> None:
    """Whether `needed` bytes can be written to a new folder.

    Raises:
        UsageError: something is there already, or the disk is too small.
    """
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise UsageError(f"{out} 已经有内容，不会覆盖。请用 --out 换一个目录，或先删除它。")
    above = next(folder for folder in out.absolute().parents if folder.is_dir())
    free = shutil.disk_usage(above).free
    if free < needed:
        raise UsageError(
            f"{above} 的磁盘空间不够：大约要 {_size(needed)}，只剩 {_size(free)}。请腾出空间，或用 --out 换一个磁盘。"
        )


@contextmanager
def drafted(out: Path) -> Iterator[Path]:
    """A new folder that becomes `out` if the block ends without an error, and is removed if not.

    What a killed process left is removed by the next one.

    Raises:
        UsageError: it can't be written (disk full, no permission), or another process is writing it.
    """
    draft, lock = out.with_name(f".{out.name}.draft"), FileLock(out.with_name(f".{out.name}.lock"))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise UsageError(f"另一个进程正在写 {out}。请等它结束，或用 --out 换一个目录。") from error
    except OSError as error:
        raise _unwritable(out, error) from error
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        yield draft
        if out.is_dir():
            out.rmdir()  # empty: `check_place`; if not any more, this fails
        draft.rename(out)
    except OSError as error:
        raise _unwritable(out, error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        with suppress(OSError):  # Windows, which removes it when it is released
            Path(lock.lock_file).unlink()  # while it is held: afterwards it may be the next process's
        lock.release()


def _unwritable(out: Path, error: OSError) -> UsageError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return UsageError(f"磁盘已满，{out} 没有写成，写了一半的已经删除。请腾出空间，或用 --out 换一个磁盘。")
    return UsageError(f"写不了 {out}（{error.strerror or error}）。请用 --out 换一个目录，或检查权限。")


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
