"""What a file really is, by its first bytes, and what to do with formats that nothing here reads."""

from __future__ import annotations

import mmap
import re
import zipfile
from pathlib import Path

from errors import DamagedDocumentError, EncryptedDocumentError

__all__ = ["ADVICE", "check_content", "kind_of"]

_SAVE_WORD = "请用 Word 或 WPS 打开，另存为 .docx 后再试"
_SAVE_SHOW = "请用 PowerPoint 或 WPS 打开，另存为 .pptx 后再试"
_SAVE_SHEET = "请用 Excel 或 WPS 打开，另存为 PDF，或把要用的表格粘贴进 .docx 后再试"
_UNPACK = "请先解压，再添加解压出来的文件或文件夹"
_EBOOK = "请用 Calibre 转换为 .epub 后再试（加了 DRM 的电子书不能转换）"
_PICTURE = "请用看图软件打开，另存为 .png 或 .jpg 后再试"
ADVICE: dict[str, tuple[str, str]] = {
    **dict.fromkeys((".doc", ".dot"), ("旧版 Word 文档", _SAVE_WORD)),
    **dict.fromkeys((".docm", ".dotx"), ("带宏的 Word 文档或 Word 模板", _SAVE_WORD)),
    **dict.fromkeys((".ppt", ".pps"), ("旧版 PowerPoint 演示文稿", _SAVE_SHOW)),
    **dict.fromkeys((".pptm", ".ppsx", ".potx"), ("PowerPoint 放映、模板或带宏的文稿", _SAVE_SHOW)),
    ".xls": ("旧版 Excel 表格", _SAVE_SHEET),
    ".xlsx": ("Excel 表格", _SAVE_SHEET),
    ".ole": ("旧版 Office 文件", "请用办公软件打开，另存为 .docx 或 .pptx 后再试"),
    ".wps": ("WPS 文字文档", "请用 WPS 打开，另存为 .docx 后再试"),
    ".dps": ("WPS 演示文稿", "请用 WPS 打开，另存为 .pptx 后再试"),
    ".et": ("WPS 表格", "请用 WPS 打开，另存为 PDF 后再试"),
    ".rtf": ("RTF 文档", _SAVE_WORD),
    ".odt": ("OpenDocument 文档", "请用 LibreOffice 或 Word 打开，另存为 .docx 后再试"),
    ".odp": ("OpenDocument 演示文稿", "请用 LibreOffice 或 PowerPoint 打开，另存为 .pptx 后再试"),
    ".pages": ("苹果 Pages 文稿", "请在 Pages 里选“文件 → 导出为 → Word”，得到 .docx 后再试"),
    ".key": ("苹果 Keynote 讲演", "请在 Keynote 里选“文件 → 导出为 → PowerPoint”，得到 .pptx 后再试"),
    **dict.fromkeys((".caj", ".kdh", ".nh"), ("知网 CAJ 文献", "请用 CAJViewer 打开，打印或另存为 PDF 后再试")),
    **dict.fromkeys((".djvu", ".djv"), ("DjVu 扫描书", "请用 DjVu 阅读器或 ddjvu 命令转换为 PDF 后再试")),
    **dict.fromkeys((".mobi", ".azw", ".azw3"), ("Kindle 电子书", _EBOOK)),
    ".chm": ("CHM 帮助文件", "请用 Calibre 转换为 .epub，或解压出其中的 .html 后再试"),
    **dict.fromkeys((".mht", ".mhtml"), ("单个文件的网页（MHT）", "请用浏览器打开，另存为 .html 或打印为 PDF 后再试")),
    ".ofd": ("OFD 版式文件", "请用 OFD 阅读器打开，另存为 PDF 后再试"),
    ".zip": ("ZIP 压缩包", _UNPACK),
    ".rar": ("RAR 压缩包", _UNPACK),
    **dict.fromkeys((".7z", ".gz", ".tgz", ".tar", ".bz2", ".xz"), ("压缩包", _UNPACK)),
    **dict.fromkeys((".gif", ".heic"), ("图片", _PICTURE)),
}
"""Suffix (or kind of content) to its name and what to do."""
_READABLE = {".pdf": "PDF", ".docx": "Word 文档", ".pptx": "PowerPoint 演示文稿", ".epub": "EPUB 电子书", ".html": "网页（HTML）"}
_PICTURES = (".png", ".jpg", ".webp", ".bmp", ".tif")
_READABLE |= dict.fromkeys(_PICTURES, "图片")
_MAGIC = (
    (b"%PDF-", ".pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".ole"),
    (b"PK\x03\x04", ".zip"),
    (b"{\\rtf", ".rtf"),
    (b"Rar!\x1a\x07", ".rar"),
    (b"7z\xbc\xaf\x27\x1c", ".7z"),
    (b"\x1f\x8b\x08", ".gz"),
    (b"AT&TFORM", ".djvu"),
    (b"ITSF", ".chm"),
    (b"\x89PNG\r\n", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"GIF8", ".gif"),
    (b"II*\0", ".tif"),
    (b"MM\0*", ".tif"),
    (b"MIME-Version:", ".mht"),
)
_HTML = re.compile(rb"\s*(<\?xml[^>]{0,200}\?>\s*)?(<!--.{0,500}?-->\s*)*<(!doctype html|html[\s>])", re.IGNORECASE | re.DOTALL)
_STREAMS = (("EncryptedPackage", ""), ("WordDocument", ".doc"), ("PowerPoint Document", ".ppt"), ("Workbook", ".xls"))
"""Names of streams in an OLE file (UTF-16 in its directory) and what holds them."""


def check_content(path: Path, suffix: str) -> None:
    """Refuse a file whose content is another format than `suffix` says; a broken one is left to its reader.

    Raises:
        DamagedDocumentError: it is another format; the message names it.
        EncryptedDocumentError: an Office file with a password, which no longer is a ZIP archive.
    """
    kind = kind_of(path)
    claimed = {".htm": ".html", ".jpeg": ".jpg", ".tiff": ".tif"}.get(suffix, suffix)
    plain = claimed in (".txt", ".md", ".markdown")
    picture = claimed in _PICTURES and kind in (*_PICTURES, ".gif")  # chat programs mix these up, and the reader doesn't care
    if kind in ("", claimed) or picture or (plain and kind in (".html", ".mht")):
        return
    if kind == "locked":
        raise EncryptedDocumentError("文件加了打开密码。请用办公软件打开、去掉密码并另存后再试。")
    if kind in _READABLE:
        name, advice = _READABLE[kind], f"请把后缀改成 {kind} 后再试"
    else:
        name, advice = ADVICE[kind]
    wrong = {".pdf": "不是 PDF", ".docx": "不是 DOCX", ".pptx": "不是 PPTX", ".epub": "不是 EPUB"}.get(claimed, "不是这种格式")
    raise DamagedDocumentError(f"文件名是 {suffix}，内容却{wrong}，而是{name}。{advice}。")


def kind_of(path: Path) -> str:
    """What a file is by its content, as a suffix; `locked`: Office with a password; '': the content doesn't tell."""
    with path.open("rb") as file:
        head = file.read(2048)
    kind = next((kind for magic, kind in _MAGIC if head.startswith(magic)), "")
    if kind == ".ole":
        return _kind_of_ole(path)
    if kind == ".zip":
        return _kind_of_zip(path)
    if not kind and head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ".webp"
    return kind or (".html" if _HTML.match(head.removeprefix(b"\xef\xbb\xbf")) else "")


def _kind_of_ole(path: Path) -> str:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = (kind or "locked" for name, kind in _STREAMS if data.find(name.encode("utf-16-le")) >= 0)
        return next(found, ".ole")


def _kind_of_zip(path: Path) -> str:
    """The Office, OpenDocument or e-book format of an archive; '' for a broken one."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return ""
    folders = {"word/": ".docx", "ppt/": ".pptx", "xl/": ".xlsx"}
    if "[Content_Types].xml" in names:
        return next((kind for folder, kind in folders.items() if any(n.startswith(folder) for n in names)), ".zip")
    if "META-INF/container.xml" in names:
        return ".epub"
    return ".odt" if "content.xml" in names and "META-INF/manifest.xml" in names else ".zip"
