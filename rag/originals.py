"""What is kept of a document beside its chunks: a copy of the file, for its pages, and what OCR has read of it."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

__all__ = ["Originals", "sha256_of"]


class Originals:
    """Copies of documents in a data folder, named by their sha256: never by a name that came from outside."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, document: str, suffix: str) -> Path:
        """The copy of a document, whether it is there or not."""
        return self._folder / "originals" / f"{document}{suffix.lower()}"

    def ocr_folder(self, document: str) -> Path:
        """What OCR has read of a document so far, a file a page."""
        return self._folder / "ocr" / document

    def keep(self, path: Path, document: str) -> Path:
        """Copy a file unless it is there already; return the copy."""
        target = self.path(document, path.suffix)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, part := target.with_suffix(".part"))
            part.replace(target)
        return target

    def drop(self, document: str, suffix: str) -> None:
        """Delete the copy and what OCR read of it."""
        self.path(document, suffix).unlink(missing_ok=True)
        shutil.rmtree(self.ocr_folder(document), ignore_errors=True)


def sha256_of(path: Path) -> str:
    """Digest of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
