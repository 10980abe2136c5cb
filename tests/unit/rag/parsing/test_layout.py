from rag.parsing.layout import Line, OutlineEntry, blocks_of, heading_level


def line(text: str, top: float, left: float = 60, right: float = 500, size: float = 12) -> Line:
    return Line(text, (left, top - size, right, top), size, text)


def test_lines_of_a_paragraph_are_joined_without_a_space_between_chinese() -> None:
    (block,) = blocks_of([line("进程是资源分配的", 700), line("基本单位。", 684, right=150)], [])
    assert block.text == "进程是资源分配的基本单位。"
    assert [(s.start, s.end) for s in block.spans] == [(0, 8), (8, 13)]


def test_a_short_line_ends_its_paragraph() -> None:
    lines = [line("第一段到此结束。", 700, right=200), line("第二段从这里开始，一直写到页边才换行", 684)]
    assert [b.text for b in blocks_of(lines, [])] == ["第一段到此结束。", "第二段从这里开始，一直写到页边才换行"]


def test_headings_by_outline_by_number_and_by_size() -> None:
    lines = [
        line("第3章 内存管理", 760, right=200, size=18),
        line("3.1 分页", 730, right=150, size=14),
        line("快表", 700, right=100),
        line("快表是页表的高速缓存，正文写到页边为止。", 680),
        line("正文的第二行也写到页边，它决定正文字号。", 664),
    ]
    blocks = blocks_of(lines, [OutlineEntry(1, 3, "快 表")])
    assert [(b.text, b.level) for b in blocks if b.kind == "title"] == [("第3章 内存管理", 1), ("3.1 分页", 2), ("快表", 3)]


def test_number_tells_the_level() -> None:
    numbers = {"第三章 图": 1, "第2节 栈": 2, "3.2 遍历": 2, "3.2.1 先序": 3, "一、定义": 2, "3.5% 的页": 0, "正文": 0}
    assert {text: heading_level(text) for text in numbers} == numbers


def test_list_marker_printed_apart_goes_to_its_item() -> None:
    lines = [line("第一次握手：客户发送请求。", 700, left=80), line("1.", 700, left=66, right=74)]
    (block,) = blocks_of(lines, [])
    assert (block.kind, block.text) == ("item", "1. 第一次握手：客户发送请求。")


def test_code_keeps_its_lines_and_table_rows_theirs() -> None:
    code = [line("while (1) {", 700, right=150), line("P(empty);", 684, right=150), line("}", 668, right=70)]
    assert [(b.kind, b.text) for b in blocks_of(code, [])] == [("code", "while (1) {\nP(empty);\n}")]
    table = [line("算法\t稳定性", 700), line("快速排序\t不稳定", 684)]
    assert [(b.kind, b.text) for b in blocks_of(table, [])] == [("table", "算法\t稳定性\n快速排序\t不稳定")]


def test_a_paragraph_in_the_left_of_two_columns_stays_whole() -> None:
    left = [line(f"左栏第 {n} 行写到本栏的右边为止", 700 - 16 * n, left=60, right=270) for n in range(6)]
    right = [line(f"右栏第 {n} 行写到本栏的右边为止", 700 - 16 * n, left=290, right=500) for n in range(6)]
    assert len(blocks_of(left + right, [])) == 2


def test_a_listing_has_the_indentation_that_the_page_shows() -> None:
    lines = [line("while (1) {", 700, 60, 126), line("wait(s);", 684, 84, 132), line("}", 668, 60, 66)]
    (block,) = blocks_of(lines, [])
    assert block.text == "while (1) {\n    wait(s);\n}"


def test_the_full_stop_behind_the_blank_of_a_question_is_no_cell() -> None:
    (block,) = blocks_of([line("下列调度算法里，不会产生饥饿的是\t。", 700)], [])
    assert block.kind == "text"
