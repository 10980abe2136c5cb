"""The panel beside the chat: the page that a citation is from, with its words marked, and the pages around it.

On a phone it is a drawer over the chat.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from errors import DocumentError
from rag.citations import Citation
from rag.library import Library
from rag.parsing.ocr import LOW_CONFIDENCE
from ui.citation_view import open_citation
from ui.context import QUIET
from ui.excerpt import excerpt_html, is_markdown
from ui.page_view import Leaf, leaf_of_citation

__all__ = ["CLOSE", "CSS", "PagePanel", "build_page_panel"]

_HINT = "<p class='hint'>点回答里的编号，这里打开它所在的那一页，引用的原文会标亮。</p>"
_GONE = "<p class='hint'>这个编号属于已经清空的对话。请重新提问。</p>"

CLOSE = "<button type='button' class='quiet-button drawer-close' data-toggle='{name}'>✕ 关闭</button>"
"""On a phone: closes the drawer that the class `name` of the body opens (ui/assets/page.js)."""

CSS = """
.drawer-close { display: none !important; }
@media (max-width: 900px) {
  .drawer-close { display: inline-flex !important; }
  .drawer { position: fixed !important; inset: 0 0 0 auto; z-index: 1000; width: min(100vw, 520px) !important; height: 100dvh !important;
    overflow-y: auto !important; border-radius: 0 !important; visibility: hidden; transform: translateX(100%);
    transition: transform .18s ease, visibility .18s; background: var(--t-card); padding: 12px !important; }
  .drawer.left { inset: 0 auto 0 0; width: min(86vw, 360px) !important; transform: translateX(-100%); }
  body.citation-open #ask-page, body.history-open #ask-history, body.preview-open #library-page { visibility: visible; transform: none;
    box-shadow: 0 0 40px #0006; }
}
.page-panel { gap: 8px !important; }
.page-panel .caption { display: flex; flex-wrap: wrap; gap: 4px 10px; align-items: baseline; line-height: 1.5; }
.page-panel .caption b { font-size: 1.02em; overflow-wrap: anywhere; }
.page-panel .caption small, .page-panel .hint { color: var(--t-quiet); }
.page-panel .doubtful { color: var(--t-warn); }
.page-panel .turning { flex-wrap: nowrap !important; gap: 8px !important; align-items: center; }
.page-panel .turning button { min-width: 0 !important; padding: 6px 10px !important; }
.page-panel .page-image { min-height: 40vh; flex: none; }
.page-panel .page-image img { width: 100%; height: auto; background: #fff; }
.excerpt { white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.75; padding: 14px; border: 1px solid var(--t-line);
  border-radius: 8px; background: var(--t-card); max-height: 70vh; overflow: auto; }
.excerpt.note { white-space: normal; }
.excerpt.note > :first-child { margin-top: 0; }
.excerpt.note table { border-collapse: collapse; margin: 8px 0; }
.excerpt.note th, .excerpt.note td { border: 1px solid var(--t-line); padding: 4px 10px; text-align: left; }
.excerpt.note pre { overflow-x: auto; }
.excerpt mark, mark.quote { background: #ffe98a; color: #1c2430 !important; border-radius: 3px; padding: 0 2px; }
"""


@dataclass(frozen=True)
class PagePanel:
    """The parts of a panel, in the order that `of_citation` and `of_leaf` fill them."""

    library: Library
    outputs: Sequence[Any]

    def of_citation(self, citation: Citation | None) -> list[Any]:
        """What is to be shown of a citation; None is one that is gone."""
        if citation is None:
            return _filled(_GONE)
        leaf = leaf_of_citation(citation, self.library)
        if leaf:
            return self.of_leaf(leaf, _ocr_told(citation))
        caption, image, text = open_citation(citation, self.library)
        return _filled(f"<div class='caption'>{_plain(caption)}</div>", image, text)

    def saying(self, text: str) -> list[Any]:
        """No page, but a word about it."""
        return _filled(f"<p class='hint'>{escape(text)}</p>")

    def of_leaf(self, leaf: Leaf | None, told: str = "") -> list[Any]:
        """What is to be shown of a page."""
        if leaf is None:
            return _filled("<p class='hint'>这份资料没有可以翻看的页面。</p>")
        try:
            image = leaf.image(self.library)
        except (DocumentError, OSError):
            return _filled("<p class='hint'>原件已不在知识库里。重新入库后可以看到页面。</p>")
        marked = (
            ""
            if not leaf.cited_page
            else "引用的原文已标亮"
            if leaf.page == leaf.cited_page
            else f"引用在第 {leaf.cited_page} 页"
        )
        caption = f"<div class='caption'><b>{escape(leaf.name)}</b><small>第 {leaf.page} / {leaf.pages} 页　{marked}</small>{told}</div>"
        return _filled(caption, image, "", leaf, told)

    def of_text(self, source: str, text: str) -> list[Any]:
        """What is to be shown of a document without pages: its words."""
        name = escape(source.rsplit("/", 1)[-1])
        return _filled(f"<div class='caption'><b>{name}</b></div>", None, excerpt_html(text, 0, 0, is_markdown(source)))


def build_page_panel(library: Library, prefix: str, hint: str = _HINT) -> PagePanel:
    """Lay out a panel; its elements' ids begin with `prefix`."""
    shown = gr.State(None)
    told = gr.State("")
    caption = gr.HTML(hint, elem_id=f"{prefix}-caption")
    with gr.Row(visible=False, elem_classes="turning") as turning:
        back = gr.Button("‹ 上一页", size="sm", elem_id=f"{prefix}-back")
        quote = gr.Button("回到引用", size="sm", elem_id=f"{prefix}-quote", visible=False)
        on = gr.Button("下一页 ›", size="sm", elem_id=f"{prefix}-on")
    image = gr.Image(
        elem_id=f"{prefix}-page", elem_classes="page-image", show_label=False, visible=False, type="pil", format="png",
        buttons=["fullscreen"],
    )  # fmt: skip
    text = gr.HTML(elem_id=f"{prefix}-text", visible=False)
    panel = PagePanel(library, [caption, turning, back, quote, on, image, text, shown, told])

    def turned(how: Callable[[Leaf], Leaf]) -> Callable[[Leaf | None, str], list[Any]]:
        return lambda leaf, said: panel.of_leaf(how(leaf) if leaf else None, said)

    for button, how in (
        (back, lambda leaf: leaf.turned(-1)),
        (on, lambda leaf: leaf.turned(1)),
        (quote, lambda leaf: leaf.at_quote),
    ):
        button.click(turned(how), [shown, told], panel.outputs, **QUIET)
    return panel


def _filled(caption: str, image: Any = None, text: str = "", leaf: Leaf | None = None, told: str = "") -> list[Any]:
    """Values for all outputs of a panel."""
    return [
        caption,
        gr.update(visible=leaf is not None and leaf.pages > 1),
        gr.update(interactive=leaf is not None and leaf.page > 1),
        gr.update(visible=leaf is not None and leaf.cited_page not in (0, leaf.page)),
        gr.update(interactive=leaf is not None and leaf.page < leaf.pages),
        gr.update(value=image, visible=image is not None),
        gr.update(value=text, visible=bool(text)),
        leaf,
        told,
    ]


def _ocr_told(citation: Citation) -> str:
    """What a reader should know of text that was recognised on an image, as HTML."""
    if citation.ocr_confidence is None:
        return ""
    if citation.ocr_confidence < LOW_CONFIDENCE:
        return f"<small class='doubtful'>OCR 识别，可信度 {citation.ocr_confidence:.0%}，较低，请对照原页</small>"
    return f"<small>OCR 识别，可信度 {citation.ocr_confidence:.0%}</small>"


def _plain(markdown: str) -> str:
    """The caption of a citation without an image, whose Markdown is bold type and escaped characters."""
    return escape(markdown.replace("**", "").replace("\\", "").replace("\n\n", "　"))
