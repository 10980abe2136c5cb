"""What the answers of several chapters compute with."""

from collections.abc import Iterable


def only_true(statements: dict[str, bool]) -> str:
    """The text of the one true statement."""
    true = [text for text, holds in statements.items() if holds]
    if len(true) != 1:
        raise ValueError(f"expected one true statement, got {true}")
    return true[0]


def roman(first: bool, second: bool, third: bool) -> str:
    """The option that names the true ones among statements Ⅰ, Ⅱ and Ⅲ."""
    names = [name for name, holds in zip("ⅠⅡⅢ", (first, second, third), strict=True) if holds]
    return "Ⅰ、Ⅱ和Ⅲ" if len(names) == 3 else "仅" + "、".join(names)


def commas(items: Iterable[object]) -> str:
    return "，".join(map(str, items))


def dots(items: Iterable[object]) -> str:
    return "、".join(map(str, items))
