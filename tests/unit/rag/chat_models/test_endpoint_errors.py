import httpx
import openai
import pytest

from errors import ContextTooLongError, EndpointFaultError, EndpointUnreachableError
from rag.chat_models.endpoint_errors import explained, is_too_long, refuses_temperature

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


def test_the_endpoints_words_can_not_steer_the_terminal() -> None:
    said = "坏了 \x1b]0;pwned\x07\x1b[31m红\u202e\ud83d\x9b 了"
    told = str(explained(refusal(500, said), WHERE, 5, begun=False))
    assert "坏了 ]0;pwned[31m红 了" in told and told.isprintable()
    assert "对方说" not in str(explained(refusal(500, "\x1b\x07"), WHERE, 5, begun=False))


@pytest.mark.parametrize(
    ("told", "refused"),
    [
        ("Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.", True),
        ("Temperature is not supported by this model", True),
        ("maximum context length is 4096 tokens; temperature 0", False),
        ("unknown field stream_options in {'temperature': 0, 'stream_options': {}}", False),
        ("model not found", False),
    ],
)
def test_a_complaint_of_the_temperature(told: str, refused: bool) -> None:
    assert refuses_temperature(refusal(400, told)) is refused
