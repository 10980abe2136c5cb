"""Any OpenAI-compatible endpoint, through langchain-openai, with messages that say what to do when it fails."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import partial
from threading import Event
from typing import Any, ClassVar
from urllib.parse import urlparse

import openai
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.tools import BaseTool
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr, SecretStr

from errors import EndpointFaultError, LettersUnavailableError, SettingsError
from rag.chat_models.address import is_address, shown_address
from rag.chat_models.back_end import text_chunk
from rag.chat_models.endpoint_errors import FAULTS, explained, gave_up, interrupted, is_too_long, refuses_temperature, unusable
from rag.chat_models.label import model_label
from rag.chat_models.letters import NOT_FROM_HERE, LetterScores, told_letters
from rag.chat_models.pump import pumped
from rag.chat_models.thoughts import begins_thought
from rag.chat_models.tokens import estimate, estimate_messages
from settings import Settings

__all__ = ["EndpointChatModel"]

_WINDOW = 8192
"""Tokens. The protocol doesn't tell a model's window; every model that is served for chat today has this much."""

_NEWER = ("openai.com", "openai.azure.com")
"""Hosts whose newer models refuse `max_tokens`."""

_TOP_LOGPROBS = (20, 8, 5)
"""How many likeliest tokens to ask for: OpenAI's most, and what is left where a server refuses so many."""

_NO_ANSWER = (ValueError, TypeError, AttributeError)
"""What comes of a web page, or other JSON, where an answer was expected."""

_REFUSALS = (openai.BadRequestError, openai.UnprocessableEntityError)


