"""Which models are judged and which one judges, from what the command was told; a judge never judges itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from errors import UsageError
from eval.identity import same_model
from settings import Settings

__all__ = ["System", "check_apart", "judge_of", "systems_of"]

_NAME = re.compile(r"[^\s:=|/\\@][^\s:=|/\\]{0,39}")
_AT_ADDRESS = re.compile(r"(?P<name>.+?)@(?P<url>https?://.+)", re.IGNORECASE)
_Bound = tuple[str | None, SecretStr | None]
"""An address and the key that belongs to it."""
_FORMS = "extractive、openai:模型名@http://地址/v1、local:模型目录、local:模型目录+适配器目录、lmdeploy:模型目录"


@dataclass(frozen=True)
class System:
    """A model under the name that the table gives it."""

    name: str
    settings: Settings


def systems_of(told: Sequence[str], settings: Settings) -> list[System]:
    """The systems of `--system NAME=SETTING ...`; the one of the environment where none is told.

    Raises:
        UsageError: one can't be understood, or two have one name.
    """
    if not told:
        return [System(_label(settings), _checked(settings, "TUTOR_CHAT_MODEL"))]
    systems = [_system(one, settings) for one in told]
    names = [system.name for system in systems]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(f"有两个系统都叫“{twice[0]}”。请用 --system 名字=模型 给它们起不同的名字。")
    return systems


def judge_of(told: str | None, settings: Settings) -> System:
    """The judge of `--judge`, else of `TUTOR_JUDGE_MODEL`.

    Raises:
        UsageError: there is none, it can't be understood, or it is no language model.
    """
    setting = told or settings.judge_model
    if not setting:
        raise UsageError("没有评委模型。请用 --judge 指定，例如 --judge openai:模型名@http://地址/v1，或设置 TUTOR_JUDGE_MODEL。")
    if setting.strip() == "extractive":
        raise UsageError(
            "extractive 只会摘录资料的原句，不能当评委模型。请给 --judge 指定一个语言模型（openai:、local: 或 lmdeploy:）。"
        )
    own = settings.model_copy(update={"chat_base_url": settings.judge_base_url or settings.chat_base_url})
    chosen = _chosen(setting, own, f"--judge {setting}")
    keys = (settings.judge_base_url, settings.judge_api_key), (settings.chat_base_url, settings.chat_api_key)
    chosen = chosen.model_copy(update={"chat_api_key": _key(chosen.chat_base_url, *keys)})
    return System(_label(chosen), chosen)


def check_apart(systems: Sequence[System], judge: System) -> None:
    """Make sure that the judge is none of the judged.

    Raises:
        UsageError: it is.
    """
    for system in systems:
        if same_model(system.settings, judge.settings):
            raise UsageError(
                f"评委模型（{judge.name}）就是被评的系统“{system.name}”：模型会偏向自己的回答，这样的分数不可信。"
                "请用 --judge 换一个评委模型，最好是更强、且不同系列的。"
            )


def _system(told: str, settings: Settings) -> System:
    name, equals, setting = told.partition("=")
    if not equals or not _NAME.fullmatch(name):
        name, setting = "", told
    chosen = _chosen(setting.strip(), settings, f"--system {told}")
    keys = (settings.chat_base_url, settings.chat_api_key), (settings.judge_base_url, settings.judge_api_key)
    chosen = chosen.model_copy(update={"chat_api_key": _key(chosen.chat_base_url, *keys)})
    return System(name or _label(chosen), chosen)


def _chosen(setting: str, settings: Settings, place: str) -> Settings:
    """The settings with another chat model; an adapter only where it is told."""
    kind, _, name = setting.partition(":")
    update: dict[str, Any] = {"chat_model": setting, "chat_adapter": None}
    if kind == "openai" and (found := _AT_ADDRESS.fullmatch(name)):
        update |= {"chat_model": f"openai:{found['name']}", "chat_base_url": found["url"]}
    elif kind in ("local", "lmdeploy") and "+" in name and not Path(name).expanduser().exists():
        base, _, adapter = name.rpartition("+")
        update |= {"chat_model": f"{kind}:{base}", "chat_adapter": Path(adapter).expanduser()}
    return _checked(settings.model_copy(update=update), place)


def _checked(settings: Settings, place: str) -> Settings:
    kind, _, name = settings.chat_model.partition(":")
    if settings.chat_model != "extractive" and not (kind in ("openai", "local", "lmdeploy") and name.strip()):
        raise UsageError(f"{place} 里的“{settings.chat_model}”无法识别。可以写：{_FORMS}。")
    if kind == "openai" and not settings.chat_base_url:
        raise UsageError(f"{place} 缺少接口地址。请写成 openai:{name}@http://地址/v1，或设置 TUTOR_CHAT_BASE_URL。")
    return settings


def _key(url: str | None, own: _Bound, other: _Bound) -> SecretStr | None:
    """The key for an address: one's own, unless it belongs to another server; the other's where that is its server."""
    if own[1] and (not own[0] or _origin(own[0]) == _origin(url)):
        return own[1]
    return other[1] if other[0] and _origin(other[0]) == _origin(url) else None


def _origin(url: str | None) -> tuple[str, str]:
    parts = urlsplit(url or "")
    return parts.scheme.lower(), parts.netloc.lower()


def _label(settings: Settings) -> str:
    from rag.chat_models.label import model_label

    return model_label(settings) if settings.chat_model != "extractive" else "extractive"
