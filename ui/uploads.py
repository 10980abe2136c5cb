"""Documents on their way into the library, in a thread of the app: a page that is closed or reloaded stops nothing."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from errors import StorageError, StoreBusyError, TutorError
from knowledge.subjects import AUTO, SUBJECTS
from rag.library import FAILED, Incoming, Library, Outcome, Step

__all__ = ["Upload", "Uploads"]

_MAX_NAME = 120
_SHOWN = 60
"""Finished uploads that stay in sight; of more the oldest go."""
_TOLD = "about.json"
_PATIENCE = 0.5
_BUSY = "正在等另一个入库任务结束"


@dataclass(frozen=True)
class Upload:
    """One file: `state` is waiting, reading, done or failed; pages are 0 before they are known.

    `said` is what a student should know of it: why it waits, what went wrong.
    """

    key: str
    name: str
    state: str = "waiting"
    pages: int = 0
    total_pages: int = 0
    ocr: bool = False
    said: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in ("done", "failed")


class Uploads:
    """A queue of files. Each is copied into `folder` first, from where an app that was killed takes it up again.

    Any thread may use it. One batch is read at a time, and in it several files at once.

    Args:
        ready: set when the app has prepared itself: the first start reads the bundled documents into an empty library.
    """

    def __init__(self, library: Library, folder: Path, ready: threading.Event) -> None:
        self._library = library
        self._ready = ready
        self._folder = folder
        self._known: dict[str, Upload] = {}
        self._waiting: list[tuple[str, Incoming]] = []
        self._changing = threading.Lock()
        self._worker: threading.Thread | None = None
        self._stopped = threading.Event()

    def start(self) -> None:
        """Take up what an earlier run of the app has left; returns at once."""
        for about in sorted(self._folder.glob(f"*/{_TOLD}"), key=_age):
            self._take_up(about)
        self._wake()

    def stop(self) -> None:
        """Begin nothing more, and give up waiting: the app ends."""
        self._stopped.set()

    def add(self, paths: Sequence[Path], subject: str = AUTO) -> None:
        """Copy files, and read them as soon as possible; returns when they are safe.

        Raises:
            StorageError: the data folder can't be written.
        """
        for path in paths:
            self._accept(path, subject if subject in SUBJECTS else AUTO)
        self._wake()

    def retry(self, key: str) -> bool:
        """Read an upload once more that could not be read through no fault of its own; False if there is no such."""
        with self._changing:
            upload = self._known.get(key)
        if upload is None or upload.state != "failed" or not (self._folder / key / _TOLD).exists():
            return False
        self._take_up(self._folder / key / _TOLD)
        self._wake()
        return True

    def again(self, source: str) -> bool:
        """Read a document of the library once more, from its copy; False if it has none, or is being read already."""
        record = next((r for r in self._library.documents() if r.source == source), None)
        if record is None or any(u.name == source and not u.over for u in self.shown()):
            return False
        ready = self._library.read_again(record)
        if isinstance(ready, Outcome):
            with self._changing:
                self._known[source] = Upload(source, source, "failed", said=ready.error)
            return False
        with self._changing:
            key = f"again-{uuid4().hex}"
            self._known[key] = Upload(key, source)
            self._waiting.append((key, replace(ready, label=key)))
        self._wake()
        return True

    def shown(self) -> list[Upload]:
        """All of this run of the app, those at work first, then the latest."""
        with self._changing:
            known = list(self._known.values())
        return sorted(reversed(known), key=lambda upload: (upload.over, upload.state == "waiting"))

    @property
    def busy(self) -> bool:
        """Whether something is waiting or being read."""
        return any(not upload.over for upload in self.shown())

    def clear(self) -> None:
        """Forget those that are finished."""
        with self._changing:
            self._known = {key: upload for key, upload in self._known.items() if not upload.over}

    def _take_up(self, about: Path) -> None:
        with suppress(OSError, ValueError, KeyError, TypeError):  # damaged, or just read and gone
            told = json.loads(about.read_text("utf-8"))
            self._queue(about.parent.name, about.parent / Path(told["file"]).name, str(told["name"]), str(told["subject"]))

    def _accept(self, path: Path, subject: str) -> None:
        key = uuid4().hex
        name = path.name if len(path.name) <= _MAX_NAME else f"{path.stem[: _MAX_NAME - 10]}…{path.suffix}"
        folder, kept = self._folder / key, f"upload{path.suffix.lower()}"
        try:
            folder.mkdir(parents=True)
            shutil.copyfile(path, folder / kept)
            draft = folder / f"{_TOLD}.part"
            draft.write_text(json.dumps({"file": kept, "name": name, "subject": subject}), "utf-8")
            draft.replace(folder / _TOLD)  # from now on it will be read, whatever happens
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise StorageError(f"{name} 没能保存（{error.strerror}）。请检查数据目录的权限与磁盘空间后再传一次。") from error
        self._queue(key, folder / kept, name, subject)

    def _queue(self, key: str, path: Path, name: str, subject: str) -> None:
        with self._changing:
            self._known[key] = Upload(key, name)
            over = [old for old, upload in self._known.items() if upload.over]
            for old in over[: max(len(over) - _SHOWN, 0)]:
                del self._known[old]
            self._waiting.append((key, Incoming(path, name, subject, f"upload:{name}", key)))

    def _wake(self) -> None:
        with self._changing:
            if self._waiting and not (self._worker and self._worker.is_alive()):
                self._worker = threading.Thread(target=self._work, name="uploads", daemon=True)
                self._worker.start()

    def _work(self) -> None:
        while not self._stopped.is_set():
            with self._changing:
                batch, self._waiting = dict(self._waiting), []
                if not batch:
                    self._worker = None
                    return
            self._read(batch)

    def _read(self, batch: dict[str, Incoming]) -> None:
        """Read a batch to its end, however long another process holds the right to write."""
        try:
            for step in self._steps(list(batch.values())):
                self._note(step)
        except TutorError as error:
            self._fail(batch, str(error))
            return
        except Exception as error:  # noqa: BLE001 - the thread must live on for the next file, and the student be told
            self._fail(batch, f"读取时出了没有预料到的错误（{type(error).__name__}）。请点“重试”；仍不行时请换一份文件。")
            return
        if not self._stopped.is_set():
            self._fail(batch, "同时上传了几份同名的文件，只读入了最后一份。请改名后再传。")
            for key in batch:
                shutil.rmtree(self._folder / key, ignore_errors=True)

    def _steps(self, files: Sequence[Incoming]) -> Iterator[Step]:
        while not (self._ready.wait(_PATIENCE) or self._stopped.is_set()):
            pass
        while not self._stopped.is_set():
            try:
                with self._library.writing(), self._library.workers() as workers:
                    self._library.reconcile()
                    yield from self._library.add_all(files, workers)
                return
            except StoreBusyError:
                for file in files:
                    self._change(file.label, said=_BUSY)

    def _note(self, step: Step) -> None:
        if step.outcome is None:
            self._change(step.path, state="reading", pages=step.file_pages, total_pages=step.file_total, ocr=step.ocr, said="")
        elif step.outcome.state == FAILED:
            self._change(step.path, state="failed", said=step.outcome.error)
        else:
            record = step.outcome.record
            pages = record.pages if record else 0
            said = "内容没有变化" if step.outcome.state == "unchanged" else ""
            self._change(step.path, state="done", pages=pages, total_pages=pages, said=said)

    def _fail(self, batch: dict[str, Incoming], said: str) -> None:
        with self._changing:
            for key in batch:
                if key in self._known and not self._known[key].over:
                    self._known[key] = replace(self._known[key], state="failed", said=said)

    def _change(self, key: str, **values: object) -> None:
        with self._changing:
            if key in self._known:
                self._known[key] = replace(self._known[key], **values)  # type: ignore[arg-type]


def _age(about: Path) -> float:
    try:
        return about.stat().st_mtime
    except OSError:
        return 0.0
