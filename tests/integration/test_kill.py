"""SIGKILL to the command at the moments that matter, each followed by another run: nothing is missing, nothing twice."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pypdfium2
import pytest

from bench.kill import Contents, contents
from settings import ROOT
from tests.conftest import DOCS
from vector_db.registry import INDEXED, PENDING, Registry


def scanned(path: Path, pages: int) -> Path:
    """A corner of a shipped handout's pages as a PDF of images, nearly square as OCR likes it: ten commands here recognise it."""
    with pypdfium2.PdfDocument(DOCS / "操作系统讲义.pdf") as pdf:
        width, height = pdf[0].get_size()
        corner = (0, 0.7 * height, 0.6 * width, 0)
        images = [pdf[i].render(scale=1.2, crop=corner).to_pil().convert("L") for i in range(pages)]
    images[0].save(path, save_all=True, append_images=images[1:], resolution=86.4)
    return path


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Notes, a handout, and a scan that takes long enough to be killed in."""
    folder = tmp_path_factory.mktemp("course")
    for i in range(40):
        (folder / f"{i:02}.md").write_text(f"# 进程\n\n第 {i} 份讲义：进程是资源分配的基本单位。\n", encoding="utf-8")
    scanned(folder / "zz扫描.pdf", 2)
    return folder


def command(course: Path, data: Path, out: int) -> subprocess.Popen[bytes]:
    environment = os.environ | {"TUTOR_DATA_DIR": str(data), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-m", "rag.ingest", str(course), "--json"], env=environment, stdout=out, stderr=out)


@pytest.fixture(scope="module")
def undisturbed(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Contents:
    data = tmp_path_factory.mktemp("undisturbed")
    assert command(course, data, subprocess.DEVNULL).wait() == 0
    return contents(data)


def _states(data: Path) -> set[str]:
    return {record.state for record in Registry(data / "vector_db" / "registry.sqlite3").all()}


MOMENTS: dict[str, Callable[[Path], bool]] = {
    "announced": lambda data: PENDING in _states(data),
    "copied": lambda data: any((data / "vector_db" / "originals").glob("*.md")),
    "recognised": lambda data: any((data / "vector_db" / "ocr").glob("*/*.json")),
    "settled": lambda data: INDEXED in _states(data),
}


def killed_at(process: subprocess.Popen[bytes], reached: Callable[[], bool]) -> None:
    while not reached():
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.01)
            pytest.fail("it was over before it could be killed")
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_leaves_no_trace_after_the_next_run(course: Path, undisturbed: Contents, tmp_path: Path, moment: str) -> None:
    process = command(course, tmp_path, subprocess.DEVNULL)
    killed_at(process, lambda: MOMENTS[moment](tmp_path))
    found = contents(tmp_path)
    for source, chunks in found.indexed.items():
        assert len(found.vectors[source]) == chunks and set(found.vectors[source]) <= set(found.words), source
    recognised = {path: path.stat().st_mtime_ns for path in (tmp_path / "vector_db" / "ocr").glob("*/*.json")}
    assert command(course, tmp_path, subprocess.DEVNULL).wait() == 0
    assert contents(tmp_path).same(undisturbed)
    assert all(path.stat().st_mtime_ns == before for path, before in recognised.items()), "a page is recognised once"
