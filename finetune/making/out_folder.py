"""The folder of a data set: it belongs to one way of making it, one process works in it, and what lies there is whole."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from errors import ContentError, UsageError

__all__ = ["CARD", "PLAN", "TRAIN", "VAL", "opened", "write_json"]

PLAN, CARD, TRAIN, VAL = "making.json", "dataset.json", "train.jsonl", "val.jsonl"
_NAMES = {
    "from": "来源（--from）",
    "subjects": "科目（--subject）",
    "sources": "资料",
    "pairs": "数量（--pairs）",
    "model": "模型（--model）",
    "model_digest": "模型的权重",
    "prompts": "提示词的版本",
    "seed": "随机种子（--seed）",
    "val_size": "验证集大小（--val-size）",
    "system": "系统提示（--system）",
    "limit": "--limit",
    "max_answer_chars": "--max-answer-chars",
    "drop_contaminated": "--drop-contaminated",
    "format": "格式（--format）",
}


@contextmanager
def opened(folder: Path, plan: Mapping[str, Any]) -> Iterator[None]:
    """Hold a folder for one way of making a data set; make it, or go on with it.

    Args:
        plan: all that decides what is asked of a model, or without one, all that decides the rows.

    Raises:
        UsageError: it belongs to another plan (the message names what differs) or to something else, another process is
            at work in it, or it can't be written.
    """
    lock = FileLock(folder / ".lock", timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise UsageError(f"另一个进程正在写 {folder}。请等它结束，或用 --out 换一个目录。") from error
    except OSError as error:
        raise UsageError(f"写不了 {folder}（{error.strerror}）。请用 --out 换一个目录，或检查权限与磁盘空间。") from error
    try:
        _claim(folder, json.loads(json.dumps(plan)))
        yield
    finally:
        lock.release()


def write_json(path: Path, told: Mapping[str, Any]) -> None:
    """Write a JSON file, whole or not at all.

    Raises:
        UsageError: it can't be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise UsageError(f"写不了 {path}（{error.strerror}）。请检查磁盘空间与权限，再运行同一条命令。") from error
    finally:
        with suppress(OSError):
            draft.unlink()


def _claim(folder: Path, plan: dict[str, Any]) -> None:
    file = folder / PLAN
    if not file.exists():
        if others := sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")):
            raise UsageError(f"{folder} 里已有别的文件（{'、'.join(others[:3])}），不会混在一起。请用 --out 换一个目录。")
        write_json(file, plan)
        return
    try:
        before = json.loads(file.read_bytes())
    except ValueError as error:
        raise ContentError(f"{file} 已损坏，看不出这个目录是怎么来的。请用 --out 换一个目录。") from error
    if differing := [
        _told(key, before.get(key), plan.get(key)) for key in {**plan, **before} if before.get(key) != plan.get(key)
    ]:
        raise UsageError(
            f"{folder} 是另一种设置的数据集，不同的是：{'；'.join(differing)}。请用 --out 换一个目录，或恢复原来的设置；原来的数据没有动。"
        )


def _told(key: str, before: object, now: object) -> str:
    """What differs, with both values where these are short."""
    name = _NAMES.get(key, key)
    short = all(not isinstance(one, list | dict) and len(str(one)) <= 60 for one in (before, now))
    return f"{name}（原来是 {before}，现在是 {now}）" if short and key not in ("prompts", "model_digest") else name
