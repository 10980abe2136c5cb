"""What the answers of several chapters compute with."""


def signed(value: int, bits: int = 8) -> int:
    """Two's complement value of the low bits of value."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def fits(value: int, bits: int = 8) -> bool:
    """Whether value is representable in two's complement of that width."""
    return -(1 << (bits - 1)) <= value < 1 << (bits - 1)


def only(truth: dict[str, bool]) -> str:
    """The one statement whose truth value is True."""
    (text,) = [text for text, holds in truth.items() if holds]
    return text


def flags_of(left: int, right: int, subtract: bool = False, bits: int = 8) -> dict[str, int]:
    """Result and flags of an n-bit adder/subtractor; CF of a subtraction is the borrow."""
    mask = (1 << bits) - 1
    raw = left + ((right ^ mask) + 1 if subtract else right)
    exact = signed(left, bits) + (-1 if subtract else 1) * signed(right, bits)
    carry = left < right if subtract else raw > mask
    result = raw & mask
    sign = result >> (bits - 1)
    return {"R": result, "CF": int(carry), "SF": sign, "OF": int(not fits(exact, bits)), "ZF": int(result == 0)}
