"""Whether chunks stand where they say: on the cited physical page, at the cited boxes.

Run as: python -m bench.pages FOLDER [--sample 50] [--seed 408]
Ingests the PDFs of a folder into a temporary store and samples chunks of it. For each printed line of a chunk the page is read
again, inside the line's box only: by pdfium where the page has a text layer, by OCR of that piece of the page's image where not.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import unicodedata
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pypdfium2

from knowledge.subjects import SUBJECTS
from rag.ingest import ingest
from rag.library import Library, open_library
from rag.splitting import boxes_of
from settings import Settings
from vector_db.chroma import all_documents

_MARGIN = 1.5
"""Points around a box: glyphs overhang it."""
_SAME = {False: 0.95, True: 0.75}
"""Least similarity of a line's text with what stands in its box; less for OCR, which reads a cut-out strip less well."""


def main() -> int:
    """Return 1 if any chunk stands elsewhere."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=50)
    parser.add_argument("--seed", type=int, default=408)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        library = open_library(Settings(data_dir=Path(folder)))
        for step in ingest(library, [(path, path.name) for path in sorted(options.folder.rglob("*.pdf"))]):
            if step.outcome and step.outcome.error:
                print(f"{step.outcome.path}: {step.outcome.error}")
        chunks = sorted(_chunks(library), key=lambda chunk: str(chunk.id))
        sample = random.Random(options.seed).sample(chunks, min(options.sample, len(chunks)))
        wrong = [(chunk, line, found) for chunk in sample for line, found in _misplaced(library, chunk)]
    for chunk, line, found in wrong:
        print(f"{chunk.metadata['source']} p. {chunk.metadata['page']}: {line!r} is not {found!r}")
    bad = len({id(chunk) for chunk, *_ in wrong})
    print(f"{len(sample) - bad} of {len(sample)} chunks stand on their page at their boxes (of {len(chunks)} chunks)")
    return 1 if bad else 0


def _chunks(library: Library) -> list[Any]:
    store = library._store
    store.refresh()
    return [chunk for collection in store._existing(store._open.snapshot, SUBJECTS) for chunk in all_documents(collection)]


def _misplaced(library: Library, chunk: Any) -> list[tuple[str, str]]:
    """The printed lines of a chunk that do not stand in their box, with what does."""
    pdf = pypdfium2.PdfDocument(library.original(chunk.metadata["document"], ".pdf"))
    spans = boxes_of(chunk)
    if not spans:
        return [(chunk.page_content[:30], "a chunk without boxes")]
    wrong = []
    for span in spans:
        page = pdf[(span.page or chunk.metadata["page"]) - 1]
        line = _plain(chunk.page_content[span.start : span.end])
        found = _read(page, span.box, chunk.metadata["ocr"])
        if line not in found and _likeness(line, found) < _SAME[bool(chunk.metadata["ocr"])]:
            wrong.append((line, found))
    return wrong


def _read(page: pypdfium2.PdfPage, box: tuple[float, float, float, float], ocr: bool) -> str:
    left, bottom, right, top = box
    if not ocr:
        return _plain(page.get_textpage().get_text_bounded(left - _MARGIN, bottom - _MARGIN, right + _MARGIN, top + _MARGIN))
    from rag.parsing.ocr import Recogniser

    bitmap = page.render(scale=2)
    position = bitmap.get_posconv(page)
    (x0, y0), (x1, y1) = position.to_bitmap(left, top), position.to_bitmap(right, bottom)
    strip = bitmap.to_pil().crop((min(x0, x1) - 6, min(y0, y1) - 6, max(x0, x1) + 6, max(y0, y1) + 6))
    return _plain("".join(segment.text for segment in Recogniser().read(strip, 1)))


def _likeness(line: str, found: str) -> float:
    """Share of the line's characters that stand in the box in their order."""
    matched = sum(m.size for m in SequenceMatcher(None, line, found, autojunk=False).get_matching_blocks())
    return matched / max(len(line), 1)


def _plain(text: str) -> str:
    kept = (c for c in unicodedata.normalize("NFKC", text) if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc"))
    return "".join(kept)


if __name__ == "__main__":
    raise SystemExit(main())
