import json
from pathlib import Path

import pytest

from errors import ContentError
from eval.answers import gains, hits, holding, read_answers, standing
from eval.bm25 import bm25_of_our_words, plain_bm25


def write(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def test_answers_are_strings_or_letters_of_options(tmp_path: Path) -> None:
    file = write(
        tmp_path / "q.jsonl",
        {"id": 1, "question": "先来先服务的缺点？", "options": {"A": "对短作业不利", "B": "饥饿"}, "answer": "A"},
        {"id": 2, "question": "谁提出银行家算法？", "answer": "Dijkstra。"},
        {"id": 3, "question": "太短", "answer": "栈"},
        {"id": 4, "question": "数", "answer": "1024 × 1024"},
    )
    assert [(q.id, q.plain) for q in read_answers([file])] == [("q/1", "对短作业不利"), ("q/2", "dijkstra")]


def test_a_line_that_is_no_question_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="第 2 行"):
        read_answers([write(tmp_path / "q.jsonl", {"question": "甲", "answer": "乙丙丁戊"}, {"question": "甲"})])


def test_only_answers_that_stand_in_the_documents_count(tmp_path: Path) -> None:
    rows = [{"question": "甲", "answer": "对短作业不利"}, {"question": "乙", "answer": "对长作业不利"}]
    questions = read_answers([write(tmp_path / "q.jsonl", *rows)])
    assert [q.question for q in standing(questions, ["先来先服务对短作业，不利。"])] == ["甲"]


def test_hits_count_characters_in_the_order_of_the_texts(tmp_path: Path) -> None:
    questions = read_answers([write(tmp_path / "q.jsonl", {"question": "甲", "answer": "对短作业不利"})])
    answer = "对短作业不利"

    def found(*texts: str) -> list[float]:
        return [estimate.mean for estimate in hits(holding(questions, lambda _: texts)).values()]

    assert found(answer) == [1.0, 1.0] and found("无关") == [0.0, 0.0]
    assert found("无" * 1200, answer) == [0.0, 1.0] and found("无" * 1997, answer) == [0.0, 0.0]
    assert found("无" * 2000 + answer) == [0.0, 0.0]


def test_a_gain_is_counted_question_by_question() -> None:
    more = gains({1000: [0, 0, 1, 1], 2000: [1, 1, 1, 1]}, {1000: [1, 1, 1, 0], 2000: [1, 1, 1, 1]})
    assert more[1000].mean == 0.25 and more[1000].low < 0.25 < more[1000].high and more[2000].mean == 0


TEXTS = ["死锁的四个必要条件是互斥等。" + "其他内容。" * 200, "TCP 用三次握手建立连接。", "先来先服务算法对短作业不利。"]


def test_the_baselines_find_pieces_by_their_words(tmp_path: Path) -> None:
    for search in (plain_bm25(TEXTS), bm25_of_our_words(TEXTS, tmp_path)):
        assert "三次握手" in search("三次握手")[0] and all(len(piece) <= 500 for piece in search("死锁 内容"))
        assert search("") == search("！") == []


def test_the_plain_one_leaves_no_word_of_a_question_out() -> None:
    assert plain_bm25(["互斥的资源", "共享"])("的 共享") == ["共享", "互斥的资源"]


def test_the_scores_are_those_of_bm25() -> None:
    """Against the formula: of two texts of one length the one that holds the rarer word comes first, whatever stands first."""
    texts = ["进程 进程 进程", "进程 线程 磁盘", "进程 中断 中断"]
    assert plain_bm25(texts)("进程 线程")[0] == texts[1]
    assert plain_bm25(texts)("进程")[0] == texts[0]
