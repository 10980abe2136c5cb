from __future__ import annotations

from threading import Event
from typing import Any

import pytest

from errors import ChatModelError
from eval.exams.generation import GenerationAsker
from eval.exams.samples import Sample
from tests.unit.eval.sample_exams import question


@pytest.mark.parametrize(
    ("reply", "letter", "reason"),
    [
        ("<think>A 像是对的</think>综上，答案：C", "C", False),
        ("The correct answer is B.", "B", False),
        ("A、B 都对", None, True),
        ("", None, True),
        ("我不确定。", None, True),
    ],
)
def test_the_letter_is_read_from_what_the_model_writes(recording: Any, reply: str, letter: str | None, reason: bool) -> None:
    model = recording(reply)
    told = GenerationAsker(model, lambda _: [], Event()).ask(Sample(question(1)), ())
    assert (told.letter, bool(told.reason), told.raw) == (letter, reason, reply)
    assert "进程处于什么状态" in model.seen[0][-1].text
    assert told.input_tokens > 20


def test_the_examples_of_the_sample_are_shown(recording: Any) -> None:
    model = recording("答案：A")
    GenerationAsker(model, lambda sample: [question(7), question(8)], Event()).ask(Sample(question(1)), ())
    assert len(model.seen[0]) == 6


def test_an_error_of_the_model_is_passed_on(recording: Any) -> None:
    with pytest.raises(ChatModelError):
        GenerationAsker(recording("", error=ChatModelError("断了")), lambda _: [], Event()).ask(Sample(question(1)), ())
