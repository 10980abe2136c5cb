"""Question banks on disk: read from JSONL, CSV, DOCX and exam papers as text; written as JSONL.

What can't be read does not stop the rest: it is kept with its place and the reason.
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from errors import ContentError, DocumentError, UsageError
from knowledge.bank_keys import KNOWN_KEYS, subject_meant
from knowledge.bank_readers import FORMATS, OPTIONS, Row, Unread
from knowledge.problems import Problem
from knowledge.questions import LETTERS, Fields, Question
from knowledge.subjects import AUTO, SUBJECTS, detect_subject
from settings import ROOT

__all__ = ["BANK", "FORMATS", "Bank", "Unread", "read_bank", "read_banks", "write_questions"]

BANK = ROOT / "knowledge" / "questions"
"""The shipped bank."""
_EXAM = {s.id: s.name for s in SUBJECTS.values() if s.points}
_HINT = f"（{KNOWN_KEYS}）"
_NO_SUBJECT = "认不出科目，请在题里写明 subject，或用 --subject 指定 ds、co、os 或 cn"


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
    return read_banks([path], subject)


def read_banks(paths: Sequence[Path], subject: str = AUTO) -> Bank:
    """One bank from several files and folders; see `read_bank`.

    Ids that are made here, of papers and of CSV rows, are unique in all of it; ids that a JSONL bank has stay.
    """
    bank = Bank()
    rows = [row for path in paths for row in _rows(path)]
    own = [r.fields["id"] for r in rows if isinstance(r, Row) and not r.made_id]
    ids = _Ids(str(i) for i in own if isinstance(i, str | int))
    for row in rows:
        if isinstance(row, Unread):
            bank.unread.append(row)
        else:
            _add(bank, row, subject, ids)
    bank.unread = list(_hinted_once(bank.unread))
    return bank


def write_questions(entries: Sequence[Question | Problem], path: Path) -> None:
    """Write a bank as JSONL, whole or not at all.

    Raises:
        UsageError: nothing can be written there.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text("".join(json.dumps(e.to_json(), ensure_ascii=False) + "\n" for e in entries), encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise UsageError(f"写不了 {path}：{_why(error)}。请换一个位置。") from error
    finally:
        with suppress(OSError):
            draft.unlink()


class _Ids:
    """Gives an id to each row that has none of its own; an id that is taken gets a suffix."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._uses: Counter[str] = Counter()

    def unique(self, wanted: str) -> str:
        name = wanted
        while name in self._taken:
            self._uses[wanted] += 1
            name = f"{wanted}-{self._uses[wanted] + 1}"
        self._taken.add(name)
        return name


def _rows(path: Path) -> Iterator[Row | Unread]:
    """The rows of a file, or of the files below a folder.

    Raises:
        ContentError: there is no such file, or no reader for it.
    """
    files, trouble = [path], list[OSError]()
    if os.path.isdir(path):
        found = (Path(folder, name) for folder, _, names in os.walk(path, onerror=trouble.append) for name in names)
        files = sorted(p for p in found if p.suffix.lower() in FORMATS and not p.name.startswith((".", "~$")))
    if not os.path.lexists(path) or not (files or trouble):
        raise ContentError(f"没有找到题库 {path}。请给出题库文件，或装有题库文件（{'、'.join(FORMATS)}）的文件夹。")
    yield from (Unread(str(error.filename), f"读不了：{_why(error)}") for error in trouble)
    for file in files:
        if file.suffix.lower() not in FORMATS:
            raise ContentError(f"{file.name}：不支持这种格式。题库可以是 {'、'.join(FORMATS)}；旧版 .doc 请先另存为 .docx。")
        yield from _file_rows(file)


def _file_rows(path: Path) -> list[Row | Unread]:
    if os.path.exists(path) and not os.path.isfile(path):
        return [Unread(path.name, "不是普通文件，没有读")]  # a pipe, which would be waited for
    try:
        return list(FORMATS[path.suffix.lower()](path))
    except DocumentError as error:
        reason = str(error)
    except OSError as error:
        reason = f"读不了：{_why(error)}。请检查文件是否还在、是否有权限读它"
    except Exception as error:  # noqa: BLE001 - whatever a file provokes in a parser, the other files are read
        reason = f"读取时出错（{type(error).__name__}），文件可能已损坏。请打开它另存一份后再试"
    return [Unread(path.name, reason)]


def _why(error: OSError) -> str:
    reasons = {
        errno.EACCES: "没有权限",
        errno.EPERM: "没有权限",
        errno.EROFS: "磁盘是只读的",
        errno.ENOSPC: "磁盘已满",
        errno.EISDIR: "它是文件夹",
        errno.ENOTDIR: "路径里有一段不是文件夹",
        errno.EEXIST: "路径里有一段不是文件夹",
        errno.ENOENT: "没有这个文件或文件夹",
        errno.ENAMETOOLONG: "名字太长",
    }
    return reasons.get(error.errno or 0, f"系统错误 {error.errno}（{error.strerror}）")


def _add(bank: Bank, row: Row, subject: str, ids: _Ids) -> None:
    entry, reasons = _judged(row, subject)
    if not entry:
        bank.unread.append(Unread(row.place, "；".join(reasons)))
        return
    if row.made_id:
        entry = replace(entry, id=ids.unique(entry.id))
    if isinstance(entry, Problem):
        bank.problems.append(entry)
    else:
        bank.questions.append(entry)
        bank.places.append(row.place)


def _judged(row: Row, subject: str) -> tuple[Question | Problem | None, list[str]]:
    """What a row is, or all that is wrong with it, the subject last: it is the one thing that the command can mend."""
    entry, reasons, unknown = None, list[str](), list[str]()
    fields = _completed(row)
    try:
        fields["subject"] = _subject(row, fields, subject)
    except ContentError as error:
        unknown = [_reason(error, row)]
        fields["subject"] = next(iter(_EXAM))  # any, so that the other fields are judged too
    try:
        entry = (Problem if "parts" in fields else Question).from_json(fields, row.place)
    except ContentError as error:
        reasons = [_reason(error, row)]
        if "parts" not in fields:
            reasons = [re.sub(r"^没有 [a-z、]+", rf"\g<0>{_HINT}", reasons[0])]
    return (None if unknown else entry), reasons + unknown


def _reason(error: ContentError, row: Row) -> str:
    return str(error).removeprefix(f"{row.place}：").removesuffix("。")


def _hinted_once(unread: Iterable[Unread]) -> Iterator[Unread]:
    """The same, the keys that are known told with the first row that lacks one."""
    told = False
    for one in unread:
        yield replace(one, reason=one.reason.replace(_HINT, "")) if told else one
        told = told or _HINT in one.reason


def _completed(row: Row) -> dict[str, Any]:
    """The row with an id and `options`, where it lacks them and they can be known."""
    fields = dict(row.fields)
    if "options" not in fields and any(letter in fields for letter in LETTERS):
        # C-Eval's form. An empty E is a column that this question makes no use of; an empty C is a fault.
        letters = [x for x in OPTIONS if x in fields and (x in LETTERS or fields[x] not in (None, ""))]
        fields["options"] = {letter: fields[letter] for letter in letters}
    if row.made_id:
        fields["id"] = row.made_id
    return fields


def _subject(row: Row, fields: dict[str, Any], subject: str) -> str:
    if fields.get("subject") in (None, ""):
        known = subject if subject != AUTO else next((s for s in _guesses(row.path, _text(fields)) if s in _EXAM), "")
        if not known:
            raise ContentError(f"{row.place}：{_NO_SUBJECT}。")
        return known
    named = Fields(fields, row.place).text("subject")
    if not (meant := subject_meant(named)):
        choices = "、".join(f"{i}（{name}）" for i, name in _EXAM.items())
        raise ContentError(f"{row.place}：没有“{named[:20]}”这个科目，可以写 {choices}。")
    return meant


def _text(fields: dict[str, Any]) -> str:
    options = fields.get("options")
    said = [fields.get("question"), fields.get("explanation"), *(options.values() if isinstance(options, dict) else [options])]
    return " ".join(text for text in said if isinstance(text, str))


def _guesses(path: Path, text: str) -> Iterator[str]:
    yield detect_subject(Path(path.name))
    yield detect_subject(Path("-"), text * 3)  # a question is short: any majority of terms will do
    yield detect_subject(path)
