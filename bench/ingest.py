"""Throughput and memory of ingestion, beside the recipe of assistant408 and the floors of the libraries underneath.

Run as: python -m bench.ingest FOLDER [--book 2000]
Needs, for the recipe only: pip install langchain-community langchain-text-splitters langchain-chroma "unstructured[md]"

The recipe: UnstructuredMarkdownLoader and PyPDFLoader → RecursiveCharacterTextSplitter(500, 150) → the same embedding model →
Chroma.from_documents. The floors: pdfium's text extraction alone; Chroma's upsert of ready vectors alone. Each runs in a process
of its own, after a warming-up on one file, so that start-up and imports count for none. Peak memory is the process's; of a
generated book (`--book`, as often as wanted) it is that of all its processes together.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

Result = tuple[int, int]
"""Pages and chunks."""


def ours(files: list[Path], data: Path) -> Result:
    """This project's ingestion, as the command runs it."""
    from rag.ingest import ingest
    from rag.library import open_library
    from settings import Settings

    steps = ingest(open_library(Settings(data_dir=data)), [(path, str(path)) for path in files])
    done = [step.outcome.record for step in steps if step.outcome and step.outcome.record]
    return sum(r.pages for r in done), sum(r.chunks for r in done)


def recipe(files: list[Path], data: Path) -> Result:
    """assistant408's ingestion with our embedding model."""
    from langchain_chroma import Chroma
    from langchain_community.document_loaders import PyPDFLoader, UnstructuredMarkdownLoader
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    from rag.parsing.office import use_chinese_segmentation
    from settings import Settings
    from vector_db.embeddings import load_embeddings

    use_chinese_segmentation()  # without it the Markdown loader wants to download a model
    gc.unfreeze()  # the recipe runs as Python runs it: what our embedding does for the collections is ours
    pages = []
    for path in files:
        pages += (PyPDFLoader(str(path)) if path.suffix == ".pdf" else UnstructuredMarkdownLoader(str(path))).load()
    chunks = RecursiveCharacterTextSplitter(chunk_size=500, chunk_overlap=150).split_documents(pages)
    Chroma.from_documents(chunks, load_embeddings(Settings(data_dir=data)), persist_directory=str(data / "recipe"))
    return len(pages), len(chunks)


def extraction(files: list[Path], data: Path) -> Result:
    """Reading the text alone: pdfium for PDF, the bytes of everything else."""
    import pypdfium2

    pages = 0
    for path in files:
        if path.suffix != ".pdf":
            pages += bool(path.read_text("utf-8", "replace"))
            continue
        with pypdfium2.PdfDocument(path) as pdf:
            for leaf in pdf:
                leaf.get_textpage().get_text_bounded()
                pages += 1
    return pages, 0


def upsert(files: list[Path], data: Path) -> Result:
    """Writing to Chroma alone: as many ready chunks with vectors as our pipeline makes of the files."""
    import chromadb

    from rag.parsing import parse
    from rag.splitting import split_pages
    from settings import Settings
    from vector_db.embeddings import load_embeddings

    settings = Settings(data_dir=data)
    chunks = [c for path in files for c in split_pages(parse(path, settings), str(path), "0", "ds")]
    vectors = load_embeddings(settings).embed_documents([c.page_content for c in chunks])
    collection = chromadb.PersistentClient(str(data / "floor")).create_collection("floor")
    started = time.perf_counter()
    for i in range(0, len(chunks), 1000):
        batch = chunks[i : i + 1000]
        collection.upsert(
            ids=[str(c.id) for c in batch], embeddings=cast(Any, vectors[i : i + 1000]),
            documents=[c.page_content for c in batch], metadatas=[c.metadata for c in batch],
        )  # fmt: skip
    _Clock.only = time.perf_counter() - started
    return 0, len(chunks)


class _Clock:
    """The part of a run that is to be counted, if not all of it."""

    only = 0.0


RUNS: dict[str, Callable[[list[Path], Path], Result]] = {
    "ours": ours,
    "recipe": recipe,
    "extraction": extraction,
    "upsert": upsert,
}


