"""Which conversations fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from errors import ContentError
from finetune.conversations.conversation import Conversation, Turn
from finetune.training.config import Recipe
from finetune.training.labels import IGNORED, Labelled, Labeller
from finetune.training.samples import Encoded, encode


class Lengths:
    """A labeller of answers of 10 tokens each, 4 of them learned; as many as a conversation has."""

    def samples(self, conversation: Conversation, system: str = "") -> list[Labelled]:
        answers = len(conversation.turns) // 2
        labels = ([IGNORED] * 6 + [1] * 4) * answers
        return [Labelled([1] * len(labels), labels, [10 * n for n in range(1, answers + 1)])]


def conversation(answers: int, name: str = "") -> Conversation:
    return Conversation((Turn("user", "问"), Turn("assistant", "答")) * answers, name)


def encoded(conversations: Sequence[Conversation], **recipe: Any) -> Encoded:
    return encode(cast(Labeller, Lengths()), conversations, Recipe(max_length=20, **recipe), "数据")


def test_what_is_too_long_is_dropped_and_named() -> None:
    done = encoded([conversation(1), conversation(3, "长"), conversation(3), conversation(2)])
    assert [len(sample.ids) for sample in done.samples] == [10, 20]
    assert done.dropped == ("长", "第 3 条") and done.truncated == ()
    assert (done.conversations, done.tokens, done.learned) == (4, 30, 12)
    assert done.report == "4 条对话，2 个样本，30 个 token，其中学 12 个；超长丢弃 2 条：长、第 3 条"


def test_or_cut_behind_a_whole_answer() -> None:
    done = encoded([conversation(3, "长")], overlong="truncate")
    assert [len(sample.ids) for sample in done.samples] == [20]
    assert done.truncated == ("长",) and done.dropped == ()


def test_what_does_not_fit_even_cut_is_dropped() -> None:
    done = encode(
        cast(Labeller, Lengths()), [conversation(1), conversation(1)], Recipe(max_length=16, overlong="truncate"), "数据"
    )
    assert len(done.samples) == 2 and not done.dropped


def test_or_an_error_says_which() -> None:
    with pytest.raises(ContentError, match=r"数据的 长 有 30 个 token，超过 max_length（20）"):
        encoded([conversation(1), conversation(3, "长")], overlong="error")


@pytest.mark.parametrize(("given", "said"), [([], "没有对话"), ([conversation(9)], "1 条对话都超过 max_length")])
def test_nothing_to_learn_is_an_error(given: list[Conversation], said: str) -> None:
    with pytest.raises(ContentError, match=said):
        encoded(given)


def test_many_names_are_counted() -> None:
    done = encoded([conversation(1), *(conversation(3) for _ in range(7))])
    assert done.report.endswith("超长丢弃 7 条：第 2 条、第 3 条、第 4 条、第 5 条、第 6 条 等 7 条")
