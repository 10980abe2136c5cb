"""The files that a question bank is read from: rows of JSONL and CSV, questions of exam papers, not yet judged.

What is no row at all is given with its place and the reason, and the reading goes on behind it.
"""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from knowledge.bank_keys import AmbiguousKeyError, fields_meant
from knowledge.exam_docx import read_docx
from knowledge.exam_paper import parse_exam
from knowledge.questions import LETTERS
from knowledge.text_file import read_text

__all__ = ["FORMATS", "OPTIONS", "Row", "Unread"]

OPTIONS = "ABCDEFGH"
"""Letters that name an option; those behind D are known to be told that they are too many."""
_COLUMNS = frozenset(("id", "subject", "question", *OPTIONS, "answer", "explanation", "points", "difficulty", "family"))


@dataclass(frozen=True)
class Unread:
    """Something that could not be read: `place` names the file and the line or question."""

    place: str
    reason: str


@dataclass(frozen=True)
class Row:
    """A question or problem as a file has it; `made_id` is an id made here, '' if the row has its own."""

    path: Path
    place: str
    fields: dict[str, Any]
    made_id: str = ""


class _RepeatedKeyError(ValueError):
    """An object of JSON has a key twice."""


def _jsonl_rows(path: Path) -> Iterator[Row | Unread]:
    for n, line in enumerate(read_text(path).split("\n"), 1):
        place = f"{path.name} 第 {n} 行"
        if not line.strip():
            continue
        try:
            row = json.loads(line, object_pairs_hook=_object, parse_constant=_no_number)
        except json.JSONDecodeError as error:
            yield Unread(place, f"不是有效的 JSON（第 {error.colno} 个字符处）。每行应是一道题的 JSON 对象")
        except _RepeatedKeyError as error:
            yield Unread(place, f"字段 {error} 写了两次。请删去其中一个")
        except (ValueError, RecursionError):  # what the grammar allows and Python does not
            yield Unread(place, "不是可用的 JSON：嵌套太深、数字太长，或有 NaN、Infinity。每行应是一道题的 JSON 对象")
        else:
            yield _jsonl_row(path, place, row)


