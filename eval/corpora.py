"""The corpora that questions are looked for in: training files of any of the usual forms, and the knowledge base.

Files are read piece by piece: a corpus may be larger than memory.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from errors import ContentError
from rag.contamination import Text

if TYPE_CHECKING:
    from vector_db.store import CourseStore

__all__ = ["store_texts", "training_texts"]

_PIECE, _AGAIN = 60_000, 2_000
"""Characters of running text that are looked at together, and those of one piece that the next one begins with."""
_BLOCK = 1 << 20
_SOLID = re.compile(r"\S")
_DEEPEST = 40
"""Levels of nested lists and objects; training data has four."""
_LINES = (".jsonl", ".ndjson")
_PROSE = (".txt", ".md")


def training_texts(paths: Sequence[Path]) -> Iterator[Text]:
    """The texts of training files; of a folder, those of all its JSON, JSONL, TXT and MD files.

    JSON may have any form ({"messages": …}, {"instruction", "input", "output"}, {"conversation": …}, [[question, answer], …]):
    all strings of one item are one text.

    Raises:
        ContentError: a file is not there, can't be read, or a line of it is damaged; the message has the place.
    """
    for path in paths:
        for file in _files(path):
            name = str(file.relative_to(path)) if file != path else file.name
            try:
                yield from _READERS[file.suffix.lower()](file, name)
            except (UnicodeDecodeError, OSError) as error:
                why = "不是 UTF-8 编码" if isinstance(error, UnicodeDecodeError) else error.strerror
                raise ContentError(f"读不了 {file}：{why}。请另存为 UTF-8 编码的文件，或检查路径与权限后再试。") from error


def store_texts(store: CourseStore) -> Iterator[Text]:
    """The passages of a knowledge base, each with the students' questions that are kept with it.

    Raises:
        StoreError: it can't be read.
    """
    for chunk in store.chunks():
        source, page = chunk.metadata["source"], chunk.metadata.get("page")
        yield Text(f"{chunk.page_content}\n{chunk.metadata.get('asked', '')}", f"{source} 第 {page} 页" if page else f"{source}")


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = (Path(folder, name) for folder, _, names in os.walk(path) for name in names if not name.startswith("."))
        if files := sorted(file for file in found if file.suffix.lower() in _READERS):
            return files
        raise ContentError(f"{path} 里没有 JSON、JSONL、TXT 或 MD 文件。请换一个目录。")
    if path.suffix.lower() not in _READERS:
        raise ContentError(f"不支持 {path.name} 的格式。训练数据请用 JSON、JSONL、TXT 或 MD 文件。")
    return [path]


def _prose(path: Path, name: str) -> Iterator[Text]:
    """Pieces of running text, each with the end of the one before it, so that no question is torn."""
    with path.open(encoding="utf-8-sig") as file:
        kept, first, number = "", 1, 1
        while block := file.read(_PIECE):
            yield Text(kept + block, f"{name} 第 {first} 行起")
            whole = kept + block
            kept = whole[-_AGAIN:]
            number += block.count("\n")
            first = number - kept.count("\n")


def _lines(path: Path, name: str) -> Iterator[Text]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                place = f"{name} 第 {number} 行"
                try:
                    row = json.loads(line)
                except (ValueError, RecursionError) as error:
                    raise ContentError(f"{place}不是有效的 JSON。请改正或删去这一行后再试。") from error
                yield _item(row, place)


def _json(path: Path, name: str) -> Iterator[Text]:
    """The items of a list, one at a time; anything else is one item."""
    with path.open(encoding="utf-8-sig") as file:
        reader = _Reader(file, name)
        if reader.take("["):
            while not reader.take("]"):
                yield _item(reader.value(), reader.place)
                if not reader.take(",") and not reader.peek("]"):
                    raise reader.fault()
        else:
            yield _item(reader.value(), reader.place)
        if not reader.is_at_end():
            raise reader.fault()


class _Reader:
    """JSON values of a file, of which only the next one is in memory."""

    def __init__(self, file: IO[str], name: str) -> None:
        self._file, self._name = file, name
        self._buffer, self._at, self._line = "", 0, 1
        self._decode = json.JSONDecoder().raw_decode
        self.place = f"{name} 第 1 行"

    def take(self, sign: str) -> bool:
        """Go behind a sign, if it is next."""
        found = self.peek(sign)
        self._at += found
        return found

    def peek(self, sign: str) -> bool:
        """Whether a sign is next, blanks aside."""
        self._skip()
        return self._buffer.startswith(sign, self._at)

    def is_at_end(self) -> bool:
        """Whether only blanks are left."""
        self._skip()
        return self._at == len(self._buffer)

    def value(self) -> Any:
        """The next value; read on until it is whole."""
        self._skip()
        self.place = f"{self._name} 第 {self._line} 行"
        size = _BLOCK
        while True:
            try:
                value, end = self._decode(self._buffer, self._at)
                if end < len(self._buffer) or not self._more(size):  # a number may go on
                    self._line += self._buffer.count("\n", self._at, end)
                    self._at = end
                    return value
            except (ValueError, RecursionError) as error:
                if isinstance(error, RecursionError) or not self._more(size):
                    raise self.fault() from error
            size *= 2  # the value is tried anew each time

    def fault(self) -> ContentError:
        """What to say of a place that is no JSON."""
        return ContentError(f"{self._name} 第 {self._line} 行起不是有效的 JSON。请改正后再试。")

    def _skip(self) -> None:
        """Go behind blanks."""
        while (found := _SOLID.search(self._buffer, self._at)) is None and self._more(_BLOCK):
            pass
        end = found.start() if found else len(self._buffer)
        self._line += self._buffer.count("\n", self._at, end)
        self._at = end

    def _more(self, size: int) -> bool:
        """Read on, and let go of what is done with; whether there was more."""
        block = self._file.read(size)
        if block:
            self._buffer, self._at = self._buffer[self._at :] + block, 0
        return bool(block)


def _item(value: Any, place: str) -> Text:
    return Text("\n".join(_strings(value, place, _DEEPEST)), place)


def _strings(value: Any, place: str, deepest: int) -> Iterator[str]:
    """All strings within a value, without the keys of objects."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        if not deepest:
            raise ContentError(f"{place}嵌套超过 {_DEEPEST} 层，不像训练数据。请检查文件。")
        inner: Iterable[Any] = value.values() if isinstance(value, dict) else value
        for one in inner:
            yield from _strings(one, place, deepest - 1)


_READERS = {**dict.fromkeys(_LINES, _lines), **dict.fromkeys(_PROSE, _prose), ".json": _json}
