from pathlib import Path
from random import Random

from rag.parsing.columns import Row, in_reading_order
from rag.parsing.layout import Line
from rag.parsing.pdf import parse_pdf

LEFT, RIGHT = 60.0, 310.0


def line(text: str, top: float, left: float = LEFT, width: float = 225.0) -> Line:
    return Line(text, (left, 800 - top - 12, left + width, 800 - top), 12.0)


def interleaved(start: float = 100, rows: int = 8, shift: float = 0.0, name: str = "") -> list[Line]:
    pairs = [
        (
            line(f"{name}左栏第{r}行的文字排满一栏", start + 16 * r),
            line(f"{name}右栏第{r}行的文字排满一栏", start + shift + 16 * r, RIGHT),
        )
        for r in range(rows)
    ]
    return [line for pair in pairs for line in pair]


def texts(lines: list[Line]) -> list[str]:
    return [line.text[:4] for line in lines]


def test_two_columns_are_read_left_then_right() -> None:
    for shift in (0.0, 7.0):
        assert texts(in_reading_order(interleaved(shift=shift))) == ["左栏第" + str(r) for r in range(8)] + [
            "右栏第" + str(r) for r in range(8)
        ]


def test_full_width_lines_part_the_sections() -> None:
    title, caption = line("题目", 60, 280, 60), line("图 1 横跨两栏的图注说明", 240, 100, 400)
    page = [title, *interleaved(100, name="上"), caption, *interleaved(270, name="下")]
    Random(1).shuffle(page)
    read = [t.text[:2] for t in in_reading_order(page)]
    assert read == ["题目", *["上左"] * 8, *["上右"] * 8, "图 ", *["下左"] * 8, *["下右"] * 8]
    assert [t.text[3:5] for t in in_reading_order(page)[1:9]] == [f"第{r}" for r in range(8)]


def test_lines_in_order_keep_the_pieces_of_a_row() -> None:
    pieces = [line("下标在后面的一行文字有两截", 60, LEFT, 100), line("n", 58, LEFT + 100, 6)]
    page = [*pieces, *sorted(interleaved(), key=lambda part: part.box[0])]
    assert in_reading_order(page) == page


def test_a_single_column_keeps_its_order() -> None:
    page = [line(f"第{r}行排满整页宽度的一行正文文字", 400 - 16 * r, LEFT, 470) for r in range(12)]
    assert in_reading_order(page) == page


def test_tables_keep_their_rows() -> None:
    short = [
        cell
        for r in range(9)
        for cell in (line("概念" * (r % 2 + 1), 16 * r, LEFT, 40), line("说明它的一行文字各不相同", 16 * r, RIGHT))
    ]
    tabbed = [line(f"进程{r}的一格\t线程{r}的一格", 16 * r, LEFT, 470) for r in range(12)]
    assert in_reading_order(short) == short
    assert in_reading_order(tabbed) == tabbed


def test_a_table_of_long_cells_keeps_its_rows() -> None:
    page = [
        line(f"{side}格{r}的第{k}行文字排满了一格", 60 * r + 14 * k, left)
        for r in range(4)
        for side, left in (("左", LEFT), ("右", RIGHT))
        for k in range(3)
    ]
    assert in_reading_order(page) == page


def test_options_side_by_side_keep_their_order() -> None:
    page = []
    for q in range(4):
        page.append(line(f"{q}．下列关于进程与线程的叙述中，正确的一项是哪一个", 100 * q, LEFT, 470))
        for r, (a, b) in enumerate(("AB", "CD")):
            page += [
                line(f"{a}．进程是资源分配的基本单位", 100 * q + 16 * (r + 1)),
                line(f"{b}．线程是处理机调度的基本单位", 100 * q + 16 * (r + 1), RIGHT),
            ]
    assert in_reading_order(page) == page


def test_title_pages_keep_their_order() -> None:
    page = [
        line("操作系统", 300, 200, 200),
        line("第二版", 340, 250, 100),
        line("某某 编著", 500, 240, 120),
        line("某某出版社", 700, 230, 140),
    ]
    assert in_reading_order(page) == page
    assert in_reading_order([]) == []


def test_sides_of_unequal_width_or_far_apart_are_no_columns() -> None:
    narrow = [
        part
        for r in range(8)
        for part in (line(f"旁注第{r}条写在边上", 20 * r, 60, 100), line(f"正文第{r}行的文字排满", 20 * r + 7, 240, 300))
    ]
    apart = [
        part
        for r in range(8)
        for part in (line(f"左边第{r}条写在边上", 20 * r, 60, 150), line(f"右边第{r}条写在边上", 20 * r + 7, 380, 150))
    ]
    assert in_reading_order(narrow) == narrow
    assert in_reading_order(apart) == apart


def test_a_real_page_drawn_across_its_columns_is_read_down(tmp_path: Path) -> None:
    import weasyprint

    rows = [(r, side) for r in range(12) for side in (0, 1)]
    place = "position: absolute; font-size: 12pt; width: 8cm; top: {}pt; left: {}pt"
    lines = "".join(
        f"<div style='{place.format(44 * r + 22 * side, 220 * side)}'>第{12 * side + r}行的文字排满了这一栏的宽度啊</div>"
        for r, side in rows
    )
    path = tmp_path / "a.pdf"
    weasyprint.HTML(string=f"<style>@page {{ size: A4; margin: 2cm }}</style>{lines}").write_pdf(path)
    (page,) = parse_pdf(path, 10)
    read = "".join(block.text for block in page.blocks)
    places = [read.index(f"第{n}行") for n in range(24)]
    assert places == sorted(places)


