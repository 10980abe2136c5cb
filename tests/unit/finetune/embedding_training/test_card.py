import json

import pytest

from finetune.embedding_training.card import Report
from finetune.embedding_training.measuring import Retrieved
from finetune.embedding_training.plan import Plan

COUNTS = {"pairs": 50, "passages": 90, "train": 30, "development": 5, "negatives": 3, "mined": 80, "filled": 10, "near": 4}


def report(before: tuple[int, ...], after: tuple[int, ...], **more: object) -> Report:
    plan = Plan(3, 64, 2e-5, 32, 2, 408)
    return Report("新模型", "bge", plan, COUNTS | more, "documents", Retrieved(before), Retrieved(after), {"steps": 7})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [((9,) * 20, (1,) * 20, "比底座好"), ((1,) * 20, (9,) * 20, "比底座差"), ((1, 9) * 10, (9, 1) * 10, "分不出好坏")],
)
def test_the_card_says_plainly_what_came_of_it(before: tuple[int, ...], after: tuple[int, ...], verdict: str) -> None:
    one = report(before, after)
    assert verdict in one.verdict and one.verdict in one.markdown() and one.verdict in one.lines()
    assert ("请不要用它" in one.markdown()) is (verdict == "比底座差")


def test_the_card_tells_how_to_use_it_and_what_it_was_made_from() -> None:
    card = report((2,) * 20, (1,) * 20).markdown()
    assert "TUTOR_EMBEDDING_MODEL=新模型 python -m rag.ingest --reindex" in card and "`bge`" in card and "| MRR | 0.500" in card
    assert "挖出 80 个，随机补足 10 个，因与答案太相近而不用 4 个" in card
    assert "另外 5 个问题选出" in card and "最后一轮" in report((1,), (1,), development=0).markdown()
    assert json.dumps(report((2,), (1,)).to_json())
