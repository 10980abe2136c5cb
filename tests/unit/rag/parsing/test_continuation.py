"""A page here is 500 points wide inside its margins: lines from 60 to 500, the first one at 760, 16 points each."""

import pytest

from rag.parsing.continuation import continued
from rag.parsing.page import SOFT_HYPHEN, Block, BlockKind, Page, join_lines


def block(
    *lines: str, kind: BlockKind = "text", top: float = 700, left: float = 60, right: float = 500, last: float = 0
) -> Block:
    """Printed lines from the left margin to the right edge; `last` is where the last one ends."""
    boxes = [(left, top - 16 * i - 12, right, top - 16 * i) for i in range(len(lines))]
    if last:
        boxes[-1] = (left, boxes[-1][1], last, boxes[-1][3])
    text, spans = join_lines(list(zip(lines, boxes, strict=True)), "\n" if kind in ("code", "table") else None)
    return Block(kind, text, spans=spans)


FULL = block("这一页上面的一段写到了右边。", top=760)


def joined(one: Block, two: Block) -> list[Page]:
    """Two pages on which `one` is the last block and `two` the first."""
    return list(continued([Page(4, (FULL, one)), Page(5, (two, FULL))]))


def test_a_paragraph_goes_on_over_the_page_break() -> None:
    pages = joined(
        block("打印机同一时刻只能由一个进程使用，所以它", "是一种临界资源，访问它的那一段"), block("代码叫做临界区。", last=160)
    )
    assert [[b.text for b in page.blocks][-1] for page in pages] == [
        "打印机同一时刻只能由一个进程使用，所以它是一种临界资源，访问它的那一段代码叫做临界区。",
        FULL.text,
    ]
    whole = pages[0].blocks[-1]
    assert [(whole.text[s.start : s.end], s.page) for s in whole.spans][-2:] == [
        ("是一种临界资源，访问它的那一段", 4),
        ("代码叫做临界区。", 5),
    ]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (block("时间片用完以后进程回到就绪队列。"), block("下一段从这里开始。")),
        (block("这一行没有写满", last=200), block("所以下一页是另一段。")),
        (block("这一行写满了但下一段是缩进的"), block("下一段的头一行。", "第二行在左边。", left=60)),
        (block("这一行写满了但后面是图的名称"), block("图 3.2 进程的状态")),
        (block("这一行写满了但后面是例题的解"), block("解：先求平均周转时间。")),
        (block("这一行写满了但后面是列表的项"), block("（1）互斥。", kind="item")),
        (block("这一行写满了但后面是一个标题"), block("3.2 调度", kind="title")),
        (block("The process waits for the device."), block("Then it runs again.")),
    ],
)
def test_what_begins_anew_stays_apart(one: Block, two: Block) -> None:
    if "缩进" in one.text:
        first, *rest = two.spans
        two = Block("text", two.text, spans=(first._replace(box=(84.0, *first.box[1:])), *rest))
    pages = joined(one, two)
    assert pages[0].blocks[-1].text == one.text and pages[1].blocks[0].text == two.text


def test_a_page_that_was_not_read_or_is_empty_parts() -> None:
    one, two = block("访问它的那一段"), block("代码叫做临界区。")
    for between in (Page(5, unread="页面损坏，无法读取"), Page(5)):
        pages = list(continued([Page(4, (one,)), between, Page(6, (two,))]))
        assert [p.number for p in pages] == [4, 5, 6] and pages[0].blocks[0].text == one.text
    assert len(list(continued([Page(4, (one,)), Page(6, (two,))]))) == 2, "a page that is not there at all"


def test_text_and_what_was_recognised_on_an_image_stay_apart() -> None:
    pages = continued([Page(4, (block("访问它的那一段"),)), Page(5, (block("代码叫做临界区。"),), confidence=0.9)])
    assert [page.blocks[0].text for page in pages] == ["访问它的那一段", "代码叫做临界区。"]


