"""All prompts as one text, so that a change of a word shows in a diff. Run as: python -m tests.unit.rag.golden_prompts"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from langchain_core.prompts import ChatPromptTemplate

from rag import prompts, prompts_claims, prompts_exam, prompts_judge, prompts_modes

GOLDEN = Path(__file__).with_name("prompts.golden.txt")


def rendered() -> str:
    """Each public name of the prompt modules with its text."""
    return (
        "\n\n".join(
            part for module in (prompts, prompts_modes, prompts_exam, prompts_judge, prompts_claims) for part in _parts(module)
        )
        + "\n"
    )


def _parts(module: ModuleType) -> list[str]:
    return [f"==== {module.__name__}.{name}\n{_text(getattr(module, name))}" for name in sorted(module.__all__)]


def _text(value: object) -> str:
    if isinstance(value, tuple):
        value = dict(enumerate(value))
    if isinstance(value, dict):
        return "\n\n".join(f"[{key}]\n{_text(entry)}" for key, entry in value.items())
    if isinstance(value, ChatPromptTemplate):
        return value.pretty_repr()
    assert isinstance(value, str), "a prompt is text, texts by name, or a template"
    return value


if __name__ == "__main__":
    GOLDEN.write_text(rendered(), encoding="utf-8")