def test_a_real_page_in_columns_is_read_down_whatever_the_order_in_the_file(tmp_path: Path) -> None:
    import weasyprint

    column = "".join(f"<p>第{n}条说的是页面置换算法在缺页时怎样选择要换出的页面，以及它的代价如何。</p>" for n in range(30))
    rule = "<style>@page { size: A4; margin: 2cm } div { columns: 2; column-gap: 8mm } h1, p { margin: 0 0 6pt } h1 { text-align: center }</style>"
    path = tmp_path / "a.pdf"
    weasyprint.HTML(string=f"{rule}<h1>两栏的文章</h1><div>{column}</div>").write_pdf(path)
    (page,) = parse_pdf(path, 10)
    read = "".join("".join(block.text for block in page.blocks).split())
    assert read.startswith("两栏的文章第0条")
    assert [read.index(f"第{n}条") for n in range(30)] == sorted(read.index(f"第{n}条") for n in range(30))


def row(*cells: Line) -> Row:
    first, last = cells[0].box, cells[-1].box
    return Row("\t".join(cell.text for cell in cells), (*first[:2], *last[2:]), 12.0, "", cells)


def joined(rows: int = 8) -> list[Line]:
    return [
        row(line(f"左栏第{r}行的文字排满一栏", 100 + 16 * r), line(f"右栏第{r}行的文字排满一栏", 100 + 16 * r, RIGHT))
        for r in range(rows)
    ]


def test_rows_that_are_lines_of_two_columns_are_halved() -> None:
    page = [line("题目", 60, 280, 60), *joined(), line("左栏最后一行的文字短些", 228, width=120)]
    assert texts(in_reading_order(page)) == [
        "题目",
        *(f"左栏第{r}" for r in range(8)),
        "左栏最后",
        *(f"右栏第{r}" for r in range(8)),
    ]


def test_a_formula_with_a_wide_gap_goes_with_its_column() -> None:
    page = joined()
    page[3] = row(line("a=b", 148, width=60), line("式1", 148, LEFT + 190, 35), line("右栏第3行的文字排满一栏", 148, RIGHT))
    assert [t.text for t in in_reading_order(page)][3] == "a=b\t式1"


def test_rows_of_a_table_are_not_halved() -> None:
    four = [row(*(line(f"第{r}行的这一格文字很长", 16 * r, left, 95) for left in (60, 175, 310, 425))) for r in range(10)]
    ragged = [
        row(
            line("进程的一格文字" * 2, 16 * r, width=100 + 30 * (r % 5)),
            line("线程的一格文字" * 2, 16 * r, RIGHT, 100 + 25 * (r % 6)),
        )
        for r in range(10)
    ]
    spaced = [
        row(
            line(f"左格{r}的第{k}行文字排满了一格", 60 * r + 14 * k),
            line(f"右格{r}的第{k}行文字排满了一格", 60 * r + 14 * k, RIGHT),
        )
        for r in range(4)
        for k in range(3)
    ]
    few = [*joined(7), *(line(f"第{r}行排满整页宽度的一行正文文字", 300 + 16 * r, LEFT, 470) for r in range(12))]
    for page in (four, ragged, spaced, few, joined(5)):
        assert in_reading_order(page) == page


def printed_page(path: Path, body: str) -> list[str]:
    import weasyprint

    weasyprint.HTML(
        string=f"<style>@page {{ size: A4; margin: 2cm }} td {{ padding: 0 15pt; white-space: nowrap }}</style>{body}"
    ).write_pdf(path)
    (page,) = parse_pdf(path, 10)
    return [block.text for block in page.blocks]


def test_a_real_page_whose_columns_share_their_baselines_is_read_down(tmp_path: Path) -> None:
    place = "position: absolute; font-size: 12pt; width: 8cm; top: {}pt; left: {}pt"
    body = "".join(
        f"<div style='{place.format(20 * r, 240 * side)}'>第{20 * side + r}行的文字排满了这一栏的宽度啊</div>"
        for r in range(20)
        for side in (0, 1)
    )
    read = "".join(printed_page(tmp_path / "a.pdf", body))
    places = [read.index(f"第{n}行") for n in range(40)]
    assert places == sorted(places)


def test_a_real_table_keeps_its_rows(tmp_path: Path) -> None:
    cells = "".join(
        f"<tr><td>第{r}项说的是进程切换时要保存的现场{'和页表' * (r % 4)}<td>第{r}条说的是线程切换时的现场{'和栈' * (r % 5)}"
        for r in range(12)
    )
    read = "".join(printed_page(tmp_path / "a.pdf", f"<table>{cells}</table>"))
    assert "\t第0条" in read, "each row is read as one line"
    places = [read.index(f"第{n}{kind}") for n in range(12) for kind in "项条"]
    assert places == sorted(places)
