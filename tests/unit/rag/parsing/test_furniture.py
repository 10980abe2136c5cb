from collections.abc import Callable
from pathlib import Path

import pytest

from rag.parsing.furniture import Furniture, sample_of
from rag.parsing.layout import Line
from rag.parsing.page_number import is_bare_number, numbered
from rag.parsing.pdf import parse_pdf
from rag.parsing.repeats import find_furniture

HEIGHT = 842.0


def line(text: str, top: float, left: float = 90.0, size: float = 10.0) -> Line:
    return Line(text, (left, HEIGHT - top - size, left + size * len(text), HEIGHT - top), size, text)


def page(number: int, *furniture: Line) -> list[Line]:
    return [*furniture, *(line(f"正文第{number}页的第{row}行各不相同", 90.0 + 16 * row) for row in range(30))]


def removed(pages: list[list[Line]]) -> list[list[str]]:
    furniture = find_furniture(pages, [HEIGHT] * len(pages))
    kept = [furniture.without(lines, HEIGHT) for lines in pages]
    return [[line.text for line in lines if line not in rest] for lines, rest in zip(pages, kept, strict=True)]


def same(count: int, make: Callable[[int], list[Line]]) -> list[list[str]]:
    return removed([page(n, *make(n)) for n in range(1, count + 1)])


def test_a_constant_header_and_the_page_numbers_go() -> None:
    gone = same(5, lambda n: [line("操作系统", 40), line(f"第 {n} 页，共 5 页", 800)])
    assert gone == [["操作系统", f"第 {n} 页，共 5 页"] for n in range(1, 6)]


def test_left_and_right_headers_go() -> None:
    gone = same(8, lambda n: [line(f"{n}\t数据结构", 40) if n % 2 else line(f"第2章 线性表\t{n}", 40, 200)])
    assert all(len(lines) == 1 for lines in gone)


def test_headers_that_change_with_the_chapter_go() -> None:
    gone = same(12, lambda n: [line(f"第{(n - 1) // 4 + 1}章 {'甲乙丙'[(n - 1) // 4]}", 40)])
    assert all(len(lines) == 1 for lines in gone)


def test_a_header_that_the_sample_missed_goes_with_its_page_number() -> None:
    sample = [page(n, line(f"第{(n - 1) // 4 + 1}章", 40), line(str(n), 40, 480)) for n in range(1, 13)]
    furniture = find_furniture(sample, [HEIGHT] * 12)
    other = page(99, line("第9章", 40), line("99", 40, 480))
    assert furniture.without(other, HEIGHT) == other[2:]
    opening = page(99, line("本章导读在页首只出现一次", 40))
    assert furniture.without(opening, HEIGHT) == opening


def test_misread_headers_of_scanned_pages_go() -> None:
    spellings = [
        "操作系统原理与应用",
        "操作糸统原理与应用",
        "操作系统原理与应甩",
        "操作系统 原理与应用",
        "操作系流原理与应用",
        "操作系统原埋与应用",
    ]
    pages = [
        page(n, line(spelling, 35 + 5 * n), line(f"l{n}" if n == 4 else f"1{n}", 800)) for n, spelling in enumerate(spellings)
    ]
    heights = [HEIGHT] * len(pages)
    furniture = find_furniture(pages[:5], heights[:5], scanned=True)
    assert [furniture.without(lines, HEIGHT, scanned=True) for lines in pages] == [lines[2:] for lines in pages]
    printed = furniture.without(pages[5], HEIGHT)
    assert pages[5][0] in printed, "what is printed is not misread"
    assert len(find_furniture(pages[:5], heights[:5]).without(pages[0], HEIGHT)) > 30


def test_questions_with_other_numbers_at_the_top_of_scanned_pages_stay() -> None:
    pages = [page(n, line(f"{n}．下列叙述中正确的是哪一项", 60)) for n in range(1, 9)]
    furniture = find_furniture(pages, [HEIGHT] * 8, scanned=True)
    assert [furniture.without(lines, HEIGHT, scanned=True) for lines in pages] == pages


def test_a_line_of_one_page_only_stays() -> None:
    assert same(6, lambda n: [line("甲乙丙丁戊己"[n - 1] * 4, 40)]) == [[]] * 6


def test_years_and_chapters_at_the_edge_are_no_page_numbers() -> None:
    assert same(8, lambda n: [line(f"{2008 + n // 2} 年统考真题{'一二'[n % 2]}", 40)] if n % 2 else []) == [[]] * 8


def test_a_large_heading_on_many_pages_stays() -> None:
    assert same(6, lambda n: [line("习题", 60, size=16)]) == [[]] * 6


def test_the_head_of_a_table_that_goes_on_stays() -> None:
    first = page(1)[:20] + [line("比较项\t进程\t线程", 500)]
    rest = [[line("比较项\t进程\t线程", 60), *(line(f"第{n}-{r}项\t甲\t乙", 90 + 30 * r) for r in range(20))] for n in range(4)]
    assert removed([first, *rest]) == [[]] * 5
    assert removed(rest) == [[]] * 4


