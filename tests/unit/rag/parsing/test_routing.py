import pytest

from rag.parsing.layout import Line
from rag.parsing.routing import is_garbled, is_image_page


def lines(text: str) -> list[Line]:
    return [Line(text, (0, 0, 1, 1), 10)]


@pytest.mark.parametrize(
    ("text", "covered", "image"),
    [
        ("12", 0.0, True),  # a lone page number
        ("", 1.0, True),
        ("扫描全能王 创建", 0.95, True),  # a stamp on a scan
        ("扫描全能王 创建", 0.2, False),  # a short page with a small picture
        ("操作系统是管理计算机硬件与软件资源的系统软件。" * 5, 1.0, False),  # text over a background
    ],
)
def test_image_pages(text: str, covered: float, image: bool) -> None:
    assert is_image_page(lines(text), covered) is image


CODE = "for (int i = 0; i < n; i++) { sum += a[i]; if (sum > limit) return sum; } while (p != NULL) { p = p->next; count++; }"


@pytest.mark.parametrize(
    ("text", "garbled"),
    [
        ("进程是程序的一次执行过程。" * 10, False),
        ("\ue001\ue002\ue003进程\ue004\ue005是程序的执行", True),  # glyphs in the private use area
        ("(cid:12)(cid:873)(cid:4)(cid:99) 进程", True),
        ("\ufffd\ufffd\ufffd程序", True),
        ("结点\ue5e5的度，树的高度为五层，叶结点共有十六个，分支结点十五个。", False),  # one odd glyph
        ("!\"#$%&'()*+,-./0123 4567 89:;<= >?@ABC DEFGH" * 4, True),  # codes of a subset font
        ("Bcdfg hjklm npqrs tvwxz bcdfg hjklm npqrst vwxzb cdfgh jklmn pqrst vwxz" * 2, True),
        (CODE * 2, False),
        ("The operating system manages the hardware and the software resources of a computer." * 2, False),
        ("", False),
    ],
)
def test_garbled_text_layers(text: str, garbled: bool) -> None:
    assert is_garbled(text, chinese=True) is garbled


def test_ascii_is_no_fault_where_nothing_is_chinese() -> None:
    assert not is_garbled("Bcdfg hjklm npqrs tvwxz bcdfg hjklm npqrst vwxzb cdfgh jklmn pqrst vwxz" * 2, chinese=False)
