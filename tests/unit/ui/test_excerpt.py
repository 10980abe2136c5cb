"""The text around a quotation: rendered where it is Markdown, marked, and harmless."""

import re

import pytest

from ui.excerpt import excerpt_html

NOTE = """**死锁**是互相等待。
产生的条件如下：
- 互斥：只能被一个进程占用。
- 不可剥夺：不能被强行夺走。

| 条件 | 做法 |
| --- | --- |
| 互斥 | 改造成共享设备 |
"""


def shown(quote: str, text: str = NOTE) -> str:
    start = text.index(quote)
    return excerpt_html(text, start, start + len(quote), markdown=True)


def marked(html: str) -> list[str]:
    return [re.sub("<[^>]+>", "", one) for one in re.findall("<mark>(.*?)</mark>", html, re.DOTALL)]


def test_a_note_is_shown_as_its_markdown_means_it() -> None:
    html = shown("互斥：只能被一个进程占用。")
    assert "<strong>死锁</strong>" in html
    assert html.count("<li>") == 2
    assert "<table>" in html and "---" not in html
    assert marked(html) == ["互斥：只能被一个进程占用。"]


def test_a_quotation_over_several_lines_leaves_lists_and_tables_what_they_are() -> None:
    html = shown(NOTE[NOTE.index("产生") : NOTE.index("改造成") + 7])
    assert html.count("<li>") == 2
    assert html.count("<td>") == 2 and html.count("<th>") == 2
    assert "".join(marked(html)).replace(" ", "").startswith("产生的条件如下：互斥：只能被一个进程占用。不可剥夺")
    assert html.count("<mark>") == html.count("</mark>") == 7


def test_a_quotation_that_begins_within_a_line() -> None:
    assert marked(shown("互相等待。\n产生的条件")) == ["互相等待。", "产生的条件"]


def test_blocks_are_kept_apart_though_the_chunk_has_lost_its_empty_lines() -> None:
    html = shown(
        "之后的话。", NOTE.replace("\n\n", "\n").strip() + "\n之后的话。\n1. 甲\n2. 乙\n末尾的话。\n```\n| a\n- b\n```\n最后。"
    )
    assert "<p><mark>之后的话。</mark></p>" in html and html.count("<tr>") == 2
    assert "<p>末尾的话。</p>" in html and html.count("<ol>") == 1 and html.count("<ul>") == 1
    assert "<pre><code>| a\n- b\n</code></pre>" in html and "<p>最后。</p>" in html


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[点我](javascript:alert(1))",
        "![图](http://203.0.113.9/x.png)",
        "<http://203.0.113.9/>",
        "<img src=x onerror=alert(1)>",
        "\ue000<b>\ue001",
    ],
)
@pytest.mark.parametrize("markdown", [True, False])
def test_nothing_of_the_text_becomes_a_tag_that_acts(hostile: str, markdown: bool) -> None:
    text = f"前面 {hostile} 后面"
    html = excerpt_html(text, 0, len(text), markdown)
    assert set(re.findall(r"<(/?\w+)", html)) <= {"div", "/div", "p", "/p", "mark", "/mark"}
    assert html.count("<mark>") == 1


def test_plain_text_stays_as_it_is() -> None:
    html = excerpt_html("**甲**\n- 乙", 0, 5, markdown=False)
    assert html == "<div class='excerpt'><mark>**甲**</mark>\n- 乙</div>"
