"""OCR accuracy and speed by resolution and options, on pages of PDFs whose text layer is the reference.

Run as: python -m bench.ocr BOOK.pdf... [--pages 4]
Prints for each setting the CPU seconds a page of one thread (they hardly depend on what else runs) and the share of the text
layer's characters that were read in their order. Ten pages of five real PDFs (exams, answers, a syllabus) gave:

    package's defaults   150 dpi  2.15 s  0.9724
    no classifier        120 dpi  1.64 s  0.9718   (before)
    chosen               120 dpi  1.18 s  0.9733   lines one by one, short ones filled up to 160 pixels
    chosen, 100 dpi      100 dpi  1.03 s  0.9653
    chosen, 150 dpi      150 dpi  1.44 s  0.9734
    chosen, 960 px       120 dpi  0.96 s  0.9714   detection on a smaller image: small print suffers
    chosen, 800 px       120 dpi  0.86 s  0.9702

Peak memory of a process falls from 1,033 to 614 MB with lines one by one. On two cores, twelve scanned pages are ingested in
14.3 s by two processes of one thread each and in 15.4 s by one of two threads (about 5 s of each is start-up).

The worst pages are contents (dot leaders swallow the page number, the dash before a part's name is lost: 0.93), pages whose
formulas the text layer holds out of order (0.95), and one whose text layer is itself badly recognised (0.97).
"""

from __future__ import annotations

import argparse
import re
import time
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy
import pypdfium2
from rapidocr import RapidOCR

_ROW = 4.0
_ONE_THREAD = {"EngineConfig.onnxruntime.intra_op_num_threads": 1}
_BEFORE = {"Global.use_cls": False}
_CHOSEN = _BEFORE | {"Rec.rec_batch_num": 1, "Rec.rec_img_shape": [3, 48, 160]}
SETTINGS: tuple[tuple[str, int, dict[str, Any]], ...] = (
    ("package's defaults", 150, {}),
    ("no classifier", 120, _BEFORE),
    ("chosen", 120, _CHOSEN),
    ("chosen, 100 dpi", 100, _CHOSEN),
    ("chosen, 150 dpi", 150, _CHOSEN),
    ("chosen, 960 px", 120, _CHOSEN | {"Det.limit_type": "max", "Det.limit_side_len": 960}),
    ("chosen, 800 px", 120, _CHOSEN | {"Det.limit_type": "max", "Det.limit_side_len": 800}),
)


def main() -> None:
    """Measure all settings on evenly chosen pages of every file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--pages", type=int, default=4, help="页数（每个文件）")
    options = parser.parse_args()
    leaves = [leaf for path in options.files for leaf in _leaves(path, options.pages)]
    print(f"{len(leaves)} pages")
    for name, dpi, params in SETTINGS:
        seconds, shares = _measure(leaves, dpi, params)
        worst = ", ".join(f"{share:.3f}" for share in sorted(shares)[:3])
        mean = sum(shares) / len(shares)
        print(f"{name:20} {dpi} dpi  {seconds:.2f} CPU s/page  accuracy {mean:.4f}  worst {worst}", flush=True)


def _leaves(path: Path, count: int) -> list[pypdfium2.PdfPage]:
    pdf = pypdfium2.PdfDocument(path)
    texts = [i for i in range(len(pdf)) if len(_reference(pdf[i])) > 200]
    return [pdf[i] for i in texts[:: max(1, len(texts) // count)][:count]]


def _measure(leaves: list[pypdfium2.PdfPage], dpi: int, params: dict[str, Any]) -> tuple[float, list[float]]:
    engine = RapidOCR(params={"Global.log_level": "error"} | _ONE_THREAD | params)
    spent, shares = 0.0, []
    for leaf in leaves:
        image = numpy.asarray(leaf.render(scale=dpi / 72).to_pil().convert("RGB"))
        started = time.process_time()
        result = engine(image)
        spent += time.process_time() - started
        shares.append(_share(_reference(leaf), _in_rows(result, dpi / 72, leaf.get_height())))
    return spent / len(leaves), shares


def _in_rows(result: Any, scale: float, height: float) -> str:
    """The segments row by row. Files hold their text in any order, so the reference is put in the same one."""
    places = [(height - (box[0][1] + box[2][1]) / 2 / scale, box[0][0] / scale) for box in result.boxes]
    return _sorted(zip(places, result.txts, strict=True))


def _reference(leaf: pypdfium2.PdfPage) -> str:
    """The text layer by printed words, row by row."""
    text = leaf.get_textpage()
    boxes = [text.get_rect(i) for i in range(text.count_rects())]
    return _sorted(
        (((bottom + top) / 2, left), text.get_text_bounded(left, bottom, right, top)) for left, bottom, right, top in boxes
    )


def _sorted(pieces: Iterable[tuple[tuple[float, float], str]]) -> str:
    """Pieces at (height, left) in points, from the top; those within four points of each other are one row."""
    rows: list[tuple[float, list[tuple[float, str]]]] = []
    for (height, left), text in sorted(pieces, key=lambda piece: -piece[0][0]):
        if not rows or rows[-1][0] - height > _ROW:
            rows.append((height, []))
        rows[-1][1].append((left, text))
    return _plain("".join(text for _, row in rows for _, text in sorted(row)))


def _plain(text: str) -> str:
    """Without white space and without the dots that lead to page numbers in a table of contents."""
    return re.sub(r"\.{4,}", "", "".join(unicodedata.normalize("NFKC", text).split()))


def _share(reference: str, read: str) -> float:
    matched = SequenceMatcher(None, reference, read, autojunk=False).get_matching_blocks()
    return sum(m.size for m in matched) / max(len(reference), 1)


if __name__ == "__main__":
    main()
