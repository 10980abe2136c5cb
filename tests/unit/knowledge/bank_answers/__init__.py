"""Second solutions of the bank's computational questions: a dict `ANSWERS` of question id → () → text of the right option a module.

They were written from stems and options alone, without sight of the keys.
"""

import importlib
import pkgutil
from collections.abc import Callable


def bank_answers() -> dict[str, Callable[[], str]]:
    """All of them by question id."""
    found: dict[str, Callable[[], str]] = {}
    for info in pkgutil.iter_modules(__path__):
        found |= getattr(importlib.import_module(f"{__name__}.{info.name}"), "ANSWERS", {})
    return found
