"""Arithmetic as students type it, evaluated exactly: numbers in four bases, units, functions; nothing is ever executed.

A recursive descent: sum → product → sign → power → postfix → atom. Every operation is bounded, so that none takes long.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import ceil, comb, factorial, floor

from errors import UsageError
from rag.roots import logarithm, power_of, root
from rag.units import NUMBER, Quantity, unit_named

__all__ = ["MalformedExpressionError", "Parsed", "parse"]

_MOST_BITS = 4096
"""Of a numerator or denominator."""
_MOST_DEPTH = 40
"""Brackets, signs and powers inside one another."""
_MOST_FACTORIAL, _MOST_CHOICE = 300, 2000
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<hex>0[xX][0-9A-Fa-f]+|\d[0-9A-Fa-f]*H(?![A-Za-z])|\d[0-9A-Fa-f]*[A-Fa-f][0-9A-Fa-f]*h(?![A-Za-z]))
    |(?P<bin>0b[01]+(?![0-9A-Za-z]))
    |(?P<oct>0[oO][0-7]+)
    |(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,4}(?![0-9A-Za-z]))?)
    |(?P<function>log2|log10|ln|lg|sqrt|√|(?:ceil|floor|abs|min|max|C)(?=\s*\())
    |(?P<operator>\*\*|//|[-+*/%^()!,⌈⌉⌊⌋]|mod(?![A-Za-z]))
    |(?P<unit>[A-Za-zμ]+/(?:ns|us|μs|ms|sec|s|min|h)(?![A-Za-z])|[A-Za-zμ]+|(?:千米|公里|厘米|毫米|米|字节|比特|位)(?:/秒)?|纳秒|微秒|毫秒|秒|分钟|小时)
    )""",
    re.VERBOSE,
)
_CLOSERS = {"(": ")", "⌈": "⌉", "⌊": "⌋"}
_RELATIONS: dict[str, Callable[..., Fraction]] = {"min": min, "max": max}


class MalformedExpressionError(UsageError):
    """What was given is no expression at all."""


