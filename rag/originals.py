"""What is kept of a document beside its chunks: a copy of the file, for its pages, and what OCR has read of it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Collection
from pathlib import Path
from tempfile import mkstemp

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

    def keep(self, path: Path) -> tuple[str, Path]:
        """Copy a file unless it is there already; return the sha256 of the bytes that were copied, and the copy."""
        folder = self._folder / "originals"
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = mkstemp(dir=folder, suffix=".part")
        part, digest = Path(name), hashlib.sha256()
        try:
            with path.open("rb") as source, open(descriptor, "wb") as target:
                while data := source.read(1 << 20):
                    digest.update(data)
                    target.write(data)
            copy = self.path(digest.hexdigest(), path.suffix)
            part.chmod(0o644)
            part.replace(copy)
        finally:
            part.unlink(missing_ok=True)
        return digest.hexdigest(), copy

    def sweep(self, named: Collection[tuple[str, str]]) -> None:
        """Delete what belongs to none of the documents `named` as (sha256, suffix), and what a killed run left half copied."""
        names = {self.path(document, suffix).name for document, suffix in named}
        for copy in (self._folder / "originals").glob("*"):
            if copy.name not in names:
                copy.unlink(missing_ok=True)
        documents = {document for document, _ in named}
        for folder in (self._folder / "ocr").glob("*"):
            if folder.name not in documents:
                shutil.rmtree(folder, ignore_errors=True)


def sha256_of(path: Path) -> str:
    """Digest of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
