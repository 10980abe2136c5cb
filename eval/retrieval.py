"""Retrieval figures on the gold questions. Run as: python -m eval.retrieval [--data FOLDER] [--json]

Without --data the shipped handouts and notes are read into a temporary knowledge base first. Measures (ir-measures) of each leg
and of their fusion, over all questions and per subject, with 95 % bootstrap intervals.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from eval.gold import GOLD, GoldQuestion, read_gold
from eval.scoring import Estimate, estimate, score
from knowledge.command import Parser, guarded
from knowledge.subjects import SUBJECTS
from settings import ROOT, Settings, load_settings

__all__ = ["main", "measure"]

_DEPTH = 10
Search = Callable[[str], list[str]]
"""From a question to the texts that were found, best first."""


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = Parser(prog="python -m eval.retrieval", description="测量检索：每一路与融合之后，各科与总体。")
    parser.add_argument("--data", type=Path, help="用这个数据目录里的知识库（默认：临时读入自带的讲义与笔记）")
    parser.add_argument("--questions", type=Path, nargs="*", help="检索题（默认 eval/gold/retrieval.*.jsonl）")
    parser.add_argument("--json", action="store_true", help="最后一行输出 JSON")
    options = parser.parse_args(argv)
    return guarded(lambda: _run(options, load_settings()))


def _run(options: argparse.Namespace, settings: Settings) -> int:
    questions = read_gold(options.questions or sorted(GOLD.glob("retrieval.*.jsonl")))
    with tempfile.TemporaryDirectory() as folder:
        here = settings.model_copy(update={"data_dir": options.data or Path(folder)})
        if not options.data:
            _read_shipped(here)
        results = {name: measure(questions, search) for name, search in _legs(here).items()}
    for name, table in results.items():
        print(f"\n{name}")
        for subject, row in table.items():
            print(f"  {subject:<4} " + "  ".join(f"{measure} {value}" for measure, value in row.items()))
    if options.json:
        print(json.dumps({n: {s: {m: vars(v) for m, v in r.items()} for s, r in t.items()} for n, t in results.items()}))
    return 0


def measure(questions: Sequence[GoldQuestion], search: Search) -> dict[str, dict[str, Estimate]]:
    """Each measure by subject, and over all questions under `all`."""
    scores = score(questions, {q.id: search(q.question) for q in questions})
    groups = {"all": questions, **{s: [q for q in questions if q.subject == s] for s in SUBJECTS}}
    return {
        subject: {
            name: estimate([v for q, v in zip(questions, values, strict=True) if q in group]) for name, values in scores.items()
        }
        for subject, group in groups.items()
        if group
    }


def _legs(settings: Settings) -> dict[str, Search]:
    """Each leg alone, and both fused as the tutor does."""
    from rag.retrieval import Retriever
    from vector_db.store import open_store

    store = open_store(settings)
    retriever, subjects = Retriever(store), list(SUBJECTS)

    def texts(ids: list[str]) -> list[str]:
        chunks = store.get(ids, subjects)
        return [chunks[i].page_content for i in ids if i in chunks]

    return {
        "dense": lambda question: texts([hit.chunk_id for hit in store.search_dense(question, subjects, _DEPTH)]),
        "lexical": lambda question: texts([hit.chunk_id for hit in store.search_lexical(question, subjects, _DEPTH)]),
        "fused": lambda question: [chunk.page_content for chunk, _ in retriever.search(question, k=_DEPTH)],
    }


def _read_shipped(settings: Settings) -> None:
    from rag.ingest import find_documents, ingest
    from rag.library import open_library

    print("正在读入自带的讲义与笔记……", file=sys.stderr)
    documents, _ = find_documents([ROOT / "docs", ROOT / "knowledge" / "notes"])
    for step in ingest(open_library(settings), documents):
        if step.outcome and step.outcome.error:
            print(f"{step.outcome.path}：{step.outcome.error}", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
