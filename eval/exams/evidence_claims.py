"""A choice question as claims that documents can bear out: its options, or the statements Ⅰ, Ⅱ, Ⅲ that its options combine."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rag.stems import core_of, is_negated

__all__ = ["Claims", "read_claims"]

_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII")
_NUMBER = {name: n for names in (_ROMAN, "12345678") for n, name in enumerate(names)}
_SIGN = "[Ⅰ-Ⅷ①-⑧]|VI{0,3}|IV|I{1,3}"
_LABEL = re.compile(rf"[Ⅰ-Ⅷ①-⑧]|(?<![A-Za-z])(?:{_SIGN})(?=[.．、:：) \t])")
"""Behind a Latin I stands a dot or a blank, or it is the I of I/O."""
_COMBINATION = re.compile(rf"(?:{_SIGN}|仅|只有?|以?及|[和与、，,.．\s]|都|均|正确|对|有|项|说法)+")
_GAP = " \t\u3000.．、:：)；;，,。"


@dataclass(frozen=True)
class Claims:
    """What is to be weighed.

    Attributes:
        topic: what the claims are about: the stem without what all stems say, and without its statements.
        texts: the claims, in an order that does not depend on the options'.
        held: for each option, the positions in `texts` of the claims that it holds to be true; of the others it says the contrary.
        negated: whether the claims that the documents do not bear out are asked for.
    """

    topic: str
    texts: tuple[str, ...]
    held: tuple[frozenset[int], ...]
    negated: bool


def read_claims(stem: str, options: Sequence[str]) -> Claims:
    """The claims of a question: its statements, if every option is a combination of their numbers, else its options."""
    combined = _combinations(options)
    head, statements = _statements(stem) if combined else (stem, ())
    if combined and max(map(max, combined)) < len(statements):
        return Claims(core_of(head), statements, combined, is_negated(head))
    texts = tuple(sorted(set(options)))
    return Claims(core_of(stem), texts, tuple(frozenset([texts.index(o)]) for o in options), is_negated(stem))


def _combinations(options: Sequence[str]) -> tuple[frozenset[int], ...]:
    """The numbers in each option; () if one is no combination, or if all are the same: an order of ①, ②, ③ is asked for."""
    found = [frozenset(_number(m) for m in re.findall(_SIGN, o)) if _COMBINATION.fullmatch(o) else frozenset() for o in options]
    return tuple(found) if all(found) and len(set(found)) > 1 else ()


def _number(sign: str) -> int:
    return _NUMBER[unicodedata.normalize("NFKC", sign)]


def _statements(stem: str) -> tuple[str, tuple[str, ...]]:
    """A stem without its numbered statements, and these; a statement ends with its line, or where the next one begins."""
    labels = list[re.Match[str]]()
    for label in _LABEL.finditer(stem):
        if _number(label[0]) == len(labels):
            labels.append(label)
    if not labels:
        return stem, ()
    ends = [label.start() for label in labels[1:]] + [len(stem)]
    texts = [stem[label.end() : end].partition("\n") for label, end in zip(labels, ends, strict=True)]
    return f"{stem[: labels[0].start()]} {texts[-1][2]}".strip(), tuple(text.strip(_GAP) for text, _, _ in texts)
