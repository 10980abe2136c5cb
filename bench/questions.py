"""Choice questions for measuring retrieval: JSONL lines with question, options, answer, subject."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from vector_db.segmentation import normalize

__all__ = ["letters", "read_questions"]


def letters(text: str) -> str:
    """Letters and digits of a text, normalised: what a right answer is looked for by."""
    return re.sub(r"[\W_]+", "", normalize(text))


def read_questions(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Questions of files, or of all JSONL files in folders."""
    for path in paths:
        for file in sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]:
            yield from (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip())
