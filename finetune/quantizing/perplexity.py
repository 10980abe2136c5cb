"""Perplexity: how surprised a model is by text, on average over its tokens; the lower the better.

    perplexity = exp( sum of −log p(token | the tokens before it) ÷ number of tokens )

Tokens, not texts, are averaged, so a long text weighs more than a short one. The first token of a text is not counted: nothing
stands before it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Surprise", "perplexity", "surprise", "surprise_of_model"]


@dataclass(frozen=True)
class Surprise:
    """Negative log-likelihood (natural logarithm), summed over `tokens`."""

    total: float
    tokens: int


def perplexity(parts: Iterable[Surprise]) -> float:
    """Of several texts together; infinite where a model rules a token out or its numbers overflow.

    Raises:
        ValueError: no token is scored.
    """
    seen = list(parts)
    tokens = sum(part.tokens for part in seen)
    if not tokens:
        raise ValueError("perplexity of no tokens; give texts of at least two")
    mean = math.fsum(part.total for part in seen) / tokens
    try:
        return math.exp(mean)
    except OverflowError:
        return math.inf


def surprise(logits: Tensor, ids: Tensor) -> Surprise:
    """Of one text, from its scores.

    Args:
        logits: [tokens, vocabulary]; row i scores the token i + 1.
        ids: [tokens].
    """
    import torch

    lost = torch.nn.functional.cross_entropy(logits[:-1].float(), ids[1:], reduction="none")
    return Surprise(float(lost.double().sum()), int(ids.numel() - 1))


def surprise_of_model(model: Any, texts: Sequence[Sequence[int]]) -> list[Surprise]:
    """Of texts as token ids, each read by itself; those of fewer than two tokens are left out."""
    import torch

    found = []
    with torch.inference_mode():
        for text in texts:
            if len(text) > 1:
                ids = torch.tensor([text], device=model.device)
                found.append(surprise(model(input_ids=ids, use_cache=False).logits[0], ids[0]))
    return found
