"""Image files (photographs, screenshots, scans) as documents: what OCR reads of them, and their view with a quote marked.

A pixel is a point, and the origin is the lower left corner, so that boxes mean the same as those of a PDF page.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from errors import DamagedDocumentError, DocumentTooLargeError
from rag.parsing.columns import in_reading_order
from rag.parsing.layout import blocks_of
from rag.parsing.ocr import Recogniser, lines_of, mean_confidence
from rag.parsing.page import Box, Page
from rag.parsing.scan import BLANK, NOTHING_RECOGNISED
from rag.parsing.tiles import is_blank

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

__all__ = ["IMAGE_SUFFIXES", "NO_OCR", "flattened", "parse_image", "render_image"]

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"})
NO_OCR = "图片要用 OCR 识别，而 OCR 已关闭（TUTOR_OCR=false）"
_DAMAGED = "图片已损坏或不完整，无法打开。请重新下载，或用看图软件打开并另存为 PNG 后再试。"
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError, OverflowError, struct.error, zlib.error)
"""What Pillow's readers raise at broken files."""
_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")
"""Whatever the suffix says, no other decoder runs: some start programs."""
_SIXTEEN_BITS = ("I;16", "I;16B", "I;16L")
_HIGHLIGHT = (255, 236, 130)
_TALL = 2.0
"""Of an image that is taller than so many widths only the part around the quote is shown."""


def parse_image(path: Path, max_pages: int, max_pixels: int, recogniser: Recogniser | None = None) -> Iterator[Page]:
    """An image as a page; the frames of a TIFF are pages, of other formats only the first is looked at.

    Without a recogniser, and where an image is too large, blank or says nothing, the page has `unread` set.

    Raises:
        DamagedDocumentError: it can't be decoded.
        DocumentTooLargeError: more than `max_pages` frames, or a single one of more than `max_pixels` pixels.
    """
    with _opened(path, max_pixels) as image:
        with _decoding(max_pixels):
            sizes = list(_sizes(image, max_pages))
        if len(sizes) > max_pages:
            raise DocumentTooLargeError(f"图片有超过 {max_pages} 页。请拆分文件，或调大 TUTOR_MAX_PAGES。")
        for number, (width, height) in enumerate(sizes, 1):
            if width * height <= max_pixels:
                yield _page(image, number, recogniser)
            elif len(sizes) == 1:
                raise DocumentTooLargeError(_too_large(width * height, max_pixels, f"（{width}×{height}）"))
            else:
                yield Page(number, unread=f"图像有 {_millions(width * height)}像素，超过上限 {_millions(max_pixels)}")


def render_image(path: Path, page: int, boxes: list[Box], width: int = 1000) -> Image:
    """Image of a frame (from 1), at most `width` pixels wide, with `boxes` (pixels, origin lower left) marked like a highlighter.

    Raises:
        DamagedDocumentError: it can't be decoded, or has no such frame.
    """
    from PIL import Image, ImageChops, ImageDraw

    with _opened(path) as file:
        image = _frame(file, page)
    high = image.height
    scale = min(width / image.width, 1.0)
    image = image.resize((max(round(image.width * scale), 1), max(round(high * scale), 1)), Image.Resampling.LANCZOS)
    marker = Image.new("RGB", image.size, "white")
    draw = ImageDraw.Draw(marker)
    for left, bottom, right, top in boxes:
        corners = (left * scale - 2, (high - top) * scale - 1, right * scale + 2, (high - bottom) * scale + 1)
        draw.rectangle(corners, fill=_HIGHLIGHT)
    shown = _around(image.size, [(high - top) * scale for _, _, _, top in boxes])
    return ImageChops.multiply(image.crop(shown), marker.crop(shown))


def _around(size: tuple[int, int], tops: Sequence[float]) -> tuple[int, int, int, int]:
    """The part of a tall image that is shown: it begins a little above the first mark."""
    width, height = size
    most = round(width * _TALL)
    top = round(min(max(min(tops, default=0.0) - most / 4, 0.0), max(height - most, 0)))
    return (0, top, width, min(top + most, height))


def _page(image: ImageFile, number: int, recogniser: Recogniser | None) -> Page:
    if recogniser is None:
        return Page(number, unread=NO_OCR)
    frame = _frame(image, number)
    if is_blank(frame):
        return Page(number, unread=BLANK)
    segments = recogniser.read(frame, number)
    if not segments:
        return Page(number, unread=NOTHING_RECOGNISED)
    lines = in_reading_order(lines_of(segments, lambda x, y: (x, frame.height - y), 1.0))
    return Page(number, blocks_of(lines, []), confidence=mean_confidence(segments))


@contextmanager
def _decoding(max_pixels: int = 0) -> Iterator[None]:
    """What Pillow raises, as our errors."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the pixels are counted here; broken metadata is no reader's concern
            yield
    except Image.DecompressionBombError as error:  # far beyond any sensible limit: Pillow itself refuses
        raise DocumentTooLargeError(_too_large(2 * (Image.MAX_IMAGE_PIXELS or 0), max_pixels)) from error
    except (FileNotFoundError, PermissionError):
        raise
    except _BROKEN as error:
        raise DamagedDocumentError(_DAMAGED) from error


def _opened(path: Path, max_pixels: int = 0) -> ImageFile:
    """The file with its header read and nothing decoded."""
    from PIL import Image

    with _decoding(max_pixels):
        return Image.open(path, formats=_FORMATS)


def _sizes(image: ImageFile, max_pages: int) -> Iterator[tuple[int, int]]:
    """Width and height of the frames, from their headers, one more than `max_pages` at most."""
    yield image.size
    if image.format != "TIFF":  # the further frames of others are an animation or a preview
        return
    for index in range(1, max_pages + 1):
        try:
            image.seek(index)
        except EOFError:
            return
        yield image.size


def _frame(file: ImageFile, number: int) -> Image:
    """A frame upright (cameras store how they were held), as RGB.

    Raises:
        DamagedDocumentError: it is broken, or there is no such frame.
    """
    from PIL import ImageOps

    with _decoding():
        try:
            if number != 1 or file.tell():
                file.seek(number - 1)
        except EOFError as error:
            raise DamagedDocumentError(f"这份图片没有第 {number} 页。请重新入库后再打开。") from error
        return flattened(ImageOps.exif_transpose(file))


def flattened(image: Image) -> Image:
    """An image as RGB: on white where it is transparent, with its whole range where it has more than eight bits."""
    from PIL import Image

    if image.mode in (*_SIXTEEN_BITS, "I", "F"):
        numbers = image.convert("F")
        darkest, lightest = numbers.getextrema()
        span = max(float(lightest) - float(darkest), 1e-6)  # type: ignore[arg-type]  # one band
        return numbers.point(lambda v: (v - float(darkest)) * (255 / span)).convert("RGB")  # type: ignore[arg-type]
    if not image.has_transparency_data:
        return image.convert("RGB")
    inked = image.convert("RGBA")
    paper = Image.new("RGB", image.size, "white")
    paper.paste(inked, mask=inked.getchannel("A"))
    return paper


def _too_large(pixels: int, max_pixels: int, size: str = "") -> str:
    least = "" if size else "超过"
    return f"图片有{least} {_millions(pixels)}像素{size}，超过上限 {_millions(max_pixels)}。请缩小或裁开图片，或调大 TUTOR_MAX_PIXELS。"


def _millions(pixels: int) -> str:
    return f"{pixels / 10_000:.0f} 万"
