"""CuteGPT's data in a pickle, read without ever running what a pickle can run.

A pickle is a program. Before it is loaded its instructions are listed (which runs nothing), and only those that make
lists, dicts, text, numbers, True, False and None are let through; the unpickler itself refuses classes, functions and persistent
ids once more. A small file can still stand for a huge or endless structure, by naming one part many times: what was read is
measured before it is used.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from errors import ContentError
from finetune.conversations.json_rows import Row

__all__ = ["MOST_BYTES", "pickled_rows", "restricted"]

MOST_BYTES = 256 * 2**20
"""Of a file. CuteGPT's own data have some tens of megabytes."""
_MOST_CHARACTERS = 2**28
"""Of all text, a part counted as often as it is named."""
_DEEPEST = 16
"""Levels of lists and dicts; a sample has three."""
_LONGEST_NUMBER = 4000
"""Digits or bytes: longer ones take time that grows with their square."""
_MOST_PARTS = 1_000_000
"""Parts that a file may have whatever its size; more of them, up to four for each instruction."""

_ALLOWED = frozenset(
    "PROTO FRAME STOP MARK EMPTY_LIST LIST APPEND APPENDS EMPTY_DICT DICT SETITEM SETITEMS NONE NEWTRUE NEWFALSE "
    "INT BININT BININT1 BININT2 LONG LONG1 FLOAT BINFLOAT UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8 "
    "PUT BINPUT LONG_BINPUT MEMOIZE GET BINGET LONG_BINGET".split()
)
_PUTS = frozenset("PUT BINPUT LONG_BINPUT".split())
_NUMBERS = frozenset("INT LONG LONG1 FLOAT".split())
_EXECUTING = frozenset("GLOBAL STACK_GLOBAL INST OBJ NEWOBJ NEWOBJ_EX REDUCE BUILD EXT1 EXT2 EXT4 PERSID BINPERSID".split())


class _Unpickler(pickle.Unpickler):
    """Loads nothing that has a name."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise pickle.UnpicklingError(f"{module}.{name}")

    def persistent_load(self, pid: Any) -> NoReturn:
        raise pickle.UnpicklingError(str(pid))


def pickled_rows(path: Path) -> Iterator[Row]:
    """The rows of a pickled list.

    Raises:
        ContentError: it is too large, no list of plain values, or would run code.
        OSError: it can't be read.
    """
    if path.stat().st_size > MOST_BYTES:
        raise ContentError(f"{path.name}：超过 {MOST_BYTES // 2**20} MB，不作为 pickle 读取。请转存为 JSONL。")
    rows = restricted(path.read_bytes(), path.name)
    if not isinstance(rows, list):
        raise ContentError(f"{path.name}：里面不是列表。CuteGPT 的数据应是列表，每一项是一个样本。请改存为列表或 JSON。")
    for number, row in enumerate(rows, 1):
        yield Row(f"{path.name} 第 {number} 项", row)


def restricted(data: bytes, name: str) -> Any:
    """The value of a pickle that holds nothing but lists, dicts, text, numbers, True, False and None.

    Raises:
        ContentError: it holds something else, is damaged, or stands for too much.
    """
    instructions = _inspect(data, name)
    try:
        value = _Unpickler(io.BytesIO(data)).load()
    except (
        pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, MemoryError,
    ) as error:  # fmt: skip
        raise ContentError(f"{name}：{_DAMAGED}") from error
    _measure(value, max(_MOST_PARTS, 4 * instructions), name)
    return value


def _inspect(data: bytes, name: str) -> int:
    """The number of instructions.

    Raises:
        ContentError: one of them is not allowed.
    """
    number, end = 0, 0
    try:
        for number, (operation, argument, position) in enumerate(pickletools.genops(data), 1):
            if operation.name not in _ALLOWED:
                raise ContentError(
                    f"{name}：{_RUNS if operation.name in _EXECUTING else _FOREIGN}（{operation.name}）。{_INSTEAD}"
                )
            if operation.name in _PUTS and int(str(argument)) > number:
                raise ContentError(f"{name}：{_DAMAGED}")  # a place far off makes the unpickler reserve memory up to it
            if operation.name in _NUMBERS and len(str(argument)) > _LONGEST_NUMBER:
                raise ContentError(f"{name}：里面有长得离谱的数字，没有读取。{_INSTEAD}")
            end = (position or 0) + 1
    except (ValueError, EOFError, OverflowError, MemoryError) as error:
        raise ContentError(f"{name}：{_DAMAGED}") from error
    if end < len(data):
        raise ContentError(f"{name}：数据结束之后还有内容，没有读取。{_INSTEAD}")
    return number


def _measure(value: Any, most: int, name: str) -> None:
    """Walk all parts, each as often as it is named.

    Raises:
        ContentError: they are too many, too deep, or none that JSON has.
    """
    parts, characters = 0, 0
    waiting: list[tuple[Any, int]] = [(value, 1)]
    while waiting:
        part, depth = waiting.pop()
        parts += 1
        characters += len(part) if isinstance(part, str) else 0
        if isinstance(part, dict):
            if not all(isinstance(key, str) for key in part):
                raise ContentError(f"{name}：里面有不是文字的字段名。{_INSTEAD}")
            characters += sum(map(len, part))
        if isinstance(part, list | dict):
            waiting += [(inner, depth + 1) for inner in (part.values() if isinstance(part, dict) else part)]
        if parts + len(waiting) > most or characters > _MOST_CHARACTERS or depth > _DEEPEST:
            raise ContentError(f"{name}：展开后的内容太大、嵌套太深或首尾相连，没有读取。{_INSTEAD}")


_RUNS = "这个 pickle 里有会在读取时运行的代码，没有读取，也没有运行"
_FOREIGN = "里面有列表、字典、文字、数字以外的内容，没有读取"
_DAMAGED = "不是完好的 pickle 文件。请重新下载，或改用 JSON、JSONL。"
_INSTEAD = "请让数据的提供者改存为 JSON 或 JSONL。"
