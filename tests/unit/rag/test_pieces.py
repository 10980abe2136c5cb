from rag.parsing.page import Block, Span
from rag.pieces import SIZES, Sizes, count_tokens, pieces_of

SMALL = Sizes(40, 60)


def texts(block: Block, sizes: Sizes = SMALL) -> list[str]:
    return [piece.block.text for piece in pieces_of(block, sizes)]


def test_tokens_are_those_of_the_embedding_model() -> None:
    assert count_tokens("") == 0
    assert count_tokens("进程是资源分配的基本单位") < 12 < count_tokens("qzx" * 12), "words of the course are one token each"


def test_a_short_block_stays_whole_with_its_length() -> None:
    block = Block("text", "页表记录页号与块号的对应关系。")
    assert [(p.block, p.size, p.repeated) for p in pieces_of(block, SIZES)] == [(block, count_tokens(block.text), 0)]


def test_a_long_paragraph_is_cut_between_sentences_near_the_target() -> None:
    sentence = "调度程序从就绪队列里选出一个进程，把处理机分配给它。"
    made = texts(Block("text", sentence * 12))
    assert "".join(made) == sentence * 12 and all(text.endswith("。") for text in made)
    assert all(20 < count_tokens(text) <= 40 for text in made[:-1])


def test_a_formula_is_never_cut() -> None:
    formula = "$$\n" + "\n".join(f"T_{i} = t_{i} + \\sum_k c_k \\cdot (n! - {i})" for i in range(4)) + "\n$$"
    text = "平均等待时间按下面的式子计算，" * 6 + formula + "，" + "式中的各项都以毫秒为单位，" * 6
    made = texts(Block("text", text), Sizes(40, 110))
    assert len(made) > 2 and sum(formula in piece for piece in made) == 1
    assert "".join(made) == text


def test_an_overlong_sentence_is_cut_at_a_sign() -> None:
    text = "每个进程都有自己的地址空间、寄存器和打开的文件，" * 12
    made = texts(Block("text", text))
    assert "".join(made) == text and all(piece[-1] in "，、" for piece in made)


def test_without_a_sign_the_cut_is_beside_the_formula() -> None:
    formula = "$T_a=t_b+t_c-t_d$"
    text = "等待设备的进程" * 14 + formula + "等待设备的进程" * 14
    made = texts(Block("text", text), Sizes(30, 48))
    assert "".join(made) == text and any(piece.endswith(formula) or piece.startswith(formula) for piece in made)
    assert sum(formula in piece for piece in made) == 1


def test_what_offers_no_place_is_cut_all_the_same() -> None:
    made = texts(Block("code", "x" * 2000))
    assert "".join(made) == "x" * 2000 and max(map(count_tokens, made)) <= 60


def test_every_piece_of_a_markdown_table_begins_with_its_header() -> None:
    header = "| 算法 | 最坏时间 | 稳定 |\n| --- | --- | --- |"
    rows = [f"| 第 {i} 种排序方法 | 与关键字比较 {i} 次 | 是 |" for i in range(12)]
    made = list(pieces_of(Block("table", "\n".join([header, *rows])), SMALL))
    assert len(made) > 2 and all(p.block.text.startswith(header + "\n| 第") for p in made)
    assert [row for p in made for row in p.block.text.split("\n")[2:]] == rows
    assert [p.repeated for p in made] == [0] + [len(header) + 1] * (len(made) - 1)
    assert all(abs(p.size - count_tokens(p.block.text)) <= 3 for p in made)


def test_a_repeated_header_keeps_its_place_in_print() -> None:
    rows = ["寻道方式\t平均移动\t说明"] + [f"第{i}种\t{i}0\t磁头按请求的次序移动到各个磁道上" for i in range(8)]
    text, spans = "\n".join(rows), []
    for i, row in enumerate(rows):
        start = text.index(row)
        spans.append(Span(start, start + len(row), (50.0, 700.0 - 16 * i, 400.0, 712.0 - 16 * i), 3 if i < 4 else 4))
    made = [p.block for p in pieces_of(Block("table", text, spans=tuple(spans)), SMALL)]
    assert len(made) > 2
    for block in made:
        assert block.spans[0].box == spans[0].box and block.spans[0].page == 3
        assert [block.text[s.start : s.end] for s in block.spans] == block.text.split("\n")
    assert made[-1].spans[-1].page == 4


def test_rows_of_numbers_or_sentences_are_no_header() -> None:
    for first in ("100\t20\t30", "磁头先到最近的磁道。\t20\t30", "甲\t20"):
        rows = [first] + [f"{i}\t磁头按请求的次序移动\t经过若干个磁道" for i in range(20)]
        made = texts(Block("table", "\n".join(rows)))
        assert [row for text in made for row in text.split("\n")] == rows


def test_a_listing_is_cut_between_lines_and_keeps_its_blanks() -> None:
    lines = [f"    count[{i}] = count[{i}] + wait(&mutex);\n" for i in range(12)]
    text = "\n".join(lines).rstrip("\n")
    made = texts(Block("code", text))
    assert len(made) > 2 and all(piece.startswith("    count") and piece.endswith(";") for piece in made)
    assert "".join("".join(made).split()) == "".join(text.split())
