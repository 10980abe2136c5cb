"""How to cut notes into chunks. Run as: python -m bench.chunks FOLDER QUESTIONS... [--sizes 80 130] (Markdown; choice questions)

A question counts if the text of its right option (three letters or more, no number) stands in some file of the folder. A hit
at k: it stands in one of the first k chunks. Larger chunks have more of those, so the fair columns are the last two: it stands
in the first 2,000 characters of the chunks found, or of the passages (chunks with their section) that an answer is made of.
Each row is a size with an option:

    plain      the size in tokens of the embedding model, the section path embedded before the text
    bare       nothing before the text
    title      the document's title before the section path
    heading    as title, and for the search by words too
    overlap    each chunk begins with the last sentences (a fifth of the size) of the one before
    characters as plain, but the size counted in characters, at two to a token

Recorded over 222 notes of four public collections (1.4 million characters) and the 103 exam questions that they answer; a
question is 0.010, and differences of two or three questions are chance:

    size option     chunks   hit@1   hit@5  chunks  passages
      80 plain       10429   0.204   0.466   0.573   0.553
      80 bare        10429   0.214   0.466   0.573   0.544
      80 title       10429   0.184   0.466   0.563   0.544
      80 heading     10429   0.194   0.466   0.553   0.544
      80 overlap     10429   0.214   0.485   0.592   0.534
      80 characters  10637   0.214   0.466   0.563   0.534
     130 plain        6947   0.243   0.515   0.573   0.583
     130 bare         6947   0.233   0.495   0.573   0.583
     130 title        6947   0.243   0.515   0.573   0.583
     130 heading      6947   0.243   0.515   0.583   0.583
     130 overlap      6947   0.233   0.524   0.592   0.563
     130 characters   7097   0.262   0.495   0.573   0.583
     180 plain        5415   0.272   0.524   0.592   0.583
     180 bare         5415   0.262   0.524   0.592   0.583
     180 title        5415   0.282   0.534   0.592   0.583
     180 heading      5415   0.282   0.515   0.592   0.602
     180 overlap      5415   0.272   0.534   0.602   0.583
     180 characters   5597   0.291   0.515   0.583   0.583
     250 plain        4441   0.311   0.563   0.602   0.602
     250 bare         4441   0.311   0.553   0.602   0.592
     250 title        4441   0.320   0.573   0.602   0.602
     250 heading      4441   0.311   0.563   0.602   0.602
     250 overlap      4441   0.291   0.583   0.621   0.621
     250 characters   4627   0.340   0.553   0.612   0.612
     320 plain        3912   0.320   0.583   0.592   0.583
     320 bare         3912   0.320   0.573   0.592   0.583
     320 title        3912   0.311   0.573   0.592   0.583
     320 heading      3912   0.340   0.563   0.592   0.583
     320 overlap      3912   0.320   0.592   0.592   0.592
     320 characters   4036   0.330   0.573   0.592   0.573
     400 plain        3597   0.330   0.592   0.612   0.602
     400 bare         3597   0.320   0.592   0.612   0.602
     400 title        3597   0.330   0.592   0.612   0.602
     400 heading      3597   0.340   0.583   0.602   0.592
     400 overlap      3597   0.330   0.592   0.602   0.592
     400 characters   3711   0.340   0.583   0.612   0.592

In the fair columns everything from 130 tokens on is equal, and so are the options. Chosen: 250 tokens, no more than 325. It is
as good as any, but for chance; it makes 36 % fewer chunks to embed and to write than 130; and it is about 500 characters of
Chinese, where other models take a character for a token and many read no more than 512. No overlap: a passage takes in its
section anyway. The title is embedded, since a section of a book (小结, 习题) may say nothing without it; these notes can't show that.

Tokens, not characters: a character of these notes is 0.52 tokens in Chinese prose (standard deviation 0.05), 0.45 in mixed text
and 0.38 in code (0.12), so a size in characters is off by 23 % on average, and one weighted by classes of characters by 9 %.
Retrieval can't tell them apart, but counting is cheap: 15 ms to load the tokenizer, 0.4 s for a million characters.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
from langchain_core.documents import Document

from bench.questions import letters, read_questions
from errors import DocumentError
from knowledge.subjects import SUBJECTS
from rag.parsing.page import Page
from rag.parsing.plain import parse_markdown
from rag.pieces import Sizes, count_tokens
from rag.retrieval import Retriever
from rag.sentences import sentences
from rag.splitting import link, split_pages
from settings import load_settings
from vector_db.embeddings import load_embeddings
from vector_db.entries import Hit
from vector_db.lexical import LexicalIndex
from vector_db.store import CourseStore

SIZES = (80, 130, 180, 250, 320, 400)
OPTIONS = ("plain", "bare", "title", "heading", "overlap", "characters")
LONGEST = 1.3
REACH = 2000
_SUBJECT = "ds"
"""All chunks are in one collection: the question is how to cut, not where to look."""


@dataclass
class Notes:
    """Chunks in memory behind the methods of a store that searching calls."""

    lexical: LexicalIndex
    calibrated = True
    chunks: dict[str, Document] = field(default_factory=dict)
    vectors: np.ndarray[Any, Any] = field(default_factory=lambda: np.zeros((0, 0)))

    def fill(self, chunks: Sequence[Document], embedded: Sequence[str], headings: Sequence[str]) -> None:
        """Index chunks by the vectors of `embedded`, and by the words of their texts and `headings`."""
        self.chunks = {str(chunk.id): chunk for chunk in chunks}
        self.vectors = np.array(_embeddings().embed_documents(list(embedded)))
        rows = [(str(c.id), c.page_content, heading, "") for c, heading in zip(chunks, headings, strict=True)]
        self.lexical.replace("notes", _SUBJECT, rows)

    def search_lexical(self, query: str, subjects: Sequence[str], k: int) -> list[Hit]:
        return [Hit(*found) for found in self.lexical.search(query, subjects, k)]

    def search_dense(self, query: str, subjects: Sequence[str], k: int) -> list[Hit]:
        scores = self.vectors @ np.array(_embeddings().embed_query(query))
        ids = list(self.chunks)
        return [Hit(ids[i], float(scores[i])) for i in np.argsort(-scores)[:k]]

    def get(self, ids: Sequence[str], subjects: Sequence[str]) -> dict[str, Document]:
        return {i: self.chunks[i] for i in ids if i in self.chunks}

    def candidates(self, query: str, ids: Sequence[str], subjects: Sequence[str]) -> list[tuple[Document, float]]:
        scores = dict(zip(self.chunks, (self.vectors @ np.array(_embeddings().embed_query(query))).tolist(), strict=True))
        return [(self.chunks[i], scores[i]) for i in dict.fromkeys(ids) if i in self.chunks]

    def alike(self, query: str, texts: Sequence[Sequence[str]]) -> list[float]:
        return [0.0] * len(texts)

    def idf(self, tokens: Iterable[str]) -> dict[str, float]:
        return self.lexical.idf(tokens)


_EMBEDDINGS = load_embeddings(load_settings())


def _embeddings() -> Any:
    return _EMBEDDINGS


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.chunks", description="测量片段大小与标题对检索的影响。")
    parser.add_argument("folder", type=Path)
    parser.add_argument("questions", nargs="+", type=Path)
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES)
    parser.add_argument("--options", nargs="+", choices=OPTIONS, default=OPTIONS)
    options = parser.parse_args()
    notes = read_notes(options.folder)
    questions = answerable(read_questions(options.questions), notes)
    print(f"{len(notes)} 份笔记，{len(questions)} 道题\n{'':>16}  片段  hit@1  hit@5  片段{REACH}字  段落{REACH}字")
    for size in options.sizes:
        for option in options.options:
            count, scores = measure(notes, questions, size, option)
            print(f"{size:>5} {option:<10} {count:>5}  " + "  ".join(f"{score:.3f}" for score in scores), flush=True)


def read_notes(folder: Path) -> list[tuple[str, list[Page]]]:
    """The Markdown files of a folder with their pages; those that can't be read are left out."""
    notes = []
    for path in sorted(folder.rglob("*.md")):
        try:
            notes.append((path.relative_to(folder).as_posix(), list(parse_markdown(path, 1))))
        except DocumentError:
            continue
    return notes