class _Memory(threading.Thread):
    """The greatest memory of this process and all below it, in MB: proportional set sizes, looked at ten times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0

    def run(self) -> None:
        """Look until the process ends."""
        while True:
            self.peak = max(self.peak, sum(map(_proportional, _family(os.getpid()))) >> 10)
            threading.Event().wait(0.1)


def _family(root: int) -> list[int]:
    """A process and all below it."""
    parents = dict[int, list[int]]()
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents.setdefault(int(status.read_text().rpartition(")")[2].split()[1]), []).append(int(status.parent.name))
    found = [root]
    for process in found:
        found += parents.get(process, [])
    return found


def _proportional(process: int) -> int:
    """Its memory in KB, what it shares with others divided among them."""
    with suppress(OSError):
        rows = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        return next((int(row.split()[1]) for row in rows if row.startswith("Pss:")), 0)
    return 0


def measure(name: str, files: list[Path], watch: bool = False) -> None:
    """Run one of them and print what it took as JSON; `watch` the memory of all its processes, which takes a little time."""
    with tempfile.TemporaryDirectory() as folder:
        RUNS[name](files[:1], Path(folder) / "warm")
        _Clock.only = 0.0
        memory = _Memory()
        if watch:
            memory.start()
        started = time.perf_counter()
        pages, chunks = RUNS[name](files, Path(folder) / "run")
        seconds = _Clock.only or time.perf_counter() - started
    peak = max(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10, memory.peak)
    print(json.dumps({"name": name, "pages": pages, "chunks": chunks, "seconds": round(seconds, 3), "peak_mb": peak}))


def main() -> None:
    """Measure all of them on the PDF and the Markdown files of a folder, or our memory on generated books."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--run", choices=RUNS, help=argparse.SUPPRESS)
    parser.add_argument("--files", nargs="*", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--book", type=int, nargs="*", default=[], help="另测这么多页的书所用的内存")
    parser.add_argument("--watch", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        measure(options.run, options.files, options.watch)
        return
    for suffix in (".pdf", ".md"):
        if files := _readable(options.folder, suffix):
            print(f"\n{suffix}: {len(files)} files")
            for name in RUNS:
                _show(_in_process(name, files))
    for pages in options.book:
        with tempfile.TemporaryDirectory() as folder:
            print(f"\na book of {pages} pages")
            book = _book(Path(folder) / f"{pages}.pdf", pages)
            for name in RUNS:
                _show(_in_process(name, [book], "--watch"))


def _readable(folder: Path | None, suffix: str) -> list[Path]:
    """The files that the recipe can read as well: it has no OCR."""
    files = sorted(folder.rglob(f"*{suffix}")) if folder else []
    if suffix != ".pdf":
        return files
    import pypdfium2

    return [f for f in files if len(pypdfium2.PdfDocument(f)[0].get_textpage().get_text_bounded()) > 20]


def _in_process(name: str, files: list[Path], *options: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.ingest", "--run", name, *options, "--files", *map(str, files)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result: dict[str, float] = json.loads(printed.strip().splitlines()[-1])
    return result


def _show(result: dict[str, float]) -> None:
    seconds = result["seconds"] or 1e-9
    print(
        f"  {result['name']:<11}{result['pages']:>6} pages {result['pages'] / seconds:>8.1f}/s  {result['chunks']:>6} chunks "
        f"{result['chunks'] / seconds:>8.1f}/s  {seconds:>7.2f} s  peak {result['peak_mb']} MB",
        flush=True,
    )


def _book(path: Path, pages: int) -> Path:
    """A book that repeats the pages of the shipped handouts."""
    from pypdf import PdfReader, PdfWriter

    from settings import ROOT

    leaves = [leaf for book in sorted((ROOT / "docs").glob("*.pdf")) for leaf in PdfReader(book).pages]
    writer = PdfWriter()
    for i in range(pages):
        writer.add_page(leaves[i % len(leaves)])
    writer.write(path)
    return path


if __name__ == "__main__":
    main()
