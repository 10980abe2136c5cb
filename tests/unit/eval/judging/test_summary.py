from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from scipy.stats import binomtest

from eval.judging.differences import UNDECIDED
from eval.judging.folder import Answered, Judged
from eval.judging.summary import TOTAL, summary_of
from eval.judging.table import failures, lines_of, markdown_of
from eval.judging.tasks import Task

TASKS = [
    Task(f"{family}-{n:02}", family, ("问",), "答", ("要点（10 分）",)) for family in ("code", "reading") for n in range(1, 6)
]


class Found:
    """A source of answers and judgements, given by hand."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], Answered] = {}
        self.rulings: dict[tuple[tuple[str, ...], str, int], Judged] = {}

    def answered(self, system: str, task: Task) -> Answered | None:
        return self.answers.get((system, task.id))

    def judged(self, systems: tuple[str, ...], task: Task, repeat: int = 0) -> Judged | None:
        return self.rulings.get((systems, task.id, repeat))

    def answer(self, system: str, task: Task, reply: str = "好", finish_reason: str = "stop") -> None:
        self.answers[system, task.id] = Answered(system, task.id, "c", (reply,), 1, finish_reason, 0.1)

    def rule(
        self,
        systems: tuple[str, ...],
        task: Task,
        score: float | None = None,
        winner: str | None = None,
        repeat: int = 0,
        raw: tuple[str, ...] = ("评",),
    ) -> None:
        problem = "" if score is not None or winner is not None else "缺少 score"
        self.rulings[systems, task.id, repeat] = Judged(systems, task.id, "c", repeat, score, winner, "理由", problem, raw, 0.1)


@pytest.fixture
def found() -> Found:
    return Found()


def score(found: Found, scores: Sequence[float | None], system: str = "甲") -> None:
    for task, one in zip(TASKS, scores, strict=False):
        found.answer(system, task)
        found.rule((system,), task, one)


def compare(found: Found, winners: Sequence[tuple[str | None, str | None]]) -> None:
    for task, (first, second) in zip(TASKS, winners, strict=False):
        found.rule(("甲", "乙"), task, winner=first)
        found.rule(("乙", "甲"), task, winner=second)


def test_points_means_and_what_is_left_out(found: Found) -> None:
    score(found, [10, 8, 6, None, 0, 5])
    found.answer("甲", TASKS[6])  # answered, not judged
    table = summary_of(found, TASKS, ["甲"], False, 1)["table"]
    code, whole = table["code"]["甲"], table[TOTAL]["甲"]
    assert (code["n"], code["mean"], code["points"], code["full"], code["unscored"], code["pending"]) == (4, 6.0, 24, 40, 1, 0)
    assert code["low"] < 6 < code["high"]
    assert (whole["n"], whole["points"], whole["unscored"], whole["pending"]) == (5, 29, 1, 4)


def test_an_empty_answer_counts_zero_and_a_pending_one_counts_nothing(found: Found) -> None:
    found.answer("甲", TASKS[0], " ", "length")
    found.rule(("甲",), TASKS[0], 0.0)
    cell = summary_of(found, TASKS[:2], ["甲"], False, 1)["table"][TOTAL]["甲"]
    assert (cell["n"], cell["mean"], cell["empty"], cell["truncated"], cell["pending"]) == (1, 0.0, 1, 1, 1)


def test_one_task_has_no_interval(found: Found) -> None:
    score(found, [7])
    summary = {"judge": "j", "systems": {"甲": "m"}, "repeats": 1, **summary_of(found, TASKS[:1], ["甲"], False, 1)}
    cell = summary["table"][TOTAL]["甲"]
    assert (cell["mean"], cell["low"], cell["high"]) == (7, None, None)
    assert any(line.split() == ["合计", "7.00", "7/10"] for line in lines_of(summary))


def test_nothing_at_all_is_no_zero(found: Found) -> None:
    summary = {"judge": "j", "systems": {"甲": "m"}, "repeats": 1, **summary_of(found, TASKS, ["甲"], True, 1)}
    assert summary["table"][TOTAL]["甲"]["mean"] is None
    assert any("—" in line for line in lines_of(summary)) and "—" in markdown_of(summary)


def test_a_win_is_one_only_if_both_orders_say_so(found: Found) -> None:
    compare(found, [("甲", "甲"), ("乙", "乙"), ("甲", "乙"), ("乙", "甲"), ("", ""), ("甲", ""), ("甲", None)])
    pair = summary_of(found, TASKS, ["甲", "乙"], True, 1)["pairs"][0]
    assert {name: pair[name] for name in ("wins", "losses", "ties", "swayed", "unscored", "pending")} == {
        "wins": 1, "losses": 1, "ties": 4, "swayed": 3, "unscored": 1, "pending": 3,
    }  # fmt: skip
    assert pair["p"] is None and pair["verdict"] == UNDECIDED
    assert pair["families"]["code"]["wins"] == 1 and pair["families"]["reading"]["ties"] == 1


@pytest.mark.parametrize(("wins", "losses"), [(6, 0), (7, 1), (5, 5), (1, 9), (0, 6)])
def test_the_sign_test_is_scipys(wins: int, losses: int, found: Found) -> None:
    compare(found, [("甲", "甲")] * wins + [("乙", "乙")] * losses)
    pair = summary_of(found, TASKS, ["甲", "乙"], True, 1)["pairs"][0]
    assert pair["p"] == pytest.approx(binomtest(wins, wins + losses).pvalue, abs=1e-12)
    significant = {True: "前者更好", False: "后者更好"}[wins > losses]
    assert pair["verdict"] == (significant if pair["p"] < 0.05 else "无显著差异")


def test_several_pairs_are_adjusted(found: Found) -> None:
    for one, two in (("甲", "乙"), ("甲", "丙"), ("乙", "丙")):
        for task in TASKS[:6]:
            found.rule((one, two), task, winner=one)
            found.rule((two, one), task, winner=one)
    pairs = summary_of(found, TASKS, ["甲", "乙", "丙"], True, 1)["pairs"]
    assert [pair["p"] for pair in pairs] == [2 / 2**6] * 3
    assert all(pair["p_holm"] == pytest.approx(6 / 2**6) and pair["verdict"] == "无显著差异" for pair in pairs)


def test_repeated_scores_are_averaged_and_their_agreement_is_told(found: Found) -> None:
    for task, scores in zip(TASKS[:2], ((8, 8), (4, 6)), strict=True):
        found.answer("甲", task)
        for repeat, one in enumerate(scores):
            found.rule(("甲",), task, one, repeat=repeat)
    summary = summary_of(found, TASKS[:2], ["甲"], False, 2)
    assert summary["table"][TOTAL]["甲"]["points"] == 13 and summary["agreement"] == {"n": 2, "same": 0.5, "spread": 1.0}


def told(found: Found, systems: Sequence[str], pairwise: bool = False, repeats: int = 1) -> dict[str, Any]:
    head = {"judge": "j", "systems": dict.fromkeys(systems, "m"), "repeats": repeats}
    return {**head, **summary_of(found, TASKS, systems, pairwise, repeats)}


def test_scores_of_two_systems_are_compared_prompt_by_prompt(found: Found) -> None:
    score(found, [5, 5, 5, 5, 5, 5, 5, 5, 5, None])
    score(found, [6, 7, 6, 7, 6, 7, 6, 5, None, 9], "乙")
    summary = told(found, ["甲", "乙"])
    (row,) = summary["differences"]
    assert (row["n"], row["mean"], row["higher"], row["lower"]) == (8, 10 / 8, 7, 0)
    assert row["p"] == row["p_holm"] == 2 / 2**7 and row["verdict"] == "显著更高" and 0 < row["low"] < 1.25 < row["high"]
    assert any(
        re.search(r"^甲 +乙 +8 +\+1\.25 +\+0\.\d\d 到 \+1\.\d\d +7 +0 +0\.016 +0\.016 +显著更高$", line)
        for line in lines_of(summary)
    )
    assert "## 各题得分之差" in markdown_of(summary)
    score(found, [4, 3, 4, 3, 4, 3, 4, 5, None, 9], "乙")
    assert any("−1.25" in line and line.endswith("显著更低") for line in lines_of(told(found, ["甲", "乙"])))


def test_a_repeat_that_is_pending_leaves_its_prompt_out(found: Found) -> None:
    score(found, [5] * 8)
    score(found, [6] * 8, "乙")
    for task in TASKS[:7]:
        for system in ("甲", "乙"):
            found.rule((system,), task, 8.0, repeat=1)
    assert told(found, ["甲", "乙"], repeats=2)["differences"][0]["n"] == 7


def unreadable(found: Found, names: tuple[str, ...], tasks: Sequence[Task]) -> None:
    for task in tasks:
        found.rulings[names, task.id, 0] = Judged(names, task.id, "c", 0, None, None, "", "缺少 reason", ("好",) * 2, 0.1)


def test_a_judge_of_whom_nothing_can_be_read_is_the_first_thing_said(found: Found) -> None:
    score(found, [10, 8, 6, 5, 0, 5, 5, 5, 5, 5])
    score(found, [9] * 10, "乙")
    for order in (("甲", "乙"), ("乙", "甲")):
        unreadable(found, order, TASKS)
    summary = told(found, ["甲", "乙"], pairwise=True)
    wanted = "两两比较没有结果：20 次评判全部读不出（缺少 reason），请换一个更听从格式的评委模型。"
    assert next(lines_of(summary)) == wanted and failures(summary) == [wanted]
    assert wanted in markdown_of(summary).partition("评委模型：")[0]
    found.rule(("甲", "乙"), TASKS[0], winner="甲")
    assert failures(told(found, ["甲", "乙"], pairwise=True)) == []


def test_scores_that_no_judge_gave_do_not_make_a_judge_readable(found: Found) -> None:
    for task in TASKS:
        found.answer("甲", task)
    unreadable(found, ("甲",), TASKS[1:])
    found.rule(("甲",), TASKS[0], 0.0, raw=())  # an empty answer
    assert failures(told(found, ["甲"])) == ["打分没有结果：9 次评判全部读不出（缺少 reason），请换一个更听从格式的评委模型。"]
    assert failures(told(Found(), ["甲"])) == [], "nothing was asked"


def test_the_tables_name_every_family_and_system_and_what_was_left_out(found: Found) -> None:
    score(found, [10, 8, 6, None, 0, 5, 5, 5, 5, 5])
    score(found, [9] * 10, "a|b")
    compare(found, [("甲", "甲")] * 7)
    summary = {"judge": "openai:big", "systems": {"甲": "m*1", "a|b": "m2"}, "repeats": 1}
    summary |= summary_of(found, TASKS, ["甲", "a|b"], False, 1)
    lines = list(lines_of(summary))
    assert any(line.startswith("代码生成") and "24/40（缺 1）" in line for line in lines)
    assert any(line.startswith("合计") and line.endswith("  9.00  90/100") for line in lines), "equal scores have no interval"
    assert any(re.search(r"5\.44（[34]\.\d\d–[67]\.\d\d）  49/90（缺 1）", line) for line in lines)
    assert any("未评出：code-04（甲）：缺少 score" in line for line in lines)
    text = markdown_of(summary)
    rows = [line for line in text.partition("## ")[0].splitlines() if line.startswith("|")]
    assert "a\\|b" in text and "m\\*1" in text and {row.replace("\\|", "").count("|") for row in rows} == {4}
