from dataclasses import replace

from rag.marks import find_marks
from tests.unit.rag.test_tutor import PASSAGE
from tutoring.cited import CitedLines, citation_of


def test_words_that_end_in_a_letter_or_in_open_code_are_cited_too() -> None:
    passage = replace(PASSAGE, text="数组 a\n```c\nint x;\n缺页率低")
    for words in ("数组 a", "```c\nint x;", "缺页率低"):
        assert citation_of(words, passage).quote == words


def test_marks_belong_to_their_citations() -> None:
    lines = CitedLines()
    lines.say("见 [7]：")
    lines.quote("死锁是指多个进程互相等待。", PASSAGE)
    lines.say("；")
    lines.quote("银行家算法避免死锁。", PASSAGE)
    assert [n for *_, n in find_marks(lines.text)] == [1, 1] and lines.marks == [0, 1]
    assert [c.quote for c in lines.citations] == ["死锁是指多个进程互相等待。", "银行家算法避免死锁。"]
