"""The rows of a text of JSON: a list, or a value a line. Each is judged by itself, so that one fault does not hide the others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

__all__ = ["Row", "checked_row", "json_rows"]


class Row(NamedTuple):
    """A row and its place; with a fault it has no value."""

    place: str
    value: Any
    fault: str = ""


class _Fault(ValueError):
    """Well-formed JSON that says something twice or nothing that JSON can say."""


def json_rows(text: str, name: str, *, lines: bool = False) -> Iterator[Row]:
    """The rows of a text.

    Args:
        name: of the file, for the places.
        lines: whether a single line that is a list is one row rather than a list of rows.
    """
    body = text.strip()
    first, _, rest = body.partition("\n")
    if body.startswith("[") and not ((lines or rest) and _is_json(first)):
        yield from _listed(text, name)
    elif body.startswith("{") and rest and not _is_json(first) and _is_json(body):
        yield _row(body, name)
    else:
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield _row(line, f"{name} 第 {number} 行")


def checked_row(row: Row) -> Row:
    """The row, with a fault if it holds what no file can: half a surrogate pair, NaN."""
    if row.fault:
        return row
    try:
        _WRITER.encode(row.value).encode()
    except UnicodeEncodeError:
        return Row(row.place, None, "里面有残缺的字符（半个代理对，如 \\ud83d）。请改正后重试")
    except (ValueError, TypeError, RecursionError):
        return Row(row.place, None, "里面有 NaN、无穷大或别的 JSON 写不出的内容。请改正后重试")
    return row


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _row(text: str, place: str) -> Row:
    try:
        return Row(place, _STRICT.decode(text.strip()))
    except json.JSONDecodeError as error:
        return Row(place, None, f"不是有效的 JSON（第 {error.colno} 个字符附近：{_reason(error)}）。请改正后重试")
    except _Fault as error:
        return Row(place, None, str(error))
    except (ValueError, RecursionError):
        return Row(place, None, _UNREADABLE)


def _listed(text: str, name: str) -> Iterator[Row]:
    """The items of a list; what is damaged in the middle ends it, for there is no telling where the next item begins."""
    at, number = _skip(text, text.index("[") + 1), 1
    if text[at : at + 1] == "]":
        at = _skip(text, at + 1)
        if at < len(text):
            yield _damaged(text, at, name, "列表结束之后还有内容")
        return
    while True:
        place = f"{name} 第 {number} 项"
        try:
            row, at = _item(text, at, place)
        except json.JSONDecodeError as error:
            yield _damaged(text, error.pos, place, _reason(error))
            return
        except (ValueError, RecursionError):
            yield Row(place, None, f"{_UNREADABLE}；后面的没有读")
            return
        yield row
        at, number = _skip(text, at), number + 1
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
            continue
        if text[at : at + 1] != "]":
            yield _damaged(text, at, name, "两项之间应有逗号，列表应以 ] 结束")
        elif (at := _skip(text, at + 1)) < len(text):
            yield _damaged(text, at, name, "列表结束之后还有内容")
        return


def _item(text: str, at: int, place: str) -> tuple[Row, int]:
    try:
        value, end = _STRICT.raw_decode(text, at)
        return Row(place, value), end
    except _Fault as error:
        return Row(place, None, str(error)), _PLAIN.raw_decode(text, at)[1]


def _damaged(text: str, at: int, place: str, reason: str) -> Row:
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    return Row(place, None, f"不是有效的 JSON（文件第 {line} 行第 {column} 个字符附近：{reason}），后面的没有读。请改正后重试")


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def _reason(error: json.JSONDecodeError) -> str:
    return next((chinese for start, chinese in _REASONS.items() if error.msg.startswith(start)), "写法有误")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in found if keys.count(key) > 1)
        raise _Fault(f"字段“{twice[:40]}”写了不止一次，不知道用哪一个。请只留一个")
    return found


def _no_constant(name: str) -> NoReturn:
    raise _Fault(f"里面有 {name}，它不是 JSON 的值。请改成数字或 null")


_STRICT = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)
_PLAIN = json.JSONDecoder()
_WRITER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_UNREADABLE = "数字太长或嵌套太深，读不了。请改正后重试"
_REASONS = {
    "Expecting value": "缺少值",
    "Expecting property name": "字段名应放在双引号里",
    "Expecting ',' delimiter": "缺少逗号，或没有写完",
    "Expecting ':' delimiter": "字段名后缺少冒号",
    "Unterminated string": "字符串没有写完",
    "Invalid control character": "字符串里有没转义的控制字符，如换行",
    "Invalid \\": "反斜杠写法有误",
    "Extra data": "后面还有多余的内容",
    "Illegal trailing comma": "多了一个逗号",
}
