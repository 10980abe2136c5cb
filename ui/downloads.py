"""Files that a click hands out, each in a folder of its own, all of them gone when the app ends."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

__all__ = ["download"]

_NAME_CHARS = 60
_NOT_IN_NAMES = re.compile(r"[^\w.-]+")


def download(title: str, suffix: str, content: str) -> str:
    """The path of a new file with `content`, which the page may hand out, named after `title` and ending with `suffix` (".md")."""
    name = _NOT_IN_NAMES.sub("-", title)[:_NAME_CHARS].strip("-.") or "导出"
    path = Path(mkdtemp(dir=_folder().name)) / f"{name}{suffix}"
    path.write_text(content, encoding="utf-8")
    return str(path)


@cache
def _folder() -> TemporaryDirectory[str]:
    """Below the system's folder for temporary files, from which Gradio hands files out."""
    return TemporaryDirectory(prefix="tutor408-")
