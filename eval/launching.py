"""Starting an exam in a process of its own: one at a time, watched by its folder, ended with the program that has started it.

What was started stands in the folder of the run (`.launch.json`, `.launch.log`), so that a page that is opened later, or a
program that is started again, knows what it was and can go on with the same command. A key travels in the environment of the
process: it is in no command line, file or log.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import RLock, Thread
from typing import Literal

from pydantic import SecretStr

from errors import UsageError
from eval.order import command_line
from eval.runs import LAUNCH, ExamRun, held
from knowledge.printable import printable
from rag.chat_models.label import model_label
from settings import ROOT, Settings

__all__ = ["Launch", "Launches", "State", "environment_of", "launch_of", "log_tail"]

LOG = ".launch.log"
State = Literal["running", "elsewhere", "finished", "incomplete", "stopped", "failed", "interrupted"]
"""`elsewhere`: another process is at it. `incomplete`: it ended, but the endpoint has not answered everything."""
_SAID_WHY = (1, 2)
"""Exit statuses of a command that has told what is wrong; others are of one that was killed."""
_GRACE_SECONDS = 5.0
_TAIL_BYTES, _TAIL_LINES = 16_384, 12
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_TOLD = re.compile(r"(chat_|embedding_model|reranker|chroma_url|data_dir)")
"""The settings that an exam needs; it gets no other secret."""

_NO_KEY = "none"
"""What is sent where no key is set. Said outright: a key in the file `.env` belongs to another endpoint."""


@dataclass(frozen=True)
class Launch:
    """How a run was started from the page.

    Attributes:
        arguments: of `python -m eval.exam`.
        model: the name of what was to answer.
        started, ended: ISO 8601; `ended` '' if nobody saw the end.
        code: exit status; None if nobody saw the end.
        stopped: whether somebody has stopped it.
    """

    arguments: tuple[str, ...]
    model: str
    started: str
    ended: str = ""
    code: int | None = None
    stopped: bool = False


class Launches:
    """What this program has started below the evaluator's folder `root`; any thread may ask."""

    def __init__(self, root: Path, clock: Callable[[], datetime]) -> None:
        self._root = root
        self._clock = clock
        self._turn = RLock()
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None

    @property
    def running(self) -> Path | None:
        """The folder of the run that is under way; None if there is none."""
        with self._turn:
            return self._folder if self._process is not None and self._process.poll() is None else None

    def start(self, arguments: Sequence[str], settings: Settings) -> Path:
        """Start an exam; the folder that it writes into.

        Raises:
            UsageError: one is under way already, or it can't be started.
        """
        folder = self._root / "exam" / f"{_slug(settings)}-{self._clock().astimezone():%Y%m%d-%H%M%S}"
        launch = Launch((*arguments, "--out", str(folder)), model_label(settings), self._now())
        with self._turn:
            self._check_free()
            try:
                folder.mkdir(parents=True)
            except FileExistsError as error:
                raise UsageError("刚刚已经开始了一次评测。请看下面的进度。") from error
            except OSError as error:
                raise UsageError(f"写不了评测目录 {folder}（{error.strerror}）。请检查磁盘空间与权限。") from error
            self._run(folder, launch, settings)
        return folder

    def resume(self, run: ExamRun, settings: Settings) -> None:
        """Run the command of an unfinished run again; it goes on where it stopped.

        Raises:
            UsageError: one is under way, it was not started here, or another model is connected now.
        """
        with self._turn:
            self._check_free()
            before = launch_of(run.folder)
            if before is None:
                raise UsageError("这次评测是用命令启动的，请在终端里再运行一次原来的命令：答过的题不会重答。")
            if held(run.folder):
                raise UsageError("另一个进程正在做这次评测，请等它结束。")
            if before.model != model_label(settings):
                raise UsageError(
                    f"这次评测用的模型是“{before.model}”，现在接入的是“{model_label(settings)}”。请先接回原来的模型，再点继续。"
                )
            self._run(run.folder, replace(before, started=self._now(), ended="", code=None, stopped=False), settings)

    def stop(self) -> None:
        """End the run that is under way, with all processes of its own; what was answered stays."""
        with self._turn:
            if self._process is None or self._folder is None or self._process.poll() is not None:
                return
            process, folder = self._process, self._folder
            if launch := launch_of(folder):
                _write(folder, replace(launch, stopped=True))
        _end(process)

    def state(self, run: ExamRun) -> State:
        """How it stands with a run."""
        if run.folder == self.running:
            return "running"
        if run.is_finished:
            return "finished"
        if held(run.folder):
            return "elsewhere"
        launch = launch_of(run.folder)
        if launch and launch.stopped:
            return "stopped"
        if run.summary:
            return "incomplete"
        return "failed" if launch and launch.code in _SAID_WHY else "interrupted"

    def _check_free(self) -> None:
        if self.running is not None:
            raise UsageError("一次评测正在进行，请等它做完，或先停止它。")

    def _run(self, folder: Path, launch: Launch, settings: Settings) -> None:
        _write(folder, launch)
        try:
            with (folder / LOG).open("ab") as log:
                log.write(f"$ {command_line(launch.arguments)}\n".encode())
                log.flush()
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "eval.leashed", *launch.arguments], env=environment_of(settings),
                    stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                )  # fmt: skip
        except OSError as error:
            raise UsageError(f"评测没能启动（{error.strerror}）。请检查磁盘空间、内存与权限后再试。") from error
        self._folder = folder
        Thread(target=self._see_out, args=(self._process, folder), name="evaluation", daemon=True).start()

    def _see_out(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        """Write down how it ended."""
        code = process.wait()
        if process.stdin:
            process.stdin.close()
        with self._turn:
            if launch := launch_of(folder):
                with suppress(OSError):
                    _write(folder, replace(launch, ended=self._now(), code=code))

    def _now(self) -> str:
        return datetime.isoformat(self._clock(), timespec="seconds")


def launch_of(folder: Path) -> Launch | None:
    """How a run was started; None if it was not started from the page."""
    try:
        row = json.loads((folder / LAUNCH).read_bytes())
        launch = Launch(**{**row, "arguments": tuple(map(str, row["arguments"]))})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return launch


def log_tail(folder: Path) -> str:
    """The last lines that a run has said; of a progress bar what stands there now."""
    try:
        with (folder / LOG).open("rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - _TAIL_BYTES, 0))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    lines = [printable(_ESCAPES.sub("", line.rstrip("\r").rpartition("\r")[2])) for line in text.split("\n")]
    return "\n".join([line for line in lines if line.strip()][-_TAIL_LINES:])


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment of the exam's process: this program's, with the settings as they are now and no secret that it has no use for."""
    told = {name: value for name, value in os.environ.items() if not name.upper().startswith("TUTOR_")}
    for name, value in settings:
        if value is not None and _TOLD.match(name):
            told[f"TUTOR_{name.upper()}"] = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    if settings.chat_api_key is None:
        told["TUTOR_CHAT_API_KEY"] = _NO_KEY
    path = os.pathsep.join(filter(None, [str(ROOT), told.get("PYTHONPATH", "")]))  # the folder that paths are seen from stays
    return told | {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}


def _write(folder: Path, launch: Launch) -> None:
    draft = folder / f"{LAUNCH}.{os.getpid()}"
    draft.write_text(json.dumps(asdict(launch), ensure_ascii=False), encoding="utf-8")
    draft.replace(folder / LAUNCH)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and its group; without mercy if it takes too long."""
    for how in ("SIGTERM", "SIGKILL"):
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, getattr(signal, how))
            else:  # no groups on this system
                process.kill()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_SECONDS)
            return


def _slug(settings: Settings) -> str:
    name = model_label(settings).partition("（")[0]
    return "".join(c if c.isascii() and (c.isalnum() or c in "-.") else "_" for c in name).strip("_")[:40] or "extractive"
