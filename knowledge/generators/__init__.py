"""Question families whose key is computed by code, one topic a file. `families()` finds them all."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from knowledge.generators.family import Family, Solution

__all__ = ["Family", "Solution", "families"]


@cache
def families() -> dict[str, Family]:
    """All families by id: the lists `FAMILIES` of this package's modules.

    Raises:
        ValueError: two families have one id.
    """
    found: dict[str, Family] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        for family in getattr(importlib.import_module(f"{__name__}.{module}"), "FAMILIES", ()):
            if family.id in found:
                raise ValueError(f"two families with the id {family.id}")
            found[family.id] = family
    return found
