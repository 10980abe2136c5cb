"""Limits on what a document may be made of, checked before any library builds a tree of it.

All of them are settings. What is read into a tree takes ten times its size in memory and more: 5 KB for a tag of a web page.
"""

from __future__ import annotations

import mmap
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from errors import DamagedDocumentError, DocumentTooLargeError, EncryptedDocumentError
from settings import Settings

__all__ = ["ARCHIVES", "check_archive", "check_name", "check_text"]

ARCHIVES = {".docx": "DOCX", ".pptx": "PPTX", ".epub": "EPUB"}
_WEB = (".html", ".htm", ".xhtml")
_TEXT = (".txt", ".md", ".markdown", ".xml", ".rels", ".opf", ".ncx", *_WEB)
_HARMLESS_BYTES = 100 << 20
"""So much no archive is refused for, however small it is packed."""
_XML_TAGS = 10
"""A tag of Office XML costs a tenth of one of a web page."""
_PIECE = 1 << 20


def check_name(path: Path, settings: Settings) -> None:
    """Check the length of a file's name.

    Raises:
        DocumentTooLargeError: it is too long.
    """
    size = len(os.fsencode(path.name))
    if size > settings.max_name_bytes:
        raise DocumentTooLargeError(
            f"文件名有 {size} 字节，超过上限 {settings.max_name_bytes}。请改短文件名，或调大 TUTOR_MAX_NAME_BYTES。"
        )


def check_text(path: Path, suffix: str, settings: Settings) -> None:
    """Check the size, the longest line and the number of tags of a file that is not packed; PDFs and images have no such.

    Raises:
        DocumentTooLargeError: over a limit; the message names the setting.
    """
    if suffix not in _TEXT:
        return
    _check_bytes(path.stat().st_size, "文件", settings)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if _has_long_line(data, b"<" if suffix in _WEB else b"\n", settings.max_line_kb << 10):
            raise DocumentTooLargeError(
                f"有一行文字超过 {settings.max_line_kb} KB，多半不是文章，而是数据。请分成多行，或调大 TUTOR_MAX_LINE_KB。"
            )
        if suffix in _WEB:
            tags = sum(_tags(data[at : at + _PIECE]) for at in range(0, len(data), _PIECE))
            _check_tags(tags, settings.max_tags, "网页")


def check_archive(path: Path, name: str, settings: Settings) -> None:
    """Refuse a broken ZIP archive, one with a password, and one that unpacks to more than the limits.

    It is unpacked piece by piece and counted: what its directory declares may be a lie, and its members may overlap.

    Raises:
        DamagedDocumentError, EncryptedDocumentError, DocumentTooLargeError
    """
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            members = archive.infolist()
            _check_members(members, name, path.stat().st_size, settings)
            _check_unpacked(file, members, name, path.stat().st_size, settings)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise DamagedDocumentError(f"{name} 文件已损坏或不完整，无法打开。请重新下载，或用相应软件打开并另存后再试。") from error


def _check_members(members: Sequence[zipfile.ZipInfo], name: str, size: int, settings: Settings) -> None:
    if any(member.header_offset < 0 for member in members):
        raise zipfile.BadZipFile("its beginning is lost")
    if any(member.flag_bits & 1 for member in members):
        raise EncryptedDocumentError(f"{name} 文件加了密码。请去掉密码并另存后再试。")
    if len(members) > settings.max_members:
        raise DocumentTooLargeError(
            f"{name} 文件里有 {len(members)} 个部件，超过上限 {settings.max_members}。"
            "请用相应软件打开并另存后再试，或调大 TUTOR_MAX_MEMBERS。"
        )
    if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
        raise DamagedDocumentError(f"{name} 文件用了不合规范的压缩方法。请用相应软件打开并另存后再试。")
    if sum(member.compress_size for member in members) > size:
        raise DamagedDocumentError(f"{name} 文件里的部件互相重叠，多半是恶意文件。请换一个来源重新下载。")


