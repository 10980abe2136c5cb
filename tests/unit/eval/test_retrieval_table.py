import unicodedata

from eval.refusal import RefusalQuestion
from eval.retrieval_table import BASELINE, answer_lines, gain_lines, measure_lines, refusal_lines, row_name
from eval.scoring import Estimate
from rag.rerank import PARTS

ONE, HALF = Estimate(1.0, 1.0, 1.0), Estimate(0.5, 0.25, 0.75)


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def test_every_row_has_a_chinese_name() -> None:
    named = ["dense", "lexical", "fused", "reranked", "passages", "without headings", *(f"without {part}" for part in PARTS)]
    names = [row_name(name) for name in named]
    assert len(set(names)) == len(named) and not any(set(name) & set("abcdefghijklmnopqrstuvwxyz") for name in names)
    assert row_name("without alike") == "去掉“学生的问法”一项" and row_name("without headings") == "片段都去掉标题"
    assert row_name("lexical") == "词法（BM25）" and row_name("BM25 500/150") == "BM25 500/150"


def test_measures_stand_in_columns_under_their_heads() -> None:
    lines = list(measure_lines("fused", {"all": {"Success@1": HALF, "RR@10": ONE}, "os": {"Success@1": ONE, "RR@10": ONE}}))
    assert lines[0] == "【两路按名次融合】" and lines[1].split() == ["Success@1", "RR@10"]
    assert lines[2].split() == ["全部", "0.500（0.250–0.750）", "1.000（1.000–1.000）"] and lines[3].startswith("操作系统")
    assert len({width(line) for line in lines[1:]}) == 1


def test_answers_stand_in_columns() -> None:
    lines = answer_lines({"BM25 500/150": {1000: HALF, 2000: ONE}, "passages": {1000: ONE, 2000: ONE}})
    assert "前 1000 字" in lines[0] and lines[2].startswith("答疑所用的段落") and len(set(map(width, lines))) == 1


def test_a_gain_is_told_in_percentage_points() -> None:
    assert list(gain_lines({1000: Estimate(0.105, -0.001, 0.211)})) == [
        f"前 1000 字：答疑所用的段落比 {BASELINE} +10.5 个百分点（-0.1 至 +21.1）"
    ]


def test_refusing_is_told_in_chinese() -> None:
    questions = [RefusalQuestion(str(n), "问", n > 1) for n in range(5)]
    lines = list(refusal_lines({"precision": 0.85, "recall": 1.0, "f1": 0.919, "wrongly_refused": 0.08}, questions))
    assert lines == ["【拒答】2 个不能答、3 个能答的问题", "精确率 85.0%  召回率 100.0%  F1 91.9%  误拒率 8.0%"]
