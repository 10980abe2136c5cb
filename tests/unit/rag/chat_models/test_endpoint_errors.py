import httpx
import openai
import pytest

from errors import ContextTooLongError, EndpointFaultError, EndpointUnreachableError
from rag.chat_models.endpoint_errors import explained, is_too_long

WHERE = "http://127.0.0.1/v1（模型 m）"


def refusal(status: int, message: str) -> openai.APIStatusError:
    request = httpx.Request("POST", "http://127.0.0.1/v1")
    return openai.APIStatusError(message, response=httpx.Response(status, request=request), body={"message": message})


@pytest.mark.parametrize(
    "told",
    [
        "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens",  # OpenAI, DeepSeek, vLLM
        "The request exceeds the model context length.",  # lmdeploy
        "the request exceeds the available context size, try increasing it",  # llama.cpp
        "input length exceeds the context length",  # Ollama
        "Range of input length should be [1, 30720]; prompt is too long",  # DashScope
        "max_tokens must be at least 1, got -808. This model's max_model_len is 2048",  # vLLM
        "输入超过了最大长度限制",
    ],
)
def test_the_ways_of_saying_that_a_prompt_is_too_long(told: str) -> None:
    assert is_too_long(refusal(400, told))
    assert isinstance(explained(refusal(400, told), WHERE, 5, begun=False), ContextTooLongError)
    assert not is_too_long(refusal(500, told))


@pytest.mark.parametrize(
    "told", ["model not found", "temperature must be between 0 and 2", "Unrecognized argument: stream_options"]
)
def test_other_refusals_are_not_that(told: str) -> None:
    error = explained(refusal(400, told), WHERE, 5, begun=False)
    assert isinstance(error, EndpointFaultError) and f"（对方说：{told}）" in str(error)


def test_the_endpoints_words_are_shortened() -> None:
    error = explained(refusal(400, "x\n" * 500), WHERE, 5, begun=False)
    assert len(str(error)) < 350 and "\n" not in str(error)


def test_a_broken_connection_before_and_after_the_first_word() -> None:
    broken = openai.APIConnectionError(request=httpx.Request("POST", "http://127.0.0.1/v1"))
    assert isinstance(explained(broken, WHERE, 5, begun=False), EndpointUnreachableError)
    assert "中断" in str(explained(broken, WHERE, 5, begun=True))
    slow = openai.APITimeoutError(request=httpx.Request("POST", "http://127.0.0.1/v1"))
    assert "5 秒内没有回应" in str(explained(slow, WHERE, 5, begun=False))
