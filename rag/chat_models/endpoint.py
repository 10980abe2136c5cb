"""Any OpenAI-compatible endpoint, through langchain-openai, with messages that say what to do when it fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlparse

import openai
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from errors import EndpointFaultError, EndpointRefusedError, EndpointUnreachableError, SettingsError
from settings import Settings

__all__ = ["EndpointChatModel"]

_RETRIES = 2


class EndpointChatModel(ChatOpenAI):
    """`ChatOpenAI` whose failures are errors of ours.

    Raises (while it answers):
        EndpointUnreachableError: no connection, or no answer in time.
        EndpointRefusedError: the key is wrong or may not use this model.
        EndpointFaultError: any other answer than success.
    """

    @classmethod
    def from_settings(cls, settings: Settings, name: str) -> EndpointChatModel:
        """The endpoint of the settings.

        Raises:
            SettingsError: `TUTOR_CHAT_BASE_URL` is missing or is no http(s) address.
        """
        if not _is_address(settings.chat_base_url or ""):
            raise SettingsError("用 openai: 模型需要设置 TUTOR_CHAT_BASE_URL，例如 http://127.0.0.1:8000/v1。")
        return cls(
            model=name,
            base_url=settings.chat_base_url,
            api_key=settings.chat_api_key or SecretStr("none"),  # local servers want some key, any key
            timeout=settings.chat_timeout_seconds,
            max_retries=_RETRIES,
            temperature=0.2,
            max_tokens=settings.chat_max_tokens,
        )

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        with self._explained():
            return super()._generate(messages, stop, run_manager, **kwargs)

    def _stream(self, *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        answered = False
        with self._explained():
            for chunk in super()._stream(*args, **kwargs):
                answered = True
                yield chunk
            if not answered:
                raise ValueError("no stream")  # a web page, say; explained like any other unusable answer

    @contextmanager
    def _explained(self) -> Iterator[None]:
        where = f"{self.openai_api_base}（模型 {self.model_name}）"
        try:
            yield
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            raise EndpointRefusedError(
                f"接口 {where} 拒绝了密钥（{error.status_code}）。请检查 TUTOR_CHAT_API_KEY 是否正确、是否有权使用这个模型。"
            ) from error
        except openai.APIConnectionError as error:  # also its subclass APITimeoutError
            raise EndpointUnreachableError(
                f"连不上接口 {where}，或 {self.request_timeout} 秒内没有回应。请检查 TUTOR_CHAT_BASE_URL、网络，以及模型服务是否已启动。"
            ) from error
        except openai.APIStatusError as error:
            raise EndpointFaultError(f"接口 {where} 返回错误 {error.status_code}：{_advice(error.status_code)}") from error
        except (openai.APIError, ValueError) as error:  # ValueError: an answer that is no stream, such as a login page
            raise EndpointFaultError(f"接口 {where} 的回答无法识别。请确认它兼容 OpenAI 的 chat/completions。") from error


def _is_address(url: str) -> bool:
    try:
        parts = urlparse(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _advice(status: int) -> str:
    if status == 404:
        return "地址或模型名不对。请检查 TUTOR_CHAT_BASE_URL（通常以 /v1 结尾）与 TUTOR_CHAT_MODEL。"
    if status == 429:
        return "请求太多或额度用完。请稍后再试，或检查账户额度。"
    if status >= 500:
        return "服务端出错。请稍后再试，或查看模型服务的日志。"
    return "请求没有被接受。请检查模型名与上下文长度。"
