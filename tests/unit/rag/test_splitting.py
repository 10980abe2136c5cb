import json
import random

from rag.parsing.page import Block, Page, join_lines
from rag.splitting import link, sentences, split_pages


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
    assert max(len(c.page_content) for c in made) <= 400
    assert [c.id for c in made] == [c.id for c in chunks(Page(1, tuple(blocks)))]
    assert len({c.id for c in made}) == len(made)


def test_heading_without_text_becomes_a_chunk() -> None:
    page = Page(1, (Block("title", "甲", 2), Block("title", "乙", 2), Block("text", "丙。"), Block("title", "丁", 2)))
    assert [c.page_content for c in chunks(page)] == ["甲", "丙。", "丁"]


def test_lead_in_stays_with_its_items() -> None:
    items = tuple(Block("item", f"- 条件{i}：" + "字" * 60) for i in range(4))
    (first, *_) = chunks(Page(1, (Block("text", "字" * 150 + "条件如下："), *items)))
    assert "条件0" in first.page_content


def test_code_and_tables_are_cut_between_lines_only() -> None:
    rows = [f"行{i} | {'字' * 40}" for i in range(30)]
    made = chunks(Page(1, (Block("table", "\n".join(rows)),)))
    assert len(made) > 2
    assert [row for c in made for row in c.page_content.split("\n")] == rows


def test_spans_point_at_their_lines() -> None:
    text, spans = join_lines([("第一行的文字", (0, 90, 50, 100)), ("second line", (0, 80, 50, 90)), ("third", (0, 70, 50, 80))])
    assert text == "第一行的文字second line third"
    (chunk,) = chunks(Page(1, (Block("text", "前文。"), Block("text", text, spans=spans))))
    read = {chunk.page_content[a:b] for a, b, *_ in json.loads(chunk.metadata["boxes"])}
    assert read == {"第一行的文字", "second line", "third"}


def test_neighbours_stay_on_the_page_and_in_the_section() -> None:
    long = Block("text", "。".join("字" * 90 for _ in range(8)))
    made = link(chunks(Page(1, (long,)), Page(2, (Block("text", "下一页。"),))))
    assert made[0].metadata["next"] == made[1].id and made[1].metadata["previous"] == made[0].id
    assert made[-1].metadata["previous"] == ""


def test_sentences_end_where_chinese_ones_do() -> None:
    text = "进程是什么？它说：“程序的执行。”好！\n第二行"
    assert [text[a:b] for a, b in sentences(text)] == ["进程是什么？", "它说：“程序的执行。”", "好！", "第二行"]


def test_a_word_broken_at_the_end_of_a_line_is_joined_and_a_sign_kept() -> None:
    box = (0.0, 0.0, 1.0, 1.0)
    text, spans = join_lines([("infor\u00ad", box), ("mation FF-", box), ("FF", box)])
    assert text == "information FF-FF"
    assert [text[a:b] for a, b, _ in spans] == ["infor", "mation FF-", "FF"]


def test_the_point_of_a_note_stays_with_everything_below_its_heading() -> None:
    blocks = [
        Block("title", "第3章", 1), Block("text", "概说。"), Block("title", "死锁", 2, anchor="os.3.9"), Block("text", "甲。"),
        Block("title", "易错点", 3), Block("text", "乙。"), Block("title", "别的", 2), Block("text", "丙。"),
    ]  # fmt: skip
    assert [c.metadata["point"] for c in chunks(Page(1, tuple(blocks)))] == ["", "os.3.9", "os.3.9", ""]
