import errno
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from errors import EmptyDocumentError
from rag.parsing.web import html_blocks
from rag.workers import Crashed, Inline, TooSlow, WorkerPool, _end_with, result_of
from settings import ROOT, Settings


def pid(_: object = None) -> int:
    return os.getpid()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hang() -> None:
    threading.Event().wait()


def complain() -> None:
    raise EmptyDocumentError("文件是空的。")


@pytest.fixture
def pool(tmp_path: Path):
    with WorkerPool(Settings(_env_file=None, data_dir=tmp_path, ingest_workers=2, page_timeout_seconds=30)) as workers:
        yield workers


def test_functions_run_in_other_processes(pool: WorkerPool) -> None:
    assert os.getpid() not in {result_of(pool.submit(pid)) for _ in range(4)}


def test_a_crash_costs_its_own_function_only(pool: WorkerPool) -> None:
    futures = [pool.submit(pid), pool.submit(die), pool.submit(pid), pool.submit(pid)]
    with pytest.raises(Crashed):
        result_of(futures[1])
    assert all(result_of(future) for future in (futures[0], *futures[2:]))


def test_what_hangs_is_ended(tmp_path: Path) -> None:
    with WorkerPool(Settings(_env_file=None, data_dir=tmp_path, ingest_workers=1, page_timeout_seconds=0.2)) as workers:
        hung = workers.submit(hang)
        with pytest.raises(TooSlow):
            result_of(hung)
        assert result_of(workers.submit(pid, pages=200)), "the next one has a new process"


@pytest.mark.skipif(sys.platform != "linux", reason="no such limit elsewhere")
def test_memory_has_an_end(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path, ingest_workers=1, max_memory_mb=1024, page_timeout_seconds=30)
    with WorkerPool(settings) as workers:
        with pytest.raises(Crashed):
            result_of(workers.submit(bytearray, 1100 << 20))
        assert result_of(workers.submit(pid)), "and the process goes on"


def test_errors_come_back_as_they_are(pool: WorkerPool) -> None:
    for workers in (pool, Inline()):
        with pytest.raises(EmptyDocumentError, match=r"^文件是空的。$"):
            result_of(workers.submit(complain))


def test_no_process_is_left_behind(tmp_path: Path) -> None:
    with WorkerPool(Settings(_env_file=None, data_dir=tmp_path, ingest_workers=2, page_timeout_seconds=30)) as workers:
        child = result_of(workers.submit(pid))
        workers.submit(hang)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def reads_web_pages_with() -> list[str]:
    assert html_blocks("<p>一句话。</p>")
    return [name for name in ("spacy", "torch") if sys.modules.get(name)]


def test_processes_load_no_torch(pool: WorkerPool) -> None:
    assert result_of(pool.submit(reads_web_pages_with)) == ["spacy"]


def test_nothing_is_started_for_nothing(tmp_path: Path) -> None:
    workers = WorkerPool(Settings(_env_file=None, data_dir=tmp_path))
    with workers:
        pass
    assert workers._pool is None and 1 <= workers.count <= 8


MASTER = """
import sys
from pathlib import Path

from rag.workers import WorkerPool
from settings import Settings
from tests.unit.rag.test_workers import tell_and_hang

if __name__ == "__main__":
    with WorkerPool(Settings(_env_file=None, data_dir=Path(sys.argv[1]), ingest_workers=1)) as pool:
        pool.submit(tell_and_hang, sys.argv[2]).result()
"""


def tell_and_hang(told: str) -> None:
    Path(told).write_text(str(os.getpid()))
    hang()


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="no such descriptor elsewhere")
def test_what_hangs_ends_with_a_master_that_was_killed(tmp_path: Path) -> None:
    (tmp_path / "master.py").write_text(MASTER, encoding="utf-8")
    told = tmp_path / "worker"
    os.mkfifo(told)
    command = [sys.executable, str(tmp_path / "master.py"), str(tmp_path / "data"), str(told)]
    master = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)})
    worker = os.pidfd_open(int(told.read_text()))
    master.kill()
    master.wait()
    assert select.select([worker], [], [], 60)[0], "the worker is still there"


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="no such descriptor elsewhere")
def test_a_kernel_without_such_descriptors_reads_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(process: int) -> int:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(os, "pidfd_open", refused)
    before = threading.active_count()
    _end_with(os.getpid())
    assert threading.active_count() == before
