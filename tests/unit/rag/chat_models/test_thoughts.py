import pytest

from rag.chat_models.thoughts import begins_thought, open_thought


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("<|im_start|>assistant\n", None),
        ("<|Assistant|><think>\n", "<think>"),  # DeepSeek-R1 and what is distilled from it
        ("<|im_start|>assistant\n<think>\n\n</think>\n\n", None),  # Qwen3 without thinking
        ("<think>\n</think><think>\n", "<think>"),
        ("[THINK]", "[THINK]"),
        ("◁think▷", "◁think▷"),
        ("<|start|>assistant<|channel|>analysis<|message|>", "<|channel|>analysis<|message|>"),
        ("<|start|>assistant<|channel|>final<|message|>", None),
        ("", None),
    ],
)
def test_a_thought_that_is_open_at_the_end(text: str, mark: str | None) -> None:
    assert open_thought(text) == mark


@pytest.mark.parametrize("token", ["<think>", " <think>\n", "<", "<th", "<seed", "[TH", "◁", "<|channel|>", "<thinking>"])
def test_a_token_that_begins_a_thought(token: str) -> None:
    assert begins_thought(token)


@pytest.mark.parametrize("token", ["A", " B", "答案", "**", "</think>", "<b>", "", "\n", "think"])
def test_a_token_that_begins_none(token: str) -> None:
    assert not begins_thought(token)
