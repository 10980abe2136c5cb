"""Retrieval figures. Run as: python -m eval.retrieval [--data FOLDER] [--answers QUESTIONS.jsonl ...] [--json]

On the gold questions, over the shipped handouts and notes (read into a temporary knowledge base, or in --data): Success@1, Success@5,
RR@10, nDCG@10 and R@10 (ir-measures) of the dense leg, the lexical leg, both fused by rank, the reranked chunks, and the passages
that the tutor reads, with 95 % bootstrap intervals, over all questions and per subject; and how well it knows when not to answer.
The rows 去掉……一项 (`without …` in JSON) take one part of the reranked score away; 片段都去掉标题 (`without headings`) is a store
whose chunks have none. With --answers: whether the answers of those questions stand within the first 1,000 and 2,000 characters
of what is retrieved from --data, beside BM25 over pieces of 500 characters (eval/bm25.py), and by how much the passages are better.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.documents import Document

from errors import UsageError
from eval.gold import GOLD, GoldQuestion, read_gold
from eval.refusal import read_refusals, refusal_figures
from eval.retrieval_table import BASELINE, answer_lines, gain_lines, measure_lines, refusal_lines
from eval.scoring import Estimate, estimate, score
from knowledge.command import Parser, guarded
from knowledge.subjects import SUBJECTS
from rag.rerank import headed
from settings import ROOT, Settings, load_settings

if TYPE_CHECKING:
    from rag.retrieval import Retriever
    from vector_db.store import CourseStore

__all__ = ["main", "measure", "read_shipped"]

_DEPTH = 10
_RANK_CONSTANT = 60.0
"""Of reciprocal rank fusion (Cormack et al. 2009), the usual way to join two legs."""
_NO_HEADING = {"section": "", "header": ""}
Search = Callable[[str], Sequence[str]]
"""From a question to the texts that were found, best first."""


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = Parser(prog="python -m eval.retrieval", description="测量检索：每一路、融合与重排之后，各科与总体。")
    parser.add_argument("--data", type=Path, help="用这个数据目录里的知识库（默认：临时读入自带的讲义与笔记）")
    parser.add_argument("--questions", type=Path, nargs="*", help="检索题（默认 eval/gold/retrieval.*.jsonl）")
    parser.add_argument("--answers", type=Path, nargs="*", default=[], help="带答案的题（JSONL），在 --data 的知识库里测")
    parser.add_argument("--json", action="store_true", help="最后一行输出 JSON")
    options = parser.parse_args(argv)
    return guarded(lambda: _run(options, load_settings()))


def _run(options: argparse.Namespace, settings: Settings) -> int:
    if options.answers and not options.data:
        raise UsageError("--answers 要与 --data 一起用：先用 TUTOR_DATA_DIR=目录 python -m rag.ingest 资料 建好知识库。")
    with tempfile.TemporaryDirectory() as folder:
        here = settings.model_copy(update={"data_dir": options.data} if options.data else _private(Path(folder)))
        if not options.data:
            read_shipped(here)
        scratch = Path(folder) / "scratch"
        if options.answers:
            report = _answers(options.answers, here, scratch)
        else:
            report = _gold(options.questions, here, None if options.data else scratch)
    if options.json:
        print(json.dumps(report, ensure_ascii=False, default=vars))
    return 0


def _private(folder: Path) -> dict[str, Any]:
    """Settings of a store in a folder of our own, never on the user's server."""
    return {"data_dir": folder, "chroma_url": None}


def _gold(paths: Sequence[Path] | None, settings: Settings, scratch: Path | None) -> dict[str, Any]:
    from rag.retrieval import open_retriever
    from vector_db.store import open_store

    questions = read_gold(paths or sorted(GOLD.glob("retrieval.*.jsonl")))
    store = open_store(settings)
    retriever = open_retriever(settings, store)
    report: dict[str, Any] = {"questions": len(questions), "retrieval": {}}
    print(f"检索题 {len(questions)} 道")
    bare = _without_headings(store, settings.model_copy(update=_private(scratch))) if scratch else {}
    for name, search in (_legs(store) | _ranked(retriever) | _without(store) | bare).items():
        table = report["retrieval"][name] = measure(questions, search)
        print("\n".join(["", *measure_lines(name, table)]), flush=True)  # each takes a while
    if not paths:
        refusals = read_refusals()
        report["refusal"] = refusal_figures(refusals, retriever)
        print("\n".join(["", *refusal_lines(report["refusal"], refusals)]))
    print("\n括号里是 95% 区间（按题自助抽样）。")
    return report


