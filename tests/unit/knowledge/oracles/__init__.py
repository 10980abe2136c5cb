"""Second, independent methods for the question families: a dict `ORACLES` of family id → (problem → answer) a module."""

import importlib
import pkgutil


def oracles() -> dict:
    """All oracles by family id."""
    found: dict = {}
    for info in pkgutil.iter_modules(__path__):
        found |= getattr(importlib.import_module(f"{__name__}.{info.name}"), "ORACLES", {})
    return found
