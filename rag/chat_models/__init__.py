"""The chat model that the settings name, as a LangChain `BaseChatModel`."""

from __future__ import annotations

from langchain_core.language_models import BaseChatModel

from errors import SettingsError
from settings import Settings

__all__ = ["is_generative", "load_chat_model", "model_label"]


def load_chat_model(settings: Settings) -> BaseChatModel:
    """`extractive`, `openai:NAME` or `local:PATH_OR_ID`, ready to stream.

    Raises:
        SettingsError: `TUTOR_CHAT_MODEL` is none of these, or lacks what it needs.
        ModelLoadError: a local model or its adapter can't be loaded.
    """
    kind, _, name = settings.chat_model.partition(":")
    if settings.chat_model == "extractive":
        from rag.chat_models.extractive import ExtractiveChatModel

        return ExtractiveChatModel()
    if kind == "openai" and name:
        from rag.chat_models.endpoint import EndpointChatModel

        return EndpointChatModel.from_settings(settings, name)
    if kind == "local" and name:
        from rag.chat_models.local import LocalChatModel

        return LocalChatModel.from_settings(settings, name)
    raise SettingsError(
        f"TUTOR_CHAT_MODEL={settings.chat_model} 无法识别。可以是 extractive、openai:模型名（配合 TUTOR_CHAT_BASE_URL）"
        "或 local:模型目录。"
    )


def is_generative(settings: Settings) -> bool:
    """Whether a language model answers, rather than sentences being picked."""
    return settings.chat_model != "extractive"


def model_label(settings: Settings) -> str:
    """What the page says of who answers."""
    if not is_generative(settings):
        return "摘录式（不用语言模型，只引用资料原句）"
    adapter = f" + {settings.chat_adapter.name}" if settings.chat_adapter else ""
    return f"{settings.chat_model}{adapter}"
