import json
import random

import pytest

from rag.parsing.page import Block, Page, Span, join_lines
from rag.pieces import SIZES, count_tokens
from rag.splitting import boxes_of, link, split_pages


def chunks(*pages: Page):
    return list(split_pages(pages, "a.pdf", "00ff", "os"))


def test_section_path_follows_the_headings_over_pages() -> None:
    one = Page(1, (Block("title", "第1章", 1), Block("title", "1.1", 2), Block("text", "甲。")))
    two = Page(
        2,
        (
            Block("text", "乙。"),
            Block("title", "1.2", 2),
            Block("text", "丙。"),
            Block("title", "第2章", 1),
            Block("text", "丁。"),
        ),
    )
    assert [(c.metadata["page"], c.metadata["section"], c.page_content) for c in chunks(one, two)] == [
        (1, "第1章 > 1.1", "甲。"), (2, "第1章 > 1.1", "乙。"), (2, "第1章 > 1.2", "丙。"), (2, "第2章", "丁。"),
    ]  # fmt: skip


def test_no_text_is_lost_and_ids_are_stable_and_distinct() -> None:
    rng = random.Random(1)
    blocks = [Block("text", "".join(rng.choice("进程线程死锁，。") for _ in range(rng.randrange(1, 900)))) for _ in range(30)]
    made = chunks(Page(1, tuple(blocks)))
    squeezed = lambda texts: "".join("".join(t.split()) for t in texts)  # noqa: E731
    assert squeezed(c.page_content for c in made) == squeezed(b.text for b in blocks)
    assert max(count_tokens(c.page_content) for c in made) <= SIZES.longest * 1.05, "what is counted apart may differ a little"
    assert [c.id for c in made] == [c.id for c in chunks(Page(1, tuple(blocks)))]
    assert len({c.id for c in made}) == len(made)


def test_heading_without_text_becomes_a_chunk() -> None:
    page = Page(1, (Block("title", "甲", 2), Block("title", "乙", 2), Block("text", "丙。"), Block("title", "丁", 2)))
    assert [c.page_content for c in chunks(page)] == ["甲", "丙。", "丁"]


ITEMS = tuple(
    Block("item", f"（{i}）第 {i} 个条件：每个进程在申请新的设备时，都保持着已经分配给它的那些设备不放，直到它运行结束为止。")
    for i in range(1, 25)
)
LEAD_IN = "下面这些条件都成立时就会死锁："
BEFORE = "系统里的资源总是有限的，进程之间会为它们竞争。" * 10


def test_lead_in_stays_with_its_items_and_is_repeated_where_the_list_is_cut() -> None:
    made = chunks(Page(1, (Block("text", BEFORE + LEAD_IN), *ITEMS)))
    parts = [c for c in made if "个条件：" in c.page_content]
    assert len(parts) > 2
    for chunk in parts:
        before, _, items = chunk.page_content.partition(LEAD_IN + "\n（")
        assert items and before in ("", BEFORE)
    assert [c.metadata["repeated"] for c in made[-2:]] == [len(LEAD_IN) + 1] * 2 and made[0].metadata["repeated"] == 0


def test_a_long_lead_in_is_not_repeated() -> None:
    long = "在" + "、".join(f"第{i}种资源" for i in range(40)) + "这些资源上，死锁的条件是："
    made = chunks(Page(1, (Block("text", long), *ITEMS)))
    assert len(made) > 2 and sum(long in c.page_content for c in made) == 1


def test_a_list_ends_where_text_follows() -> None:
    made = chunks(Page(1, (Block("text", LEAD_IN), *ITEMS[:2], Block("text", BEFORE), *ITEMS)))
    assert sum(LEAD_IN in c.page_content for c in made) == 1


def test_code_and_tables_are_cut_between_lines_only() -> None:
    rows = [f"{i} | 磁头移到第 {i} 道，读出这一道上的全部扇区" for i in range(60)]
    made = chunks(Page(1, (Block("table", "\n".join(rows)),)))
    assert len(made) > 2
    assert [row for c in made for row in c.page_content.split("\n")] == rows


