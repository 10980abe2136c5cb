"""Letters behind a prompt: one token each or an error, what a server tells of them, the choice."""

from __future__ import annotations

import math
from typing import Any

import pytest

from errors import ChatModelError
from rag.chat_models.extractive import ExtractiveChatModel
from rag.chat_models.letters import LetterScorer, LetterScores, letter_tokens, likeliest, told_letters

PROMPT = "题目\n答案："


def _characters(text: str) -> list[int]:
    return [0, *map(ord, text)]


def test_each_letter_is_the_one_token_behind_the_prompt() -> None:
    before, tokens = letter_tokens(_characters, PROMPT, "ABCD")
    assert before == [0, *map(ord, PROMPT)] and tokens == [65, 66, 67, 68]


def _joining(text: str) -> list[int]:
    """A vocabulary with a token for `：B`."""
    return [7 if c == "\0" else ord(c) for c in text.replace("：B", "\0")]


def _with_blank(text: str) -> list[int]:
    """A vocabulary that puts a blank before a Latin letter."""
    return [c for char in text for c in ([32, ord(char)] if char.isascii() and char.isalpha() else [ord(char)])]


def _closing(text: str) -> list[int]:
    """One that ends every text with a token."""
    return [*map(ord, text), 1]


def _without_c(text: str) -> list[int]:
    return [3 if c == "C" else ord(c) for c in text]


@pytest.mark.parametrize(
    ("encode", "letters"), [(_joining, " B "), (_with_blank, " A "), (_closing, " A "), (_without_c, " A、B、C、D ")]
)
def test_letters_that_are_not_one_token_each_are_refused(encode: Any, letters: str) -> None:
    with pytest.raises(ChatModelError, match=f"分词器里，接在“答案：”后面的{letters}不是.*--mode gen"):
        letter_tokens(encode, PROMPT, "ABCD", unknown=3)


def test_letters_with_one_token_for_two_are_refused() -> None:
    with pytest.raises(ChatModelError, match="--mode gen"):
        letter_tokens(lambda text: [3 if c in "AB" else ord(c) for c in text], PROMPT, "ABCD")


def test_forms_of_a_letter_count_together() -> None:
    entries = [{"token": t, "logprob": math.log(p)} for t, p in (("B", 0.2), (" B", 0.1), ("Ｂ", 0.1), ("A", 0.3), ("▁C", 0.05))]
    told = told_letters(entries, "ABCD")
    assert told["B"] == pytest.approx(math.log(0.4)) and told["A"] == pytest.approx(math.log(0.3))
    assert told["C"] == pytest.approx(math.log(0.05)) and told["D"] is None
    assert likeliest(told) == "B"


def test_a_token_told_twice_counts_once() -> None:
    assert told_letters([{"token": "A", "logprob": -1.0}, {"token": "A", "logprob": -1.0}], "AB") == {"A": -1.0, "B": None}


def test_very_unlikely_letters_do_not_underflow() -> None:
    told = told_letters([{"token": "A", "logprob": -9999.0}, {"token": " A", "logprob": -9999.0}], "A")
    assert told["A"] == pytest.approx(-9999 + math.log(2))


@pytest.mark.parametrize("token", ["a", "AB", "A.", "(A)", "答案", "", "\n", "Α"])  # the last one is Greek
def test_other_tokens_are_no_letters(token: str) -> None:
    assert told_letters([{"token": token, "logprob": -0.1}], "A") == {"A": None}


@pytest.mark.parametrize("logprob", [None, "-1", math.nan, -math.inf])
def test_what_is_no_number_is_not_told(logprob: Any) -> None:
    assert told_letters([{"token": "A", "logprob": logprob}], "A") == {"A": None}


def test_the_likeliest_letter_is_the_first_of_equals_and_none_of_none() -> None:
    assert likeliest({"A": -2.0, "B": -1.0, "C": -1.0, "D": None}) == "B"
    assert likeliest({"A": None, "B": None}) is None


def test_the_extractive_model_weighs_no_letters() -> None:
    assert not isinstance(ExtractiveChatModel(), LetterScorer)


def test_the_mass_is_the_probability_of_the_letters_that_were_told() -> None:
    assert LetterScores({"A": math.log(0.3), "B": None, "C": math.log(0.2)}, 1).mass == pytest.approx(0.5)
    assert LetterScores({"A": None, "B": None}, 1).mass is None
