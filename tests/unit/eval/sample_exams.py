"""Questions for the evaluator's tests."""

from __future__ import annotations

from dataclasses import replace

from eval.exams.records import Record
from eval.exams.samples import GENERATION, Sample
from knowledge.questions import Question
from rag.contamination import question_hash

__all__ = ["question", "record"]


def question(number: int = 1, subject: str = "os", key: str = "B", **changes: object) -> Question:
    """A question like no other number's."""
    one = Question(
        f"q{number}", subject, f"第 {number} 个进程处于什么状态？", ("就绪", "运行", "阻塞", "创建"), key, "答案是 B。", ("os.2.1",), 2
    )  # fmt: skip
    return replace(one, **changes)  # type: ignore[arg-type]


def record(one: Question, chosen: str | None = None, rotation: int = 0, mode: str = GENERATION, rag: bool = False) -> Record:
    """What came of asking it: `chosen` is the letter in the question, by default the right one; '' for none read."""
    sample = Sample(one, rotation, mode, rag)
    told = one.key if chosen is None else chosen
    parsed = next((x for x in "ABCD" if told and sample.original(x) == told), None)
    return Record(
        one.id, question_hash(one), "c0ffee", one.subject, rotation, mode, rag, "p" * 16, f"答案：{parsed}", parsed,
        told or None, sample.gold, parsed == sample.gold, seconds=0.5, input_tokens=10, output_tokens=2,
    )  # fmt: skip
