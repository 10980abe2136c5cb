"""Search without answering, for measuring retrieval. Run as: python -m rag.search --queries Q.jsonl --k 10 --out RUN.jsonl"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from errors import UsageError
from knowledge.command import Parser, guarded
from knowledge.subjects import AUTO, validate_subject
from settings import load_settings

__all__ = ["main", "read_queries"]


def main(argv: Sequence[str] | None = None) -> int:
    """The command; writes one line of results per query, in the order of the queries."""
    parser = Parser(prog="python -m rag.search", description="批量检索，每个查询输出一行结果。")
    parser.add_argument("--queries", type=Path, required=True, metavar="Q.jsonl", help='每行 {"id","query","subject"?}')
    parser.add_argument("--k", type=int, default=10, help="每个查询返回的片段数（默认 10）")
    parser.add_argument("--out", type=Path, required=True, metavar="RUN.jsonl", help="输出文件")
    return guarded(lambda: _run(parser.parse_args(argv)))


def _run(options: argparse.Namespace) -> int:
    if options.k < 1:
        raise UsageError(f"--k 应至少为 1，而不是 {options.k}。")
    queries = list(read_queries(options.queries))
    from rag.retrieval import open_retriever

    retriever = open_retriever(load_settings())
    try:
        with options.out.open("w", encoding="utf-8") as file:
            for query in queries:
                results = retriever.search(query["query"], query.get("subject") or AUTO, options.k)
                row = {"id": query["id"], "results": [_result(chunk, score) for chunk, score in results]}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    except OSError as error:
        raise UsageError(f"写不了 {options.out}（{error.strerror}）。请换一个输出路径。") from error
    print(f"{len(queries)} 个查询，结果写入 {options.out}")
    return 0


def read_queries(path: Path) -> Iterator[dict[str, Any]]:
    """Queries of a JSONL file.

    Raises:
        UsageError: the file can't be read, or a line is no query; the message has the line's number.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"读不了 {path}。请检查路径，文件应是 UTF-8 编码的 JSONL。") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            query = json.loads(line)
            query["id"], query["query"].strip()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(f'{path} 第 {number} 行不是查询。每行应是 {{"id": …, "query": "…"}}。') from error
        validate_subject(query.get("subject") or AUTO)
        yield query


def _result(chunk: Any, score: float) -> dict[str, Any]:
    """One found chunk; its text stands under its own heading, as a reader of the document finds it."""
    from rag.rerank import headed

    meta = chunk.metadata
    return {"chunk_id": chunk.id, "source": meta["source"], "page": meta["page"], "text": headed(chunk), "score": score}


if __name__ == "__main__":
    raise SystemExit(main())
