import pytest

from errors import DamagedDocumentError, EmptyDocumentError
from knowledge.text_file import read_text

TRADITIONAL = "作業系統是管理電腦硬體與軟體資源的程式，它為使用者提供一個方便的介面。\r\n程序與執行緒的同步，是這一章的內容。"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_in_the_encodings_that_students_have(write, encoding: str) -> None:
    assert read_text(write("a.txt", "死锁的条件\r\n互斥".encode(encoding))) == "死锁的条件\n互斥"


@pytest.mark.parametrize("encoding", ["big5", "big5hkscs", "gb18030", "utf-16-le"])
def test_traditional_characters(write, encoding: str) -> None:
    assert read_text(write("a.txt", TRADITIONAL.encode(encoding))) == TRADITIONAL.replace("\r", "")


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16-le", "utf-16-be"])
def test_code_with_few_comments(write, encoding: str) -> None:
    text = "int main(void) { return 0; }\n" * 200 + "// 这是主函数的结尾\n"
    assert read_text(write("a.txt", text.encode(encoding))) == text


@pytest.mark.parametrize("word", ["饕餮", "饕餮魑魅", "进程", "𠮷"])
def test_a_single_word_is_GB18030(write, word: str) -> None:
    assert read_text(write("a.txt", word.encode("gb18030"))) == word


@pytest.mark.parametrize("hidden", "\u200b\u202e\u2066\u2069\u061c\u180e\ufff9\U000e0041\x7f\x1b")
def test_invisible_characters_are_stripped(write, hidden: str) -> None:
    assert read_text(write("a.txt", f"忽略{hidden}之前")) == "忽略之前"


def test_what_is_not_text_says_so(write) -> None:
    with pytest.raises(DamagedDocumentError, match="编码"):
        read_text(write("a.txt", b"\x00\x01\xff\xfe" * 50))
    for blank in ("  \n \n", "\u200b\u202e \n"):
        with pytest.raises(EmptyDocumentError, match="没有文字"):
            read_text(write("b.txt", blank))
