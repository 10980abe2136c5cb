"""Latency and memory of retrieval by the size of the knowledge base.

Run as: python -m bench.retrieval [--chunks 10000 100000 1000000] [--queries 200] [--seed 408]
For each size a temporary store (TMPDIR says where; some 10 KB a chunk) is filled by one process and then opened and asked by
another one, which has nothing in memory yet but finds the files in the system's cache. The store holds the chunks of docs/ and
knowledge/notes and, up to the size, copies of these documents whose sentences are drawn from all those of their subject, so that
subjects, words and sections are as frequent as in the real text; nobody asked about them. Numbers are drawn anew, and each copied chunk has one more, so
that hardly any two are the same. What the copies lack is a vocabulary that grows, and their vectors lie closer together than
those of as many real chunks: recall can't be measured on them. The questions are those of knowledge/asked, of any subject.

Times are in ms: `retrieve` is all that comes before an answer is written; `lexical` and `dense` (with the question's embedding)
are the legs alone. `ready_s` is imports and the model, equal at all sizes; `open_s` is opening the store and the first question.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, count
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from langchain_core.documents import Document

from knowledge.asked import read_asked
from knowledge.subjects import SUBJECTS, detect_subject
from rag.indexing import BatchWriter
from rag.ingest import find_documents
from rag.parsing import parse
from rag.retrieval import Retriever
from rag.sentences import sentences
from rag.splitting import link, split_pages
from settings import ROOT, Settings
from vector_db.embeddings import load_embeddings
from vector_db.segmentation import segment
from vector_db.store import open_store

_WARMING = 20
_LEG = 50  # hits, as `Retriever.search` asks for
_NUMBER = re.compile(r"\d+")


def real_documents(settings: Settings) -> list[list[Document]]:
    """The chunks of the shipped documents, a list a document."""
    found, _ = find_documents([ROOT / "docs", ROOT / "knowledge" / "notes"])
    return [list(link(split_pages(parse(p, settings), s, _digest(s), detect_subject(Path(s))))) for p, s in found]


def library(real: Sequence[list[Document]], chance: random.Random) -> Iterator[list[Document]]:
    """The real documents, and then copies of all of them again and again, without end."""
    yield from real
    pools = dict[str, list[str]]()
    for chunk in chain.from_iterable(real):
        text, pool = chunk.page_content, pools.setdefault(chunk.metadata["subject"], [])
        pool += (text[start:end] for start, end in sentences(text))
    for number in count(1):
        for document in real:
            yield [_copy(chunk, number, pools[chunk.metadata["subject"]], chance) for chunk in document]


def _copy(chunk: Document, number: int, pool: Sequence[str], chance: random.Random) -> Document:
    """A chunk in the place of another one: as many sentences, one a line, and its printed lines in the same proportion."""
    drawn = chance.choices(pool, k=max(1, len(sentences(chunk.page_content))))
    anew = [_NUMBER.sub(lambda digits: _number(len(digits[0]), chance), sentence) for sentence in drawn]
    text = "\n".join([*anew, _number(chance.randint(1, 7), chance)])
    stretch = len(text) / len(chunk.page_content)
    boxes = [[int(a * stretch), int(b * stretch), *place] for a, b, *place in json.loads(chunk.metadata["boxes"])]
    source = f"{number}/{chunk.metadata['source']}"
    new = {"source": source, "document": _digest(source), "repeated": 0, "boxes": json.dumps(boxes), "asked": "", "point": ""}
    new |= {side: _id(chunk.metadata[side], number) for side in ("previous", "next")}
    return Document(id=_id(str(chunk.id), number), page_content=text, metadata=chunk.metadata | new)


def _number(digits: int, chance: random.Random) -> str:
    return str(chance.randrange(10 ** min(digits, 9)))


def _id(original: str, number: int) -> str:
    """The copy's id of a chunk's; '' stays ''."""
    return original and _digest(f"{number}|{original}")[:32]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def fill(data: Path, chunks: int, seed: int) -> dict[str, Any]:
    """Write so many chunks, as ingestion writes those that it has read. The seconds hold the making of the text, not the model."""
    settings = Settings(data_dir=data, chroma_url=None)
    store, real = open_store(settings), real_documents(settings)
    store.refresh()
    store.embed(real[0])
    started, left = time.perf_counter(), chunks
    with BatchWriter(store) as writer:
        for document in library(real, random.Random(seed)):
            taken = document[:left]
            writer.add(taken)
            writer.close(taken[0].metadata["source"], taken[0].metadata["subject"], fresh=True)
            if not (left := left - len(taken)):
                break
            if writer.is_due and writer.flush():
                print(f"  {chunks - left} / {chunks} 个片段，{time.perf_counter() - started:.0f} 秒", file=sys.stderr, flush=True)
        writer.flush()
    return {"build_s": round(time.perf_counter() - started, 1)}


def ask(data: Path, queries: int, seed: int) -> dict[str, Any]:
    """Open a filled store and ask questions one after the other."""
    settings = Settings(data_dir=data, chroma_url=None)
    asked = random.Random(seed).sample([a.question for a in read_asked()], _WARMING + queries)
    warming, questions = asked[:_WARMING], asked[_WARMING:]
    ready = _seconds(lambda: (load_embeddings(settings).embed_query("准备"), segment("准备")))
    started = time.perf_counter()
    store = open_store(settings)
    retriever, subjects = Retriever(store), list(SUBJECTS)
    retriever.retrieve(warming[0])
    opening = time.perf_counter() - started
    legs: dict[str, Callable[[str], object]] = {
        "retrieve": retriever.retrieve,
        "lexical": lambda question: store.search_lexical(question, subjects, _LEG),
        "dense": lambda question: store.search_dense(question, subjects, _LEG),
    }
    times = {name: _latency(leg, warming, questions) for name, leg in legs.items()}
    resident = _resident()
    folders = {f"{folder}_mb": _megabytes(settings.vector_db_dir / folder) for folder in ("chroma", "lexical")}
    known = {"chunks": store.count(), "ready_s": round(ready, 2), "open_s": round(opening, 2), "rss_mb": resident}
    return known | folders | times


def _latency(leg: Callable[[str], object], warming: Iterable[str], questions: Iterable[str]) -> dict[str, float]:
    """Milliseconds: the median, the 95th of 100, and the longest."""
    for question in warming:
        leg(question)
    spent = [1000 * _seconds(partial(leg, question)) for question in questions]
    p95 = quantiles(spent, n=20, method="inclusive")[-1]
    return {name: round(value, 2) for name, value in (("p50", median(spent)), ("p95", p95), ("max", max(spent)))}


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def _resident() -> int:
    """This process's memory in MB, mapped files that it has read included."""
    rows = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith("VmRSS:")) >> 10


