"""Values of a row, checked: text, lists, an id, a source."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from errors import ContentError
from finetune.conversations.conversation import Source

__all__ = ["blank", "identifier", "kind", "source_of", "text"]

_KINDS = {str: "文字", bool: "真假值", int: "整数", float: "小数", list: "列表", dict: "对象", type(None): "空值（null）"}


def kind(value: Any) -> str:
    """What a value is, in Chinese."""
    return _KINDS.get(type(value), type(value).__name__)


def text(value: Any, name: str, place: str) -> str:
    """A value that has to be text.

    Raises:
        ContentError: it is something else.
    """
    if not isinstance(value, str):
        raise ContentError(f"{place}：{name} 应是文字，而不是{kind(value)}。请改成字符串，或删去这一条。")
    return value


def blank(value: Any) -> bool:
    """Whether an optional value says nothing: null, '', white space, an empty list."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def identifier(value: Any, place: str) -> str:
    """The id of a row as text; '' if it has none.

    Raises:
        ContentError: it is neither text nor a whole number.
    """
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ContentError(f"{place}：id 应是文字或整数，而不是{kind(value)}。请改正，或删去 id。")
    return str(value)


def source_of(value: Any, place: str) -> Source | None:
    """The source that a row tells; None if it tells something else under this name (a data set's name, say).

    Raises:
        ContentError: it names a document, and other parts of it are wrong: pairs would be grouped wrongly.
    """
    if not isinstance(value, dict) or "document" not in value:
        return None
    page = value.get("page")
    if isinstance(page, bool) or not isinstance(page, int | None) or (page is not None and page < 1):
        raise ContentError(f"{place}：source.page 应是从 1 开始的整数页码，没有页码就不写。")
    names = [field.name for field in fields(Source) if field.name != "page" and value.get(field.name) is not None]
    known = {name: text(value[name], f"source.{name}", place) for name in names}
    if not known.get("document", "").strip():
        raise ContentError(f"{place}：source.document 是空的。请写上文档名，没有出处就不写 source。")
    return Source(page=page, **known)
