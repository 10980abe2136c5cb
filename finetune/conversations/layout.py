"""How a row was written, where that is not the usual way: kept beside it, so that it can be written back as it was.

Two rows may say the same and look different: `from`/`value` for `role`/`content`, an instruction apart from its input, another
order of the keys. What is unusual is noted under the key `_layout`, by the format's name; a note that does not fit a
conversation any more (it was edited) is not used.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

__all__ = ["FIELDS", "LAYOUT", "NAMES", "layouts", "noted", "refilled", "template", "with_note"]

LAYOUT = "_layout"
FIELDS = "fields"
"""Within the layouts: further fields of the row whose names mean something else in the present format."""
NAMES = ("messages", "conversations", "alpaca", "xtuner", "cutegpt", "educhat", "cutegpt-prompt")


def layouts(extra: Mapping[str, Any]) -> dict[str, Any]:
    """The notes of all formats; none if the field is somebody else's."""
    found = extra.get(LAYOUT)
    ours = isinstance(found, dict) and all(name in (*NAMES, FIELDS) and isinstance(note, dict) for name, note in found.items())
    return dict(found) if found and ours else {}


def noted(extra: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The note of one format."""
    return dict(layouts(extra).get(name, {}))


def with_note(extra: Mapping[str, Any], name: str, note: Mapping[str, Any]) -> dict[str, Any]:
    """The further fields with the note of one format; an empty note is left out."""
    found = layouts(extra)
    if LAYOUT in extra and not found:
        return dict(extra)
    found.pop(name, None)
    found |= {name: dict(note)} if note else {}
    rest = {key: value for key, value in extra.items() if key != LAYOUT}
    return rest | ({LAYOUT: found} if found else {})


def template(entry: Mapping[str, Any], said: Collection[str]) -> dict[str, Any]:
    """An object without what is said in it: the order of its keys, and the values of those that are not in `said`."""
    return {"keys": list(entry), "fields": {key: value for key, value in entry.items() if key not in said}}


def refilled(form: Any, said: Mapping[str, str | list[Any]]) -> dict[str, Any] | None:
    """The object that a template was made of, saying this; None if it has not just these places."""
    keys, fields = (form.get("keys"), form.get("fields")) if isinstance(form, dict) else (None, None)
    if not isinstance(keys, list) or not isinstance(fields, dict) or not all(isinstance(key, str) for key in keys):
        return None
    if len(keys) != len(said) + len(fields) or set(keys) != set(said) | set(fields):
        return None
    return {key: fields[key] if key in fields else said[key] for key in keys}
