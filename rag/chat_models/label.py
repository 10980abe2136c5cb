"""What is said of who answers."""

from __future__ import annotations

from settings import Settings

__all__ = ["EXTRACTIVE", "is_generative", "model_label"]

EXTRACTIVE = "摘录式（不用语言模型，只引用资料原句）"


def is_generative(settings: Settings) -> bool:
    """Whether a language model answers, rather than sentences being picked."""
    return settings.chat_model != "extractive"


def model_label(settings: Settings) -> str:
    """What the page says of who answers: back end, model, adapter and quantization; of a folder its name alone."""
    if not is_generative(settings):
        return EXTRACTIVE
    kind, _, name = settings.chat_model.partition(":")
    if kind == "openai":
        return settings.chat_model
    adapter = f" + {settings.chat_adapter.name}" if settings.chat_adapter else ""
    quantized = kind == "local" and settings.chat_quantization != "none"
    return f"{kind}:{_short(name)}{adapter}" + (f"（{settings.chat_quantization} 量化）" if quantized else "")


def _short(name: str) -> str:
    """The last part of a path, the whole of a name such as Qwen/Qwen3-8B."""
    parts = name.replace("\\", "/").rstrip("/").split("/")
    return name if len(parts) <= 2 and not name.startswith((".", "/", "~")) else parts[-1]