class Parsed:
    """An expression while it is read; `quantity` is its value, `operations` how much there was to calculate.

    Raises:
        MalformedExpressionError: it can't be read.
        UsageError: it can be read but not calculated.
    """

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._depth = 0
        self.operations = 0
        if not self._tokens:
            raise MalformedExpressionError("算式是空的。请输入要计算的式子，例如 2^13 * 4 KB。")
        self.quantity = self._sum()
        if self._at < len(self._tokens):
            raise self._unexpected()

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _kind(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _unexpected(self) -> MalformedExpressionError:
        found = f"“{self._peek()}”处看不懂" if self._peek() else "末尾不完整"
        return MalformedExpressionError(f"算式在{found}。请检查括号与运算符，例如 (3 + 5) * 2 KB。")

    def _sum(self) -> Quantity:
        left = self._product()
        while self._peek() in ("+", "-"):
            sign = 1 if self._take() == "+" else -1
            left = self._combined(left, self._product(), lambda a, b, sign=sign: a + sign * b, "相加减")
        return left

    def _product(self) -> Quantity:
        left = self._signed()
        while self._peek() in ("*", "/", "//", "mod", "(") or (self._peek() == "%" and self._starts_operand(self._at + 1)):
            operator = "*" if self._peek() == "(" else self._take()
            left = self._multiplied(operator, left, self._signed())
        return left

    def _multiplied(self, operator: str, left: Quantity, right: Quantity) -> Quantity:
        if operator != "*" and not right.value:
            raise UsageError("除数是 0，无法计算。请检查算式。")
        if operator == "//":
            return replace(self._combined(left, right, lambda a, b: Fraction(a // b), "整除"), dimension=NUMBER)
        if operator in ("%", "mod"):
            return self._combined(left, right, lambda a, b: a % b, "求余")
        side = 1 if operator == "*" else -1
        b, s, m = (x + side * y for x, y in zip(left.dimension, right.dimension, strict=True))
        value = left.value * right.value if side == 1 else left.value / right.value
        return self._made(value, left, right, (b, s, m))

    def _signed(self) -> Quantity:
        if self._peek() in ("+", "-"):
            minus = self._take() == "-"
            quantity = self._deeper(self._signed)
            return replace(quantity, value=-quantity.value) if minus else quantity
        quantity = self._power()
        while self._kind() == "unit":
            quantity = self._with_unit(quantity, self._take())
        return quantity

    def _power(self) -> Quantity:
        base = self._postfix()
        if self._peek() not in ("^", "**"):
            return base
        self._take()
        exponent = self._deeper(self._exponent)
        if exponent.dimension != NUMBER or base.dimension != NUMBER:
            raise UsageError("乘方的底数和指数都不能带单位。请把单位写在乘方外面，例如 2^10 * 1 B。")
        value, exact = power_of(base.value, exponent.value, _MOST_BITS)
        return self._made(value, replace(base, exact=base.exact and exact), exponent, NUMBER)

    def _exponent(self) -> Quantity:
        """With its signs, without the unit: `2^32 B` are bytes."""
        minus = False
        while self._peek() in ("+", "-"):
            minus ^= self._take() == "-"
        quantity = self._power()
        return replace(quantity, value=-quantity.value) if minus else quantity

    def _postfix(self) -> Quantity:
        quantity = self._atom()
        while True:
            if self._peek() == "!":
                self._take()
                n = _whole(quantity, _MOST_FACTORIAL, "阶乘")
                quantity = self._made(Fraction(factorial(n)), quantity, quantity, NUMBER)
            elif self._peek() == "%" and not self._starts_operand(self._at + 1):
                self._take()
                quantity = replace(quantity, value=self._bounded(quantity.value / 100))
            else:
                return quantity

    def _with_unit(self, quantity: Quantity, name: str) -> Quantity:
        unit = unit_named(name)
        if unit is None:
            raise MalformedExpressionError(
                f"不认识单位“{name}”。可用的单位：b B（前面可加 K M G T P）、b/s、Hz、ns μs ms s、m km、m/s。"
            )
        if quantity.dimension != NUMBER:
            raise MalformedExpressionError(f"单位“{name}”前面应是一个数。请在两个量之间写运算符。")
        self.operations -= 1  # a unit alone is nothing to calculate
        return self._made(quantity.value * unit.value, quantity, unit, unit.dimension)

    def _atom(self) -> Quantity:
        kind = self._kind()
        if kind == "number":
            return Quantity(self._bounded(Fraction(self._take())))
        if kind in ("hex", "bin", "oct"):
            return Quantity(self._bounded(Fraction(_based(kind, self._take()))))
        if kind == "function":
            return self._call(self._take())
        if self._peek() in _CLOSERS:
            opener = self._take()
            inner = self._deeper(self._sum)
            if self._peek() != _CLOSERS[opener]:
                raise self._unexpected()
            self._take()
            return inner if opener == "(" else self._rounded(inner, ceil if opener == "⌈" else floor)
        raise self._unexpected()

    def _call(self, name: str) -> Quantity:
        if self._peek() != "(":
            return self._applied(name, [self._deeper(self._power)])
        self._take()
        arguments = [self._deeper(self._sum)]
        while self._peek() == ",":
            self._take()
            arguments.append(self._deeper(self._sum))
        if self._peek() != ")":
            raise self._unexpected()
        self._take()
        return self._applied(name, arguments)

    def _applied(self, name: str, arguments: list[Quantity]) -> Quantity:
        first = arguments[0]
        if name in _RELATIONS:
            for other in arguments[1:]:
                first = self._combined(first, other, _RELATIONS[name], "比较")
            return first
        if len(arguments) != (2 if name == "C" else 1):
            raise MalformedExpressionError(f"{name} 的参数个数不对。C(n, k) 有两个参数，其他函数有一个。")
        if name == "abs":
            return self._made(abs(first.value), first, first, first.dimension)
        if name in ("ceil", "floor"):
            return self._rounded(first, ceil if name == "ceil" else floor)
        if name == "C":
            n, k = (_whole(a, _MOST_CHOICE, "组合数") for a in arguments)
            return self._made(Fraction(comb(n, k)), first, arguments[1], NUMBER)
        if first.dimension != NUMBER:
            raise UsageError(f"{name} 里不能有单位。请先除以一个同类的量。")
        value, exact = root(first.value) if name in ("sqrt", "√") else logarithm(name, first.value)
        return self._made(value, replace(first, exact=first.exact and exact), first, NUMBER)

    def _rounded(self, quantity: Quantity, function: Callable[[Fraction], int]) -> Quantity:
        if quantity.dimension != NUMBER:
            raise UsageError("取整的式子要没有单位。请先除以一个同类的量，例如 ⌈10 KB / 4 KB⌉。")
        return replace(self._made(Fraction(function(quantity.value)), quantity, quantity, NUMBER), exact=True)

    def _combined(self, left: Quantity, right: Quantity, function: Callable[..., Fraction], what: str) -> Quantity:
        if left.dimension != right.dimension:
            raise UsageError(f"单位不同的量不能{what}。请先换算成同一类单位。")
        return self._made(function(left.value, right.value), left, right, left.dimension)

    def _made(self, value: Fraction, left: Quantity, right: Quantity, dimension: tuple[int, int, int]) -> Quantity:
        self.operations += 1
        exact, in_bytes = left.exact and right.exact, left.in_bytes or right.in_bytes
        return Quantity(self._bounded(value), dimension, exact, in_bytes, left.conventions | right.conventions)

    @staticmethod
    def _bounded(value: Fraction) -> Fraction:
        if max(value.numerator.bit_length(), value.denominator.bit_length()) > _MOST_BITS:
            raise UsageError("数太大或位数太多，超出了计算器的范围（约 1200 位）。请把算式化简。")
        return value

    def _deeper(self, rule: Callable[[], Quantity]) -> Quantity:
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise UsageError(f"括号或乘方嵌套超过 {_MOST_DEPTH} 层。请把算式拆开。")
        quantity = rule()
        self._depth -= 1
        return quantity

    def _starts_operand(self, at: int) -> bool:
        if at >= len(self._tokens):
            return False
        kind, token = self._tokens[at]
        return kind in ("number", "hex", "bin", "oct", "function") or token in _CLOSERS


def parse(text: str) -> Parsed:
    """The value of a normalized expression (rag/calculator.py normalizes)."""
    return Parsed(text)


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if not match or match.lastgroup is None:
            raise MalformedExpressionError(f"算式里有看不懂的内容“{text[at:].strip()[:10]}”。请只写数、单位、运算符和括号。")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def _based(kind: str, token: str) -> int:
    if kind == "hex":
        return int(token[2:] if token[:2] in ("0x", "0X") else token[:-1], 16)
    return int(token[2:], 2 if kind == "bin" else 8)


def _whole(quantity: Quantity, most: int, what: str) -> int:
    if quantity.dimension != NUMBER or quantity.value.denominator != 1 or not 0 <= quantity.value <= most:
        raise UsageError(f"{what}只用于 0 到 {most} 的整数。请检查算式。")
    return quantity.value.numerator
