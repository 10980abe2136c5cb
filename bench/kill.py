"""Kills an ingestion at random moments and runs it again: the store must then be the one of an undisturbed run.

Run as: python -m bench.kill PATH... [--times 25] [--seed 408]
For each kill (SIGKILL to the command, wherever it is): what the registry calls indexed must be found at once; after the next run
every chunk must be there, none twice, in the vectors and in the lexical index; no worker process may be left.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import tantivy

from knowledge.subjects import SUBJECTS
from settings import Settings
from vector_db.chroma import all_documents
from vector_db.registry import INDEXED, Registry
from vector_db.store import CourseStore, open_store


@dataclass(frozen=True)
class Contents:
    """What a data folder holds: chunk ids by source in the vectors, all ids in the lexical index, and who is indexed."""

    vectors: dict[str, list[str]]
    words: list[str]
    indexed: dict[str, int]

    def same(self, other: Contents) -> bool:
        """Whether both hold the same chunks, each once."""
        mine, theirs = ({k: sorted(v) for k, v in c.vectors.items()} for c in (self, other))
        return mine == theirs and sorted(self.words) == sorted(other.words) and self.indexed == other.indexed


def main() -> int:
    """Return 1 if any kill left a trace."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--times", type=int, default=25, help="次数")
    parser.add_argument("--seed", type=int, default=408)
    options = parser.parse_args()
    bad, chance = 0, random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        seconds = _ingest(options.paths, Path(folder) / "undisturbed")
        expected = contents(Path(folder) / "undisturbed")
        print(f"undisturbed: {seconds:.1f} s, {len(expected.indexed)} documents, {len(expected.words)} chunks", flush=True)
        for i in range(options.times):
            data, moment = Path(folder) / str(i), chance.uniform(0, seconds)
            report = kill_and_repeat(options.paths, data, moment, expected)
            bad += "!" in report
            print(f"{i + 1:>3}. killed after {moment:6.2f} s: {report}", flush=True)
    print(f"{options.times - bad} of {options.times} as undisturbed")
    return 1 if bad else 0


def kill_and_repeat(paths: list[Path], data: Path, moment: float, expected: Contents) -> str:
    """What happened, with `!` at whatever must not happen."""
    process = subprocess.Popen(_command(paths), env=_environment(data), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
    left = _children_left(data)
    told = _kept_promises(data)
    seconds = _ingest(paths, data)
    same = contents(data).same(expected)
    return f"{told}; {left}; again {seconds:.1f} s: {'the same' if same else 'NOT the same!'}"


def contents(data: Path) -> Contents:
    """Read a data folder."""
    settings = Settings(data_dir=data)
    vectors = dict[str, list[str]]()
    for chunk in _chunks(open_store(settings)):
        vectors.setdefault(str(chunk.metadata["source"]), []).append(str(chunk.id))
    records = Registry(settings.vector_db_dir / "registry.sqlite3").all()
    return Contents(
        vectors, _words(settings.vector_db_dir / "lexical"), {r.source: r.chunks for r in records if r.state == INDEXED}
    )


def _chunks(store: CourseStore):  # type: ignore[no-untyped-def]
    store.refresh()
    for collection in store._existing(store._open.snapshot, SUBJECTS):
        yield from all_documents(collection)


def _words(folder: Path) -> list[str]:
    searcher = tantivy.Index.open(str(folder)).searcher()
    hits = searcher.search(tantivy.Query.all_query(), limit=max(searcher.num_docs, 1)).hits
    return [str(searcher.doc(address)["chunk_id"][0]) for _, address in hits]


def _kept_promises(data: Path) -> str:
    """Right after a kill: whether the documents that the registry calls indexed are all there."""
    if not (data / "vector_db" / "registry.sqlite3").exists():
        return "nothing registered yet"
    found = contents(data)
    broken = [s for s, chunks in found.indexed.items() if len(found.vectors.get(s, ())) != chunks]
    words = set(found.words)
    broken += [s for s in found.indexed if not words >= set(found.vectors.get(s, ()))]
    return f"{len(found.indexed)} documents were done" + (f", {len(broken)} of them LOST!" if broken else "")


def _children_left(data: Path, patience: float = 20.0) -> str:
    """Whether the killed command's workers go away by themselves: they carry its data folder in their environment."""
    mark, until = f"TUTOR_DATA_DIR={data}\0".encode(), time.monotonic() + patience
    while left := _carrying(mark):
        if time.monotonic() > until:
            return f"{len(left)} processes LEFT!"
        time.sleep(0.05)
    return "no process left"


def _carrying(mark: bytes) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes() + b"\0":
                found.append(int(process.name))
        except OSError:
            continue
    return found


def _ingest(paths: list[Path], data: Path) -> float:
    started = time.monotonic()
    subprocess.run(_command(paths), env=_environment(data), check=False, capture_output=True)
    return time.monotonic() - started


def _command(paths: list[Path]) -> list[str]:
    return [sys.executable, "-m", "rag.ingest", "--json", *map(str, paths)]


def _environment(data: Path) -> dict[str, str]:
    return os.environ | {"TUTOR_DATA_DIR": str(data)}


if __name__ == "__main__":
    raise SystemExit(main())
