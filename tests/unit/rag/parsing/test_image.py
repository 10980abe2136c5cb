"""Image files: pictures of the handouts' pages as they come from cameras, scanners and screenshots."""

import io
import itertools
import json
import struct
import zlib
from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image, ImageDraw

from errors import DamagedDocumentError, DocumentTooLargeError
from rag.parsing import parse
from rag.parsing.image import NO_OCR, flattened, parse_image, render_image
from rag.parsing.ocr import Recogniser
from rag.parsing.page import Page
from rag.parsing.pdf import parse_pdf
from rag.parsing.scan import BLANK
from rag.parsing.tiles import Segment, _tiles, read_whole_or_in_tiles
from rag.splitting import split_pages
from settings import Settings
from tests.conftest import DOCS

OS_PDF = DOCS / "操作系统讲义.pdf"
PIXELS = 50_000_000


Area = tuple[float, float, float, float]
"""A part of a page: left, top, right, bottom as shares of it."""


def leaf(page: int = 9, dpi: int = 100, area: Area = (0.05, 0.05, 0.4, 0.26)) -> Image.Image:
    """A part of a page of the handout as an image. Reading costs by the character, and by the pixel where it is large."""
    with pypdfium2.PdfDocument(OS_PDF) as pdf:
        image = pdf[page - 1].render(scale=dpi / 72).to_pil().convert("RGB")
    width, height = image.size
    return image.crop((round(area[0] * width), round(area[1] * height), round(area[2] * width), round(area[3] * height)))


def text_layer(page: int, area: Area) -> str:
    """What the handout's own text layer has there."""
    with pypdfium2.PdfDocument(OS_PDF) as pdf:
        width, height = pdf[page - 1].get_size()
        left, top, right, bottom = area
        text = pdf[page - 1].get_textpage().get_text_bounded(
            left * width, (1 - bottom) * height, right * width, (1 - top) * height
        )  # fmt: skip
    return "".join(text.split()).replace("·", "•")


def words(page: Page) -> str:
    return "".join("".join(block.text for block in page.blocks).split())


@pytest.fixture(scope="module")
def reference() -> str:
    """The text of the upper left of the page, as it is read from a plain PNG."""
    file = io.BytesIO()
    leaf().save(file, "PNG")
    return words(next(parse_image(file, 1, PIXELS, Recogniser())))  # type: ignore[arg-type]


def alike(one: str, other: str) -> float:
    return sum(m.size for m in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()) / max(len(one), 1)


def turned(image: Image.Image, file: Path) -> None:
    """As a camera saves what it took on its side: the pixels lie, a note says how to turn them."""
    exif = Image.Exif()
    exif[0x0112] = 6
    image.rotate(90, expand=True).save(file, exif=exif, quality=92)


def transparent(image: Image.Image, file: Path) -> None:
    ink = Image.new("RGBA", image.size, (0, 0, 0, 0))  # what is transparent is black where nothing is laid under it
    ink.putalpha(image.convert("L").point(lambda v: 255 - v))
    ink.save(file)


def deep(image: Image.Image, file: Path) -> None:
    grey = image.convert("I").point(lambda v: v * 200)
    Image.frombytes("I;16", image.size, struct.pack(f"<{image.width * image.height}H", *grey.getdata())).save(file)


KINDS: dict[str, tuple[str, Callable[[Image.Image, Path], Any]]] = {
    "jpeg on its side": ("a.jpg", turned),
    "png on nothing": ("a.png", transparent),
    "webp": ("a.webp", lambda image, file: image.save(file, quality=90)),
    "bmp with sixteen colours": ("a.bmp", lambda image, file: image.quantize(16).save(file)),
    "print's colours": ("a.JPEG", lambda image, file: image.convert("CMYK").save(file, "JPEG", quality=92)),
    "sixteen bits": ("a.tif", deep),
    "png called jpg": ("a.jpg", lambda image, file: image.save(file, "PNG")),
}


@pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_like_the_plain_one(kind: str, tmp_path: Path, reference: str, settings: Settings) -> None:
    assert len(reference) > 80
    name, save = KINDS[kind]
    save(leaf(), tmp_path / name)
    (page,) = parse(tmp_path / name, settings, Recogniser())
    assert page.number == 1 and page.confidence and page.confidence > 0.9
    assert alike(reference, words(page)) > 0.95


def test_the_reference_is_the_text_layers(reference: str) -> None:
    original = words(list(parse_pdf(OS_PDF, 100))[8])
    assert alike(reference, original.replace("·", "•")) > 0.95


