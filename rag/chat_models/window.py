"""The window of a model: a prompt and its answer must fit into it together."""

from __future__ import annotations

from errors import ContextTooLongError

__all__ = ["room_for_answer"]


def room_for_answer(prompt: int, window: int | None, wanted: int) -> int:
    """How many tokens an answer may have: as many as wanted, as far as the window has room.

    Raises:
        ContextTooLongError: it has none.
    """
    if window is not None and prompt >= window:
        raise ContextTooLongError(
            f"这次对话有 {prompt} 个 token，超过模型的上下文窗口（{window}）。请新开对话、缩短问题或减少引用的资料；"
            "窗口可用 TUTOR_CHAT_WINDOW_TOKENS 设置，但不能超过模型支持的长度。"
        )
    return wanted if window is None else min(wanted, window - prompt)
