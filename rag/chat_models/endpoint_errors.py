"""What an endpoint's failure means for the one who asked."""

from __future__ import annotations

import re

import openai
from langchain_core.exceptions import ContextOverflowError

from errors import ChatModelError, ContextTooLongError, EndpointFaultError, EndpointRefusedError, EndpointUnreachableError
from knowledge.printable import printable

__all__ = ["FAULTS", "explained", "gave_up", "interrupted", "is_too_long", "refuses_temperature", "unusable"]

_TOO_LONG = re.compile(
    r"context.{0,20}(length|window|size|limit)|maximum.{0,20}(context|token|length)|(prompt|input|message|request).{0,30}too (long|large)"
    r"|too many (input )?tokens|exceed.{0,60}(token|context|length)|(session|model)_(max_)?len|上下文|超(过|出).{0,20}(长度|token)",
    re.IGNORECASE,
)
"""How OpenAI, vLLM, lmdeploy, Ollama, llama.cpp, DeepSeek and DashScope say that a prompt doesn't fit."""

FAULTS = ("insufficient_system_resource", "error", "abort")
"""Reasons for which an answer ended that are the server's trouble: DeepSeek's, OpenRouter's, vLLM's."""

_ADVICE = {
    402: "账户余额不足。请充值或换一个接口。",
    404: "地址或模型名不对。请检查 TUTOR_CHAT_BASE_URL（通常以 /v1 结尾）与 TUTOR_CHAT_MODEL。",
    429: "请求太多或额度用完。请稍后再试，或检查账户额度。",
}
_SHOWN_CHARS = 200


def explained(error: Exception, where: str, seconds: float, begun: bool) -> ChatModelError:
    """The error of ours for one of the client's.

    Args:
        where: address and model.
        seconds: how long an answer was waited for.
        begun: whether some of the answer had come.
    """
    if isinstance(error, (openai.AuthenticationError, openai.PermissionDeniedError)):
        return EndpointRefusedError(
            f"接口 {where} 拒绝了密钥（{error.status_code}）。请检查 TUTOR_CHAT_API_KEY 是否正确、是否有权使用这个模型。"
        )
    if is_too_long(error):
        return ContextTooLongError(
            f"这次对话超过了接口 {where} 的上下文窗口。请新开对话、缩短问题或减少引用的资料，"
            f"并把 TUTOR_CHAT_WINDOW_TOKENS 设为这个模型真正的窗口。{_said(error)}"
        )
    if isinstance(error, openai.APIConnectionError):  # also its subclass APITimeoutError
        return interrupted(where) if begun else _unreachable(error, where, seconds)
    if isinstance(error, openai.APIStatusError):
        return EndpointFaultError(f"接口 {where} 返回错误 {error.status_code}：{_advice(error.status_code)}{_said(error)}")
    return interrupted(where, _said(error)) if begun else unusable(where, _said(error))


def interrupted(where: str, said: str = "") -> EndpointFaultError:
    """The answer broke off: what had come is with the reader already."""
    return EndpointFaultError(
        f"接口 {where} 的回答中断了，以上内容不完整。请重新提问；若经常中断，请查看模型服务的日志与网络。{said}"
    )


def unusable(where: str, said: str = "") -> EndpointFaultError:
    """What came is no answer: a login page, say."""
    return EndpointFaultError(f"接口 {where} 的回答无法识别。请确认它兼容 OpenAI 的 chat/completions。{said}")


def gave_up(where: str, reason: str) -> EndpointFaultError:
    """The server said itself that it did not finish its answer."""
    return EndpointFaultError(f"接口 {where} 的服务端没有答完（{reason}），多半是太忙。请稍后再试，或查看模型服务的日志。")


def refuses_temperature(error: openai.APIStatusError) -> bool:
    """Whether the endpoint complains of the temperature: some reasoning models allow none but their own."""
    told = error.message.lower()  # which may repeat the whole request
    return "temperature" in told and "stream_options" not in told and not is_too_long(error)


def is_too_long(error: Exception) -> bool:
    """Whether the endpoint says that the prompt doesn't fit into its window."""
    if isinstance(error, ContextOverflowError):
        return True
    refused = isinstance(error, openai.APIStatusError) and error.status_code in (400, 413, 422)
    return refused and bool(_TOO_LONG.search(str(error)))


def _unreachable(error: openai.APIConnectionError, where: str, seconds: float) -> EndpointUnreachableError:
    if isinstance(error, openai.APITimeoutError):
        return EndpointUnreachableError(
            f"接口 {where} 在 {seconds:g} 秒内没有回应。请查看模型服务是否太忙或卡住，或调大 TUTOR_CHAT_TIMEOUT_SECONDS。"
        )
    return EndpointUnreachableError(
        f"连不上接口 {where}。请检查接口地址（网页的“模型设置”，或 TUTOR_CHAT_BASE_URL）、网络，以及模型服务是否已启动。"
    )


def _advice(status: int) -> str:
    if status >= 500:
        return "服务端出错。请稍后再试，或查看模型服务的日志。"
    return _ADVICE.get(status, "请求没有被接受。请检查模型名与各项设置。")


def _said(error: Exception) -> str:
    """The endpoint's own words, shortened, in one line and without control characters; nothing if it used none."""
    body = error.body if isinstance(error, openai.APIError) else None
    words = body.get("message") or body.get("detail") if isinstance(body, dict) else None
    said = printable(" ".join(words.split()))[:_SHOWN_CHARS].strip() if isinstance(words, str) else ""
    return f"（对方说：{said}）" if said else ""
