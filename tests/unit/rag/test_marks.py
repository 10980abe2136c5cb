import pytest

from rag.marks import checked_pieces, disarm, find_marks, rearm, unmarked


def test_indexes_of_arrays_and_code_are_no_marks() -> None:
    text = "令 next[1]=0，再看 A[1][2]。[1][2]\n```c\na [3] = 0;\n```\n`b [1]` 完毕【2】"
    assert [n for *_, n in find_marks(text)] == [1, 2, 2]


def test_disarmed_text_holds_no_mark_and_compares_equal() -> None:
    text = "方法[2]由张三[15]提出，A[1]不变。"
    assert find_marks(disarm(text)) == [] and "A[1]" in disarm(text)
    assert rearm(disarm(text)) == rearm(text) and len(disarm(text)) == len(text)


@pytest.mark.parametrize("step", [1, 2, 3, 50])
def test_streamed_pieces_are_checked_however_they_are_cut(step: int) -> None:
    raw = "<think>想 [9]</think>\n死锁。[1][7] 结束\x1b[31m。[2] 见 [注]"
    pieces = checked_pieces(iter([raw[i : i + step] for i in range(0, len(raw), step)]), 2)
    assert "".join(pieces) == "死锁。[1] 结束[31m。[2] 见 [注]"


def test_thinking_that_never_ends_is_not_an_answer() -> None:
    assert "".join(checked_pieces(iter(["<thi", "nk>想"]), 2)) == ""
    assert "".join(checked_pieces(iter(["<表>"]), 2)) == "<表>"


def test_an_answer_without_its_marks() -> None:
    assert unmarked("甲。[1][2] 数组 a[3] 与 `x[4]`【5】。") == "甲。 数组 a[3] 与 `x[4]`。"
