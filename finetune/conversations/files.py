"""Training data in files: read in whatever format it has, with all that is wrong with it; written whole or not at all."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal, overload

from errors import ContentError, DocumentError, UsageError
from finetune.conversations.conversation import Conversation
from finetune.conversations.formats import Format, format_named, recognised
from finetune.conversations.json_rows import Row, checked_row, json_rows
from finetune.conversations.pickled import pickled_rows
from knowledge.text_file import read_text

__all__ = ["SUFFIXES", "read_conversations", "write_conversations"]

SUFFIXES = (".jsonl", ".json", ".pkl")
_SHOWN = 20


@overload
def read_conversations(path: Path, form: str | None = None, *, skip_bad: Literal[False] = False) -> list[Conversation]: ...
@overload
def read_conversations(
    path: Path, form: str | None = None, *, skip_bad: Literal[True]
) -> tuple[list[Conversation], list[str]]: ...
@overload
def read_conversations(
    path: Path, form: str | None = None, *, skip_bad: bool
) -> list[Conversation] | tuple[list[Conversation], list[str]]: ...
def read_conversations(
    path: Path, form: str | None = None, *, skip_bad: bool = False
) -> list[Conversation] | tuple[list[Conversation], list[str]]:
    """The conversations of a file, in its order.

    A `.json` file holds a list of rows, a `.jsonl` file a row a line (either is recognised under the other name too; a line that
    is a list is a sample of CuteGPT). A `.pkl` file is read without running anything.

    Args:
        form: name of the format; None to recognise it.
        skip_bad: return the good rows, and what is wrong with the others; else any bad row is an error.

    Raises:
        ContentError: the file can't be read, is empty or mixes formats, or rows are wrong: the message has the place of each.
        UsageError: there is no format of this name.
    """
    wanted = format_named(form) if form else None
    rows = [checked_row(row) for row in _rows(path, wanted)]
    if not rows:
        raise ContentError(f"{path.name}：里面没有一条数据。请检查是否选对了文件。")
    found, problems, mixed = _read(rows, wanted)
    if problems and not skip_bad:
        raise ContentError(_told(path.name, mixed, problems, len(rows)))
    if not found:
        raise ContentError(_told(path.name, "没有一条能用", problems, len(rows)))
    return (found, problems) if skip_bad else found


def write_conversations(path: Path, conversations: Sequence[Conversation], form: str = "messages") -> None:
    """Write a file, whole or not at all: `.json` as a list, `.jsonl` as a row a line.

    What the format can't hold is left out; `formats.losses` tells it.

    Raises:
        ContentError: there is nothing to write, or a conversation can't be written in this format.
        UsageError: there is no format of this name, the name ends otherwise, or nothing can be written there.
    """
    wanted = format_named(form)
    if path.suffix.lower() not in (".json", ".jsonl"):
        raise UsageError(f"{path.name}：只写 .jsonl 或 .json 文件（不写 pickle）。请换一个文件名。")
    if not conversations:
        raise ContentError(f"没有数据可以写入 {path.name}。请检查前面的步骤是否把它们都去掉了。")
    lines = list(_lines(wanted, conversations))
    _replace(path, "\n".join(lines) + "\n" if path.suffix.lower() == ".jsonl" else "[\n" + ",\n".join(lines) + "\n]\n")


def _rows(path: Path, wanted: Format | None) -> Iterator[Row]:
    if path.suffix.lower() not in SUFFIXES:
        raise ContentError(f"{path.name}：训练数据可以是 {'、'.join(SUFFIXES)} 文件。请转存后再试。")
    if os.path.exists(path) and not os.path.isfile(path):
        raise ContentError(f"{path} 不是文件。请给出 {'、'.join(SUFFIXES)} 文件。")  # a pipe would be waited for
    try:
        if path.suffix.lower() == ".pkl":
            yield from pickled_rows(path)
        else:
            text = _text(path)
            yield from json_rows(text, path.name, lines=_lists_are_rows(path, wanted, text))
    except OSError as error:
        raise ContentError(f"打不开 {path}（{error.strerror}）。请检查文件名和权限。") from error
    except DocumentError as error:
        raise ContentError(f"{path.name}：{error}") from error


def _text(path: Path) -> str:
    """The text, as it stands where it is UTF-8: characters that show nothing are part of some emoji and of the data."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return read_text(path)
    return text if text.strip() and "\0" not in text else read_text(path)


def _lists_are_rows(path: Path, wanted: Format | None, text: str) -> bool:
    """Whether a line that is a list is a sample: in JSONL, but not where the list holds objects with turns of their own."""
    if path.suffix.lower() != ".jsonl" or (wanted and wanted.name != "cutegpt"):
        return False
    return not any(f'"{key}"' in text[:2000] for key in ("messages", "conversations", "conversation"))


def _read(rows: Iterable[Row], wanted: Format | None) -> tuple[list[Conversation], list[str], str]:
    """Conversations, problems in the order of the rows, and how formats are mixed ('' if they are not)."""
    judged = [(row, *_format_of(row, wanted)) for row in rows]
    counts = Counter(form.name for _, form, _ in judged if form)
    main = counts.most_common(1)[0][0] if counts else ""
    found, problems = list[Conversation](), list[str]()
    for row, form, problem in judged:
        if form and form.name != main:
            problem = f"{row.place}：是 {form.name} 格式，而文件里多数是 {main}。请分成两个文件，或先转换成一种。"
        elif form:
            try:
                found.append(form.conversation(row.value, row.place))
                continue
            except ContentError as error:
                problem = str(error)
        problems.append(problem)
    mixed = "、".join(f"{name} {count} 条" for name, count in counts.most_common())
    return found, problems, f"混有几种格式（{mixed}）" if len(counts) > 1 else ""


def _format_of(row: Row, wanted: Format | None) -> tuple[Format | None, str]:
    if row.fault:
        return None, f"{row.place}：{row.fault}。"
    if wanted:
        return wanted, ""
    try:
        return recognised(row.value, row.place), ""
    except ContentError as error:
        return None, str(error)


def _told(name: str, headline: str, problems: Sequence[str], total: int) -> str:
    if len(problems) == 1 and not headline:
        return problems[0]
    shown = "\n".join(f"  {problem}" for problem in problems[:_SHOWN])
    more = f"\n  ……另有 {len(problems) - _SHOWN} 处。" if len(problems) > _SHOWN else ""
    return f"{name}：{headline + '，' if headline else ''}{total} 条里有 {len(problems)} 处不能用，请改正或去掉：\n{shown}{more}"


def _lines(wanted: Format, conversations: Sequence[Conversation]) -> Iterator[str]:
    problems = list[str]()
    for number, conversation in enumerate(conversations, 1):
        place = f"第 {number} 条" + (f"（{conversation.id}）" if conversation.id else "")
        try:
            line = json.dumps(wanted.row(conversation), ensure_ascii=False, allow_nan=False)
            line.encode()
            yield line
        except ContentError as error:
            problems.append(f"{place}{str(error).removeprefix('对话')}")
        except (ValueError, TypeError):
            problems.append(f"{place}：里面有残缺的字符或 JSON 写不出的值。请改正。")
    if problems:
        raise ContentError(_told(f"写成 {wanted.name} 格式", "", problems, len(conversations)))


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(path)
    except OSError as error:
        raise UsageError(f"写不了 {path}（{error.strerror}）。请检查磁盘空间和权限，或换一个位置。") from error
    finally:
        with suppress(OSError):
            draft.unlink()
