"""What EduChat calls a function (`functionUsed`), as a mode of the tutor."""

from __future__ import annotations

from server.faults import ApiError
from tutoring.modes import MODES

__all__ = ["functions", "mode_of_function"]

_EDUCHAT = {
    "qa": ("general", "retrieval", "retrieval qa", "open qa", "default", "开放问答", "检索问答", "通用"),
    "socratic": ("socrates", "socratic teaching", "启发式教学", "苏格拉底"),
    "support": ("psychology", "emotion", "emotional", "emotional support", "心理", "情感"),
    "essay": ("essay correction", "essay assessment", "作文", "批改作文"),
    "chat": ("free", "闲聊"),
}
"""EduChat's names beside the modes' own. Its general skill answers open questions from a retrieved text where there is one: that is 答疑."""


def functions() -> dict[str, str]:
    """Mode by function, in lower case: EduChat's names, the modes' ids and their Chinese names."""
    known = {name: mode for mode, names in _EDUCHAT.items() if mode in MODES for name in names}
    return known | {name: mode.id for mode in MODES.values() for name in (mode.id, mode.name.lower())}


def mode_of_function(name: str | None) -> str | None:
    """The mode of a function; None where none is named.

    Raises:
        ApiError: there is no such function; the message lists them.
    """
    if name is None or not name.strip():
        return None
    plain = " ".join(name.replace("_", " ").replace("-", " ").lower().split())
    known = functions()
    if plain in known:
        return known[plain]
    raise ApiError(400, f"没有“{name[:40]}”这个 functionUsed。可用的有：{'、'.join(known)}。", "invalid_value", "functionUsed")