def _megabytes(folder: Path) -> float:
    return round(sum(file.stat().st_size for file in folder.rglob("*")) / 1e6, 1)


def main() -> None:
    """Measure all sizes."""
    parser = argparse.ArgumentParser(prog="python -m bench.retrieval", description="测量知识库大小对检索时间与内存的影响。")
    parser.add_argument("--chunks", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="要测的片段数")
    parser.add_argument("--queries", type=int, default=200, help="每个大小问多少个问题（至少 2 个）")
    parser.add_argument("--seed", type=int, default=408)
    parser.add_argument("--do", choices=("fill", "ask"), help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    most = len(read_asked()) - _WARMING
    if min(options.chunks) < 1 or not 2 <= options.queries <= most:
        parser.error(f"--chunks 至少为 1，--queries 应在 2 与 {most} 之间")
    if options.do:
        number = options.chunks[0] if options.do == "fill" else options.queries
        print(json.dumps({"fill": fill, "ask": ask}[options.do](options.data, number, options.seed)))
        return
    results = [_measured(chunks, options.queries, options.seed) for chunks in sorted(options.chunks)]
    print("\n".join(json.dumps(result) for result in results))
    small, large = results[0], results[-1]
    ratio = large["retrieve"]["p95"] / small["retrieve"]["p95"]
    print(f"p95：{large['chunks']} 个片段是 {small['chunks']} 个片段的 {ratio:.2f} 倍")


def _measured(chunks: int, queries: int, seed: int) -> dict[str, Any]:
    """Fill and ask, each in a process of its own, and show what was measured."""
    result = dict[str, Any]()
    with tempfile.TemporaryDirectory() as data:
        for step in ("fill", "ask"):
            command = [sys.executable, "-m", "bench.retrieval", "--do", step, "--data", data, "--chunks", str(chunks)]
            command += ["--queries", str(queries), "--seed", str(seed)]
            printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            result |= json.loads(printed.splitlines()[-1])
    print(
        f"{result['chunks']} 个片段：写入 {result['build_s']} 秒，打开 {result['open_s']} 秒，内存 {result['rss_mb']} MB，",
        end="",
    )
    print(f"磁盘 chroma {result['chroma_mb']} MB、lexical {result['lexical_mb']} MB")
    for name in ("retrieve", "lexical", "dense"):
        times = result[name]
        print(f"  {name:<9} p50 {times['p50']:>8.2f}  p95 {times['p95']:>8.2f}  max {times['max']:>8.2f} ms", flush=True)
    return result


if __name__ == "__main__":
    main()
