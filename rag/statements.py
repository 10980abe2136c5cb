"""What a passage states by itself, whatever is asked: for a summary."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rag.fence import FencedPassage
from rag.quotable import ENUMERATES, LEAD_IN, NUMBER, Unit, form_of, units_of
from rag.sentences import sentences

__all__ = ["Statement", "statements"]

_DEFINES = re.compile(r"^[^，。]{1,30}(?:是指|是一种|称为|叫做|定义为|指的是)")
_FORMULA = re.compile(r"公式|[=＝≈≤≥].*[+×÷*/−-]")
_EXAMPLE = re.compile(r"^(?:例|解|求|设|若|某|假设|已知|如图|见[上下]?[表图])|例如|见[下上]表")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_LEAST_CHINESE, _MANY_NUMBERS = 6, 3
"""A line with fewer characters is code; a sentence with so many numbers works an example."""


@dataclass(frozen=True)
class Statement:
    """Words of a passage that say something by themselves, whatever is asked; `worth` in [0, 1] for a summary."""

    kind: str
    text: str
    start: int
    worth: float


def statements(passage: FencedPassage) -> list[Statement]:
    """What a passage states, in its order: definitions, lists with their lead-ins, tables, and sentences outside of these."""
    units = [replace(u, start=_lead_in_start(u)) if u.kind == "list" else u for u in units_of(passage)]
    runs = [u for u in units if u.kind != "sentence"]
    alone = [u for u in units if u.kind != "sentence" or not any(r.start <= u.start < r.end for r in runs)]
    return sorted((Statement(u.kind, u.text, u.start, _worth(u)) for u in alone), key=lambda one: one.start)


def _lead_in_start(unit: Unit) -> int:
    """Where the last sentence of a list's first line begins: the ones before it are not of the list."""
    first, _, rest = unit.text.partition("\n")
    bounds = sentences(first)
    return unit.start + bounds[-1][0] if bounds and rest and LEAD_IN.search(first) else unit.start


def _worth(unit: Unit) -> float:
    """What a statement is worth in a summary; the factors were set by reading summaries, not learned."""
    text = unit.text
    if _EXAMPLE.search(text) or len(_CHINESE.findall(text)) < _LEAST_CHINESE:
        return 0.0
    if unit.kind == "table":
        return 0.45
    if unit.kind == "list" and LEAD_IN.search(text.partition("\n")[0]):
        return 0.9
    if unit.kind == "sentence" and (form_of(unit) < 1.0 or LEAD_IN.search(text)):
        return 0.0
    if _DEFINES.search(text):
        return 1.0
    if len(NUMBER.findall(text)) >= _MANY_NUMBERS:
        return 0.2
    if unit.kind == "list":
        return 0.5
    return 0.8 if ENUMERATES.search(text) or _FORMULA.search(text) else 0.55
