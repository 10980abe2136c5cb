"""BM25 over the tokens of segmentation.py in tantivy. It is a projection of the vector store: tokens to find chunks by, and copies."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from math import log
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import tantivy

from errors import StoreBusyError, StoreError
from knowledge.subjects import SUBJECTS
from vector_db.chunk import Copy
from vector_db.segmentation import segment, segment_query, synonyms_in

__all__ = ["Entry", "Found", "LexicalIndex", "Row", "tokens_of"]

Row: TypeAlias = tuple[str, str, str, str] | tuple[str, str, str, str, Copy | None]
"""Chunk id, text, heading, questions that the text answers, and what `copies` is to give of it."""
Entry: TypeAlias = tuple[str, str, Iterable[Row]]
"""All of one source: its name, its subject, and a row a chunk."""

_BOOSTS = {"body": 1.0, "heading": 0.5, "asked": 0.5}
"""Of the fields. Questions that were asked find their passage, but must not hide one that nobody asked about."""
_SYNONYM = 0.3
"""Of another name for a term of the question, beside the one that it uses."""
_WRITER_HEAP_BYTES = 64 << 20
"""Memory for what is not written out yet. Measured on 140,780 chunks: 2.5 s; 6.9 s and eight segments with 16 MiB."""
_META, _MANAGED = "meta.json", ".managed.json"


class Found(NamedTuple):
    """A chunk with its BM25 score, and its copy if there is one: read with its id, it need not be looked for again."""

    chunk_id: str
    score: float
    copy: Copy | None


def _schema() -> tantivy.Schema:
    """An index of another schema counts as damaged and is built anew: change it whenever the tokens change."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("chunk_id", stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("subject", "source"):
        builder.add_text_field(name, stored=False, tokenizer_name="raw", index_option="basic")
    for name in _BOOSTS:
        builder.add_text_field(name, stored=False, tokenizer_name="whitespace", index_option="freq")
    for name in Copy._fields:
        builder.add_bytes_field(name, stored=True, indexed=False)
    return builder.build()


