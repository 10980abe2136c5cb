"""What the answers of several chapters compute with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence


def only(truth: Mapping[str, bool]) -> str:
    """Return the one option whose statement holds; anything but exactly one is an error."""
    holding = [text for text, holds in truth.items() if holds]
    if len(holding) != 1:
        raise ValueError(f"not exactly one true option: {holding}")
    return holding[0]


def growth(cost: Callable[[int], int], sizes: Sequence[int], orders: Mapping[str, Callable[[float], float]]) -> str:
    """Return the order whose ratio to the measured cost changes least over the sizes."""

    def spread(order: Callable[[float], float]) -> float:
        ratios = [cost(n) / order(float(n)) for n in sizes]
        return max(ratios) / min(ratios)

    return min(orders, key=lambda name: spread(orders[name]))


def spaced(text: str) -> str:
    return " ".join(text)


def listed(items: Iterable[object]) -> str:
    return "、".join(str(item) for item in items)
