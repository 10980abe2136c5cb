"""The folder of a run: where everything in it lies, who may write into it, and whether a run may go on in it."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock, Timeout

from errors import ContentError, UsageError
from finetune.training.config import TrainingConfig
from finetune.training.rows import replace_text

__all__ = ["Identity", "RunFolder", "alone", "check_folder", "identity_config"]

_FREE = {"out", "model", "keep_checkpoints", "tensorboard"}
"""Keys that may change before a run goes on: they don't change what is learned (of the model its digest counts)."""


@dataclass(frozen=True)
class Identity:
    """All that decides what a run learns.

    Attributes:
        config: the configuration without the keys that may change.
        base: digest of the base.
        parent: digest of the adapter that it goes on from; empty if none.
        data: sha256 of the data files, by name.
        processes: how many compute together.
    """

    config: dict[str, Any]
    base: str
    parent: str
    data: dict[str, str]
    processes: int

    def differences(self, other: Identity) -> list[str]:
        """What is different in `other`, in words."""
        ours, theirs = _flat(self.config), _flat(other.config)
        keys = [key for key in ours | theirs if ours.get(key) != theirs.get(key)]
        told = [f"{key}：{_shown(ours.get(key))} → {_shown(theirs.get(key))}" for key in keys]
        told += ["底座（model）不是原来的那个"] if self.base != other.base else []
        told += ["--from-adapter 不是原来的那个"] if self.parent != other.parent else []
        told += [f"数据文件 {name} 的内容变了" for name in self.data if other.data.get(name, "") not in ("", self.data[name])]
        same = self.processes == other.processes
        return told if same else [*told, f"进程数：{self.processes} → {other.processes}"]


@dataclass(frozen=True)
class RunFolder:
    """Names of what lies in the folder of a run."""

    path: Path

    @property
    def record(self) -> Path:
        """run.json: identity, state, figures."""
        return self.path / "run.json"

    @property
    def metrics(self) -> Path:
        """A line a step, and one an evaluation."""
        return self.path / "metrics.jsonl"

    @property
    def samples(self) -> Path:
        """Answers given during training."""
        return self.path / "samples.jsonl"

    def stage(self, number: int, name: str) -> Path:
        """The folder of a stage, counted from 1."""
        return self.path / f"stage-{number}-{name}"

    def result(self, method: str) -> Path:
        """Where the learned weights are published."""
        return self.path / ("model" if method == "full" else "adapter")

    def read(self) -> dict[str, Any] | None:
        """run.json; None if there is no run.

        Raises:
            ContentError: it is damaged.
        """
        if not self.record.is_file():
            return None
        try:
            row = json.loads(self.record.read_bytes())
            Identity(**row["identity"])
        except (ValueError, KeyError, TypeError) as error:
            raise ContentError(f"{self.record} 已损坏，不能接着训练。请换一个 --out，重新训练。") from error
        return dict(row)

    def write(self, record: Mapping[str, Any]) -> None:
        """Replace run.json."""
        replace_text(self.record, json.dumps(record, ensure_ascii=False, indent=2, default=str) + "\n")

    def write_config(self, config: TrainingConfig) -> None:
        """The configuration with all defaults and changes, to be read again."""
        content = config.model_dump(mode="json")
        content["stages"] = [stage.model_dump(mode="json", exclude_unset=True) for stage in config.stages]
        replace_text(self.path / "config.yaml", yaml.safe_dump(content, allow_unicode=True, sort_keys=False))


def identity_config(config: TrainingConfig) -> dict[str, Any]:
    """The configuration as far as a run that goes on must not change it."""
    recipes = [{"name": name, **recipe.model_dump(mode="json")} for name, recipe in config.recipes()]
    shared = config.model_dump(mode="json", exclude=_FREE | {"stages"} | set(type(config.recipes()[0][1]).model_fields))
    return {**shared, "stages": recipes}


def check_folder(run: RunFolder, identity: Identity, resume: bool) -> str:
    """Whether a run may write here; the state of the one that does: empty, `unfinished` or `finished`.

    Raises:
        UsageError: another run or other files lie here, or configuration or data have changed since.
        ContentError: run.json is damaged.
    """
    record = run.read()
    if record is None:
        if run.path.exists() and (not run.path.is_dir() or any(run.path.iterdir())):
            raise UsageError(f"输出目录 {run.path} 里已有别的文件，不会覆盖。请用 --out 换一个目录。")
        return ""
    state = "finished" if record.get("state") == "finished" else "unfinished"
    if not resume:
        what = "一次完成了的训练" if state == "finished" else "一次没有完成的训练（加 --resume 可以接着做）"
        raise UsageError(f"输出目录 {run.path} 里已有{what}，不会覆盖。请用 --out 换一个目录。")
    if changed := Identity(**record["identity"]).differences(identity):
        lines = "\n".join(f"  {one}" for one in changed)
        raise UsageError(
            f"{run.path} 里的训练不能这样接着做，与它开始时不同：\n{lines}\n请改回来，或用 --out 换一个目录重新训练。"
        )
    return state


@contextmanager
def alone(run: RunFolder) -> Generator[None]:
    """Hold the folder for this process alone; the lock lies beside it and ends with the process.

    Raises:
        UsageError: another process is training into it, or it can't be written.
    """
    lock = FileLock(run.path.parent / f".{run.path.name}.lock", timeout=0)
    try:
        run.path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except (Timeout, OSError) as error:
        if isinstance(error, Timeout) and Path(lock.lock_file).exists():
            raise UsageError(f"另一个进程正在往 {run.path} 训练。请等它结束，或用 --out 换一个目录。") from error
        why = f"（{error.strerror}）" if error.strerror else ""  # where no file can be made at all, filelock waits for one
        raise UsageError(f"写不了输出目录 {run.path}{why}。请检查权限与路径，或用 --out 换一个目录。") from error
    try:
        yield
    finally:
        lock.release()


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        pairs = {one.get("name", n): one for n, one in enumerate(value)}.items()
    else:
        return {path: value}
    return {key: one for name, inner in pairs for key, one in _flat(inner, f"{path}.{name}" if path else str(name)).items()}


def _shown(value: Any) -> str:
    return "（没有）" if value is None else str(value)
