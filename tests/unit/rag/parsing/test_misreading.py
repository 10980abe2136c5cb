import pytest

from rag.parsing.misreading import as_digits, is_near, spelling_of


@pytest.mark.parametrize(
    ("text", "other", "near"),
    [
        ("操作系统原理", "操作系绕原理", True),
        ("计算机操作系统原理教程", "计算机操作糸绕原理教程", True),
        ("计算机操作系统原理教程", "计算机操作糸绕原埋教程", False),
        ("操作系统原理", "操作系统原", True),
        ("第1章", "第l章", False),  # too short to tell
        ("第3章栈和队列", "第4章栈和队列", False),  # another chapter
        ("线性表的应用", "线性表的应用及其例", False),
    ],
)
def test_near_texts(text: str, other: str, near: bool) -> None:
    assert is_near(text, other) is near and is_near(other, text) is near


def test_one_spelling_is_chosen_for_all_that_are_near() -> None:
    spelling = spelling_of(["操作系绕原理", "操作系统原理", "操作系统原理", "数据结构"])
    assert [spelling(text) for text in ("操作系绕原理", "操作系统原理", "数据结构", "别的")] == ["操作系统原理"] * 2 + [
        "数据结构",
        "别的",
    ]


def test_letters_in_a_page_number_are_digits() -> None:
    assert [as_digits(text) for text in ("l5", "1O7", "Oil", "15页共lO页")] == ["15", "107", "Oil", "15页共lO页"]