def test_boxes_are_pixels_from_the_lower_left_and_are_marked_in_the_view(tmp_path: Path) -> None:
    turned(leaf(), tmp_path / "a.jpg")
    pages = list(parse_image(tmp_path / "a.jpg", 1, PIXELS, Recogniser()))
    chunk = next(c for c in split_pages(pages, "a.jpg", "d", "os") if "互斥条件" in c.page_content)
    spans = json.loads(chunk.metadata["boxes"])
    box = next(tuple(s[2:6]) for s in spans if "互斥条件" in chunk.page_content[s[0] : s[1]])
    upright = leaf()
    left, bottom, right, top = box
    cut = upright.crop((round(left), round(upright.height - top), round(right), round(upright.height - bottom)))
    paper = Image.new("RGB", (cut.width, cut.width), "white")  # the engine enlarges a strip to ten times as many pixels
    paper.paste(cut, (0, cut.width // 2))
    assert "互斥条件" in "".join(s.text for s in Recogniser().read(paper, 1))
    plain, marked = (render_image(tmp_path / "a.jpg", 1, boxes) for boxes in ([], [box]))
    assert plain.size == marked.size == upright.size
    middle = (round((left + right) / 2), round(upright.height - (bottom + top) / 2))
    assert any(
        marked.getpixel((x, middle[1]))[2] < 150 < plain.getpixel((x, middle[1]))[2] for x in range(middle[0], round(right))
    )
    assert marked.getpixel((3, 3)) == plain.getpixel((3, 3))


def test_frames_of_a_tiff_are_pages(tmp_path: Path) -> None:
    blank = Image.new("RGB", (800, 400), "white")
    leaf().save(tmp_path / "a.tif", save_all=True, append_images=[blank, leaf(4), Image.new("L", (3000, 2000))])
    first, empty, other, huge = parse_image(tmp_path / "a.tif", 4, 5_000_000, Recogniser())
    assert "死锁" in words(first) and words(other) and words(other) != words(first)
    assert [p.number for p in (first, empty, other, huge)] == [1, 2, 3, 4] and empty.unread == BLANK
    assert "600 万像素，超过上限 500 万" in huge.unread
    assert render_image(tmp_path / "a.tif", 2, []).size == (800, 400)
    with pytest.raises(DamagedDocumentError, match="没有第 5 页"):
        render_image(tmp_path / "a.tif", 5, [])
    with pytest.raises(DocumentTooLargeError, match="超过 3 页.*TUTOR_MAX_PAGES"):
        list(parse_image(tmp_path / "a.tif", 3, PIXELS))


def test_without_a_recogniser_an_image_is_named(tmp_path: Path, settings: Settings) -> None:
    leaf().save(tmp_path / "a.png")
    (page,) = parse(tmp_path / "a.png", settings, None)
    assert (page.unread, page.blocks, page.confidence) == (NO_OCR, (), None)


def header(width: int, height: int) -> bytes:
    """A PNG that claims a size and has hardly any data."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    size = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + size + chunk(b"IDAT", zlib.compress(bytes(999))) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [8_000, 12_000, 60_000])
def test_pixels_are_counted_before_they_are_unpacked(side: int, write: Any, settings: Settings) -> None:
    with pytest.raises(DocumentTooLargeError, match="万像素.*超过上限 5000 万.*TUTOR_MAX_PIXELS"):
        list(parse(write("a.png", header(side, side)), settings, Recogniser()))


def jpeg() -> bytes:
    file = io.BytesIO()
    leaf().save(file, "JPEG")
    return file.getvalue()


BROKEN: dict[str, tuple[str, Callable[[], bytes]]] = {
    "cut short": ("a.jpg", lambda: jpeg()[:3000]),
    "only a signature": ("a.png", lambda: b"\x89PNG\r\n\x1a\n"),
    "text": ("a.webp", lambda: b"no picture at all"),
    "NUL bytes": ("a.bmp", lambda: bytes(5000)),
    "no data": ("a.png", lambda: header(50, 50)),
    "a TIFF that leads nowhere": ("a.tif", lambda: b"II*\0\xff\xff\xff\x7f" + bytes(40)),
    "PostScript": ("a.png", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_images_are_refused_with_advice(case: str, write: Any, settings: Settings) -> None:
    name, content = BROKEN[case]
    with pytest.raises(DamagedDocumentError, match="图片已损坏或不完整.*PNG"):
        list(parse(write(name, content()), settings, Recogniser()))


def test_another_format_called_png(write: Any, settings: Settings) -> None:
    with pytest.raises(DamagedDocumentError, match=r"而是PDF。请把后缀改成 \.pdf"):
        list(parse(write("a.png", OS_PDF.read_bytes()), settings, Recogniser()))
    with pytest.raises(DamagedDocumentError, match=r"而是图片。请把后缀改成 \.jpg"):
        list(parse(write("a.pdf", jpeg()), settings))


def test_a_long_screenshot_is_read_to_its_end_once(tmp_path: Path) -> None:
    opening, again = (4, (0.09, 0.07, 0.91, 0.195)), (9, (0.09, 0.393, 0.91, 0.615))  # between lines of print
    parts = ((0, *opening), (905, *again), (1770, *again))  # the second reaches over what both tiles hold, on either side
    tall = Image.new("RGB", (leaf(4, 109, opening[1]).width, 2080), "white")
    for y, number, area in parts:
        tall.paste(leaf(number, 109, area), (0, y))
    tall.save(tmp_path / "长截图.png")
    (page,) = parse_image(tmp_path / "长截图.png", 1, PIXELS, Recogniser())
    expected = "".join(text_layer(number, area) for _, number, area in parts)
    read = words(page).replace("·", "•")
    assert alike(expected, read) > 0.94 and len(read) < 1.05 * len(expected)
    shown = render_image(tmp_path / "长截图.png", 1, [page.blocks[-1].spans[-1][2]])
    assert shown.height <= 2 * shown.width
    assert any(p[2] < 150 < p[0] for p in shown.resize((200, 400), Image.Resampling.BOX).get_flattened_data())


def test_lines_cut_between_tiles_are_one_again() -> None:
    """A reader of marks: each line of the image is a bar, told by its place, and read as far as the tile shows it."""
    image, text = Image.new("RGB", (5000, 3000), "white"), "".join(chr(0x4E00 + i) for i in range(120))
    draw = ImageDraw.Draw(image)
    for y in range(40, 2960, 80):
        draw.rectangle((100, y, 4899, y + 39), fill="black")
    where = iter([tile[:2] for tile in _tiles(*image.size)])

    def read(tile: Image.Image) -> list[Segment]:
        if tile.size == image.size:
            return [Segment("小", (0, 0, 40, 20), 1.0)]
        x, y = next(where)
        found = []
        for top in range(40, 2960, 80):
            high, low = max(top - y, 0), min(top + 40 - y, tile.height)
            left, right = max(100 - x, 0), min(4900 - x, tile.width)
            if low - high > 8 and right > left:
                first, last = (left + x - 100) / 40, (right + x - 100) / 40
                found.append(Segment(text[round(first) : round(last)], (left, high, right, low), 0.9))
        return found

    segments = read_whole_or_in_tiles(image, read)
    assert [s.text for s in segments] == [text] * len(range(40, 2960, 80))
    assert all(s.box[0] == 100 and s.box[2] == 4900 and s.box[3] - s.box[1] == 40 for s in segments)


def test_small_print_of_a_large_picture_is_not_shrunk_away(tmp_path: Path) -> None:
    area = (0.09, 0.07, 0.91, 0.169)  # between lines of print
    large = Image.new("RGB", (4401, 2001), "white")
    for x, y in ((0, 0), (1200, 1890), (800, 1050)):  # the last lies on four tiles
        large.paste(leaf(9, 72, area), (x, y))
    large.save(tmp_path / "导图.png")
    (page,) = parse_image(tmp_path / "导图.png", 1, PIXELS, Recogniser())
    read, expected = words(page), text_layer(9, area)
    ends = [round(len(read) * i / 3) for i in range(4)]
    assert all(alike(expected, read[start:end]) > 0.9 for start, end in itertools.pairwise(ends)) and len(read) < 3.2 * len(
        expected
    )


@pytest.mark.parametrize("size", [(2000, 20), (3, 9000)])
def test_a_strip_is_not_blown_up(size: tuple[int, int]) -> None:
    """The engine enlarges the shorter side to 736 pixels: of three by 9,000 that would make two million in length."""
    seen: list[tuple[int, int]] = []

    def read(piece: Image.Image) -> list[Segment]:
        seen.append(piece.size)
        assert piece.getpixel((piece.width - 1, piece.height - 1)) == (0, 0, 90), "the ground goes on"
        return []

    strip = Image.new("RGB", size, (0, 0, 90))
    ImageDraw.Draw(strip).point([(1, y) for y in range(0, size[1], 7)], "white")
    read_whole_or_in_tiles(strip, read)
    assert seen and all(max(piece) <= 4 * min(piece) for piece in seen)


def test_transparency_of_a_palette_is_white() -> None:
    image = Image.new("P", (4, 1), 0)
    image.info["transparency"] = 0
    assert flattened(image).getpixel((0, 0)) == (255, 255, 255)
