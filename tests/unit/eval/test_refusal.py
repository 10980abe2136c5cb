from dataclasses import dataclass

from eval.refusal import RefusalQuestion, read_refusals, refusal_figures


@dataclass(frozen=True)
class Found:
    answerable: bool


class Fake:
    """Answers what holds 锁."""

    def retrieve(self, question: str) -> Found:
        return Found("锁" in question)


def test_figures() -> None:
    questions = [
        RefusalQuestion("1", "死锁", True), RefusalQuestion("2", "活锁", True), RefusalQuestion("3", "分页", True),
        RefusalQuestion("4", "天气", False), RefusalQuestion("5", "开锁匠", False), RefusalQuestion("6", "股票", False),
    ]  # fmt: skip
    figures = refusal_figures(questions, Fake())  # type: ignore[arg-type]
    assert figures == {"precision": 0.667, "recall": 0.667, "f1": 0.667, "wrongly_refused": 0.333}


def test_there_are_enough_of_each_kind() -> None:
    answerable = [q.answerable for q in read_refusals()]
    assert sum(answerable) >= 100 and len(answerable) - sum(answerable) >= 100
    assert len({q.id for q in read_refusals()}) == len(answerable)
