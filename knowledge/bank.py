"""Question banks on disk: read from JSONL, CSV, DOCX and exam papers as text; written as JSONL.

What can't be read does not stop the rest: it is kept with its place and the reason.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from errors import ContentError, DocumentError
from knowledge.exam_docx import read_docx
from knowledge.exam_paper import parse_exam
from knowledge.problems import Problem
from knowledge.questions import LETTERS, Question
from knowledge.subjects import AUTO, SUBJECTS, detect_subject
from knowledge.text_file import read_text
from settings import ROOT

__all__ = ["BANK", "FORMATS", "Bank", "Unread", "read_bank", "write_questions"]

BANK = ROOT / "knowledge" / "questions"
"""The shipped bank."""
_EXAM = frozenset(s.id for s in SUBJECTS.values() if s.points)
_NO_SUBJECT = "认不出科目。请用 --subject 指定 ds、co、os 或 cn"


@dataclass(frozen=True)
class Unread:
    """Something that could not be read: `place` names the file and the line or question."""

    place: str
    reason: str


@dataclass
class Bank:
    """Questions with their places (same order), problems, and what could not be read."""

    questions: list[Question] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    places: list[str] = field(default_factory=list)

    @property
    def entries(self) -> list[Question | Problem]:
        """Questions, then problems."""
        return [*self.questions, *self.problems]


def read_bank(path: Path, subject: str = AUTO) -> Bank:
    """A bank from a file, or from all files below a folder that have a known suffix.

    Args:
        subject: of all questions that don't say theirs; `auto` takes it from the file's name or the question's terms.

    Raises:
        ContentError: there is no such file, or no reader for it.
    """
    files = [path]
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.suffix.lower() in FORMATS and not p.name.startswith((".", "~$")))
    if not path.exists() or not files:
        raise ContentError(f"没有找到题库 {path}。请给出题库文件，或装有题库文件（{'、'.join(FORMATS)}）的文件夹。")
    bank = Bank()
    for file in files:
        if file.suffix.lower() not in FORMATS:
            raise ContentError(f"{file.name}：不支持这种格式。题库可以是 {'、'.join(FORMATS)}；旧版 .doc 请先另存为 .docx。")
        try:
            _read_file(bank, file, subject)
        except (DocumentError, OSError) as error:
            bank.unread.append(Unread(file.name, str(error)))
    return bank


def write_questions(questions: Sequence[Question], path: Path) -> None:
    """Write a bank as JSONL, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft.write_text("".join(json.dumps(q.to_json(), ensure_ascii=False) + "\n" for q in questions), encoding="utf-8")
    draft.replace(path)


def _read_file(bank: Bank, path: Path, subject: str) -> None:
    for place, row in FORMATS[path.suffix.lower()](path):
        if isinstance(row, str):
            bank.unread.append(Unread(place, row))
            continue
        try:
            row = _completed(row, path, place, subject)
            if "parts" in row:
                bank.problems.append(Problem.from_json(row, place))
            else:
                bank.questions.append(Question.from_json(row, place))
                bank.places.append(place)
        except ContentError as error:
            bank.unread.append(Unread(place, str(error).removeprefix(f"{place}：")))


def _completed(row: dict[str, Any], path: Path, place: str, subject: str) -> dict[str, Any]:
    """The row with an id, a subject and `options`, where it lacks them and they can be known."""
    row = dict(row)
    if "options" not in row and all(letter in row for letter in LETTERS):
        row["options"] = {letter: row[letter] for letter in LETTERS}
    if isinstance(row.get("options"), list) and len(row["options"]) == len(LETTERS):
        row["options"] = dict(zip(LETTERS, row["options"], strict=True))
    row.setdefault("id", place.replace(" ", ""))
    if not row.get("subject"):
        text = f"{row.get('question', '')} {row.get('options', '')} {row.get('explanation', '')}"
        known = subject if subject != AUTO else next((s for s in _guesses(path, text) if s in _EXAM), "")
        if not known:
            raise ContentError(f"{place}：{_NO_SUBJECT}。")
        row["subject"] = known
    if row["subject"] not in SUBJECTS:
        raise ContentError(f"{place}：没有“{row['subject']}”这个科目，应为 ds、co、os 或 cn。")
    return row


def _guesses(path: Path, text: str) -> Iterator[str]:
    yield detect_subject(Path(path.name))
    yield detect_subject(Path("-"), text * 3)  # a question is short: any majority of terms will do
    yield detect_subject(path)


def _jsonl_rows(path: Path) -> Iterator[tuple[str, dict[str, Any] | str]]:
    for n, line in enumerate(read_text(path).split("\n"), 1):
        place = f"{path.name} 第 {n} 行"
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            yield place, f"不是有效的 JSON（第 {error.colno} 个字符处）。每行应是一道题的 JSON 对象"
            continue
        yield place, row if isinstance(row, dict) else "不是 JSON 对象。每行应是一道题"


def _csv_rows(path: Path) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """C-Eval's columns `id,question,A,B,C,D,answer,explanation`; CMMLU's `Question` and `Answer` are the same."""
    reader = csv.DictReader(io.StringIO(read_text(path)))
    names = {name: name.strip() if name.strip() in LETTERS else name.strip().lower() for name in reader.fieldnames or ()}
    lacking = [name for name in ("question", *LETTERS, "answer") if name not in names.values()]
    if lacking:
        yield path.name, f"缺少列 {'、'.join(lacking)}。第一行应是列名：id,question,A,B,C,D,answer,explanation"
        return
    for row in reader:
        place = f"{path.name} 第 {reader.line_num} 行"
        cells = {names[k]: v.strip() for k, v in row.items() if k in names and v and names[k]}
        cells["answer"] = cells.get("answer", "").upper()
        if lacking := [name for name in ("question", *LETTERS) if name not in cells]:
            yield place, f"{'、'.join(lacking)} 是空的"
        elif not cells["answer"]:
            yield place, "没有答案"
        else:
            cells["id"] = f"{path.stem}-{cells.get('id', reader.line_num - 1)}"
            yield place, cells


def _paper_rows(path: Path) -> Iterator[tuple[str, dict[str, Any] | str]]:
    text = read_docx(path) if path.suffix.lower() == ".docx" else read_text(path)
    items, unread = parse_exam(text)
    if not items and not unread:
        yield path.name, "没有找到题目。每题应以题号开头（如 12.），并有 A. B. C. D. 四个选项和答案"
    numbers = Counter(item.number for item in items)
    for item in items:
        own = f"{item.number}" if numbers[item.number] == 1 else f"{item.number}-{item.line}"
        options = dict(zip(LETTERS, item.options, strict=True))
        yield (
            f"{path.name} 第 {item.number} 题（第 {item.line} 行）",
            {
                "id": f"{path.stem}-{own}",
                "question": item.stem,
                "options": options,
                "answer": item.key,
                "explanation": item.explanation,
            },
        )
    for other in unread:
        yield f"{path.name} 第 {other.number} 题（第 {other.line} 行）", f"{other.reason}：{other.text}"


FORMATS = {".jsonl": _jsonl_rows, ".csv": _csv_rows, ".docx": _paper_rows, ".txt": _paper_rows, ".md": _paper_rows}
"""Reader of each suffix: place and row, or place and why there is none."""