def _jsonl_row(path: Path, place: str, row: Any) -> Row | Unread:
    if not isinstance(row, dict):
        return Unread(place, "不是 JSON 对象。每行应是一道题")
    try:
        meant = fields_meant(row)
    except AmbiguousKeyError as error:
        return Unread(place, str(error))
    fields: dict[str, Any] = {meant[key] if key in meant else key: value for key, value in row.items()}
    return Row(path, place, fields, "" if "id" in row else _name(place.replace(" ", "")))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys may be full-width (Ａ); of two equal keys JSON would drop the first."""
    row: dict[str, Any] = {}
    for key, value in pairs:
        name = unicodedata.normalize("NFKC", key).strip()
        if name in row:
            raise _RepeatedKeyError(name[:20])
        row[name] = value
    return row


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _csv_rows(path: Path) -> Iterator[Row | Unread]:
    """C-Eval's columns `id,question,A,B,C,D,answer,explanation`; CMMLU's `Question` and `Answer` are the same."""
    lines = read_text(path).split("\n")
    records = _records(lines)
    names = next(([_column(cell) for cell in cells or ()] for _, cells in records), [])
    try:
        meant = fields_meant(names)
    except AmbiguousKeyError as error:
        yield Unread(path.name, str(error))
        return
    names = [meant.get(name, name) for name in names]
    if reason := _header_fault(names):
        yield Unread(path.name, f"{reason}。第一行应是列名：id,question,A,B,C,D,answer,explanation，或题目,A,B,C,D,答案")
        return
    after_fault = False
    for line, cells in records:
        place = f"{path.name} 第 {line} 行"
        if cells is None:
            after_fault = True
            yield Unread(place, f"引号没有成对，或有一格超过 {csv.field_size_limit()} 个字符。请改正这一行；格里的引号要写两个")
        elif after_fault and lines[line - 1].count('"') % 2:  # it may be the end of the faulty row, not a row
            yield Unread(place, "前面一行的引号有误，分不清这一行从哪里开始。请先改正前面那一行")
        elif len(cells) != len(names):
            yield Unread(place, f"有 {len(cells)} 格，列名有 {len(names)} 个。含有逗号的格要用英文双引号括起来")
        elif any(map(str.strip, cells)):
            row = _csv_row(path, line, dict(zip(names, cells, strict=True)))
            after_fault = after_fault and isinstance(row, Unread)
            yield row


def _records(lines: list[str]) -> Iterator[tuple[int, list[str] | None]]:
    """Rows with the line where each begins, None for one whose quotes are wrong.

    A missing quote swallows what follows up to the next one; reading begins again in the line after the faulty row's first.
    """
    start = 0
    while start < len(lines):
        base = start
        reader = csv.reader((f"{lines[i]}\n" for i in range(base, len(lines))), strict=True)
        try:
            for cells in reader:
                if cells:
                    yield start + 1, cells
                start = base + reader.line_num
        except csv.Error:
            yield start + 1, None
            start += 1


def _column(cell: str) -> str:
    name = unicodedata.normalize("NFKC", cell).strip()
    return name.upper() if name.upper() in tuple(OPTIONS) else name.lower()


def _header_fault(names: list[str]) -> str:
    if lacking := [name for name in ("question", *LETTERS, "answer") if name not in names]:
        return f"缺少列 {'、'.join(lacking)}"
    if twice := [name for name, n in Counter(names).items() if n > 1 and name in _COLUMNS]:
        return f"列 {'、'.join(twice)} 写了两次"
    return ""


def _csv_row(path: Path, line: int, row: dict[str, str]) -> Row | Unread:
    place = f"{path.name} 第 {line} 行"
    cells: dict[str, Any] = {k: v.strip() for k, v in row.items() if k in _COLUMNS and v.strip()}
    lacking = [name for name in ("question", *LETTERS) if name not in cells]
    reasons = [f"{'、'.join(lacking)} 是空的"] if lacking else []
    reasons += [] if "answer" in cells else ["没有答案"]
    if reasons:
        return Unread(place, "；".join(reasons))
    if "points" in cells:
        cells["points"] = [point for point in re.split(r"[\s,，、;；]+", cells["points"]) if point]
    if re.fullmatch(r"\d", cells.get("difficulty", "")):
        cells["difficulty"] = int(cells["difficulty"])
    return Row(path, place, cells, _name(f"{path.stem}-{cells.get('id', line - 1)}"))


def _paper_rows(path: Path) -> Iterator[Row | Unread]:
    text = read_docx(path) if path.suffix.lower() == ".docx" else read_text(path)
    items, unread = parse_exam(text)
    if not items and not unread:
        yield Unread(path.name, "没有找到题目。每题应以题号开头（如 12.），并有 A. B. C. D. 四个选项和答案")
    for item in items:
        options = dict(zip(LETTERS, item.options, strict=True))
        fields = {"question": item.stem, "options": options, "answer": item.key, "explanation": item.explanation}
        place = f"{path.name} 第 {item.number} 题（第 {item.line} 行）"
        yield Row(path, place, fields, _name(f"{path.stem}-{item.number}"))
    for other in unread:
        yield Unread(f"{path.name} 第 {other.number} 题（第 {other.line} 行）", f"{other.reason}：{' '.join(other.text.split())}")


def _name(text: str) -> str:
    """A made id: the name of a file may hold bytes that are no text and can't be written."""
    return text.encode("utf-8", "replace").decode()


FORMATS: dict[str, Callable[[Path], Iterator[Row | Unread]]] = {
    ".jsonl": _jsonl_rows,
    ".csv": _csv_rows,
    ".docx": _paper_rows,
    ".txt": _paper_rows,
    ".md": _paper_rows,
}
"""Reader of each suffix."""
