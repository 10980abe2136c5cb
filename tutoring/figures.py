"""What a text states in figures: numbers with units, vectors, sequences, orders, formulas; and where another text states the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from rag.units import NUMBER, unit_named

__all__ = ["Figure", "figures_in", "flattened", "states"]

_SIGNS = str.maketrans({
    "×": "*", "·": "*", "∙": "*", "÷": "/", "−": "-", "–": "-", "—": "-", "≈": "=", "≅": "=", "µ": "μ", "→": ",", "、": ",", "⇒": ",",
    **{superscript: f"^{n}" for n, superscript in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
})  # fmt: skip
_POWER = re.compile(r"(?<![\d.])(?:(\d+(?:\.\d+)?)\s*\*\s*)?(10|2)\^\(?(-?\d{1,3})\)?")
_VECTOR = re.compile(r"\(\s*-?\d+(?:\s*,\s*-?\d+){1,9}\s*\)")
_ITEM = r"(?:[A-Za-z]\d{1,2}|[A-Z](?![A-Za-z])|-?\d{1,6}(?![\d.A-Za-zμ])|[0-9A-F]{2}(?=\s[0-9A-F]{2}\b|\b))"
_SEQUENCE = re.compile(rf"(?<![0-9A-Za-z_.^*/+-]){_ITEM}(?:(?:\s*(?:,|->|=>)\s*|\s+){_ITEM}){{2,}}(?![\d.])")
_ORDER = re.compile(r"[OΘ]\s*\((?:[^()]|\([^()]*\))+\)")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0x([0-9A-Fa-f]+)|([0-9][0-9A-Fa-f]*|[A-F][0-9A-F]+)H)(?![A-Za-z0-9])")
_NUMBER = re.compile(
    r"(?<![\d.A-Za-z_^])(-?\d+(?:\.\d+)?)(?:\s*/\s*(\d+(?:\.\d+)?)(?!\s*[\d.^*(A-Za-z]))?\s*(%|[A-Za-zμ]+(?:/s)?(?![A-Za-z])|字节|比特|毫秒|微秒|纳秒|秒|[次个帧位条组行块页台段名人帧趟步项级层])?"
)
_FORMULA = re.compile(
    r"[A-Za-z_][\w\[\]().>+-]*\s*(?:==|!=|<=|>=|[=<>+*/%≤≥-])\s*[\w\[\]().+*/%^<>=-]*[\w)\]](?:\s*mod\s*\w+)?|[A-Za-z]\w*\([\w,\s]*\)(?!\s*[=])|[A-Za-z]\w*\[[^\]\s]+\]",
    re.ASCII,
)
_ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,3}(?:\.\d{1,3}){3}|/\d{1,2})?(?![\d.])")
_READ_AS_DECIMAL = 16
"""A hexadecimal result from here on may be given in decimal; smaller numbers stand everywhere."""
_COUNTED = re.compile(r"[一-鿿]")


@dataclass(frozen=True)
class Figure:
    """A statement in figures.

    Attributes:
        text: as it is written.
        kind: address, vector, sequence, order, hex, number, formula.
        plain: how it is compared, for all kinds but numbers.
        value: of a number or hex, in the base unit.
        unit: whether it has a real unit; `decimals` are the digits behind its point, None for a fraction;
            `counter` is its Chinese measure word (6 次), '' without one.
    """

    text: str
    kind: str
    start: int
    end: int
    plain: str = ""
    value: Fraction = Fraction(0)
    scale: Fraction = Fraction(1)
    unit: bool = False
    decimals: int | None = 0
    counter: str = ""

    @property
    def telling(self) -> bool:
        """Whether it can hardly stand in a text by chance."""
        if self.kind == "number":
            return (
                self.unit
                or len(str(abs(self.value.numerator)).rstrip("0")) >= 3
                or bool(self.decimals)
                or self.value.denominator > 1
            )
        return self.kind != "formula" or len(self.plain) >= 4


def flattened(text: str) -> str:
    """A text in the signs that figures are compared in; not of the same length."""
    return unicodedata.normalize("NFKC", text.translate(_SIGNS))


def figures_in(text: str) -> list[Figure]:
    """The figures of a flattened text, none inside another."""
    found: list[Figure] = []
    taken: list[tuple[int, int]] = []
    for figure in (*_marked(text), *_numbers(text)):
        if not any(figure.start < end and start < figure.end for start, end in taken):
            found.append(figure)
            taken.append((figure.start, figure.end))
    return sorted(found, key=lambda f: f.start)


def states(text: str, figure: Figure) -> tuple[int, int] | None:
    """Where a flattened text states a figure: as written or, for numbers, in another unit, as a fraction or rounded."""
    if figure.kind == "sequence":
        joined, places = _joined(text)
        match = re.search(rf"(?<![0-9A-Za-z],)(?<![0-9A-Za-z]){re.escape(figure.plain)}(?!,?[0-9A-Za-z])", joined)
        return (places[match.start()], places[match.end() - 1] + 1) if match else None
    if figure.kind in ("address", "vector", "order", "formula"):
        squeezed, places = _squeezed(text)
        start = "" if figure.plain.startswith("(") else r"(?<![\w.])"
        stop = r"(?![\d.])" if figure.plain[-1:].isdigit() else r"(?![\w.])"
        match = re.search(start + re.escape(figure.plain) + stop, squeezed, re.ASCII)
        return (places[match.start()], places[match.end() - 1] + 1) if match else None
    for other in (*_hexes(text), *_numbers(text)):
        if _equal(figure, other):
            return other.start, other.end
    return None


def _marked(text: str) -> Iterator[Figure]:
    for kind, pattern in (("address", _ADDRESS), ("order", _ORDER), ("vector", _VECTOR), ("sequence", _SEQUENCE)):
        for match in pattern.finditer(text):
            plain = ",".join(re.split(r"\s*(?:,|->|=>)\s*|\s+", match[0])) if kind == "sequence" else _squeezed(match[0])[0]
            yield Figure(match[0], kind, match.start(), match.end(), plain)
    yield from _hexes(text)
    for match in _FORMULA.finditer(text):
        if re.search(r"[=<>≤≥\[(]", match[0]):
            number = re.search(r"=\s*(-?\d+(?:\.\d+)?)\s*(?:[A-Za-zμ]+)?$", match[0])
            if number and (unit := re.search(r"[A-Za-zμ]+$", match[0])) and unit_named(unit[0]):
                continue  # `TD=2 ms` is a number with a unit
            yield Figure(match[0], "formula", match.start(), match.end(), _squeezed(match[0])[0])


def _hexes(text: str) -> Iterator[Figure]:
    for match in _HEX.finditer(text):
        yield Figure(match[0], "hex", match.start(), match.end(), value=Fraction(int(match[1] or match[2], 16)))


def _numbers(text: str) -> Iterator[Figure]:
    for match in _POWER.finditer(text):
        value = Fraction(match[1] or 1) * Fraction(int(match[2])) ** int(match[3])
        yield Figure(match[0], "number", match.start(), match.end(), value=value, decimals=None)
    for match in _NUMBER.finditer(text):
        name = match[3] or ""
        unit = unit_named(name) if name and not _COUNTED.fullmatch(name) or name in ("位", "秒") else None
        scale = unit.value if unit and unit.dimension != NUMBER else Fraction(1, 100) if name == "%" else Fraction(1)
        below = Fraction(match[2]) if match[2] else Fraction(1)
        if not below or (not name and re.match(r"[A-Za-zα-ωτ]", text[match.end() :])):
            continue  # 2τ, 3n
        decimals = None if match[2] else len(match[1].partition(".")[2])
        end = (
            match.end()
            if unit or name == "%" or _COUNTED.fullmatch(name or "x")
            else match.start() + len(match[0].rstrip(name).rstrip())
        )
        yield Figure(
            match[0].strip(), "number", match.start(), end, value=Fraction(match[1]) / below * scale, scale=scale,
            unit=bool(unit and unit.dimension != NUMBER) or name == "%", decimals=decimals,
            counter=name if _COUNTED.fullmatch(name) and not unit else "",
        )  # fmt: skip


def _equal(one: Figure, other: Figure) -> bool:
    """Whether two numbers are the same, the more precise one rounded as the other; a unit that one lacks is looked over."""
    if one.kind == "hex" or other.kind == "hex":
        plain = one.kind == other.kind or one.value >= _READ_AS_DECIMAL
        return one.value == other.value and plain and not (one.unit or other.unit)
    first, second = (one.value, other.value) if one.unit == other.unit else (one.value / one.scale, other.value / other.scale)
    if first == second:
        return True
    steps = [Fraction(f.scale if one.unit == other.unit else 1, 10**f.decimals) for f in (one, other) if f.decimals]
    return bool(steps) and abs(first - second) <= max(steps) / 2 and min(abs(first), abs(second)) >= max(steps) * 30


def _squeezed(text: str) -> tuple[str, list[int]]:
    """A text without blanks and multiplication signs, in lower case, and where its characters stood."""
    kept = [(c, i) for i, c in enumerate(text.replace("==", "= ").lower()) if not c.isspace() and c != "*"]
    return "".join(c for c, _ in kept), [i for _, i in kept]


def _joined(text: str) -> tuple[str, list[int]]:
    """A text whose items are parted by one comma each, and where its characters stood."""
    chars: list[str] = []
    places: list[int] = []
    at = 0
    for match in re.finditer(r"\s*(?:,|->|=>)\s*|\s+", text):
        chars += [*text[at : match.start()], ","]
        places += [*range(at, match.start()), match.start()]
        at = match.end()
    return "".join([*chars, *text[at:]]), [*places, *range(at, len(text))]
