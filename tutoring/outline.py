"""The documents as a student sees them, in chapters and sections, and which of these a request names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from langchain_core.documents import Document

from knowledge.subjects import AUTO, SUBJECTS
from rag.parsing.page import Span
from rag.retrieval import Passage
from rag.splitting import boxes_of
from rag.tutor import Tutor
from vector_db.segmentation import GENERIC_WORDS, STOP_WORDS, segment

__all__ = ["Scope", "Section", "find_scope", "read_outline", "titles_of"]

_REQUEST = re.compile(
    r"(?:请|麻烦|可以|能不能)?(?:帮我|给我|替我|为我)?(?:用一页纸?|简要|快速|详细)?(?:总结|归纳|概括|梳理|整理|小结|提炼|复习提纲|提纲)(?:一下|下|一遍|成一页)?|一下|的?(?:内容|要点|重点|知识点|主要内容|复习提纲|提纲)$|^关于|这一?[章节]|[《》“”\"：:，,。！!？?\s]+"
)
_CHAPTER = re.compile(r"第\s*([0-9]+|[零一二三四五六七八九十]+)\s*[章讲篇单元节]+")
_NUMBERED = re.compile(r"^\s*(?:第\s*[0-9零一二三四五六七八九十]+\s*[章讲篇节]|[0-9]+(?:[.-][0-9]+)*[.、]?)\s*")
_CHINESE = {c: i for i, c in enumerate("零一二三四五六七八九")}
_SAME, _NAMED = 0.75, 0.6
"""How alike a title and a request must be (F-measure of their words) to mean the same; and how much of the request it must hold."""
_MOST_SECTIONS = 40


@dataclass(frozen=True)
class Section:
    """The text under one heading of a document, as one passage with its printed lines.

    Attributes:
        path: titles from the document's own down.
        own: whether it is of the student's documents, not of the bundled notes.
    """

    path: tuple[str, ...]
    position: int
    own: bool
    passage: Passage

    @property
    def title(self) -> str:
        return self.path[-1]


@dataclass(frozen=True)
class Scope:
    """What a request names: sections of one document in its order, what to call them, and a remark to the student.

    Without sections the remark asks what was meant.
    """

    name: str
    sections: tuple[Section, ...]
    remark: str = ""


def read_outline(tutor: Tutor, subject: str = AUTO) -> list[Section]:
    """All sections of the documents of a subject, each document's in its order."""
    subjects = list(SUBJECTS) if subject == AUTO else [subject]
    grouped: defaultdict[tuple[str, str], list[Document]] = defaultdict(list)
    for chunk in tutor.retriever.chunks(subjects):
        grouped[chunk.metadata["source"], chunk.metadata["section"]].append(chunk)
    sections = [_section(chunks) for chunks in grouped.values()]
    return sorted(sections, key=lambda s: (s.passage.source, s.position))


def find_scope(text: str, sections: Sequence[Section]) -> Scope | None:
    """The part of the documents that a request names: a document, a chapter, or sections; the student's own before the notes.

    None if no title is like it.
    """
    wanted, number = _parsed(text)
    if not wanted and number is None:
        return None
    for own in (True, False):
        candidates = [s for s in sections if s.own == own]
        if found := _in(wanted, number, candidates):
            return found
    return None


def titles_of(sections: Iterable[Section]) -> list[str]:
    """The names of the student's documents, for telling what may be asked for."""
    return list(dict.fromkeys(PurePosixPath(s.passage.source).stem for s in sections if s.own))


def _parsed(text: str) -> tuple[str, int | None]:
    """What a request names, without the words that ask for a summary, and the number of the chapter."""
    match = _CHAPTER.search(text)
    number = _number(match[1]) if match else None
    rest = _CHAPTER.sub(" ", text) if match else text
    return _REQUEST.sub(" ", rest).strip(), number


def _number(digits: str) -> int:
    if digits.isdigit():
        return int(digits)
    tens, _, ones = digits.partition("十") if "十" in digits else ("", "", digits)
    return (_CHINESE.get(tens, 1) * 10 if "十" in digits else 0) + _CHINESE.get(ones, 0)


def _in(wanted: str, number: int | None, sections: Sequence[Section]) -> Scope | None:
    nodes = dict.fromkeys((s.passage.source, s.path[:depth]) for s in sections for depth in range(len(s.path) + 1))
    document, rest = _document(wanted, [source for source, path in nodes if not path])
    if document:
        sections = [s for s in sections if s.passage.source == document]
        if not rest and number is None:
            return Scope(PurePosixPath(document).stem, tuple(sections[:_MOST_SECTIONS]))
        nodes = {key: None for key in nodes if key[0] == document}
        wanted = rest
    named = _by_title(wanted, sections, list(nodes)) if wanted else None
    if number is None or (wanted and named is None):
        return named
    if named is None:
        return _one_of(_chapters(number, sections), number)
    here = _chapters(number, [s for s in sections if s.passage.source == named.sections[0].passage.source])
    if not here or {id(s) for s in named.sections} <= {id(s) for s in here[0].sections}:
        return named
    return Scope(
        named.name, named.sections, f"资料里的第 {number} 章是“{here[0].name}”，“{wanted}”不在这一章；下面总结的是“{wanted}”。"
    )  # fmt: skip


