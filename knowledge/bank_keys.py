"""Other names that banks from elsewhere give to the fields of a question and to the subjects."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from knowledge.questions import LETTERS
from knowledge.subjects import SUBJECTS

__all__ = ["KNOWN_KEYS", "AmbiguousKeyError", "fields_meant", "subject_meant"]

_OTHERS = {
    "题目": "question", "题干": "question", "stem": "question", "选项": "options", "choices": "options",
    "答案": "answer", "解析": "explanation", "科目": "subject",
}  # fmt: skip
_OWN = frozenset(_OTHERS.values())


def _told(field: str) -> str:
    return "/".join((field, *(other for other, meant in _OTHERS.items() if meant == field)))


KNOWN_KEYS = (
    f"认得的键：{'、'.join(map(_told, ('question', 'options', 'answer')))}，"
    f"可选 {'、'.join(map(_told, ('subject', 'explanation')))}、points、difficulty"
)
"""What a user is told of the keys of a row; the names between slashes mean the same."""


class AmbiguousKeyError(ValueError):
    """Two keys mean one field; the message, in Chinese, names them."""


def fields_meant(keys: Iterable[str]) -> dict[str, str]:
    """For each key that is another name of a field: the field.

    A field that is there under its own name needs no other: what else looks like it is left alone, and so is what looks
    like `options` beside columns A–D.

    Raises:
        AmbiguousKeyError: which of two keys has the field can't be known.
    """
    present = set(keys)
    own = present | ({"options"} if present & set(LETTERS) else set())
    meant = {key: field for key in sorted(present) if (field := _field(key)) and field not in own}
    for field in dict.fromkeys(meant.values()):
        if len(rivals := [key for key in meant if meant[key] == field]) > 1:
            raise AmbiguousKeyError(f"{'、'.join(rivals)} 都像是 {field}，分不清用哪个，请只留一个")
    return meant


def _field(key: str) -> str:
    lowered = key.lower()
    return _OTHERS.get(lowered, lowered if lowered in _OWN else "")


def subject_meant(name: str) -> str | None:
    """The id of a subject by its id or its Chinese name; None if there is no such subject."""
    plain = unicodedata.normalize("NFKC", name).strip().lower()
    return plain if plain in SUBJECTS else next((s.id for s in SUBJECTS.values() if s.points and s.name == plain), None)
