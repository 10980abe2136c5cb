"""A chat model that is talked into reciting its instructions is cut short. The prompts are no secret; an answer made of them is useless."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

__all__ = ["RECITED", "without_rules"]

RECITED = "……（后面是系统提示，已略去。请换个说法再问。）"
_LONGEST = 24
"""Characters in a row that an answer may share with the prompt: a term or two, not a sentence of it."""
_SUSPECT = 8
"""A shared run that is longer is held back until it is clear how it goes on."""
_IGNORED = re.compile(r"[\s*#>`_-]")


def without_rules(pieces: Iterable[str], prompt: str) -> Iterator[str]:
    """The pieces of an answer until it recites `prompt`; then `RECITED`, and no more. White space and Markdown are looked through.

    Empty pieces pass, as in `checked_pieces`.
    """
    secret = _IGNORED.sub("", prompt)
    run, held = "", ""
    for piece in pieces:
        if not piece:
            yield ""
            continue
        ready = ""
        for char in piece:
            held += char
            if _IGNORED.match(char):
                continue
            run = _longest_suffix(run + char, secret)
            if len(run) > _LONGEST:
                yield ready + RECITED
                return
            if len(run) < _SUSPECT:
                ready, held = ready + held, ""
        if ready:
            yield ready
    if held:
        yield held


def _longest_suffix(text: str, secret: str) -> str:
    """The longest end of `text` that stands in `secret`."""
    while text and text not in secret:
        text = text[1:]
    return text
