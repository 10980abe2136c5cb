"""The processes that read documents: a file that crashes or hangs one of them costs neither the run nor the app."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import pickle
import select
import shutil
import signal
import sys
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp
from threading import Lock, Thread
from types import ModuleType, TracebackType
from typing import Any, Protocol, TypeVar, cast

from pebble import ProcessExpired, ProcessPool

from errors import StoreError, TutorError, WorkersError
from settings import Settings

__all__ = ["Crashed", "Inline", "TooSlow", "Workers", "WorkerPool", "result_of"]

_R = TypeVar("_R")

_NO_WORKERS = "读取资料的进程启动不了。请检查可用内存，并从脚本文件（不是标准输入）运行；仍不行时设 TUTOR_INGEST_WORKERS=1 再试。"
_GARBAGE = 50_000
"""Objects between two collections in a worker: at Python's 700 a fifth of its time goes into them (measured)."""
_NICE = 10
"""How far workers step back: what writes to the store waits for few of them, and whoever asks the tutor for none."""
_MOST = 8
"""More processes than this want more memory than they are worth: with OCR each holds some 700 MB."""


class Crashed(Exception):
    """The process that ran the function died."""


class TooSlow(Exception):
    """The function took longer than it may; its process was ended."""


class Workers(Protocol):
    """Runs functions; the future's result may be a `Crashed` or `TooSlow` by `result_of`."""

    count: int

    def submit(self, function: Callable[..., _R], *arguments: Any, pages: int = 1) -> Future[_R]:
        """Run a function of a module with arguments that can be pickled; `pages` tells how long it may take."""

    def start(self) -> None:
        """Something is to be run soon; returns at once."""

    def release(self) -> None:
        """Nothing more is to be run for now; returns at once."""


class Inline:
    """Runs functions at once, in this process: for one document in a test or a script."""

    count = 1

    def submit(self, function: Callable[..., _R], *arguments: Any, pages: int = 1) -> Future[_R]:
        """Run it and hold what came of it."""
        future: Future[_R] = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:  # noqa: BLE001 - a future carries any error to the one who asks for the result
            future.set_exception(error)
        return future

    def start(self) -> None:
        """Nothing is needed."""

    def release(self) -> None:
        """Nothing is held."""


