"""Composing a text of our own with quoted words, each with the mark and the citation of the place where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from rag.citations import Citation, as_citation, resolve
from rag.marks import disarm
from rag.retrieval import Passage

__all__ = ["CitedLines", "citation_of"]


def citation_of(words: str, passage: Passage) -> Citation:
    """Words that stand in a passage as a citation with the number 1."""
    found = resolve(f"{words} [1]", [passage]).citations  # the blank: `a[1]` is no mark, but an element of an array
    return found[0] if found else replace(as_citation(1, passage), quote=words)  # words that open code and don't close it


@dataclass
class CitedLines:
    """Lines as they are added; passages are numbered in the order in which they are first quoted."""

    text: str = ""
    citations: list[Citation] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    _passages: list[Passage] = field(default_factory=list)

    def say(self, words: str) -> None:
        """Add words of ours; what looks like a mark in them is none."""
        self.text += disarm(words)

    def quote(self, words: str, passage: Passage, indent: str = "") -> None:
        """Add words that stand in a passage, with their mark; `indent` goes before every line but the first."""
        if passage not in self._passages:
            self._passages.append(passage)
        citation = replace(citation_of(words, passage), n=self._passages.index(passage) + 1)
        if citation not in self.citations:
            self.citations.append(citation)
        self.marks.append(self.citations.index(citation))
        table = "|" in words.rsplit("\n", 1)[-1] or "\t" in words.rsplit("\n", 1)[-1]
        gap = f"\n{indent}\n{indent}" if table else " " if words[-1:].isascii() else ""
        self.text += disarm(words).replace("\n", f"\n{indent}") + f"{gap}[{citation.n}]"
