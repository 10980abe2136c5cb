import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from eval.answer_quality.claims import Checked
from eval.answer_quality.figures import Figure, figures, ratio
from eval.answer_quality.records import TutorRecord
from eval.answer_quality.run import summary_of
from eval.answer_quality.table import lines_of
from eval.metrics import wilson
from eval.scoring import estimate
from tests.unit.eval.answer_quality.tutor_records import FULL, refusing


def test_precision_recall_and_f1_of_refusing() -> None:
    cells = [(False, True)] * 3 + [(False, False)] + [(True, True)] + [(True, False)] * 5
    shown = figures([refusing(n, *cell) for n, cell in enumerate(cells)])
    values = {name: figure.mean for name, figure in shown["all"].items()}
    assert values == pytest.approx(
        {"refusal_precision": 3 / 4, "refusal_recall": 3 / 4, "refusal_f1": 3 / 4, "wrongly_refused": 1 / 6}
    )
    assert shown["ds"].keys() == shown["all"].keys() and "os" not in shown


def test_a_ratio_draws_questions_and_is_wilsons_where_all_are_alike() -> None:
    assert ratio([]) is None and ratio([(0, 0)]) is None
    whole = ratio([(3, 3), (2, 2), (0, 0)] * 6)
    assert whole is not None and (whole.n, whole.questions) == (30, 12)
    assert whole.low == pytest.approx(wilson(12, 12).low), "of the questions that have some, not of what they have"
    none = ratio([(0, 3), (0, 2)] * 5)
    assert none is not None and (none.mean, none.low) == (0.0, 0.0) and none.high == wilson(0, 10).high
    singles = [(1, 1), (0, 1), (1, 1), (1, 1), (0, 1)] * 2
    one, wanted = ratio(singles), estimate([float(a) for a, _ in singles])
    assert one is not None and (one.mean, one.low, one.high) == (wanted.mean, wanted.low, wanted.high), "as of retrieval"
    clustered = ratio([(10, 10), (0, 10)] * 5)
    spread = ratio([(4, 10), (6, 10)] * 5)
    alike = ratio([(5, 10)] * 10)
    assert alike is not None and (alike.low, alike.high) == (wilson(5, 10).low, wilson(5, 10).high)
    assert clustered and spread and width(clustered) > 0.3 > width(spread)


def width(figure: Figure) -> float:
    assert figure.low is not None and figure.high is not None
    return figure.high - figure.low


def test_fewer_than_ten_questions_have_no_interval_and_f1_never_wilsons() -> None:
    few = ratio([(1, 2)] * 5 + [(1, 1)] * 4)
    assert few is not None and (few.low, few.high, few.questions) == (None, None, 9)
    right = figures([refusing(n, n % 2 == 0, n % 2 == 1) for n in range(24)])["all"]
    assert right["refusal_f1"].mean == 1 and right["refusal_f1"].low is None
    assert right["refusal_recall"].low == wilson(12, 12).low and right["wrongly_refused"].high == wilson(0, 12).high
    mixed = figures([refusing(n, n % 2 == 0, n % 3 == 1) for n in range(24)])["all"]["refusal_f1"]
    assert mixed.low is not None and mixed.low < mixed.mean < (mixed.high or 0)


def table(records: Sequence[TutorRecord], judge: str = "rule") -> list[str]:
    config = {"label": "模型", "judge_label": "由 评委 核对", "judge": judge, "extractive": ""}
    return list(lines_of(summary_of(records, config, {})))


def test_the_table_has_one_style_of_interval_and_says_what_was_counted() -> None:
    cited = [replace(FULL, id=f"os-{n}", marks=FULL.marks * (1 + n % 2), citations=FULL.citations * 3) for n in range(12)]
    lines = table([*cited, *(refusing(n, False, n > 2) for n in range(12))])
    assert any(re.search(r"^引文在所标的页上 +100\.0% +75\.8%–100\.0% +36 处（12 题）$", line) for line in lines)
    assert any(re.search(r"^所标的资料支持那一句 +100\.0% +75\.8%–100\.0% +18 句（12 题）$", line) for line in lines)
    assert any(re.search(r"^拒答召回率 +75\.0% +\d\d\.\d%–\d+\.\d% +12 题$", line) for line in lines)
    assert any(re.search(r"^拒答精确率 .* 9 题$", line) and " — " in line for line in lines), "nine questions give no interval"
    assert any(re.search(r"^要点命中率 +— +100\.0%（75\.8%–100\.0%）$", line) for line in lines), "of each subject too"
    assert not any("[" in line for line in lines)


def test_a_judge_that_fails_leaves_its_rows_with_a_word() -> None:
    unscored = replace(
        FULL, marks=(replace(FULL.marks[0], verdict="unscored", by=""),), claims=(Checked("答", "unscored", "没有按格式回答"),)
    )
    lines = table([replace(unscored, id=f"os-{n}", point="unscored") for n in range(12)], "j")
    for title in ("所标的资料支持那一句", "忠实：断言有依据", "要点命中率"):
        assert any(re.search(rf"^{title} +— +评委模型没有给出结论 +—$", line) for line in lines), title
    assert any("不计入的：句子的出处 12，断言 12，要点 12" in line for line in lines)
    assert any(re.search("^忠实.* — +评委模型没有给出结论", line) for line in table([replace(FULL, claims=None)], "j"))
    assert not any("没有给出结论" in line for line in table([FULL]))