def _check_unpacked(file: BinaryIO, members: Sequence[zipfile.ZipInfo], name: str, size: int, settings: Settings) -> None:
    unpacked = text = xml_tags = 0
    for member in members:
        suffix = os.path.splitext(member.filename.lower())[1]
        web_tags, checked = 0, suffix not in _TEXT or name == "EPUB"
        for piece in _unpacked(file, member):
            unpacked += len(piece)
            _check_sizes(unpacked, size, name, settings)
            if not checked and b"<!DOCTYPE" in piece:
                raise DamagedDocumentError(f"{name} 文件里有实体声明，不合规范，多半是恶意文件。请用办公软件打开并另存后再试。")
            checked = True
            if suffix in _TEXT:
                text += len(piece)
                _check_bytes(text, f"{name} 解压后的文字与标记", settings)
                web_tags += _tags(piece) if suffix in _WEB else 0
                xml_tags += _tags(piece) if suffix not in _WEB else 0
        _check_tags(web_tags, settings.max_tags, "书里有一章")
    _check_tags(xml_tags, settings.max_tags * _XML_TAGS, f"{name} 文件", _XML_TAGS)


def _check_sizes(unpacked: int, packed: int, name: str, settings: Settings) -> None:
    if unpacked > settings.max_unpacked_mb << 20:
        raise DocumentTooLargeError(
            f"{name} 解压后超过上限 {settings.max_unpacked_mb} MB。请删去其中的大图片或视频，或调大 TUTOR_MAX_UNPACKED_MB。"
        )
    if unpacked > max(_HARMLESS_BYTES, settings.max_unpacked_ratio * packed):
        raise DocumentTooLargeError(
            f"{name} 解压后超过文件大小的 {settings.max_unpacked_ratio} 倍，像是压缩炸弹。"
            "请换一个来源重新下载；确认无误时调大 TUTOR_MAX_UNPACKED_RATIO。"
        )


def _check_bytes(size: int, what: str, settings: Settings) -> None:
    if size > settings.max_text_mb << 20:
        raise DocumentTooLargeError(f"{what}超过上限 {settings.max_text_mb} MB。请拆分文件，或调大 TUTOR_MAX_TEXT_MB。")


def _check_tags(tags: int, limit: int, what: str, factor: int = 1) -> None:
    if tags > limit:
        times = f"（TUTOR_MAX_TAGS 的 {factor} 倍）" if factor > 1 else ""
        raise DocumentTooLargeError(f"{what}的标签有 {tags} 个，超过上限 {limit}{times}。请拆分文件，或调大 TUTOR_MAX_TAGS。")


def _tags(piece: bytes) -> int:
    """About how many elements begin in a piece of markup."""
    return piece.count(b"<") - piece.count(b"</")


def _has_long_line(data: mmap.mmap, end: bytes, limit: int) -> bool:
    """Whether more than `limit` bytes stand between two `end`s. It looks at one place in `limit` bytes or a little more."""
    start = 0
    while start + limit < len(data):
        last = data.rfind(end, start, start + limit + 1)
        if last < 0:
            return True
        start = last + 1
    return False


def _unpacked(file: BinaryIO, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """What a member unpacks to, in pieces, up to where it is broken: its reader will say so.

    `zipfile` itself inflates up to 1 GB at once and then cuts it to the size that the directory declares.
    """
    file.seek(member.header_offset)
    header = file.read(30)
    if header[:4] != b"PK\x03\x04":
        return
    file.seek(sum(struct.unpack("<HH", header[26:30])), os.SEEK_CUR)
    inflate, left = zlib.decompressobj(-zlib.MAX_WBITS), member.compress_size
    try:
        while left > 0 and not inflate.eof and (data := file.read(min(left, _PIECE))):
            left -= len(data)
            if member.compress_type == zipfile.ZIP_STORED:
                yield data
                continue
            while data and not inflate.eof:
                yield inflate.decompress(data, _PIECE)
                data = inflate.unconsumed_tail
        yield inflate.flush()  # the end of a repetition: a few hundred bytes
    except zlib.error:
        return
