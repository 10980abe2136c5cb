"""The chat model that the settings name, as a LangChain `BaseChatModel`.

Each has `window` (most tokens of prompt and answer together; None for no limit) and `name_told` (what the page says),
counts tokens, and ends its stream with the tokens used and the reason why it ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from errors import SettingsError
from rag.chat_models.label import is_generative, model_label
from settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

__all__ = ["is_generative", "load_chat_model", "model_label"]


def load_chat_model(settings: Settings, needs_template: bool = True) -> BaseChatModel:
    """`extractive`, `openai:NAME`, `local:PATH_OR_ID` or `lmdeploy:PATH`, ready to stream.

    Args:
        needs_template: False where a local model is only to weigh letters behind plain text, which a base model can, too.

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

        return LocalChatModel.from_settings(settings, name, needs_template)
    if kind == "lmdeploy" and name:
        from rag.chat_models.lmdeploy import LmdeployChatModel

        return LmdeployChatModel.from_settings(settings, name)
    raise SettingsError(
        f"TUTOR_CHAT_MODEL={settings.chat_model} 无法识别。可以是 extractive（摘录原句，不用模型）、openai:模型名（配合"
        " TUTOR_CHAT_BASE_URL）、local:模型目录（在本机运行）或 lmdeploy:模型目录（在装有 lmdeploy 的服务环境里运行）。"
    )
