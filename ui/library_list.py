"""The documents, the uploads and what a document covers, as HTML. No Gradio here."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

from knowledge.subjects import subject_label
from knowledge.syllabus import KnowledgePoint
from ui.picking import button_html
from ui.uploads import Upload
from vector_db.registry import INDEXED, DocumentRecord

__all__ = ["coverage_html", "documents_html", "ordered", "uploads_html"]

_STATES = {"indexed": "已入库", "pending": "未完成", "failed": "失败"}
_UPLOADS = {"waiting": "排队中", "reading": "正在读", "done": "已入库", "failed": "失败"}
_PAGES = 20
"""Page numbers that a row names."""
_SHOWN = 300


def ordered(records: Sequence[DocumentRecord], words: str = "") -> list[DocumentRecord]:
    """What needs attention first, then the latest; only names with certain words in them, if these are given."""
    wanted = words.strip().casefold()
    latest = sorted(records, key=lambda r: r.updated_at, reverse=True)
    return [r for r in sorted(latest, key=lambda r: r.state == INDEXED) if wanted in r.source.casefold()]


def documents_html(records: Sequence[DocumentRecord], manage: bool) -> str:
    """A row a document: name, subject, state, pages, what a student should know of it, and what can be done with it."""
    rows = "".join(_document(record, manage) for record in records[:_SHOWN])
    more = f"<p>还有 {len(records) - _SHOWN} 份没有列出，请用上面的搜索。</p>" if len(records) > _SHOWN else ""
    return f"<ul>{rows}</ul>{more}" if rows else "<p>这里还没有资料。</p>"


def _document(record: DocumentRecord, manage: bool) -> str:
    name = record.source.rsplit("/", 1)[-1]
    folder = record.source.rpartition("/")[0]
    about = " · ".join(
        filter(None, (
            subject_label(record.subject) if record.subject else "", f"{record.pages} 页" if record.pages else "",
            f"{record.chunks} 个片段" if record.chunks else "", escape(folder),
        ))
    )  # fmt: skip
    acts = [button_html("预览", record.source, "show", f"预览：{name}", "act")] if record.chunks else []
    if manage and (record.state != INDEXED or record.unread_pages):
        acts.append(button_html("重试", record.source, "retry", f"重新读取：{name}", "act"))
    if manage:
        acts.append(button_html("删除", record.source, "delete", f"删除：{name}", "act bad"))
    return (
        f"<li><div class='words'><b>{escape(name)}</b> <span class='state {record.state}'>{_STATES[record.state]}</span>"
        f"<small>{about}</small>{_notes(record)}</div><div class='acts'>{''.join(acts)}</div></li>"
    )


def _notes(record: DocumentRecord) -> str:
    """Why it failed; which pages were not read or read with doubt, each of which opens."""
    notes = [escape(record.error)] if record.error else []
    if record.unread_pages:
        why = "、".join(dict.fromkeys(record.reasons.values())) or "没有文字"
        notes.append(f"未读的页 {_page_buttons(record, record.unread_pages)}：{escape(why)}")
    if record.pictures:
        notes.append(f"{record.pictures} 张图片里的文字没有读")
    if record.ocr_pages:
        notes.append(f"{len(record.ocr_pages)} 页由 OCR 识别")
    if record.doubtful_pages:
        notes.append(f"识别可信度低、请对照原页：{_page_buttons(record, record.doubtful_pages)}")
    return "".join(f"<p>{note}</p>" for note in notes)


def _page_buttons(record: DocumentRecord, pages: Sequence[int]) -> str:
    shown = "".join(button_html(str(page), record.source, f"page:{page}", f"打开第 {page} 页", "page") for page in pages[:_PAGES])
    return shown + (f"等 {len(pages)} 页" if len(pages) > _PAGES else "")


def uploads_html(uploads: Sequence[Upload], manage: bool) -> str:
    """A row a file: how far it is, with a bar where pages are counted."""
    return f"<ul>{''.join(_upload(upload, manage) for upload in uploads)}</ul>" if uploads else ""


def _upload(upload: Upload, manage: bool) -> str:
    told = _UPLOADS[upload.state]
    if upload.state == "reading" and upload.total_pages:
        told = f"正在读第 {min(upload.pages + 1, upload.total_pages)} / {upload.total_pages} 页" + (
            "（OCR 识别）" if upload.ocr else ""
        )
    elif upload.state == "done" and upload.pages:
        told = f"已入库，{upload.pages} 页"
    share = upload.pages / upload.total_pages if upload.total_pages else 0
    bar = f"<progress max='1' value='{share:.3f}'></progress>" if upload.state == "reading" else ""
    retry = button_html("重试", upload.key, "again", f"重试：{upload.name}", "act") if manage and upload.state == "failed" else ""
    said = f"<p>{escape(upload.said)}</p>" if upload.said else ""
    return (
        f"<li><div class='words'><b>{escape(upload.name)}</b> <span class='state {upload.state}'>{told}</span>{bar}{said}</div>"
        f"<div class='acts'>{retry}</div></li>"
    )


def coverage_html(found: Sequence[tuple[KnowledgePoint, int]], status: str) -> str:
    """The points of the syllabus that a document holds, by chapter, each with its number of pages."""
    waiting = f"<p>{escape(status)}……</p>" if status else ""
    if not found:
        return f"<h4>涉及的考点</h4>{waiting or '<p>没有找到与 408 大纲考点对应的内容。</p>'}"
    chapters = groupby(found, key=lambda pair: (pair[0].subject, pair[0].chapter_name))
    rows = "".join(
        f"<li><b>{escape(subject_label(subject))} · {escape(chapter)}</b>"
        + "".join(f"<span>{escape(point.name)}<small>{pages} 页</small></span>" for point, pages in members)
        + "</li>"
        for (subject, chapter), members in chapters
    )
    return f"<h4>涉及的考点（{len(found)} 个）</h4>{waiting}<ul>{rows}</ul>"
