"""The calculator: a typed calculation evaluated, and told apart from an ordinary question.

Sizes and rates follow paper 408 (rag/units.py); a chat model uses it through rag/calculations.py.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from errors import UsageError
from rag.expressions import MalformedExpressionError, Parsed, parse
from rag.units import NUMBER, Quantity, conversion, unit_named, written

__all__ = ["Calculated", "evaluate", "expression_in"]

_MOST_CHARS = 200
_SIGNS = str.maketrans({
    "×": "*", "·": "*", "∗": "*", "✕": "*", "÷": "/", "∕": "/", "−": "-", "–": "-", "—": "-", "µ": "μ", "。": " ", "？": " ",
    **{superscript: f"^{n}" for n, superscript in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    **{subscript: f"{n}" for n, subscript in enumerate("₀₁₂₃₄₅₆₇₈₉")},
})  # fmt: skip
_SUPERSCRIPTS = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]{2,}")
_BASES = {
    "二进制": 2, "2进制": 2, "binary": 2, "bin": 2, "八进制": 8, "8进制": 8, "octal": 8, "oct": 8, "十进制": 10, "10进制": 10,
    "decimal": 10, "dec": 10, "十六进制": 16, "16进制": 16, "hexadecimal": 16, "hex": 16,
}  # fmt: skip
_BASE_NAMES = "|".join(sorted(_BASES, key=len, reverse=True))
_CONVERTED = re.compile(
    r"^(?P<what>.+?)(?P<verb>\s+(?:to|in)\s+|\s*(?:转换?|换算?|化|变)(?:成|为|到)?\s*|\s*(?:等于|是|合|=)\s*多少\s*(?:个)?\s*|\s*用\s*|\s*的\s*)"
    rf"(?P<target>{_BASE_NAMES}|[A-Za-zμ]+(?:/[A-Za-zμ]+)?|字节|比特|位|纳秒|微秒|毫秒|秒|分钟|小时|千米|公里|米)数?(?P<tail>表示|是多少|是几|多少)?$",
    re.IGNORECASE,
)
_IN_BASE = re.compile(rf"^(?P<base>{_BASE_NAMES})(?:数|的)?\s*(?P<digits>[0-9A-Fa-f]+)(?![0-9A-Za-z])", re.IGNORECASE)
_DIGITS = "0123456789ABCDEF"
_POLITE = re.compile(
    r"^(?:请|麻烦|帮我|帮忙|你|能|给我|老师[，,]?)*(?:计算|算算|算|求|求值|what\s+is\b|口算|calc(?:ulate)?\b|compute\b)?(?:一下|下|出)?[：:\s]*",
    re.IGNORECASE,
)
_ASKED = re.compile(r"\s*(?:(?:的(?:值|结果))?\s*(?:等于|是|=+|得|为)?\s*(?:多少|几|什么)?)?[?？=。\s]*$")

_DATE = re.compile(r"\d+(?:[-–]\d+){2,}|\d{4}[-–]\d{1,4}|\d{3,4}[-–]\d{7,8}")
"""Dates, years, telephone numbers."""


@dataclass(frozen=True)
class Calculated:
    """An expression and its value, both as text; `note` says how prefixes were read where that can be doubted."""

    expression: str
    value_text: str
    note: str = ""

    def __str__(self) -> str:
        gap = "" if self.value_text.startswith("≈") else "= "
        return f"{self.expression} {gap}{self.value_text}"


def evaluate(expression: str) -> Calculated:
    """The value of an expression: + − × ÷ ^ // mod %, brackets, ⌈⌉ ⌊⌋, roots, logarithms, !, C(n, k), units, bases.

    `255 转二进制` and `10 MB to KB` are expressions too.

    Raises:
        UsageError: it can't be read or calculated; the message says why.
    """
    if len(expression) > _MOST_CHARS:
        raise UsageError(f"算式有 {len(expression)} 个字符，超过上限 {_MOST_CHARS} 个。请拆成几步。")
    text = _normalized(expression)
    parsed, target = _read(text)
    value = _in_target(parsed.quantity, target) if target else written(parsed.quantity)
    mixed = {1000, 1024} <= parsed.quantity.conventions
    return Calculated(" ".join(expression.split()), value, "容量的 K、M、G 按 1024 计，速率与频率的按 1000 计。" if mixed else "")


def expression_in(question: str) -> str | None:
    """The expression, if a question is nothing but a calculation (`2^13*4KB 等于多少`, `计算 ⌈log2(100)⌉`); else None."""
    if len(question) > _MOST_CHARS or not any(c.isdigit() for c in question):
        return None
    plain = question.strip()
    bare = _POLITE.sub("", plain)
    for candidate in dict.fromkeys((_ASKED.sub("", bare), bare, _ASKED.sub("", plain), plain)):
        if candidate and not _DATE.fullmatch(candidate) and _is_calculation(candidate):
            return candidate
    return None


def _is_calculation(text: str) -> bool:
    """Whether it can be read and there is something to calculate; one that can only not be calculated (1/0) is one."""
    try:
        parsed, target = _read(_normalized(text))
    except MalformedExpressionError:
        return False
    except UsageError:
        return True
    return parsed.operations > 0 or bool(target)


def _normalized(text: str) -> str:
    text = _SUPERSCRIPTS.sub(lambda m: "^" + unicodedata.normalize("NFKC", m[0]), text)
    text = re.sub(r"(log)([₂2]|10|₁₀)(?=\d)", r"\1\2 ", text)
    return unicodedata.normalize("NFKC", text.translate(_SIGNS)).strip().rstrip("=?").strip()


def _read(text: str) -> tuple[Parsed, str]:
    """The expression that a text begins with, and the base or unit that its value is wanted in, '' for none."""
    match = _CONVERTED.match(text)
    if match and (match["target"].lower() in _BASES or unit_named(match["target"])):
        return parse(_decimal_digits(match["what"])), match["target"]
    return parse(_decimal_digits(text)), ""


def _decimal_digits(text: str) -> str:
    """`二进制 1010` as the literal that the parser reads."""
    match = _IN_BASE.match(text)
    if not match:
        return text
    base = _BASES[match["base"].lower()]
    try:
        return f"{int(match['digits'], base)}{text[match.end() :]}"
    except ValueError as error:
        raise UsageError(f"“{match['digits']}”不是{match['base']}数。请检查各位数字。") from error


def _in_target(quantity: Quantity, target: str) -> str:
    if base := _BASES.get(target.lower()):
        if quantity.dimension != NUMBER or quantity.value.denominator != 1:
            raise UsageError("进制转换只用于没有单位的整数。请检查算式。")
        return _in_base(quantity.value.numerator, base)
    if (text := conversion(quantity, target)) is None:
        raise UsageError(f"不能换算成“{target}”：不是同一类量，或没有这个单位。")
    return text


def _in_base(number: int, base: int) -> str:
    digits, rest = "", abs(number)
    while rest:
        rest, digit = divmod(rest, base)
        digits = _DIGITS[digit] + digits
    prefix = {2: "0b", 8: "0o", 10: "", 16: "0x"}[base]
    return f"{'-' if number < 0 else ''}{prefix}{digits or '0'}"