def _one_of(chapters: Sequence[Scope], number: int) -> Scope | None:
    """The chapter with a number; where several documents have one, the question which is meant, without sections."""
    if len(chapters) < 2:
        return chapters[0] if chapters else None
    listed = "\n".join(f"- {PurePosixPath(c.sections[0].passage.source).stem}：{c.name}" for c in chapters)
    return Scope("", (), f"有几份资料都有第 {number} 章，请写上资料名再说一次：\n\n{listed}")


def _document(wanted: str, sources: Sequence[str]) -> tuple[str, str]:
    """The document whose name stands in a request, and what else the request says; ('', wanted) if none does."""
    for source in sorted(sources, key=len, reverse=True):
        for name in (PurePosixPath(source).name, PurePosixPath(source).stem):
            if len(name) > 2 and name in wanted:
                return source, wanted.replace(name, " ").strip(" 的里中")
    return "", wanted


def _chapters(number: int, sections: Sequence[Section]) -> list[Scope]:
    """The chapters with this number, at most one of each document."""
    found: dict[str, Scope] = {}
    for section in sections:
        for depth, title in enumerate(section.path, 1):
            match = _CHAPTER.match(title.lstrip())
            if match and _number(match[1]) == number and section.passage.source not in found:
                found[section.passage.source] = _under(section.passage.source, section.path[:depth], sections)
    return list(found.values())


def _by_title(wanted: str, sections: Sequence[Section], nodes: Sequence[tuple[str, tuple[str, ...]]]) -> Scope | None:
    """The heading that says what the request says; else the sections whose titles hold all of it; else the nearest heading."""
    tokens = _tokens(wanted)
    if not tokens:
        return None
    scored = [(_alike(tokens, _tokens(path[-1])), source, path) for source, path in nodes if path]
    best = max(scored, key=lambda node: (node[0], -len(node[2])), default=None)
    if best and best[0] >= _SAME:
        return _under(best[1], best[2], sections)
    holding = [s for s in sections if tokens <= _tokens(s.title)]
    if holding:
        source = holding[0].passage.source
        return Scope(wanted, tuple(s for s in holding if s.passage.source == source))
    held = [(len(tokens & _tokens(path[-1])) / len(tokens), source, path) for source, path in nodes if path]
    share, source, path = max(held, key=lambda node: (node[0], len(node[2])), default=(0.0, "", ()))
    return _under(source, path, sections) if share >= _NAMED else None


def _under(source: str, path: tuple[str, ...], sections: Sequence[Section]) -> Scope:
    inside = [s for s in sections if s.passage.source == source and s.path[: len(path)] == path]
    return Scope(path[-1], tuple(inside[:_MOST_SECTIONS]))


def _alike(one: set[str], two: set[str]) -> float:
    return 2 * len(one & two) / (len(one) + len(two)) if one and two else 0.0


def _tokens(title: str) -> set[str]:
    every = set(segment(_NUMBERED.sub("", title)))
    return {t for t in every if t not in STOP_WORDS and t not in GENERIC_WORDS} or every


def _section(chunks: Sequence[Document]) -> Section:
    """Chunks of one section as one passage; what a chunk repeats of the one before it is left out."""
    ordered = sorted(chunks, key=lambda chunk: int(chunk.metadata["position"]))
    text, spans, last = "", list[Span](), None
    for chunk in ordered:
        repeated = chunk.metadata.get("repeated", 0) if last == chunk.metadata["position"] - 1 else 0
        offset = (len(text) + 1 if text else 0) - repeated
        text += ("\n" if text else "") + chunk.page_content[repeated:]
        spans += [s._replace(start=s.start + offset, end=s.end + offset) for s in boxes_of(chunk) if s.start >= repeated]
        last = chunk.metadata["position"]
    meta = ordered[0].metadata
    path = (
        tuple(part.strip() for part in meta["section"].split(" > ")) if meta["section"] else (PurePosixPath(meta["source"]).stem,)
    )
    passage = Passage(
        str(ordered[0].id), meta["source"], meta["document"], meta["page"], meta["section"], meta["subject"], text, 0.0,
        tuple(spans), float(meta["confidence"]) if meta.get("ocr") else None,
    )  # fmt: skip
    return Section(path, int(meta["position"]), not meta.get("point"), passage)
