"""OCR accuracy and speed by resolution and options, on pages of PDFs whose text layer is the reference.

Run as: python -m bench.ocr BOOK.pdf... [--pages 4]
Prints for each setting the seconds a page and the share of the text layer's characters that were read in their order.
"""

from __future__ import annotations

import argparse
import time
import unicodedata
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy
import pypdfium2
from rapidocr import RapidOCR

SETTINGS: tuple[tuple[int, dict[str, Any]], ...] = (
    (150, {}),  # the package's defaults
    *((dpi, {"Global.use_cls": False}) for dpi in (72, 100, 120, 150, 200)),
    (120, {"Global.use_cls": False, "Det.limit_side_len": 960}),
)


def main() -> None:
    """Measure all settings on evenly chosen pages of every file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--pages", type=int, default=4, help="页数（每个文件）")
    options = parser.parse_args()
    leaves = [leaf for path in options.files for leaf in _leaves(path, options.pages)]
    print(f"{len(leaves)} pages")
    for dpi, params in SETTINGS:
        seconds, shares = _measure(leaves, dpi, params)
        worst = ", ".join(f"{share:.3f}" for share in sorted(shares)[:3])
        print(f"{dpi} dpi {params}: {seconds:.2f} s/page, accuracy {sum(shares) / len(shares):.4f}, worst {worst}", flush=True)


def _leaves(path: Path, count: int) -> list[pypdfium2.PdfPage]:
    pdf = pypdfium2.PdfDocument(path)
    texts = [i for i in range(len(pdf)) if len(_reference(pdf[i])) > 200]
    return [pdf[i] for i in texts[:: max(1, len(texts) // count)][:count]]


def _measure(leaves: list[pypdfium2.PdfPage], dpi: int, params: dict[str, Any]) -> tuple[float, list[float]]:
    engine = RapidOCR(params={"Global.log_level": "error"} | params)
    spent, shares = 0.0, []
    for leaf in leaves:
        image = numpy.asarray(leaf.render(scale=dpi / 72).to_pil().convert("RGB"))
        started = time.perf_counter()
        result = engine(image)
        spent += time.perf_counter() - started
        shares.append(_share(_reference(leaf), _in_rows(result)))
    return spent / len(leaves), shares


def _in_rows(result: Any) -> str:
    """The segments row by row, as the text layer has them."""
    rows = sorted(
        zip(result.boxes, result.txts, strict=True), key=lambda s: (round(float(s[0][0][1] + s[0][2][1]) / 16), s[0][0][0])
    )
    return _plain("".join(text for _, text in rows))


def _reference(leaf: pypdfium2.PdfPage) -> str:
    return _plain(leaf.get_textpage().get_text_bounded())


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _share(reference: str, read: str) -> float:
    matched = SequenceMatcher(None, reference, read, autojunk=False).get_matching_blocks()
    return sum(m.size for m in matched) / max(len(reference), 1)


if __name__ == "__main__":
    main()
