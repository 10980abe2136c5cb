"""Perplexity against its definition, computed another way."""

from __future__ import annotations

import math

import pytest
import torch

from finetune.quantizing.perplexity import Surprise, perplexity, surprise, surprise_of_model


def test_a_text_against_the_definition() -> None:
    torch.manual_seed(1)
    logits, ids = torch.randn(5, 7), torch.tensor([3, 0, 6, 2, 2])
    expected = 0.0
    for position in range(4):
        exponentials = [math.exp(float(score)) for score in logits[position]]
        expected -= math.log(exponentials[int(ids[position + 1])] / sum(exponentials))
    found = surprise(logits, ids)
    assert found.tokens == 4 and found.total == pytest.approx(expected, rel=1e-5)


def test_tokens_are_averaged_not_texts() -> None:
    long, short = Surprise(9 * math.log(2), 9), Surprise(math.log(1000), 1)
    assert perplexity([long, short]) == pytest.approx((2**9 * 1000) ** 0.1)


def test_a_model_that_knows_nothing_is_as_surprised_as_its_vocabulary_is_large() -> None:
    class Even:
        device = "cpu"

        def __call__(self, input_ids: torch.Tensor, use_cache: bool) -> object:
            return type("Scored", (), {"logits": torch.zeros(1, input_ids.shape[1], 50)})

    parts = surprise_of_model(Even(), [[1, 2, 3], [4], [5, 6]])
    assert [part.tokens for part in parts] == [2, 1]
    assert perplexity(parts) == pytest.approx(50)


def test_nothing_scored_and_too_much() -> None:
    with pytest.raises(ValueError, match="at least two"):
        perplexity([])
    assert perplexity([Surprise(1e6, 1)]) == math.inf