def test_a_paragraph_over_three_pages_is_one() -> None:
    one, two, three = block("头一页的最后一行"), block("中间一页只有这一行"), block("最后一页的头一行。")
    (page,) = continued([Page(1, (one,)), Page(2, (two,)), Page(3, (three,))])
    assert page.blocks[0].text == "头一页的最后一行中间一页只有这一行最后一页的头一行。"
    assert [span.page for span in page.blocks[0].spans] == [1, 2, 3]


def test_a_word_broken_at_the_end_of_a_page_is_whole() -> None:
    pages = joined(block(f"the page table holds frame num{SOFT_HYPHEN}", last=300), block("bers and protection bits."))
    assert pages[0].blocks[-1].text == "the page table holds frame numbers and protection bits."
    assert pages[0].blocks[-1].spans[0].end == len("the page table holds frame num")


def test_a_broken_word_that_goes_on_nowhere_has_no_mark() -> None:
    broken, title = block(f"the frame num{SOFT_HYPHEN}"), block("3.2 Paging", kind="title")
    for page in list(continued([Page(1, (broken,)), Page(2, (title, broken))])):
        last = page.blocks[-1]
        assert last.text == "the frame num" and last.spans[-1].end == len(last.text)


def test_latin_words_are_joined_with_a_space() -> None:
    pages = joined(block("the dispatcher chooses one of the"), block("ready processes."))
    assert pages[0].blocks[-1].text == "the dispatcher chooses one of the ready processes."


def test_a_list_item_and_a_listing_go_on() -> None:
    item = joined(block("（2）不可剥夺：资源在用完以前不能由别的进", kind="item"), block("程夺走。", last=120))
    assert item[0].blocks[-1].kind == "item" and item[0].blocks[-1].text.endswith("别的进程夺走。")
    code = joined(block("while (1) {", "  wait(&empty);", kind="code"), block("  signal(&full);", "}", kind="code"))
    assert code[0].blocks[-1].text == "while (1) {\n  wait(&empty);\n  signal(&full);\n}"


def test_a_table_goes_on_and_its_repeated_header_appears_once() -> None:
    one = block("算法\t平均时间", "冒泡\t平方级", "归并\t线性对数级", kind="table")
    two = block("算法\t平均时间", "希尔\t依增量而定", kind="table")
    (table,) = (b for page in joined(one, two) for b in page.blocks if b.kind == "table")
    assert table.text == "算法\t平均时间\n冒泡\t平方级\n归并\t线性对数级\n希尔\t依增量而定"
    assert [(table.text[s.start : s.end], s.page) for s in table.spans][-2:] == [("归并\t线性对数级", 4), ("希尔\t依增量而定", 5)]


def test_another_table_stays_apart() -> None:
    one = block("算法\t平均时间", "冒泡\t平方级", kind="table")
    for two in (block("甲\t乙\t丙", "一\t二\t三", kind="table"), block("层\t单位", "网络层\t分组", kind="table", left=300)):
        assert len([b for page in joined(one, two) for b in page.blocks if b.kind == "table"]) == 2


def test_a_paragraph_goes_on_in_the_next_column() -> None:
    left = block("左栏的文字写到栏边，最后", "一句话还没有说完，它", left=60, right=270, top=400)
    right = block("在右栏的顶上接着说。", "右栏的第二行。", left=300, right=500, top=760)
    (page,) = continued([Page(1, (left, right))])
    assert [b.text for b in page.blocks] == ["左栏的文字写到栏边，最后一句话还没有说完，它在右栏的顶上接着说。右栏的第二行。"]


def test_pages_without_print_are_left_as_they_are() -> None:
    slides = [Page(1, (Block("text", "这张幻灯片没有说完，"),)), Page(2, (Block("text", "下一张接着说。"),))]
    assert [page.blocks[0].text for page in continued(slides)] == ["这张幻灯片没有说完，", "下一张接着说。"]


def test_pages_come_one_at_a_time() -> None:
    asked = []

    def book():
        for number in range(1, 100):
            asked.append(number)
            yield Page(number, (block("第一行写满。"),))

    next(continued(book()))
    assert len(asked) <= 2
