"""What most systems search with, to compare with: BM25 over pieces of 500 characters that overlap by 150 (RecursiveCharacterTextSplitter).

`plain_bm25` knows jieba's words and nothing else. `bm25_of_our_words` takes the tokens of vector_db/segmentation.py, with the
subjects' terms, without stop words: what is better than that is due to chunks, headings, vectors and reranking.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import tantivy

from vector_db.lexical import LexicalIndex
from vector_db.segmentation import normalize

if TYPE_CHECKING:
    from eval.answers import Search

__all__ = ["bm25_of_our_words", "plain_bm25"]

_SIZE, _OVERLAP = 500, 150
_WORD = re.compile(r"\w")
_TEXT, _PIECE = "text", "piece"


def plain_bm25(texts: Sequence[str], k: int = 10) -> Search:
    """BM25 (k1 1.2, b 0.75) over the words of jieba's search mode, with its own dictionary; the index lies in memory."""
    from rjieba import Jieba

    jieba, pieces = Jieba(), _pieces(texts)

    def words(text: str) -> list[str]:
        return [word for word in jieba.cut_for_search(normalize(text)) if _WORD.search(word)]

    schema = (
        tantivy.SchemaBuilder()
        .add_text_field(_TEXT, stored=False, tokenizer_name="whitespace", index_option="freq")
        .add_integer_field(_PIECE, stored=True)
        .build()
    )
    index = tantivy.Index(schema)
    writer = index.writer(num_threads=1)
    for number, piece in enumerate(pieces):
        writer.add_document(tantivy.Document(text=" ".join(words(piece)), piece=number))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def search(question: str) -> list[str]:
        q = tantivy.Query
        either = [(tantivy.Occur.Should, q.term_query(schema, _TEXT, word, "freq")) for word in words(question)]
        hits = searcher.search(q.boolean_query(either), limit=k, count=False).hits if either else []
        return [pieces[searcher.doc(address)[_PIECE][0]] for _, address in hits]

    return search


def bm25_of_our_words(texts: Sequence[str], folder: Path, k: int = 10) -> Search:
    """BM25 over the tokens that the lexical leg has; its index is written to `folder`."""
    pieces = _pieces(texts)
    index = LexicalIndex(folder)
    index.replace("baseline", "all", ((str(number), piece, "", "") for number, piece in enumerate(pieces)))
    return lambda question: [pieces[int(number)] for number, _ in index.search(question, ["all"], k, by_other_names=False)]


def _pieces(texts: Sequence[str]) -> list[str]:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=_SIZE, chunk_overlap=_OVERLAP)
    return [piece for text in texts for piece in splitter.split_text(text)]
