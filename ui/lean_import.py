"""Gradio without the type stubs that it writes for itself at every import.

For each of its 80 components Gradio parses its own source, renders a `.pyi` and compares it with the one beside it: half the time of
`import gradio` (2 s), for files that only an editor reads, inside the installed package, which several processes may share.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

__all__ = ["import_without_stubs"]

_MODULE, _WRITER = "gradio.component_meta", "create_or_modify_pyi"


def import_without_stubs() -> None:
    """Let Gradio leave its stubs alone when it is imported; nothing happens where it is imported already, or has no such function."""
    if _MODULE not in sys.modules and not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    """Finds the one module as it would be found anyway, and puts nothing in the place of the function once it has run."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != _MODULE or (spec := PathFinder.find_spec(name, path)) is None or spec.loader is None:
            return None
        loader: Any = spec.loader
        run = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            if hasattr(module, _WRITER):
                setattr(module, _WRITER, _leave)

        loader.exec_module = exec_module
        return spec


def _leave(*_: object) -> None:
    """In the place of what writes a stub."""