def answerable(questions: Iterable[dict[str, Any]], notes: Sequence[tuple[str, list[Page]]]) -> list[tuple[str, str]]:
    """Question and right answer, where the answer stands somewhere."""
    everything = letters("\n".join(block.text for _, pages in notes for page in pages for block in page.blocks))
    pairs = [(q["question"], letters(q["options"][q["answer"]])) for q in questions if q["subject"] in SUBJECTS]
    return [(q, answer) for q, answer in pairs if len(answer) >= 3 and not answer.isdigit() and answer in everything]


def measure(
    notes: Sequence[tuple[str, list[Page]]], questions: Sequence[tuple[str, str]], size: int, option: str
) -> tuple[int, list[float]]:
    """Number of chunks, and the shares of questions with a hit at 1, at 5, and in reach (of chunks, of passages)."""
    sizes = Sizes(size, int(LONGEST * size), _half_length if option == "characters" else count_tokens)
    chunks = [c for name, pages in notes for c in link(split_pages(pages, name, name, _SUBJECT, sizes))]
    if option == "overlap":
        chunks = _overlapping(chunks, sizes)
    with tempfile.TemporaryDirectory() as folder:
        store = Notes(LexicalIndex(Path(folder)))
        store.fill(chunks, [_embedded(c, option) for c in chunks], [_heading(c, option) for c in chunks])
        retriever = Retriever(cast(CourseStore, store))
        found = [_hits(retriever, question, answer) for question, answer in questions]
    return len(chunks), [sum(column) / len(found) for column in zip(*found, strict=True)]


def _hits(retriever: Retriever, question: str, answer: str) -> tuple[bool, ...]:
    found = [chunk.page_content for chunk, _ in retriever.search(question, k=30)]
    passages = [passage.text for passage in retriever.retrieve(question).passages]
    texts = (found[0] if found else "", "\n".join(found[:5]), "\n".join(found)[:REACH], "\n".join(passages)[:REACH])
    return tuple(answer in letters(text) for text in texts)


def _embedded(chunk: Document, option: str) -> str:
    header = {"bare": "", "title": chunk.metadata["header"], "heading": chunk.metadata["header"]}
    return f"{header.get(option, chunk.metadata['section'])}\n{chunk.page_content}".strip()


def _heading(chunk: Document, option: str) -> str:
    return str(chunk.metadata["header" if option == "heading" else "section"])


def _overlapping(chunks: Sequence[Document], sizes: Sizes) -> list[Document]:
    """Chunks that begin with the last sentences of the chunk before them in the section."""
    before, overlapping = {str(c.id): c for c in chunks}, []
    for chunk in chunks:
        other = before.get(chunk.metadata["previous"])
        tail = _tail(other.page_content, sizes) if other else ""
        overlapping.append(chunk.model_copy(update={"page_content": f"{tail}\n{chunk.page_content}"}) if tail else chunk)
    return overlapping


def _tail(text: str, sizes: Sizes) -> str:
    starts = [start for start, _ in sentences(text) if sizes.length(text[start:]) <= sizes.target / 5]
    return text[starts[0] :] if starts else ""


def _half_length(text: str) -> int:
    return len(text) // 2


if __name__ == "__main__":
    main()