class LexicalIndex:
    """A folder with a tantivy index.

    One process writes at a time; readers in any process see what is committed after `refresh`. An index that is damaged
    is empty (its length is 0) and can't be searched; the next writing makes a new one in its place.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._schema = _schema()
        self._index = self._open()

    def __len__(self) -> int:
        return int(self._index.searcher().num_docs) if self._index else 0

    @property
    def damaged(self) -> bool:
        """Whether the folder holds what can't be read as an index; `rebuild` mends it."""
        return self._index is None

    def replace(self, source: str, subject: str, rows: Iterable[Row]) -> None:
        """Make `rows` the whole of a source's entries, in one commit."""
        self.replace_all([(source, subject, rows)])

    def replace_all(self, entries: Iterable[Entry]) -> None:
        """Make each entry the whole of its source, all in one commit; readers see all of them or none.

        A commit takes 25 to 75 ms however little it holds (measured), so that many sources are best written in one. Entries
        and rows are taken one at a time: generators need not hold them all.
        """
        with self._writing() as writer:
            for entry in entries:
                writer.delete_documents_by_term("source", entry[0])
                _add(writer, entry)

    def rebuild(self, entries: Iterable[Entry]) -> None:
        """Make the entries the whole index, in one commit; those of one source add up. Readers see the old one until then."""
        with self._writing() as writer:
            writer.delete_all_documents()
            for entry in entries:
                _add(writer, entry)

    def clear(self) -> None:
        """Remove everything."""
        self.rebuild([])

    def refresh(self) -> None:
        """See what other processes have committed."""
        try:
            if self._index:
                self._index.reload()
                return
        except ValueError:  # another process may have mended what this one found whole and is damaged since
            self._index = None
        self._index = self._open()

    def search(self, query: str, subjects: Sequence[str], k: int, by_other_names: bool = True) -> list[tuple[str, float]]:
        """Best `k` chunks as (chunk id, BM25 score), best first, as `find` finds them."""
        return [(found.chunk_id, found.score) for found in self.find(query, subjects, k, by_other_names)]

    def find(self, query: str, subjects: Sequence[str], k: int, by_other_names: bool = True) -> list[Found]:
        """Best `k` chunks, best first; only of `subjects`. Terms are looked for by their other names too.

        Raises:
            StoreError: the index is damaged.
        """
        tokens = segment_query(query)
        if not tokens:
            return []
        with self._reading() as searcher:
            synonyms = synonyms_in(query) if by_other_names else []
            hits = searcher.search(self._query(tokens, synonyms, subjects), limit=k, count=False).hits
            rows = [(searcher.doc(address), float(score)) for score, address in hits]
        return [Found(str(row.get_first("chunk_id")), score, _copy_in(row)) for row, score in rows]

    def copies(self, ids: Sequence[str]) -> dict[str, Copy]:
        """The copies of chunks by id, as of the last `refresh`; ids that are not there, or without a copy, are left out."""
        if not ids or self._index is None:
            return {}
        q, should = tantivy.Query, tantivy.Occur.Should
        either = q.boolean_query([(should, q.term_query(self._schema, "chunk_id", i, "basic")) for i in ids])
        with self._reading() as searcher:
            hits = searcher.search(q.const_score_query(either, 0.0), limit=len(ids), count=False).hits
            rows = [searcher.doc(address) for _, address in hits]
        found = ((str(row.get_first("chunk_id")), _copy_in(row)) for row in rows)
        return {chunk_id: copy for chunk_id, copy in found if copy}

    def idf(self, tokens: Iterable[str]) -> dict[str, float]:
        """Inverse document frequency of tokens over the whole index, `ln(1 + (N − n + 0.5) / (n + 0.5))` (BM25).

        Raises:
            StoreError: the index is damaged.
        """
        with self._reading() as searcher:
            total = searcher.num_docs
            counts = {t: searcher.doc_freq("body", t) for t in tokens}
        return {t: log(1 + (max(total, n) - n + 0.5) / (n + 0.5)) for t, n in counts.items()}

    def _query(self, tokens: Sequence[str], synonyms: Sequence[str], subjects: Sequence[str]) -> tantivy.Query:
        q, should, must = tantivy.Query, tantivy.Occur.Should, tantivy.Occur.Must
        weighed = [(token, 1.0) for token in tokens] + [(token, _SYNONYM) for token in synonyms]
        words = [
            (should, q.boost_query(q.term_query(self._schema, field, token, "freq"), boost * weight))
            for field, boost in _BOOSTS.items()
            for token, weight in weighed
        ]
        if set(subjects) >= SUBJECTS.keys():
            return q.boolean_query(words)  # a third of the time: blocks of chunks that can't be among the best are passed over
        inside = q.boolean_query([(should, q.term_query(self._schema, "subject", s, "basic")) for s in subjects])
        return q.boolean_query([(must, q.boolean_query(words)), (must, q.const_score_query(inside, 0.0))])

    def _open(self) -> tantivy.Index | None:
        """The index of the folder, made if there is none; None if what is there can't be read."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(self.folder) from error
        try:
            index = tantivy.Index(self._schema, path=str(self.folder), reuse=True)
            index.searcher().doc_freq("body", "")  # opens the one kind of file that opening the index leaves closed
        except (ValueError, OSError) as error:
            if not os.access(self.folder, os.W_OK | os.X_OK):
                raise _unusable(self.folder) from error
            return None
        return index

    @contextmanager
    def _reading(self) -> Iterator[tantivy.Searcher]:
        try:
            if self._index is None:
                raise ValueError("damaged")
            yield self._index.searcher()
        except ValueError as error:
            raise StoreError("词法索引损坏了。请运行 python -m rag.ingest --reindex，它会用库里的片段重建索引。") from error

    @contextmanager
    def _writing(self) -> Iterator[tantivy.IndexWriter]:
        """A writer whose work is committed and in sight at the end, or, after an error, as if it had not been."""
        if self._index is None:
            self._index = self._mended()
        writer = self._writer(self._index)
        try:
            try:
                yield writer
                writer.commit()
            finally:
                writer.wait_merging_threads()  # it frees the lock too; without, 222 commits leave 222 segments
        except ValueError as error:
            raise StoreError("词法索引写不进去。请检查磁盘空间与目录权限，然后运行 python -m rag.ingest --reindex。") from error
        self.refresh()

    def _writer(self, index: tantivy.Index) -> tantivy.IndexWriter:
        try:
            return index.writer(heap_size=_WRITER_HEAP_BYTES, num_threads=1)
        except ValueError as error:
            if "LockBusy" in str(error):
                raise StoreBusyError("另一个入库任务正在写词法索引。请等它结束后再试。") from error
            raise StoreError("词法索引写不进去。请检查磁盘空间与目录权限，然后运行 python -m rag.ingest --reindex。") from error

    def _mended(self) -> tantivy.Index:
        """An empty index in place of a damaged one. At any moment a reader finds the one or the other, never a mixture.

        Raises:
            StoreError: the folder can't be written.
        """
        try:
            with tempfile.TemporaryDirectory(dir=self.folder.parent, prefix="lexical-") as empty:
                tantivy.Index(self._schema, path=empty)
                for name in (_MANAGED, _META):
                    os.replace(Path(empty) / name, self.folder / name)
            for file in self.folder.iterdir():
                if not file.name.endswith((_MANAGED, _META, ".lock")):
                    file.unlink(missing_ok=True)
        except OSError as error:
            raise _unusable(self.folder) from error
        index = self._open()
        if index is None:
            raise _unusable(self.folder)
        return index


@lru_cache(maxsize=5000)
def tokens_of(text: str, heading: str, asked: str) -> tuple[str, str, str]:
    """A row's tokens, with blanks between. Kept for a while: asked for ahead, they need not be made while others wait."""
    return " ".join(segment(text)), " ".join(segment(heading)), " ".join(segment(asked)) if asked else ""


def _add(writer: tantivy.IndexWriter, entry: Entry) -> None:
    source, subject, rows = entry
    for chunk_id, *texts, copy in (row if len(row) == 5 else (*row, None) for row in rows):
        body, heading, asked = tokens_of(*texts)
        row = {"chunk_id": chunk_id, "subject": subject, "source": source, "body": body, "heading": heading, "asked": asked}
        row |= copy._asdict() if copy else {}
        writer.add_document(tantivy.Document(**row))


def _copy_in(row: tantivy.Document) -> Copy | None:
    """The copy that a row of the index holds, if it holds one."""
    values: list[Any] = [row.get_first(name) for name in Copy._fields]
    return None if None in values else Copy(*values)


def _unusable(folder: Path) -> StoreError:
    return StoreError(
        f"词法索引打不开（{folder}）。请检查目录权限与磁盘空间；也可删除这个目录，再运行 python -m rag.ingest --reindex 重建。"
    )
