"""The language model that answers, chosen while the app runs: an OpenAI-compatible endpoint, tried before it is used."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp

from pydantic import SecretStr

from errors import ChatModelError, SettingsError, StorageError, UsageError
from rag.chat_models.address import is_address, shown_address
from rag.speaker import load_speaker
from rag.tutor import Tutor
from settings import Settings

__all__ = ["Connection", "Endpoint", "Trial", "try_endpoint"]

_TRIAL_SECONDS, _LISTING_SECONDS = 20.0, 6.0
_TRIAL_TOKENS = 32
_MOST_NAMES, _NAME_CHARS = 50, 100
_MODEL_CHARS = 200


@dataclass(frozen=True)
class Endpoint:
    """Where a model is asked: address (`…/v1`), the model's name there, and the key, if it wants one."""

    url: str
    name: str
    key: SecretStr = SecretStr("")

    def checked(self) -> Endpoint:
        """The endpoint without white space around its parts.

        Raises:
            UsageError: the address or the name can't be one.
        """
        url, name, key = self.url.strip(), self.name.strip(), self.key.get_secret_value().strip()
        if not is_address(url):
            raise UsageError("接口地址要以 http:// 或 https:// 开头，例如 http://127.0.0.1:8000/v1。")
        if not name or len(name) > _MODEL_CHARS or not name.isprintable():
            raise UsageError("请填写模型名，例如 qwen3-8b（与接口提供的名称一致）。")
        if not (key.isascii() and key.isprintable()):
            raise UsageError("密钥里有不能用的字符（例如中文或换行）。请重新粘贴。")
        return Endpoint(url, name, SecretStr(key))

    @property
    def shown(self) -> str:
        """The address without what may be a secret."""
        return shown_address(self.url)


@dataclass(frozen=True)
class Trial:
    """A real small request that was answered, after so many seconds; `models` are what the endpoint offers, () if it doesn't say."""

    seconds: float
    models: tuple[str, ...] = ()


def try_endpoint(endpoint: Endpoint, settings: Settings) -> Trial:
    """Ask an endpoint one short question.

    Raises:
        UsageError, SettingsError: address or name are unusable.
        ChatModelError: it can't be reached, refuses the key, or does not answer.
    """
    from rag.chat_models.endpoint import EndpointChatModel

    limits = {"chat_timeout_seconds": _TRIAL_SECONDS, "chat_retries": 0, "chat_max_tokens": _TRIAL_TOKENS}
    checked = endpoint.checked()
    model = EndpointChatModel.from_settings(_with(settings, checked).model_copy(update=limits), checked.name)
    began = time.monotonic()
    model.invoke("请只回复“好”。")
    return Trial(time.monotonic() - began, _offered(checked))


def _offered(endpoint: Endpoint) -> tuple[str, ...]:
    """The models that an endpoint lists. Some servers have no list; that is no fault of theirs."""
    import openai

    key = endpoint.key.get_secret_value() or "none"
    with openai.OpenAI(base_url=endpoint.url, api_key=key, timeout=_LISTING_SECONDS, max_retries=0) as client:
        try:
            return tuple(str(model.id)[:_NAME_CHARS] for model in client.models.list().data[:_MOST_NAMES])
        except (openai.APIError, ValueError, TypeError, AttributeError):
            return ()


class Connection:
    """Which model a tutor speaks with, and whether it could be reached the last time.

    An endpoint that was to be remembered is used again at the next start, unless the environment names a model.
    """

    def __init__(self, settings: Settings, tutor: Tutor) -> None:
        self._given = settings
        self._tutor = tutor
        self._changing = threading.Lock()
        self._file = settings.tutoring_dir / "endpoint.json"
        self.endpoint: Endpoint | None = None
        self.fault: ChatModelError | None = None
        kept = _read(self._file) if settings.chat_model == "extractive" else None
        if kept:
            with suppress(UsageError, SettingsError):  # written by hand: then as if nothing were kept
                self._use(kept.checked())

    @property
    def settings(self) -> Settings:
        """The settings with the endpoint of now in them; they hold its key."""
        return _with(self._given, self.endpoint) if self.endpoint else self._given

    @property
    def remembered(self) -> bool:
        """Whether the endpoint of now is used again at the next start."""
        return self._file.exists()

    def heard(self, fault: ChatModelError | None) -> None:
        """What came of the latest answer: the fault of the model, or None when it answered."""
        self.fault = fault

    def key_for(self, url: str, key: str) -> SecretStr:
        """The key that was typed; or, if none was, the known one, but only for the address that it belongs to."""
        if key.strip() or self.endpoint is None or self.endpoint.url != url.strip():
            return SecretStr(key)
        return self.endpoint.key

    def connect(self, endpoint: Endpoint, remember: bool) -> None:
        """Answer with this endpoint from the next question on.

        Raises:
            UsageError, SettingsError: address or name are unusable.
            StorageError: it can't be remembered; it is used all the same.
        """
        with self._changing:
            self._use(endpoint.checked())
            _forget(self._file)
            if remember:
                _write(self._file, endpoint.checked())

    def disconnect(self) -> None:
        """Back to what the settings name.

        Raises:
            StorageError: the remembered endpoint can't be deleted; it stays in use.
        """
        with self._changing:
            speaker = load_speaker(self._given)
            _forget(self._file)
            self._tutor.speaker, self.endpoint, self.fault = speaker, None, None

    def _use(self, endpoint: Endpoint) -> None:
        speaker = load_speaker(_with(self._given, endpoint))
        self._tutor.speaker, self.endpoint, self.fault = speaker, endpoint, None


def _with(settings: Settings, endpoint: Endpoint) -> Settings:
    named = {"chat_model": f"openai:{endpoint.name}", "chat_base_url": endpoint.url, "chat_api_key": endpoint.key}
    return settings.model_copy(update=named | ({} if endpoint.key.get_secret_value() else {"chat_api_key": None}))


def _read(file: Path) -> Endpoint | None:
    try:
        told = json.loads(file.read_text("utf-8"))
        return Endpoint(str(told["url"]), str(told["name"]), SecretStr(str(told["key"])))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _forget(file: Path) -> None:
    try:
        file.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise StorageError(f"记住的接口删不掉（{file}：{error.strerror}）。请检查数据目录的权限后再试。") from error


def _write(file: Path, endpoint: Endpoint) -> None:
    """Whole or not at all, and readable by this user only, from its first byte on."""
    told = {"url": endpoint.url, "name": endpoint.name, "key": endpoint.key.get_secret_value()}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = mkstemp(dir=file.parent, prefix=".endpoint")  # mode 0600
        with open(descriptor, "w", encoding="utf-8") as out:
            json.dump(told, out, ensure_ascii=False)
        os.replace(draft, file)
    except OSError as error:
        raise StorageError(f"接口已经启用，但没能记住（{error.strerror}）。请检查数据目录的权限；重启后需要重新填写。") from error
