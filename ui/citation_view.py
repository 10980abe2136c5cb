"""Citations on the page: marks that can be clicked, and the page of the document that each one opens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlparse

from errors import DocumentError
from knowledge.subjects import subject_told
from rag.citations import Citation, locate
from rag.events import Answer
from rag.library import Library
from rag.marks import find_marks
from rag.parsing import PAGED_SUFFIXES
from rag.parsing.image import IMAGE_SUFFIXES, render_image
from rag.parsing.ocr import LOW_CONFIDENCE
from rag.parsing.pdf_image import render_page
from ui.excerpt import excerpt_html, is_markdown

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["answer_markdown", "open_citation", "place", "safe_markdown", "short_place"]

_SCRIPT = re.compile(r"(\]\s*+\(\s*+<?|\]:\s*+<?)\s*+(?=[a-z]+script\s*:|data\s*:|file\s*:)", re.IGNORECASE)
"""Where a link of Markdown would lead to a script, into itself, or to a file of this machine."""
_CODE = re.compile(r"(?<![\\`])`(?!`)[^`\n]+`(?!`)")
_SHORT = 8
"""Characters of a source's name within an answer."""
_CHECKED = "每处引用的文字都逐字核对过：它就在所标的那一页上"
_FENCE = re.compile(r"[ \t]*+(`{3,}+|~{3,}+)([^`]*)")


def safe_markdown(text: str) -> str:
    """Markdown in which `<` is a character, not the start of HTML, and nothing is fetched: an image is only its text, no link runs a script."""
    shown, end = [], 0
    for start, after in _code(text):
        shown += [_harmless(text[end:start]), text[start:after]]
        end = after
    return "".join([*shown, _harmless(text[end:])])


def _code(text: str) -> Iterator[tuple[int, int]]:
    """Where code stands: fences that begin and end lines and are closed, and words between backticks within a line.

    What is no code for a browser's parser must be none here: its `<` would be HTML.
    """
    at, opened, fence = 0, 0, ""
    waiting: list[tuple[int, int]] = []
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        found = _FENCE.fullmatch(line.rstrip("\r\n"))
        spans = [(at + code.start(), at + code.end()) for code in _CODE.finditer(line)]
        if not fence and found:
            fence, opened, waiting = found[1], at, []
        elif not fence:
            yield from spans
        elif found and not found[2].strip() and found[1].startswith(fence):
            fence = ""
            yield opened, at + len(line)
        else:
            waiting += spans
        at += len(line)
    yield from waiting if fence else ()


def _harmless(text: str) -> str:
    return _SCRIPT.sub(r"\1#", text).replace("<", "&lt;").replace("![", "!\\[")


def place(citation: Citation) -> str:
    """Where a citation stands, in words: the page where the format has pages, and the section; of one from the web its host."""
    paged = citation.document and any(citation.source.lower().endswith(suffix) for suffix in PAGED_SUFFIXES)
    name = citation.source.rsplit("/", 1)[-1] if citation.document else urlparse(citation.source).netloc
    parts = [name, f"第 {citation.page} 页" if paged else "", citation.section.split(" > ")[-1], _ocr_mark(citation)]
    return " · ".join(filter(None, parts))


def short_place(citation: Citation) -> str:
    """A source in a few characters, as it stands in the middle of a sentence: 操作系统讲义 9 页."""
    if not citation.document:
        return _cut(urlparse(citation.source).netloc)
    name = citation.source.rsplit("/", 1)[-1]
    paged = any(name.lower().endswith(suffix) for suffix in PAGED_SUFFIXES)
    return _cut(name.rpartition(".")[0] or name) + (f" {citation.page} 页" if paged else "")


def _cut(name: str) -> str:
    return name if len(name) <= _SHORT else f"{name[: _SHORT - 1]}…"


def _ocr_mark(citation: Citation) -> str:
    """What a reader should know of text that was recognised on an image."""
    if citation.ocr_confidence is None:
        return ""
    doubtful = "，可信度低，请对照原页" if citation.ocr_confidence < LOW_CONFIDENCE else ""
    return f"OCR 识别（可信度 {citation.ocr_confidence:.0%}{doubtful}）"


def answer_markdown(answer: Answer, turn: int) -> str:
    """An answer with its marks as links (`#cite-TURN-INDEX`), the list of places below, and who answered."""
    text = _linked(answer, turn)
    cited: Sequence[Citation] = answer.citations or answer.nearest
    first = {(c.n, place(c)): i for i, c in reversed(list(enumerate(cited)))}
    rows = [f"- [\\[{n}\\] {_link_text(where)}](#cite-{turn}-{i})" for (n, where), i in sorted(first.items(), key=lambda x: x[1])]
    heading = "**最接近的资料**" if answer.refused else "**出处（点开看原文）**"
    heading += _verified(answer)
    places = f"\n\n{heading}\n" + "\n".join(rows) if rows else ""
    told = subject_told(answer.subject, answer.subject_confidence)
    who = (
        "" if answer.refused else f"\n\n<sub>科目：{told}　回答者：{escape(answer.model)}</sub>"
    )  # no model says what isn't there
    notice = f"\n\n**{safe_markdown(answer.notice)}**" if answer.notice else ""
    return text + notice + places + who


def _verified(answer: Answer) -> str:
    """The mark of an answer whose citations were all found word by word on their pages."""
    if answer.refused or not answer.citations or not all(citation.literal for citation in answer.citations):
        return ""
    return f"　<span class='verified' title='{_CHECKED}'>✓ 引用可核验（{len(answer.citations)} 处）</span>"


def _linked(answer: Answer, turn: int) -> str:
    text, end = "", 0
    for (start, after, n), index in zip(find_marks(answer.text) if answer.marks else [], answer.marks, strict=False):
        before = safe_markdown(answer.text[end:start])
        text += (
            before + (" " if before.endswith("!") else "") + _chip(answer.citations[index], n, turn, index)
        )  # `![` begins an image
        end = after
    return text + safe_markdown(answer.text[end:])


def _chip(citation: Citation, n: int, turn: int, index: int) -> str:
    """A mark as it stands behind its words: the number and, in few characters, the source."""
    return f"[\\[{n}\\] {_link_text(short_place(citation))}](#cite-{turn}-{index})"


def open_citation(citation: Citation, library: Library) -> tuple[str, Image | None, str]:
    """Caption (Markdown), image of the page with the quote marked, and, where a page has no image, its text (HTML)."""
    if not citation.document:
        return f"**网页**　{_link_text(citation.source)}", None, _excerpt(citation)
    caption = f"**{_link_text(citation.source.rsplit('/', 1)[-1])}**　{_link_text(place(citation).split(' · ', 1)[-1])}"
    suffix = "." + citation.source.rsplit(".", 1)[-1].lower()
    if suffix == ".pdf" or suffix in IMAGE_SUFFIXES:
        render = render_page if suffix == ".pdf" else render_image
        try:
            return caption, render(library.original(citation.document, suffix), citation.page, list(citation.boxes)), ""
        except (DocumentError, OSError):
            caption += "\n\n原件已不在知识库里，下面是入库时的文字。重新入库后可以看到页面。"
    return caption, None, _excerpt(citation)


def _excerpt(citation: Citation) -> str:
    start, end = locate(citation.quote, citation.context) or (0, 0)
    return excerpt_html(citation.context, start, end, bool(citation.document) and is_markdown(citation.source))


def _link_text(text: str) -> str:
    return re.sub(r"([\[\]\\*_`<>|])", r"\\\1", " ".join(text.split()))
