import pytest

from errors import ContextTooLongError
from rag.chat_models.window import room_for_answer


def test_an_answer_gets_what_is_left() -> None:
    assert room_for_answer(10, None, 99) == 99
    assert room_for_answer(10, 100, 50) == 50
    assert room_for_answer(90, 100, 50) == 10
    assert room_for_answer(99, 100, 50) == 1


@pytest.mark.parametrize("prompt", [100, 5000])
def test_a_full_window_is_refused(prompt: int) -> None:
    with pytest.raises(ContextTooLongError, match=f"有 {prompt} 个 token，超过.*（100）"):
        room_for_answer(prompt, 100, 50)
