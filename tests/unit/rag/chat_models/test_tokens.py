import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from rag.chat_models.tokens import PER_MESSAGE, estimate, estimate_messages, usage


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("死锁", 2),
        ("死锁，互斥。", 6),
        ("2048", 4),
        ("abc", 1),
        ("abcd", 2),
        ("TCP 协议", 1 + 1 + 2),
        ("a bc", 2),
        ("x  \n", 3),
        ("😀", 3),
        ("O(n²)", 1 + 1 + 1 + 3 + 1),
    ],
)
def test_an_estimate_is_on_the_safe_side(text: str, tokens: int) -> None:
    assert estimate(text) == tokens


def test_each_message_costs_what_a_template_puts_around_it() -> None:
    messages = [SystemMessage("死锁"), HumanMessage("互斥"), AIMessage("")]
    assert estimate_messages(messages) == 2 + 2 + 3 * PER_MESSAGE + PER_MESSAGE
    blocks = [HumanMessage([{"type": "text", "text": "死锁"}])]
    assert estimate_messages(blocks) == 2 + 2 * PER_MESSAGE


def test_usage_adds_up() -> None:
    assert usage(7, 5) == {"input_tokens": 7, "output_tokens": 5, "total_tokens": 12}
