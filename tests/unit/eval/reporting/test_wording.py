"""Sentences and numbers of the report: each says what is so, and nothing else."""

from typing import Any

import pytest

from eval.reporting.wording import FILTERS, sentences

COUNTS = {"read": 1200, "renamed": 0, "unreadable": 0, "duplicates": 0, "skipped": 0}
RUN = {
    "unread": COUNTS, "max_tokens": 60, "source": "自带题库", "baseline": False, "seconds": 73.0, "wall_seconds": 5.0, "concurrency": 16,
}  # fmt: skip
OVERLAP = {"training": False, "knowledge": True, "seen": [{}, {}]}


def told(name: str, contamination: Any = None, cut: tuple[int, int] = (0, 0), **run: Any) -> str:
    row = {"truncated": cut[0], "truncated_unparsed": cut[1]}
    summary = {"run": RUN | run, "conditions": [{"table": {"all": row}}] * 2, "contamination": contamination}
    return sentences(summary)[name]


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({}, ""),
        ({"renamed": 3}, "读入 1,200 题（其中 3 题改了编号），列在下面。"),
        ({"unreadable": 1, "skipped": 4}, "读入 1,200 题；读不了 1 处，要看图等没有计入 4 处，列在下面。"),
        (
            {"renamed": 3, "unreadable": 1, "duplicates": 2, "skipped": 4},
            "读入 1,200 题（其中 3 题改了编号）；读不了 1 处，重复 2 处，要看图等没有计入 4 处，列在下面。",
        ),
    ],
)
def test_what_became_of_the_questions(counts: dict[str, int], sentence: str) -> None:
    assert told("reading", unread=COUNTS | counts) == sentence


def test_a_low_score_is_laid_to_the_limit_only_where_it_is_due_to_it() -> None:
    assert told("truncation") == ""
    assert told("truncation", cut=(6, 5)) == (
        "12 次回答在 60 token 处被截断，其中 10 次因此没有读出答案：成绩偏低。"
        "请把 TUTOR_CHAT_MAX_TOKENS 调大（思考型模型建议 8192 以上）再考。"
    )
    assert "成绩偏低" not in told("truncation", cut=(6, 0))


@pytest.mark.parametrize(
    ("contamination", "run", "sentence"),
    [
        (None, {}, "没有检查考题是否在训练数据里出现过（--train-data 可查）。"),
        (None, {"source": "计算题 60 道（种子 7）"}, "题由程序现算，数字是新的；题型可能见过。"),
        (OVERLAP, {}, "与知识库重合的题 2 道。没有给训练数据，模型训练时是否见过这些题不知道。"),
        (OVERLAP, {"baseline": True}, "与知识库重合的题 2 道。"),
        (OVERLAP | {"training": True, "knowledge": False}, {}, "与所给训练数据重合的题 2 道；知识库没有比对。"),
        (OVERLAP | {"training": True}, {}, "与所给训练数据或知识库重合的题 2 道。"),
    ],
)
def test_only_what_was_looked_into_is_said_of_the_overlap(contamination: Any, run: dict[str, Any], sentence: str) -> None:
    assert told("seen", contamination, **run) == sentence


def test_time_by_the_clock_and_in_sum() -> None:
    assert told("time") == "实际用时 5 秒（同时问 16 题）；各题用时之和 1 分 13 秒"
    assert told("time", concurrency=1) == "实际用时 5 秒；各题用时之和 1 分 13 秒"
    assert told("time", wall_seconds=None) == "各题用时之和 1 分 13 秒"


def test_numbers() -> None:
    interval, between, moment, points = (FILTERS[name] for name in ("interval", "between", "moment", "points"))
    assert interval({"n": 4, "low": 0.0456, "high": 0.5}) == "4.6%–50.0%"
    assert interval({"n": 4, "low": None, "high": None}) == interval({"n": 0, "low": 0, "high": 1}) == interval(None) == "—"
    assert between({"low": -0.15, "high": 0.032}) == "−15.0 到 +3.2" and between({"low": 0.1, "high": 0.1}) == "—"
    assert [FILTERS["signed"](share) for share in (0.0, -0.0001, None, 0.05)] == ["0.0", "0.0", "—", "+5.0"]
    assert moment("2026-11-22T05:08:59+08:00") == "2026-11-22 05:08" and moment("") == "—"
    assert points(97.0) == "97" and points(33.04) == "33" and points(33.5) == "33.5"