class WorkerPool:
    """Processes that start with the first function and end with the context.

    They are forked from a server process, never from this one: its threads (page, vector store) would be forked with it.
    Results wait in files: through a pipe a process could go on only when this one, busy writing to the store, has taken them.
    """

    def __init__(self, settings: Settings) -> None:
        cores = os.cpu_count() or 1
        self.count = settings.ingest_workers or min(cores, _MOST)
        self._threads = max(1, cores // self.count)
        self._page_seconds = settings.page_timeout_seconds
        self._memory = settings.max_memory_mb << 20
        self._changing = Lock()
        self._pool: ProcessPool | None = None
        self._starting: Thread | None = None
        self._ending: Thread | None = None
        self._results = settings.vector_db_dir / "results"

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()
        if self._ending is not None:
            self._ending.join()
            shutil.rmtree(self._results, ignore_errors=True)

    def start(self) -> None:
        """Start the processes, while the first of what they are to read is made ready; returns at once."""
        self._starting = Thread(target=self._try, name="starting the workers")
        self._starting.start()

    def _try(self) -> None:
        with suppress(TutorError, OSError, EOFError):  # `submit` will meet it again
            self.submit(os.getpid)

    def release(self) -> None:
        """End the processes, whatever they are still reading; returns at once. What OCR has finished is kept."""
        if self._starting is not None:
            self._starting.join()
        with self._changing:
            if self._pool is not None:
                self._ending = Thread(target=_end, args=[self._pool], name="ending the workers")
                self._ending.start()
                self._pool = None

    def _clear_results(self) -> None:
        """An empty folder for the results, whatever a run that was killed left there.

        Raises:
            StoreError: the data folder can't be written.
        """
        shutil.rmtree(self._results, ignore_errors=True)
        try:
            self._results.mkdir(0o700, parents=True)
        except OSError as error:
            raise StoreError(f"数据目录 {self._results.parent} 不能写入。请检查权限与磁盘空间，并删除其中的 results。") from error

    def submit(self, function: Callable[..., _R], *arguments: Any, pages: int = 1) -> Future[_R]:
        """Run a function in the next free process."""
        call = (self._results, function, arguments)
        try:
            with self._changing:
                pool = self._pool = self._pool or self._created()
                return cast("Future[_R]", pool.schedule(_laid_down, args=call, timeout=self._page_seconds * pages))
        except (BrokenProcessPool, RuntimeError) as error:
            raise WorkersError(_NO_WORKERS) from error

    def _created(self) -> ProcessPool:
        if self._ending is not None:
            self._ending.join()
        self._clear_results()
        return ProcessPool(
            self.count, initializer=_initialise, initargs=[self._threads, self._memory, os.getpid()], context=_context()
        )


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def result_of(future: Future[_R]) -> _R:
    """The result of a function, once it is there.

    Raises:
        Crashed, TooSlow: it came to no end.
        WorkersError: no process could be started for it.
        Exception: what the function raised.
    """
    try:
        result = future.result()
        return cast(_R, result.taken()) if isinstance(result, _Laid) else result
    except BrokenProcessPool as error:
        raise WorkersError(_NO_WORKERS) from error
    except (ProcessExpired, MemoryError) as error:
        raise Crashed from error
    except FutureTimeoutError as error:
        raise TooSlow from error


@dataclass(frozen=True)
class _Laid:
    """A result in a file of ours."""

    path: str

    def taken(self) -> Any:
        """Read it, and delete the file."""
        with open(self.path, "rb") as file:
            result = pickle.load(file)
        os.unlink(self.path)
        return result


def _laid_down(folder: Path, function: Callable[..., Any], arguments: tuple[Any, ...]) -> _Laid:
    """In a worker: the function's result, laid down in a folder that only this user can enter."""
    result = function(*arguments)
    descriptor, path = mkstemp(dir=folder)
    try:
        with open(descriptor, "wb") as file:
            pickle.dump(result, file, pickle.HIGHEST_PROTOCOL)
    except BaseException:
        os.unlink(path)
        raise
    return _Laid(path)


def _context() -> Any:
    """The server process has read the modules that all need, so that each process is there at once."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["rag.preloaded"])
    return context


def _initialise(threads: int, memory: int, master: int) -> None:
    """In a new process: Ctrl-C is the master's to answer, OCR takes its share of the cores, memory (in bytes) has an end."""
    from rag.parsing.ocr import set_threads

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with(master)
    # spaCy, which parts sentences of Word files and web pages, imports torch wherever it is installed and never uses it here:
    # three quarters of the time that the first such file of each process takes
    sys.modules.setdefault("torch", cast(ModuleType, None))
    logging.disable(logging.WARNING)  # what libraries grumble about in a file is no message to a user
    set_threads(threads)
    gc.set_threshold(_GARBAGE)
    if hasattr(os, "nice"):  # not on Windows
        os.nice(_NICE)
    if sys.platform == "linux":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        least = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (least, hard))


def _end_with(master: int) -> None:
    """End with the process that all is done for, however that ends: nobody else would end a page that hangs."""
    if not hasattr(os, "pidfd_open"):  # elsewhere than on Linux a process ends after the page that it is reading
        return
    try:
        alive = os.pidfd_open(master)
    except ProcessLookupError:
        os._exit(1)
    except OSError:  # an old kernel, or a sandbox that allows none
        return

    def wait() -> None:
        select.select([alive], [], [])  # readable once it is gone
        os._exit(1)

    Thread(target=wait, name="waiting for the master's end", daemon=True).start()
