"""The choice by log-probability: when there is one, and what the model is asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import pytest

from eval.exams.logprob import LogprobAsker
from eval.exams.prompts import hash_of
from eval.exams.samples import LOGPROB, Sample
from rag.chat_models.letters import LetterScores
from rag.prompts_exam import LETTER_ONLY
from tests.unit.eval.sample_exams import question

SAMPLE = Sample(question(1), mode=LOGPROB)


class _Local:
    """Gives the letters these probabilities."""

    continues_text: ClassVar[bool] = True

    def __init__(self, *shares: float | None, thinks: bool = False) -> None:
        self.shares, self.thinks = shares, thinks
        self.seen: list[tuple[str, bool]] = []

    def letter_scores(self, prompt: str, letters: Sequence[str], templated: bool = False) -> LetterScores:
        self.seen.append((prompt, templated))
        logs = [None if share is None else math.log(share) for share in self.shares]
        return LetterScores(dict(zip(letters, logs, strict=True)), 9, self.thinks)


class _Endpoint(_Local):
    continues_text: ClassVar[bool] = False


@pytest.mark.parametrize(
    ("shares", "thinks", "told"),
    [
        ((1e-9, None, 5e-9, None), False, "不到 0.0001%"),
        ((1e-3, 2e-3, 5e-4, 1e-4), False, " 0.3600%"),
        ((0.02, 0.03, 0.1, 0.05), True, " 20.0000%"),
    ],
)
def test_a_model_that_does_not_answer_at_once_has_chosen_nothing(shares: tuple[float, ...], thinks: bool, told: str) -> None:
    for asker in (LogprobAsker(_Endpoint(*shares, thinks=thinks), lambda _: ()),
                  LogprobAsker(_Local(*shares, thinks=thinks), lambda _: (), templated=True)):  # fmt: skip
        reply = asker.ask(SAMPLE, ())
        assert reply.letter is None and reply.reason == f"模型没有直接作答（四个字母的概率合计{told}）"
        assert reply.scores["A"] == math.log(shares[0]), "what was found is kept"
    plain = LogprobAsker(_Local(*shares, thinks=thinks), lambda _: ()).ask(SAMPLE, ())
    assert plain.letter in "BC" and not plain.reason, "lm-eval takes the likeliest, however unlikely"


def test_one_in_a_hundred_is_enough() -> None:
    reply = LogprobAsker(_Endpoint(0.004, 0.005, None, 0.001001), lambda _: ()).ask(SAMPLE, ())
    assert (reply.letter, reply.reason) == ("B", "")


def test_a_letter_alone_is_asked_for_wherever_the_model_is_spoken_to() -> None:
    local, endpoint = _Local(0.1, 0.2, 0.3, 0.4), _Endpoint(0.1, 0.2, 0.3, 0.4)
    plain = LogprobAsker(local, lambda _: ()).ask(SAMPLE, ())
    spoken = [LogprobAsker(chat, lambda _: (), templated=templated).ask(SAMPLE, ()) for chat, templated in
              ((local, True), (endpoint, False))]  # fmt: skip
    assert "只回答一个字母" in LETTER_ONLY
    text = local.seen[0][0]
    assert text.endswith("答案：") and plain.prompt == hash_of(text)
    assert [*local.seen, *endpoint.seen] == [(text, False), (text + LETTER_ONLY, True), (text + LETTER_ONLY, True)]
    assert {reply.prompt for reply in spoken} == {hash_of(text + LETTER_ONLY)}
