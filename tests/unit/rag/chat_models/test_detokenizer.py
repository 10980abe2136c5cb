from typing import Any

from rag.chat_models.detokenizer import Detokenizer


class Bytes:
    """A tokenizer whose tokens are bytes; it drops a space at the beginning, as SentencePiece does."""

    def decode(self, ids: list[int], **_: Any) -> str:
        return bytes(ids).decode("utf-8", "replace").removeprefix(" ")


def run(data: bytes) -> list[str]:
    text = Detokenizer(Bytes())
    return [*(text.push(byte) for byte in data), text.finish()]


def test_a_character_appears_with_its_last_byte() -> None:
    assert run("死a".encode()) == ["", "", "死", "a", ""]
    assert "".join(run("死锁 deadlock，😀".encode())) == "死锁 deadlock，😀"


def test_spaces_between_words_stay() -> None:
    assert "".join(run(b"a b c")) == "a b c"


def test_bytes_that_are_no_text_are_shown_in_the_end() -> None:
    assert run(b"\xe6") == ["", "\ufffd"]
    assert run("死".encode() + b"\xe6")[-1] == "\ufffd"
    assert len("".join(run(b"\xff" * 40))) == 40