def test_a_repeated_heading_in_the_body_stays() -> None:
    pages = [page(n) for n in range(6)]
    for n, lines in enumerate(pages):
        lines.insert(0, line("一、单项选择题", 60 if n < 4 else 400))
    assert removed(pages) == [[]] * 6


def test_short_documents_lose_lone_page_numbers_only() -> None:
    assert same(2, lambda n: [line("操作系统", 40), line(f"- {n} -", 800)]) == [["- 1 -"], ["- 2 -"]]
    cell = [line("上一行", 776), line("12", 788)]
    assert Furniture().without(cell, HEIGHT) == cell


def test_a_number_in_a_table_at_the_bottom_stays_where_pages_have_numbers_elsewhere() -> None:
    pages = [page(n, line(str(n), 40)) for n in range(1, 6)]
    pages[2].append(line("40", 790))
    assert removed(pages) == [["1"], ["2"], ["3"], ["4"], ["5"]]


def test_watermarks_across_the_text_go_and_the_same_words_elsewhere_stay() -> None:
    tilted = Line("内部资料", (140.0, 390.0, 330.0, 580.0), 60.0)
    level = line("严禁外传", 300, 200, 40)
    said = line("内部资料", 700)
    assert removed([page(n, tilted, level, said) for n in range(4)]) == [["内部资料", "严禁外传"]] * 4


def test_the_sample_is_spread_in_runs_of_three() -> None:
    assert sample_of(60) == list(range(60))
    sample = sample_of(601)
    assert len(sample) == 60 and sample[:4] == [0, 1, 2, 31] and sample[-1] == 600


@pytest.mark.parametrize(
    ("text", "mask", "number"),
    [
        ("第 12 页", "#", 12),
        ("第十二页", "#", 12),
        ("12 / 90", "#", 12),
        ("- 12 -", "#", 12),
        ("xiv", "#", 14),
        ("第3章 进程\t57", "第3章进程#", 57),
        ("57 第3章 进程", "#第3章进程", 57),
        ("3.2 调度", "3.2调度", -1),
        ("第3章", "第3章", -1),
        ("版本 4.19", "版本4.19", -1),
        ("见书中第 9 页的图", "见书中第9页的图", -1),
    ],
)
def test_page_numbers_are_masked(text: str, mask: str, number: int) -> None:
    assert numbered(text) == (mask, number)
    assert is_bare_number(text) == (mask == "#")


def test_a_quotient_is_no_page_number() -> None:
    assert is_bare_number("3/8") and not is_bare_number("90/3") and not is_bare_number("O(1)")


def test_a_real_file_loses_its_furniture_and_nothing_else(tmp_path: Path) -> None:
    import weasyprint

    style = """@page { size: A4; margin: 2.5cm; @top-center { content: '内部讲义 2026' }
        @bottom-center { content: counter(page) ' / ' counter(pages) } }
        .mark { position: fixed; top: 9cm; left: 3cm; font-size: 50pt; transform: rotate(-45deg) } thead { color: black }"""
    text = "".join(f"<p>第{n}段讲进程与线程的区别，以及切换的代价。</p>" for n in range(120))
    path = tmp_path / "a.pdf"
    weasyprint.HTML(string=f"<style>{style}</style><div class=mark>样章</div>{text}").write_pdf(path)
    pages = list(parse_pdf(path, 100))
    read = "".join(block.text for page in pages for block in page.blocks)
    assert len(pages) > 3
    assert "".join(read.split()) == "".join(f"第{n}段讲进程与线程的区别，以及切换的代价。" for n in range(120))


def test_a_turned_page_keeps_what_it_repeats() -> None:
    turned = [Line(f"第{r}行转了一个直角", (90.0 + 20 * r, 100.0, 100.0 + 20 * r, 300.0), 10.0) for r in range(12)]
    assert removed([turned] * 4) == [[]] * 4


def test_a_faint_tilted_mark_in_the_margin_goes() -> None:
    mark = Line("样章", (500.0, 300.0, 540.0, 340.0), 9.0)
    assert same(4, lambda n: [mark]) == [["样章"]] * 4


def test_a_page_of_furniture_only_is_an_empty_page(tmp_path: Path) -> None:
    import weasyprint

    style = "@page { size: A4; margin: 2.5cm; @top-center { content: '内部讲义，请勿外传' } } p { break-after: page }"
    path = tmp_path / "a.pdf"
    weasyprint.HTML(
        string=f"<style>{style}</style><p>甲乙丙丁戊己庚辛</p><p>子丑寅卯辰巳午未</p><p>天地玄黄宇宙</p><p></p>"
    ).write_pdf(path)
    blocks = [[block.text for block in page.blocks] for page in parse_pdf(path, 100)]
    assert blocks[:4] == [["甲乙丙丁戊己庚辛"], ["子丑寅卯辰巳午未"], ["天地玄黄宇宙"], []]