class EndpointChatModel(ChatOpenAI):
    """`ChatOpenAI` whose failures are errors of ours, and whose reader may leave while it waits.

    Token counts are estimates (the ranks of tiktoken would be downloaded, and are OpenAI's alone); what an answer
    used is what the endpoint says, where it says anything.

    Raises (while it answers):
        EndpointUnreachableError: no connection, or no answer in time.
        EndpointRefusedError: the key is wrong or may not use this model.
        ContextTooLongError: the prompt doesn't fit into the model's window.
        EndpointFaultError: any other answer than success, or one that broke off.
    """

    continues_text: ClassVar[bool] = False

    name_told: str = ""
    window: int | None = _WINDOW
    seconds: float = 60.0

    _asks_usage: bool = PrivateAttr(default=True)
    _tells_temperature: bool = PrivateAttr(default=True)
    _top_logprobs: tuple[int, ...] = PrivateAttr(default=_TOP_LOGPROBS)

    @classmethod
    def from_settings(cls, settings: Settings, name: str) -> EndpointChatModel:
        """The endpoint of the settings.

        Raises:
            SettingsError: `TUTOR_CHAT_BASE_URL` is missing or is no http(s) address.
        """
        if not is_address(settings.chat_base_url or ""):
            raise SettingsError("用 openai: 模型需要设置 TUTOR_CHAT_BASE_URL，例如 http://127.0.0.1:8000/v1。")
        seconds = settings.chat_timeout_seconds
        return cls(
            model=name,
            base_url=settings.chat_base_url,
            api_key=settings.chat_api_key or SecretStr("none"),  # local servers want some key, any key
            timeout=openai.Timeout(seconds, connect=min(settings.chat_connect_seconds, seconds)),
            max_retries=settings.chat_retries,
            temperature=0.2,
            max_tokens=settings.chat_max_tokens,
            name_told=model_label(settings),
            window=settings.chat_window_tokens or _WINDOW,
            seconds=seconds,
        )

    def get_num_tokens(self, text: str) -> int:
        """An upper estimate."""
        return estimate(text)

    def get_num_tokens_from_messages(  # type: ignore[override] # without images, which nothing here sends
        self,
        messages: Sequence[BaseMessage],
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool] | None = None,
    ) -> int:
        """An upper estimate."""
        return estimate_messages(messages)

    def letter_scores(self, prompt: str, letters: Sequence[str], templated: bool = True) -> LetterScores:
        """See `LetterScorer`: a request for one token, whose likeliest candidates the server tells; always by its template."""
        messages: list[BaseMessage] = [HumanMessage(prompt)]
        told = self._first_token(messages)
        entries = _candidates(told.response_metadata.get("logprobs"))
        if entries is None:
            raise LettersUnavailableError(
                f"接口 {self._where} 的回答里没有 token 的概率（logprobs）。{NOT_FROM_HERE}，或换一个提供 logprobs 的服务。"
            )
        counted = told.usage_metadata["input_tokens"] if told.usage_metadata else 0
        thinks = begins_thought(str(entries[0].get("token", ""))) if entries else False
        return LetterScores(told_letters(entries, letters), counted or estimate_messages(messages), thinks)

    def _first_token(self, messages: list[BaseMessage]) -> AIMessage:
        """The answer's first token with its likeliest candidates, as many as the server is willing to tell."""
        for count in self._top_logprobs:
            try:
                told = self.invoke(messages, max_tokens=1, temperature=0, logprobs=True, top_logprobs=count)
            except EndpointFaultError as error:
                if not isinstance(error.__cause__, _REFUSALS):
                    raise
                refused = error
            else:
                self._top_logprobs = tuple(n for n in self._top_logprobs if n <= count)
                return told
        raise LettersUnavailableError(
            f"{refused} 请求里要求了 token 的概率（logprobs）：若这个接口不支持，{NOT_FROM_HERE}。"
        ) from refused.__cause__

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        try:
            found = self._whole(messages, stop, run_manager, kwargs)
        except openai.APIError as error:
            raise explained(error, self._where, self.seconds, begun=False) from error
        except _NO_ANSWER as error:
            raise unusable(self._where) from error
        if not found.generations:
            raise unusable(self._where)
        if (reason := (found.generations[0].generation_info or {}).get("finish_reason")) in FAULTS:
            raise gave_up(self._where, reason)
        return found

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        """The answer as it comes; while nothing comes, empty pieces do, so that the reader may leave."""
        begun, ended = False, ""
        try:
            with closing(pumped(partial(self._read, messages, stop, kwargs))) as chunks:
                for chunk in chunks:
                    begun = begun or chunk is not None
                    ended = ended or str((chunk and chunk.generation_info or {}).get("finish_reason") or "")
                    yield chunk or text_chunk("")
        except openai.APIError as error:
            raise explained(error, self._where, self.seconds, begun) from error
        except _NO_ANSWER as error:
            raise (interrupted if begun else unusable)(self._where) from error
        if not ended:  # closed without an error, but in the middle: the protocol ends with a reason
            raise (interrupted if begun else unusable)(self._where)
        if ended in FAULTS:
            raise gave_up(self._where, ended)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        """As `_generate`, in a thread: `ChatOpenAI`'s own way would let the client's errors through."""
        return await BaseChatModel._agenerate(self, messages, stop, run_manager, **kwargs)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        """As `_stream`, in threads."""
        async for chunk in BaseChatModel._astream(self, messages, stop, run_manager, **kwargs):
            yield chunk

    def _get_request_payload(self, input_: LanguageModelInput, *, stop: list[str] | None = None, **kwargs: Any) -> dict[str, Any]:
        """What is sent: with `max_tokens`, which every server knows; `max_completion_tokens` is OpenAI's alone."""
        payload = super()._get_request_payload(input_, stop=stop, **kwargs)
        if payload.get("temperature") is None:
            payload.pop("temperature", None)
        if "max_completion_tokens" in payload and not (urlparse(self.openai_api_base or "").hostname or "").endswith(_NEWER):
            payload["max_tokens"] = payload.pop("max_completion_tokens")
        return payload

    def _read(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None,
        kwargs: dict[str, Any],
        put: Callable[[ChatGenerationChunk], None],
        halt: Event,
    ) -> None:
        with closing(self._answer(messages, stop, kwargs)) as chunks:  # closing it closes the connection
            for chunk in chunks:
                put(chunk)
                if halt.is_set():
                    return

    def _whole(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None,
        run_manager: CallbackManagerForLLMRun | None,
        kwargs: dict[str, Any],
    ) -> ChatResult:
        """The answer at once; without a temperature from a model that refuses it."""
        kwargs = self._known(kwargs)
        while True:
            try:
                found = super()._generate(messages, stop, run_manager, **kwargs)
            except _REFUSALS as error:
                kwargs = self._lessened(error, kwargs)
            else:
                self._remember(kwargs)
                return found

    def _answer(
        self, messages: list[BaseMessage], stop: list[str] | None, kwargs: dict[str, Any]
    ) -> Generator[ChatGenerationChunk, None, None]:
        """The stream with its usage; without from a server that refuses `stream_options`, and as `_whole`."""
        kwargs = {"stream_usage": self._asks_usage} | self._known(kwargs)
        while True:
            try:
                yield from super()._stream(messages, stop, **kwargs)
            except _REFUSALS as error:
                kwargs = self._lessened(error, kwargs)
            else:
                self._remember(kwargs)
                return

    def _known(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """The request without what the endpoint is known to refuse; kept with it, since another thread may learn more meanwhile."""
        return kwargs if self._tells_temperature else kwargs | {"temperature": None}

    def _lessened(self, error: openai.APIStatusError, kwargs: dict[str, Any]) -> dict[str, Any]:
        """The request without what the endpoint may have refused.

        Raises:
            the error, where there is nothing left that could be left out.
        """
        if kwargs.get("temperature", self.temperature) is not None and refuses_temperature(error):
            return kwargs | {"temperature": None}
        if kwargs.get("stream_usage") and not is_too_long(error):
            return kwargs | {"stream_usage": False}
        raise error

    def _remember(self, kwargs: dict[str, Any]) -> None:
        """What an answer came without is not asked for again."""
        self._asks_usage = self._asks_usage and kwargs.get("stream_usage", True)
        self._tells_temperature = self._tells_temperature and kwargs.get("temperature", self.temperature) is not None

    @property
    def _where(self) -> str:
        return f"{shown_address(self.openai_api_base or '')}（模型 {self.model_name}）"


def _candidates(logprobs: Any) -> list[dict[str, Any]] | None:
    """The likeliest first tokens of an answer and the one that was taken; None where the server told no probabilities."""
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    if not isinstance(content, list):
        return None
    first = [one for one in content[:1] if isinstance(one, dict)]
    return [one for taken in first for one in (taken, *(taken.get("top_logprobs") or ())) if isinstance(one, dict)]
