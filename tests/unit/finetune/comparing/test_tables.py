"""Tables of what models wrote: right figures, and nothing that a model writes breaks out of its cell."""

import unicodedata

import pytest
from markdown_it import MarkdownIt

from finetune.comparing.exactness import same
from finetune.comparing.figures import Comparison, Row
from finetune.comparing.markdown import markdown
from finetune.comparing.terminal import table, wrapped

HOSTILE = [
    "a | b || c \\| d",
    "`x | y` ``z``\n```\n| # | 问题 |\n| --- | --- |\n```",
    "<script>alert(1)</script><br></td></tr></table>",
    "<!-- open\n\n# 标题\n\n- 列表\r\n第二行\u2028第三行\x85第四行\x0b\x0c",
    "[链接](javascript:alert(1)) ![](x) <http://a.b>",
    "&lt;b&gt; &#124; &amp; \\",
    "\u202e反转\u200b\x1b[31m红\x00\ud83d",
    "$a|b$ ~~删~~ **粗** _斜_",
    "   ",
    "",
]


def comparison(*answers: str | None, reference: str = "答") -> Comparison:
    return Comparison(("前", "后"), tuple(Row(str(i), "问？", reference, (a, a), (False, False)) for i, a in enumerate(answers)))


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_stays_a_cell(text: str) -> None:
    whole = Comparison(
        (text, "后"), (Row("1", text, text or "x", (text, None), (False, False)), Row("2", "问", "", ("a", "b"), (False, False)))
    )
    source = markdown(whole)
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(source)
    kinds = [token.type for token in tokens]
    assert kinds.count("table_open") == 1 and kinds.count("tr_open") == 3 and kinds.count("th_open") == 5
    assert (
        kinds.count("td_open") == 10 and kinds.count("heading_open") == 1 and "html_block" not in kinds and "fence" not in kinds
    )
    inside = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in inside} <= {"text", "html_inline", "text_special"}
    assert all(child.content == "<br>" for child in inside if child.type == "html_inline")
    assert source.count("\n") == len(source.splitlines())  # no line end but our own, for whatever shows the file
    assert source.encode()  # half a surrogate pair can't be written


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_cell_shows_is_what_was_written(text: str) -> None:
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown(comparison(text)))
    cells = [token for token in tokens if token.type == "inline"]
    shown = "".join("\n" if child.type == "html_inline" else child.content for child in cells[-1].children or ())
    if text.isprintable() and text.strip():
        assert shown == text.strip()


@pytest.mark.parametrize("columns", [20, 60, 80, 200])
def test_no_line_is_wider_than_the_terminal(columns: int) -> None:
    lines = list(table(comparison(*HOSTILE, "死锁的四个必要条件：互斥、占有并等待、不可剥夺、循环等待。" * 5, None), columns, 99))
    assert max(map(width, lines)) <= columns and not any("\x1b" in line for line in lines)
    assert "（没有答成）" in "".join(lines) and "（空）" in "".join(lines)


def test_columns_are_in_line() -> None:
    lines = list(table(comparison("中文abc回答" * 9), 80, 9))
    bars = [[width(line[:i]) for i, char in enumerate(line) if char in "│┼"] for line in lines]
    assert len(lines) > 4 and all(places == bars[0] for places in bars)


def test_words_stay_whole_where_they_can() -> None:
    assert wrapped("the quick brown fox", 10) == ["the quick", "brown fox"]
    assert wrapped("死锁是什么", 4) == ["死锁", "是什", "么"]
    assert wrapped("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert wrapped("a\n\nb", 9) == ["a", "", "b"]


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("Ｂ 树", "B树", True),
        (" 甲\n乙 ", "甲 乙", True),
        ("int  a", "int a", True),
        ("int a", "inta", False),
        ("<think>想</think>\n甲", "甲", True),
        ("甲。", "甲", False),
        ("a", "A", False),
    ],
)
def test_the_same_but_for_width_and_blanks(one: str, other: str, equal: bool) -> None:
    assert same(one, other) is equal


def test_failed_and_unreferenced_rows_do_not_count() -> None:
    rows = (
        Row("1", "问", "甲", ("甲", None), (False, False)),
        Row("2", "问", "", ("甲", "甲"), (False, True)),
        Row("3", "问", "乙", ("丙", "乙"), (False, False)),
    )
    first, second, against = Comparison(("前", "后"), rows).lines()
    assert "一致 1/2（50.0%），回答了 3/3 题" in first
    assert "一致 1/1（100.0%），回答了 2/3 题，1 题到长度上限被截断" in second
    assert "不同 1 题，相同 1 题；变对 1 题，变错 0 题" in against
