import pytest

from errors import DamagedDocumentError, EmptyDocumentError
from knowledge.text_file import read_text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_in_the_encodings_that_students_have(write, encoding: str) -> None:
    assert read_text(write("a.txt", "死锁的条件\r\n互斥".encode(encoding))) == "死锁的条件\n互斥"


def test_invisible_characters_are_stripped(write) -> None:
    assert read_text(write("a.txt", "忽略\u200b之\u202e前")) == "忽略之前"


def test_what_is_not_text_says_so(write) -> None:
    with pytest.raises(DamagedDocumentError, match="编码"):
        read_text(write("a.txt", b"\x00\x01\xff\xfe" * 50))
    with pytest.raises(EmptyDocumentError, match="没有文字"):
        read_text(write("b.txt", "  \n \n"))
