"""Image files; the header of an image tells how much memory it will take."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

from tests.integration.hostile.case import Case

__all__ = ["CASES", "png"]


def png(width: int, height: int, rows: int = 0) -> bytes:
    """A grey PNG that holds `rows` of its rows."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes((width + 1) * rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def drawn(kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((120, 80), 90).save(file, kind, **options)
    return file.getvalue()


def frames(count: int) -> bytes:
    """A TIFF of black frames of eight by eight pixels, which share their pixels."""
    size = 2 + 8 * 12 + 4
    tags = ((256, 8), (257, 8), (258, 1), (259, 1), (262, 1), (273, 8), (278, 8), (279, 8))
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    starts = [16 + i * size for i in range(count)]
    following = [*starts[1:], 0]
    return struct.pack("<2sHI8x", b"II", 42, 16) + b"".join(
        struct.pack("<H", 8) + entries + struct.pack("<I", at) for at in following
    )


_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

CASES = (
    Case("cut.png", lambda: drawn("PNG")[:3000], "已损坏"),
    Case("cut.jpg", lambda: drawn("JPEG")[:800], "已损坏"),
    Case("cut in the header.png", lambda: drawn("PNG")[:20], "已损坏"),
    Case("bomb.png", lambda: png(30_000, 30_000, 1000), "TUTOR_MAX_PIXELS"),
    Case("bomb without pixels.png", lambda: png(2_000_000_000, 2_000_000_000), "TUTOR_MAX_PIXELS"),
    Case("long and thin.png", lambda: png(1, 60_000_000), "TUTOR_MAX_PIXELS"),
    Case("no size.png", lambda: png(0, 0), "已损坏"),
    Case("blank.png", lambda: png(100, 100, 100), "空白"),
    Case("is a gif.png", lambda: drawn("GIF"), "没有识别出文字"),
    Case("is an svg.png", lambda: _SVG, "已损坏"),
    Case("is a pdf.png", lambda: b"%PDF-1.7\n", "后缀改成 .pdf"),
    Case("text.jpg", lambda: b"semaphore", "已损坏"),
    Case("5001 frames.tif", lambda: frames(5001), "TUTOR_MAX_PAGES"),
    Case("animation.gif", lambda: drawn("GIF"), "另存为 .png"),
)
