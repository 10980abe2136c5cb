"""The styles and lists of a Word document: raised and lowered text, and the numbers that Word displays before paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

__all__ = ["Lists", "Styles"]

_LONGEST_CHAIN, _LONGEST_PATTERN, _DEEPEST_LEVEL = 20, 40, 8
"""Styles based on each other; characters of a label; Word's lists have nine levels."""
_CHINESE = {ord(d): c for d, c in zip("0123456789", "〇一二三四五六七八九", strict=True)}
_COUNTING = frozenset({"chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCountingThousand"})
_RANGES = {
    "decimalEnclosedCircle": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
    "decimalEnclosedCircleChinese": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
    "decimalEnclosedParen": "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇",
    "decimalEnclosedFullstop": "⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛",
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸",
    "ideographZodiac": "子丑寅卯辰巳午未申酉戌亥",
}
_ROMAN = (
    ("", "M", "MM", "MMM"),
    ("", "C", "CC", "CCC", "CD", "D", "DC", "DCC", "DCCC", "CM"),
    ("", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX", "XC"),
    ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"),
)


class Styles:
    """The styles of a document, each with those it is based on."""

    def __init__(self, root: ET.Element) -> None:
        self._styles = {s.get("styleId", ""): s for s in root.findall("style")}
        defaults = (k for k, s in self._styles.items() if s.get("type") == "paragraph" and s.get("default") in ("1", "true"))
        self._default = next(defaults, "")

    def holders(self, element: ET.Element) -> Iterator[tuple[str, ET.Element]]:
        """What formats a paragraph or run, the nearest first: ('', itself), then its styles with their ids."""
        yield "", element
        run = element.tag == "r"
        reference = element.find("rPr/rStyle" if run else "pPr/pStyle")
        name = ("" if run else self._default) if reference is None else reference.get("val", "")
        for _ in range(_LONGEST_CHAIN):
            style = self._styles.get(name)
            if style is None:
                return
            yield name, style
            base = style.find("basedOn")
            name = "" if base is None else base.get("val", "")

    def mark(self, run: ET.Element) -> str:
        """`^` for raised text, `_` for lowered."""
        found = (holder.find("rPr/vertAlign") for _, holder in self.holders(run))
        nearest = next((f.get("val", "") for f in found if f is not None), "")
        return {"superscript": "^", "subscript": "_"}.get(nearest, "")

    def numbering(self, style: str) -> ET.Element | None:
        """The `numId` of a numbering style."""
        found = self._styles.get(style)
        return None if found is None else found.find("pPr/numPr/numId")


@dataclass(frozen=True)
class _Level:
    """How a level of a list is shown: `pattern` such as `%1.%2`; `restart` counts from 1, 0 means never."""

    form: str
    pattern: str
    start: int
    restart: int
    legal: bool

    @classmethod
    def of(cls, element: ET.Element) -> _Level:
        forms = [f.get("val", "") for f in element.iter("numFmt")]  # of alternatives the last is the one for older programs
        pattern = element.find("lvlText")
        return cls(
            forms[-1] if forms else "decimal",
            "" if pattern is None else pattern.get("val", "")[:_LONGEST_PATTERN],
            _number(element.find("start"), 1),
            _number(element.find("lvlRestart"), _DEEPEST_LEVEL),
            element.find("isLgl") is not None,
        )


class Lists:
    """Counts the lists of a document as Word does: lists that share an abstract definition count on, unless one starts anew."""

    def __init__(self, root: ET.Element, styles: Styles) -> None:
        self._styles = styles
        self._levels: dict[tuple[int, int], _Level] = {}  # by abstract definition
        self._own: dict[tuple[int, int], _Level] = {}  # by list, where it overrides that
        self._starts: dict[int, dict[int, int]] = {}
        self._linked: dict[tuple[int, str], int] = {}
        self._counts: dict[int, dict[int, int]] = {}
        self._begun: set[int] = set()
        abstract = {_number(a, name="abstractNumId"): a for a in root.findall("abstractNum")}
        for key, element in abstract.items():
            for level in element.findall("lvl"):
                self._levels[key, _number(level, name="ilvl")] = _Level.of(level)
                if (style := level.find("pStyle")) is not None:
                    self._linked[key, style.get("val", "")] = _number(level, name="ilvl")
        lists = {_number(n, name="numId"): n for n in root.findall("num")}
        self._base = {key: _number(n.find("abstractNumId")) for key, n in lists.items()}
        for key, element in lists.items():
            self._override(key, element)
        linked = {key: a.find("numStyleLink") for key, a in abstract.items()}
        meant = {key: styles.numbering(link.get("val", "")) for key, link in linked.items() if link is not None}
        direct = self._base
        self._base = {key: direct.get(_number(meant.get(base), -1), base) for key, base in direct.items()}

    def _override(self, key: int, element: ET.Element) -> None:
        starts = self._starts[key] = {}
        for override in element.findall("lvlOverride"):
            level = _number(override, name="ilvl")
            if (own := override.find("lvl")) is not None:
                self._own[key, level] = _Level.of(own)
            if (start := override.find("startOverride")) is not None:
                starts[level] = _number(start)

    def label(self, paragraph: ET.Element) -> str:
        """The label that Word shows before a paragraph, with a space; '' without one."""
        key, level = self._place(paragraph)
        if key not in self._base:
            return ""
        counts = self._counts.setdefault(self._base[key], {})
        if key not in self._begun:
            self._begun.add(key)
            for begun in self._starts[key].keys() & counts.keys():
                del counts[begun]
        for deeper in [d for d in counts if level < d and level < self._level(key, d).restart]:
            del counts[deeper]
        counts[level] = counts[level] + 1 if level in counts else self._start(key, level)
        return self._written(key, level, counts)

    def _place(self, paragraph: ET.Element) -> tuple[int, int]:
        """(list, level) of a paragraph, its own or its style's; list 0 is none."""
        level = None
        for style, holder in self._styles.holders(paragraph):
            if level is None and (own := holder.find("pPr/numPr/ilvl")) is not None:
                level = _number(own)
            if (number := holder.find("pPr/numPr/numId")) is not None:
                key = _number(number)
                if level is None:
                    level = self._linked.get((self._base.get(key, 0), style), 0)
                return key, min(max(level, 0), _DEEPEST_LEVEL)
        return 0, 0

    def _level(self, key: int, level: int) -> _Level:
        return self._own.get((key, level)) or self._levels.get((self._base[key], level)) or _Level("none", "", 1, 0, False)

    def _start(self, key: int, level: int) -> int:
        return self._starts[key].get(level, self._level(key, level).start)

    def _written(self, key: int, level: int, counts: Mapping[int, int]) -> str:
        shown = self._level(key, level)
        if shown.form in ("none", "bullet"):
            return ""

        def value(match: re.Match[str]) -> str:
            other = int(match[1]) - 1
            form = "decimal" if shown.legal else self._level(key, other).form
            return _numeral(form, counts.get(other, self._start(key, other)))

        label = re.sub("%([1-9])", value, shown.pattern)
        return f"{label} " if label.strip() else ""


def _number(element: ET.Element | None, default: int | None = None, name: str = "val") -> int:
    """An attribute as a number of 32 bits; the default where there is no such element."""
    if element is None and default is not None:
        return default
    value = int("" if element is None else element.attrib[name])
    if abs(value) > 0x7FFFFFFF:
        raise ValueError("number out of range")
    return value


def _numeral(form: str, value: int) -> str:
    """A value in a format of Word's; as 1, 2, 3 where the format is unknown or can't write it."""
    digits = str(value)
    if form in ("none", "bullet"):
        return ""
    if form == "decimalZero":
        return digits.zfill(2)
    if form.startswith("decimalFullWidth"):
        return digits.translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789"})
    if form in ("ideographDigital", "japaneseDigitalTenThousand"):
        return digits.translate(_CHINESE)
    if form in _RANGES and 0 < value <= len(_RANGES[form]):
        return _RANGES[form][value - 1]
    if form in ("upperLetter", "lowerLetter") and 0 < value <= 26 * 30:  # AA, BB, CC follow Z
        return chr(ord("A" if form == "upperLetter" else "a") + (value - 1) % 26) * ((value + 25) // 26)
    if form in ("upperRoman", "lowerRoman") and 0 < value < 4000:
        roman = "".join(_ROMAN[place][int(d)] for place, d in enumerate(f"{value:04}"))
        return roman if form == "upperRoman" else roman.lower()
    if form in _COUNTING and 0 < value < 10_000:
        return _counted(value)
    return digits


def _counted(value: int) -> str:
    """10 is 十, 21 二十一, 105 一百零五."""
    units = zip(f"{value:04}", ("千", "百", "十", ""), strict=True)
    text = re.sub("零+", "零", "".join("零" if d == "0" else d.translate(_CHINESE) + unit for d, unit in units)).strip("零")
    return text.removeprefix("一") if 10 <= value < 20 else text