def test_spans_point_at_their_lines() -> None:
    text, spans = join_lines([("第一行的文字", (0, 90, 50, 100)), ("second line", (0, 80, 50, 90)), ("third", (0, 70, 50, 80))])
    assert text == "第一行的文字second line third"
    (chunk,) = chunks(Page(1, (Block("text", "前文。"), Block("text", text, spans=spans))))
    read = {chunk.page_content[a:b] for a, b, *_ in json.loads(chunk.metadata["boxes"])}
    assert read == {"第一行的文字", "second line", "third"}


def test_a_table_that_is_cut_begins_with_its_header_again() -> None:
    header = "| 方式 | 特点 |\n| --- | --- |"
    rows = [f"| 第{i}种方式 | 由第{i}个部件控制数据在内存和外设之间的传送 |" for i in range(60)]
    made = chunks(Page(1, (Block("text", "输入输出有多种方式。"), Block("table", "\n".join([header, *rows])))))
    assert len(made) > 2 and all(c.page_content.count(header) == 1 for c in made)
    assert all(c.page_content.startswith(header) and c.metadata["repeated"] == len(header) + 1 for c in made[1:])


def test_a_header_is_repeated_at_the_head_of_a_chunk_only() -> None:
    rows = ["| 名称 | 说明 |", "| --- | --- |", *(f"| 第{n}行 | {'页表 ' * n}：" for n in (150, 120, 150))]
    made = chunks(Page(1, (Block("table", "\n".join(rows)),)))
    assert [c.page_content.count("| 名称 |") for c in made] == [1, 1, 1]


def printed(text: str, page: int, top: float = 700) -> Block:
    """A line from the left margin to the right edge of a page."""
    return Block("item" if text.startswith("（") else "text", text, spans=(Span(0, len(text), (60, top - 12, 500, top), page),))


def test_a_chunk_over_a_page_break_begins_on_the_first_page_and_knows_both() -> None:
    one, two = printed("缓冲区满的时候，生产者必须等到消费者", 0), printed("取走一件产品为止。", 0)
    made = chunks(Page(6, (one,)), Page(7, (two, printed("下一段。", 0, 600))))
    assert [(c.metadata["page"], c.page_content) for c in made] == [
        (6, "缓冲区满的时候，生产者必须等到消费者取走一件产品为止。"), (7, "下一段。"),
    ]  # fmt: skip
    assert [(s.page, made[0].page_content[s.start : s.end]) for s in boxes_of(made[0])] == [(6, one.text), (7, two.text)]


def test_a_piece_that_begins_on_the_next_page_is_of_that_page() -> None:
    sentence = "生产者把产品放进缓冲区，消费者从缓冲区里取走产品。"
    lines = [printed(sentence * 4, 0, 700 - 16 * i) for i in range(10)]
    text = "".join(line.text for line in lines)
    block = Block(
        "text",
        text,
        spans=tuple(Span(i * 4 * len(sentence), (i + 1) * 4 * len(sentence), line.spans[0].box) for i, line in enumerate(lines)),
    )
    block = Block("text", text[:-1], spans=block.spans)
    made = chunks(Page(1, (block,)), Page(2, (Block("text", text, spans=block.spans),)))
    firsts = [(c.metadata["page"], boxes_of(c)[0].page) for c in made]
    assert firsts[0] == (1, 1) and firsts[-1] == (2, 2) and all(page == first for page, first in firsts)


def test_a_list_goes_on_over_the_page_break_but_not_over_a_page_that_was_not_read() -> None:
    lead_in, item = printed("产生竞争的原因有：", 0), printed("（1）设备太少。", 0)
    assert [c.page_content for c in chunks(Page(1, (lead_in,)), Page(2, (item,)))] == ["产生竞争的原因有：\n（1）设备太少。"]
    assert len(chunks(Page(1, (lead_in,)), Page(2, unread="页面损坏"), Page(3, (item,)))) == 2
    assert len(chunks(Page(1, (lead_in,)), Page(2, (Block("item", item.text),)))) == 2, "without print the page would be unknown"


