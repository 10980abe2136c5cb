"""Web pages and EPUB books."""

from __future__ import annotations

from tests.conftest import archive
from tests.integration.hostile.case import Case

__all__ = ["CASES", "epub"]

_TEXT = "<p>the semaphore guards the buffer</p>"
_CONTAINER = '<container><rootfiles><rootfile full-path="{}"/></rootfiles></container>'
_PACKAGE = '{}<package><manifest><item id="a" href="{}"/></manifest><spine>{}</spine></package>'
_MB = 1 << 20
_LAUGHS = "<!DOCTYPE x [<!ENTITY a 'haha'>" + "".join(f"<!ENTITY {chr(98 + i)} '{f'&{chr(97 + i)};' * 60}'>" for i in range(8))
_FILE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>"


def page(inside: str, head: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{inside}</body></html>".encode()


def epub(
    text: str = _TEXT,
    href: str = "a.xhtml",
    package: str = "b.opf",
    spine: str = '<itemref idref="a"/>',
    before: str = "",
    **more: bytes,
) -> bytes:
    """A book of one chapter."""
    parts = {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": _CONTAINER.format(package).encode(),
        "b.opf": _PACKAGE.format(before, href, spine).encode(),
        "a.xhtml": text.encode(),
    }
    return archive(parts | more)


_DRM = b'<encryption><EncryptedData><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></EncryptedData></encryption>'

CASES = (
    Case("script.html", lambda: page("<script>while(true);</script>" + _TEXT)),
    Case("only script.html", lambda: page("<script>document.write('semaphore')</script>"), "没有文字"),
    Case("deep.html", lambda: page("<div>" * 20_000 + _TEXT + "</div>" * 20_000)),
    Case("deep tables.html", lambda: page("<table><tr><td>" * 500 + _TEXT)),
    Case("deep lists.html", lambda: page("<ul><li>" * 2000 + _TEXT)),
    Case("broken tags.html", lambda: page("<p <b></i>" + _TEXT + "</p></p><td></html><<<>>")),
    Case("cut in a tag.html", lambda: page(_TEXT + "<table><tr><td><a href='")[:-14]),
    Case("refresh.html", lambda: page(_TEXT, "<meta http-equiv=refresh content='0;url=file:///etc/passwd'>")),
    Case("wrong charset.html", lambda: page(_TEXT + "<p>信号量</p>", "<meta charset=shift_jis>"), words="信号量"),
    Case("unknown charset.html", lambda: page(_TEXT, "<meta charset=no-such-thing>")),
    Case("charset that is no text.html", lambda: page(_TEXT, "<meta charset=zlib>")),
    Case("no encoding.html", lambda: b"<p>\xff\xff\xff semaphore</p>", "编码无法识别"),
    Case("attribute of a megabyte.html", lambda: page(f"<p title='{'x' * _MB}'>" + _TEXT)),
    Case("thousands of attributes.html", lambda: page(f"<p {' '.join(f'a{i}=1' for i in range(20_000))}>" + _TEXT)),
    Case("entities.html", lambda: (_LAUGHS + f"]><html><body>{_TEXT}&i;</body></html>").encode()),
    Case("entity of a file.html", lambda: (_FILE + f"<html><body>{_TEXT}&a;</body></html>").encode()),
    Case("line of 20 MB.html", lambda: page("<p>" + "semaphore " * (2 * _MB)), "TUTOR_MAX_LINE_KB"),
    Case("500000 tags.html", lambda: page("<br>" * 500_000 + _TEXT), "TUTOR_MAX_TAGS"),
    Case("colspan.html", lambda: page("<table><tr><td colspan=9999999 rowspan=9999999>semaphore</td></tr></table>")),
    Case("hidden.html", lambda: page("<p hidden>semaphore</p><p style='display:none'>x</p>"), "没有文字"),
    Case("direction.html", lambda: page("<p dir=rtl>the sem&#x202e;aph&#8203;ore</p>")),
    Case("surrogates.html", lambda: page("<p>&#xD800;&#0;&#x110000;&#xFFFFFFFFFF;</p>" + _TEXT)),
    Case("picture.html", lambda: b"\x89PNG\r\n\x1a\n" + bytes(99), "而是图片"),
    Case("saved whole.html", lambda: b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n", "单个文件的网页"),
    Case("good.epub", epub),
    Case("no archive.epub", lambda: b"semaphore", "损坏或不完整"),
    Case("cut.epub", lambda: epub()[:-60], "损坏或不完整"),
    Case("no package.epub", lambda: archive({"META-INF/container.xml": b"<x/>"}), "缺少"),
    Case("no chapters.epub", lambda: epub(spine=""), "没有列出任何章节"),
    Case("lost chapter.epub", lambda: epub(href="c.xhtml"), "缺少这一章"),
    Case("out of the archive.epub", lambda: epub(href="../../../../etc/hostname", package="b.opf"), "缺少这一章"),
    Case("package out of the archive.epub", lambda: epub(package="../../../etc/hostname"), "缺少"),
    Case("member out of the archive.epub", lambda: epub(**{"../../escaped.xhtml": b"x", "/escaped.xhtml": b"x"})),
    Case("a chapter 5001 times.epub", lambda: epub(spine='<itemref idref="a"/>' * 5001), "TUTOR_MAX_PAGES"),
    Case("entities in the package.epub", lambda: epub(before=_LAUGHS + "]>"), "没有列出任何章节"),
    Case("entities in a chapter.epub", lambda: epub(_LAUGHS + f"]><html><body>{_TEXT}<p>&i;</p></body></html>")),
    Case("file in a chapter.epub", lambda: epub(_FILE + f"<html><body>{_TEXT}<p>&a;</p></body></html>")),
    Case("deep chapter.epub", lambda: epub("<ul><li>" * 2000 + _TEXT)),
    Case("500000 tags.epub", lambda: epub("<br/>" * 500_000 + _TEXT), "TUTOR_MAX_TAGS"),
    Case("bomb.epub", lambda: epub(" " * (40 * _MB)), "TUTOR_MAX_TEXT_MB"),
    Case("bomb of an image.epub", lambda: epub(**{"a.png": bytes(110 * _MB)}), "TUTOR_MAX_UNPACKED_RATIO"),
    Case("20004 members.epub", lambda: epub(**{str(i): b"" for i in range(20_000)}), "TUTOR_MAX_MEMBERS"),
    Case("locked.epub", lambda: epub(**{"META-INF/encryption.xml": _DRM}), "DRM"),
    Case("zip.epub", lambda: archive({"a.txt": b"semaphore"}), "先解压"),
)
