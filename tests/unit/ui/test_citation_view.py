from dataclasses import replace
from time import perf_counter

import pytest

from rag.citations import Citation
from rag.events import Answer
from ui.citation_view import answer_markdown, place, safe_markdown, short_place

ONE = Citation(1, "docs/操作系统讲义.pdf", "00ff", 9, "操作系统讲义 > 4.3 死锁", "互斥条件。")
TWO = Citation(2, "notes/死锁.md", "11ee", 1, "死锁 > 条件", "循环等待。")


def test_each_mark_links_to_its_own_citation() -> None:
    text = answer_markdown(Answer("甲。[2]乙。[1]", "os", "模型", (TWO, ONE), (0, 1)), 3)
    assert "甲。[\\[2\\] 死锁](#cite-3-0)乙。[\\[1\\] 操作系统讲义 9 页](#cite-3-1)" in text
    assert "操作系统讲义.pdf · 第 9 页 · 4.3 死锁](#cite-3-1)" in text
    assert "回答者：模型" in text


def test_place_has_a_page_only_where_the_format_has_pages() -> None:
    assert place(ONE) == "操作系统讲义.pdf · 第 9 页 · 4.3 死锁"
    assert place(TWO) == "死锁.md · 条件"


def test_a_chip_names_its_source_in_a_few_characters() -> None:
    assert short_place(replace(ONE, source="docs/一份名字特别长的讲义.pdf")) == "一份名字特别长… 9 页"
    assert short_place(Citation(1, "https://example.com/a?b", "", 1, "", "q")) == "example…"
    evil = replace(ONE, source="[x](y)<b>.pdf")
    assert "甲[\\[1\\] \\[x\\](y)\\<… 9 页](#cite-0-0)" in answer_markdown(Answer("甲[1]", "os", "m", (evil,), (0,)), 0)


def test_only_an_answer_whose_quotes_all_stand_on_their_pages_is_called_checked() -> None:
    checked, guessed = replace(ONE, literal=True), TWO
    assert "✓ 引用可核验（1 处）" in answer_markdown(Answer("甲。[1]", "os", "m", (checked,), (0,)), 0)
    assert "可核验" not in answer_markdown(Answer("甲。[1]乙。[2]", "os", "m", (checked, guessed), (0, 1)), 0)
    assert "可核验" not in answer_markdown(Answer("没有找到。", "os", "m", nearest=(checked,), refused=True), 0)


def test_refusal_shows_the_nearest_places() -> None:
    text = answer_markdown(Answer("没有找到。", "os", "模型", nearest=(ONE,), refused=True), 0)
    assert "最接近的资料" in text and "(#cite-0-0)" in text


def test_html_of_documents_and_models_is_text() -> None:
    assert safe_markdown("<img src=x onerror=alert(1)> a < b") == "&lt;img src=x onerror=alert(1)> a &lt; b"
    assert safe_markdown("`#include <stdio.h>`") == "`#include <stdio.h>`"
    assert safe_markdown("\\`<img>\\`") == "\\`&lt;img>\\`"
    assert safe_markdown("![x](http://evil/?q=1)") == "!\\[x](http://evil/?q=1)", "no image is fetched"
    evil = Citation(1, "a<script>.pdf", "0", 1, "x](javascript:alert(1))", "q")
    row = answer_markdown(Answer("甲[1]", "os", "<b>m</b>", (evil,), (0,)), 0)
    assert "<script>" not in row and "x\\](javascript" in row and "<b>m" not in row


def test_text_read_by_ocr_says_so_and_how_sure_it_is() -> None:
    assert place(replace(ONE, ocr_confidence=0.974)).endswith(" · OCR 识别（可信度 97%）")
    assert place(replace(ONE, ocr_confidence=0.7)).endswith("（可信度 70%，可信度低，请对照原页）")
    assert "OCR" not in place(ONE)


@pytest.mark.parametrize(
    "text",
    [
        "a ``` b\n\n![x](u) <img>\n\nc ``` d",
        "~~~\n```\n~~~\n![x](u) <img>\n```",
        "a\u2028```\n![x](u) <img>\n```\n",
        "```\n![x](u) <img>",
    ],
)
def test_what_only_looks_like_code_is_no_way_around(text: str) -> None:
    assert "![x]" not in safe_markdown(text) and "<img>" not in safe_markdown(text)


def test_code_stays_as_it_is() -> None:
    for code in ("```c\n#include <stdio.h>\n```", "- x\n  ```\n  a<b>\n  ```\n", "~~~\n<x>\n\n```\n~~~"):
        assert safe_markdown(code) == code


@pytest.mark.parametrize("text", ["](" + " " * 30_000, "```a\n" * 10_000, "`" * 50_000])
def test_a_hostile_text_does_not_take_long(text: str) -> None:
    begun = perf_counter()
    safe_markdown(text)
    assert perf_counter() - begun < 2


def test_a_warning_is_text_too() -> None:
    notice = "（对方说：![x](http://evil/) <img src=y>）"
    assert "![" not in answer_markdown(Answer("甲", "os", "m", notice=notice), 0)
