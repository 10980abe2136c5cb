import pytest

from errors import EmptyDocumentError
from rag.parsing.plain import parse_markdown, parse_text

MARKDOWN = """---
title: 头
---
# 死锁

<!-- 目录 -->
* [必要条件](#必要条件)

## 必要条件

产生死锁有**四个**条件：

- 互斥：一次只有一个进程使用。
- 占有并等待 ![图](a.png)

> 注意：四个条件
> 缺一不可。

| 策略 | 代价 |
| --- | --- |
| 预防 | 高 |

```c
if (a < b) {  // <b>
}
```
<div align="center"> <img src="x.png"/> </div>
"""


def test_markdown_blocks_are_slices_of_the_source(write) -> None:
    (page,) = parse_markdown(write("a.md", MARKDOWN), 1)
    assert [(b.kind, b.level) for b in page.blocks] == [
        ("title", 1), ("title", 2), ("text", 0), ("item", 0), ("item", 0), ("text", 0), ("table", 0), ("code", 0),
    ]  # fmt: skip
    assert page.blocks[3].text == "- 互斥：一次只有一个进程使用。"
    assert page.blocks[4].text == "- 占有并等待", "pictures are left out"
    assert page.blocks[5].text == "> 注意：四个条件\n> 缺一不可。"
    assert "a < b) {  // <b>" in page.blocks[7].text, "code is verbatim"
    assert all(line in MARKDOWN for b in page.blocks for line in b.text.split("\n"))


def test_text_has_headings_and_items(write) -> None:
    (page,) = parse_text(write("a.txt", "第一章 绪论\n数据结构研究数据的组织。\n（1）集合\n"), 1)
    assert [(b.kind, b.level) for b in page.blocks] == [("title", 1), ("text", 0), ("item", 0)]


def test_markdown_without_text_says_so(write) -> None:
    with pytest.raises(EmptyDocumentError, match="只有图片"):
        list(parse_markdown(write("c.md", "![图](a.png)\n"), 1))


def test_hostile_markup_costs_no_more_than_its_length(write) -> None:
    import time

    started = time.process_time()
    list(parse_markdown(write("a.md", "文字" + "<!--" * 60000 + "![" * 60000), 1))
    assert time.process_time() - started < 20, "the quadratic reading took minutes"


def test_an_anchor_is_no_part_of_the_heading(write) -> None:
    (page,) = parse_markdown(write("a.md", "## 死锁的必要条件 {#os.3.9}\n\n正文 {#x}。\n"), 1)
    assert [(b.text, b.anchor) for b in page.blocks] == [("死锁的必要条件", "os.3.9"), ("正文 {#x}。", "")]


def test_a_listing_keeps_its_blank_lines_and_indentation_and_a_formula_its_signs(write) -> None:
    text = "```c\n    wait(s);\n\n    signal(s);\n```\n\n若 $a<b$ 且 $c>d$，则成立。\n"
    (page,) = parse_markdown(write("a.md", text), 1)
    assert [b.text for b in page.blocks] == ["    wait(s);\n\n    signal(s);", "若 $a<b$ 且 $c>d$，则成立。"]