def test_older_stores_hold_lines_without_their_page() -> None:
    (chunk,) = chunks(Page(8, (printed("信号量是一个整数。", 0),)))
    chunk.metadata["boxes"] = json.dumps([row[:6] for row in json.loads(chunk.metadata["boxes"])])
    assert [span.page for span in boxes_of(chunk)] == [8]


@pytest.mark.parametrize(
    ("source", "first", "header"),
    [
        ("讲义/存储管理.pdf", Block("title", "3.1 分页", 2), "存储管理 > 3.1 分页"),
        ("讲义/存储管理.pdf", Block("title", "第三章 分页", 1), "存储管理 > 第三章 分页"),
        ("a.md", Block("title", "操作系统导论", 1), "操作系统导论"),
        ("a.md", Block("text", "没有标题。"), "a"),
    ],
)
def test_the_header_begins_with_the_title_of_the_document(source: str, first: Block, header: str) -> None:
    (chunk, *_) = split_pages([Page(1, (first, Block("text", "正文。")))], source, "00", "os")
    assert chunk.metadata["header"] == header and chunk.page_content in ("正文。", "没有标题。\n正文。")
    assert chunk.metadata["section"] == (first.text if first.kind == "title" else "")


def test_the_title_stands_before_every_chapter() -> None:
    blocks = [Block("title", "操作系统导论", 1), Block("title", "第一章 引论", 1), Block("text", "正文。")]
    assert chunks(Page(1, tuple(blocks)))[-1].metadata["header"] == "操作系统导论 > 第一章 引论"


def test_splitting_and_linking_hold_two_pages_at_most() -> None:
    asked = []

    def book():
        for number in range(1, 100):
            asked.append(number)
            yield Page(number, (Block("text", f"第 {number} 页。"),))

    linked = link(split_pages(book(), "a.pdf", "00", "os"))
    assert next(linked).page_content == "第 1 页。" and len(asked) <= 4


def test_neighbours_in_print_may_stand_on_the_next_page_but_not_further() -> None:
    pages = [Page(n, (printed(f"第 {n} 页的一段。", 0),)) for n in (1, 2, 4)]
    one, two, four = link(chunks(*pages))
    assert one.metadata["next"] == two.id and two.metadata["previous"] == one.id
    assert two.metadata["next"] == four.metadata["previous"] == ""


def test_neighbours_without_print_stay_on_the_page_and_in_the_section() -> None:
    long = Block("text", "系统里的资源总是有限的，进程之间会为它们竞争。" * 40)
    made = list(link(chunks(Page(1, (long,)), Page(2, (Block("text", "下一页。"),)))))
    assert made[0].metadata["next"] == made[1].id and made[1].metadata["previous"] == made[0].id
    assert made[-1].metadata["previous"] == ""


def test_a_word_broken_at_the_end_of_a_line_is_joined_and_a_sign_kept() -> None:
    box = (0.0, 0.0, 1.0, 1.0)
    text, spans = join_lines([("infor\u00ad", box), ("mation FF-", box), ("FF", box)])
    assert text == "information FF-FF"
    assert [text[s.start : s.end] for s in spans] == ["infor", "mation FF-", "FF"]


def test_the_point_of_a_note_stays_with_everything_below_its_heading() -> None:
    blocks = [
        Block("title", "第3章", 1), Block("text", "概说。"), Block("title", "死锁", 2, anchor="os.3.9"), Block("text", "甲。"),
        Block("title", "易错点", 3), Block("text", "乙。"), Block("title", "别的", 2), Block("text", "丙。"),
    ]  # fmt: skip
    assert [c.metadata["point"] for c in chunks(Page(1, tuple(blocks)))] == ["", "os.3.9", "os.3.9", ""]
