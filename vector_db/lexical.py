"""BM25 over jieba tokens in tantivy. It is a projection of the vector store: ids, and tokens to find them by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log
from pathlib import Path

import tantivy

from errors import StoreBusyError, StoreError
from vector_db.segmentation import segment, segment_query

__all__ = ["LexicalIndex"]

_HEADING_BOOST = 0.5
_WRITER_HEAP_BYTES = 64 << 20


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("chunk_id", "subject", "source"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("body", "heading"):
        builder.add_text_field(name, stored=False, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


class LexicalIndex:
    """A folder with a tantivy index.

    One process writes at a time; readers in any process see what is committed after `refresh`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._schema = _schema()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._index = tantivy.Index(self._schema, path=str(folder), reuse=True)
        except (ValueError, OSError) as error:
            raise StoreError(
                f"词法索引打不开（{folder}）。请删除这个目录，再运行 python -m rag.ingest --reindex 重建。"
            ) from error

    def __len__(self) -> int:
        return int(self._index.searcher().num_docs)

    def replace(self, source: str, subject: str, rows: Iterable[tuple[str, str, str]]) -> None:
        """Make `rows` of (chunk id, text, heading) the whole of a source's entries, in one commit."""
        writer = self._writer()
        writer.delete_documents_by_term("source", source)
        for chunk_id, text, heading in rows:
            writer.add_document(
                tantivy.Document(
                    chunk_id=chunk_id,
                    subject=subject,
                    source=source,
                    body=" ".join(segment(text)),
                    heading=" ".join(segment(heading)),
                )
            )
        writer.commit()
        writer.wait_merging_threads()
        self.refresh()

    def clear(self) -> None:
        """Remove everything."""
        writer = self._writer()
        writer.delete_all_documents()
        writer.commit()
        writer.wait_merging_threads()
        self.refresh()

    def refresh(self) -> None:
        """See what other processes have committed."""
        self._index.reload()

    def search(self, query: str, subjects: Sequence[str], k: int) -> list[tuple[str, float]]:
        """Best `k` chunks as (chunk id, BM25 score), best first; only of `subjects`."""
        tokens = segment_query(query)
        if not tokens:
            return []
        searcher = self._index.searcher()
        hits = searcher.search(self._query(tokens, subjects), limit=k, count=False).hits
        return [(str(searcher.doc(address)["chunk_id"][0]), float(score)) for score, address in hits]

    def idf(self, tokens: Iterable[str]) -> dict[str, float]:
        """Inverse document frequency of tokens over the whole index, `ln(1 + (N − n + 0.5) / (n + 0.5))` (BM25)."""
        searcher = self._index.searcher()
        total = searcher.num_docs
        counts = {t: searcher.doc_freq("body", t) for t in tokens}
        return {t: log(1 + (max(total, n) - n + 0.5) / (n + 0.5)) for t, n in counts.items()}

    def _query(self, tokens: Sequence[str], subjects: Sequence[str]) -> tantivy.Query:
        q, should, must = tantivy.Query, tantivy.Occur.Should, tantivy.Occur.Must
        words = [(should, q.term_query(self._schema, "body", t, "freq")) for t in tokens]
        words += [(should, q.boost_query(q.term_query(self._schema, "heading", t, "freq"), _HEADING_BOOST)) for t in tokens]
        inside = q.boolean_query([(should, q.term_query(self._schema, "subject", s, "basic")) for s in subjects])
        return q.boolean_query([(must, q.boolean_query(words)), (must, q.const_score_query(inside, 0.0))])

    def _writer(self) -> tantivy.IndexWriter:
        try:
            return self._index.writer(heap_size=_WRITER_HEAP_BYTES, num_threads=1)
        except ValueError as error:
            raise StoreBusyError("另一个入库任务正在写词法索引。请等它结束后再试。") from error