def _answers(paths: Sequence[Path], settings: Settings, scratch: Path) -> dict[str, Any]:
    from eval.answers import document_texts, gains, hits, holding, read_answers, standing
    from eval.bm25 import bm25_of_our_words, plain_bm25
    from rag.library import open_library
    from rag.retrieval import open_retriever
    from vector_db.store import open_store

    texts = document_texts(open_library(settings), settings)
    questions = standing(read_answers(paths), texts)
    if not questions:
        raise UsageError("这些题的答案（4 至 20 个字）都不在知识库的资料里，没有可测的。请换一批题，或检查 --data。")
    store = open_store(settings)
    baselines = {BASELINE: plain_bm25(texts), "our words": bm25_of_our_words(texts, scratch)}
    searches = baselines | _legs(store) | _ranked(open_retriever(settings, store))
    print(f"答案在资料里的题：{len(questions)} 道")
    held = {name: holding(questions, search) for name, search in searches.items()}
    found, more = {name: hits(values) for name, values in held.items()}, gains(held[BASELINE], held["passages"])
    print("\n".join([*answer_lines(found), "", *gain_lines(more)]))
    print("\n括号里是 95% 区间（按题自助抽样）。")
    return {"questions": len(questions), "answers": found, "gain": more}


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


def _legs(store: CourseStore) -> dict[str, Search]:
    """Each leg alone, and both joined by their ranks."""
    subjects = list(SUBJECTS)

    def fused(question: str) -> list[str]:
        ranks = dict[str, float]()
        for leg in (store.search_lexical, store.search_dense):
            for rank, hit in enumerate(leg(question, subjects, 5 * _DEPTH), 1):
                ranks[hit.chunk_id] = ranks.get(hit.chunk_id, 0.0) + 1 / (_RANK_CONSTANT + rank)
        return sorted(ranks, key=lambda i: (-ranks[i], i))[:_DEPTH]

    def texts(ids: Sequence[str]) -> list[str]:
        chunks = store.get(ids, subjects)
        return [headed(chunks[i]) for i in ids if i in chunks]

    return {
        "dense": lambda question: texts([hit.chunk_id for hit in store.search_dense(question, subjects, _DEPTH)]),
        "lexical": lambda question: texts([hit.chunk_id for hit in store.search_lexical(question, subjects, _DEPTH)]),
        "fused": lambda question: texts(fused(question)),
    }


def _ranked(retriever: Retriever) -> dict[str, Search]:
    """What the tutor does: chunks reranked, and the passages that are made of them."""
    return {
        "reranked": lambda question: [headed(chunk) for chunk, _ in retriever.search(question, k=_DEPTH)],
        "passages": lambda question: [
            f"{passage.section.rpartition(' > ')[2]}\n{passage.text}"
            for passage in retriever.retrieve(question, k=_DEPTH).passages
        ],
    }


def _without(store: CourseStore) -> dict[str, Search]:
    """The reranked chunks with one part of the score taken away."""
    from rag.rerank import PARTS, WEIGHTS
    from rag.retrieval import Retriever

    def search(weights: Mapping[str, float]) -> Search:
        retriever = Retriever(store, weights=weights)
        return lambda question: [headed(chunk) for chunk, _ in retriever.search(question, k=_DEPTH)]

    return {f"without {part}": search(dict(WEIGHTS) | {part: 0.0}) for part in PARTS}


def _without_headings(store: CourseStore, settings: Settings) -> dict[str, Search]:
    """The reranked chunks of a store in which no chunk has a heading, neither to be embedded nor to be found by."""
    from rag.retrieval import Retriever
    from vector_db.store import open_store

    bare = open_store(settings)
    bare.refresh()
    texts = dict[str, str]()
    for subject in SUBJECTS:
        chunks = list(store.chunks([subject]))
        texts |= {str(chunk.id): headed(chunk) for chunk in chunks}
        nameless = [Document(id=c.id, page_content=c.page_content, metadata=c.metadata | _NO_HEADING) for c in chunks]
        bare.replace(subject, subject, nameless)
    retriever = Retriever(bare)
    return {"without headings": lambda question: [texts[str(chunk.id)] for chunk, _ in retriever.search(question, k=_DEPTH)]}


def read_shipped(settings: Settings) -> None:
    """Read the shipped handouts and notes into the knowledge base of these settings."""
    from rag.ingest import find_documents, ingest
    from rag.library import open_library

    print("正在读入自带的讲义与笔记……", file=sys.stderr)
    documents, _ = find_documents([ROOT / "docs", ROOT / "knowledge" / "notes"])
    for step in ingest(open_library(settings), documents):
        if step.outcome and step.outcome.error:
            print(f"{step.outcome.path}：{step.outcome.error}", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
