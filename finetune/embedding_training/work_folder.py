"""The folder of a training that is not done yet: who may write there, and where an ended run is to go on."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from errors import ContentError, UsageError
from finetune.embedding_training.tuning import last_checkpoint

__all__ = ["begun", "check_free", "held", "is_stale", "unwritable", "work_folder", "write_text"]

_RUN, _LOCK = "run.json", "lock"
_CHANGED = {
    "base": "底座", "pairs": "问答", "corpus": "知识库里的原文", "held_out": "--held-out", "negatives": "--negatives", "margin": "--margin",
    "epochs": "--epochs", "batch_size": "--batch-size", "learning_rate": "--learning-rate", "patience": "--patience", "seed": "--seed",
}  # fmt: skip


def work_folder(out: Path) -> Path:
    """Where checkpoints lie while it is trained: beside the result, because all that is in there belongs to the model."""
    return out.with_name(f"{out.name}.training")


def is_stale(work: Path) -> bool:
    """Whether a work folder is ours and holds no checkpoint: there is nothing in it to go on with."""
    return any((work / name).is_file() for name in (_RUN, _LOCK)) and last_checkpoint(work) is None


def check_free(out: Path) -> None:
    """Whether a result may be put there: it is not there yet, or an empty folder.

    Raises:
        UsageError: it may not.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} 已经存在。请换一个 --out，或先删去它。")


@contextmanager
def held(work: Path) -> Generator[None]:
    """Have the folder for this process alone, made if need be; the lock ends with the process.

    Raises:
        UsageError: another process trains there, or it can't be written.
    """
    lock = FileLock(work / _LOCK, timeout=0)
    try:
        work.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise UsageError(f"另一个进程正在 {work} 里训练。请等它结束，或换一个 --out。") from error
    except OSError as error:
        raise unwritable(work, error.strerror) from error
    try:
        yield
    finally:
        lock.release()


def begun(work: Path, identity: dict[str, Any], resume: bool) -> Path | None:
    """Begin the folder, which is held, or look where an ended run is to go on; None: from the start.

    Args:
        identity: what must be the same where a run goes on.

    Raises:
        ContentError: it is not.
        UsageError: there is nothing to go on with, or the folder can't be written.
    """
    file = work / _RUN
    if not resume:
        try:
            _emptied(work)
            write_text(file, json.dumps(identity, ensure_ascii=False, indent=2))
        except OSError as error:
            raise unwritable(work, error.strerror) from error
        return None
    try:
        before = json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"{work} 里没有可接着训练的记录。请删去它，不带 --resume 重新开始。") from error
    if changed := sorted(key for key in identity if not isinstance(before, dict) or before.get(key) != identity[key]):
        raise ContentError(
            f"不能接着训练：与上次相比变了 {'、'.join(_CHANGED.get(key, key) for key in changed)}。"
            f"请改回原来的，或删去 {work} 重新开始。"
        )
    return last_checkpoint(work)


def unwritable(path: Path, reason: str | None) -> UsageError:
    """A place that can't be written, as a message."""
    return UsageError(
        f"写不了 {path}（{reason or '磁盘可能已满'}）。请检查权限与磁盘空间；训练过的部分都在，可加 --resume 再运行。"
    )


def write_text(path: Path, text: str) -> None:
    """Replace a file, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink()


def _emptied(work: Path) -> None:
    """Take away what a run left that ended before its first checkpoint, or that another one made since we looked.

    Raises:
        UsageError: there is a checkpoint after all.
    """
    if last_checkpoint(work):
        raise UsageError(f"上次的训练没有完成（{work}）。请加 --resume 接着训练，或删去这个目录重新开始。")
    for path in work.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != _LOCK:
            path.unlink()
