"""Hard negatives: passages that look like the answer to a question, to the words or to the model, and are not."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from errors import ContentError
from finetune.embedding_training.corpus import Corpus, Passage, alike
from finetune.embedding_training.pairs import Pair, plain

if TYPE_CHECKING:
    from finetune.embedding_training.searching import Vectors

__all__ = ["MARGIN", "Mined", "mine"]

MARGIN = 0.05
"""A candidate whose similarity comes this near to the answer's, in parts of it, may be an answer too (TopK-PercPos with 95 %:
Moreira et al. 2024, NV-Retriever)."""
_TOLD = 0.4
"""Share of the quote's pairs of characters beyond which a passage is taken to tell the same in other words, as other books of the
subject do. Measured on notes with handouts in the store: a ninth of what was mined without this; half of all passages have 0.04."""
_DEPTH = 30
"""Passages that each leg may name."""
_RANK_CONSTANT = 60.0
"""Of reciprocal rank fusion (Cormack et al. 2009)."""
_TRIES = 50


@dataclass(frozen=True)
class Mined:
    """The negatives of each pair, as places in the corpus, and how they came about.

    Attributes:
        near: candidates that were left out because they are as similar to the question as the answer is.
        filled: negatives that were drawn at random because too few were found.
    """

    places: tuple[tuple[int, ...], ...]
    found: int
    near: int
    filled: int


def mine(
    pairs: Sequence[Pair],
    numbers: Sequence[int],
    corpus: Corpus,
    legs: Callable[[int], tuple[Sequence[int], Sequence[float]]],
    count: int,
    rng: random.Random,
    margin: float = MARGIN,
    barred: frozenset[int] = frozenset(),
) -> Mined:
    """`count` negatives for each of the pairs with these numbers.

    A negative is never an answer to the question, nor nearly the same text as one, nor from the page of one, nor does it hold
    the quote that the answer stands on, or most of it in other words.

    Args:
        legs: from a pair's number to the places of likely passages, best first, and the question's similarity to each passage.
        barred: places of the passages that are no negative of any pair: what is held out must not be trained on at all.

    Raises:
        ContentError: the corpus has too few other passages.
    """
    places, found, near, filled = list[tuple[int, ...]](), 0, 0, 0
    for number in numbers:
        candidates, similarities = legs(number)
        limit = max(similarities[place] for place in corpus.answers[number])
        limit -= margin * abs(limit)
        taken = list[int]()
        for place in candidates:
            if len(taken) == count:
                break
            if similarities[place] >= limit and place not in corpus.answers[number]:
                near += 1
            elif place not in barred and _is_other(place, number, pairs, corpus, taken):
                taken.append(place)
        found += len(taken)
        filled += count - len(taken)
        places.append((*taken, *_drawn(number, pairs, corpus, taken, count - len(taken), rng, barred)))
    return Mined(tuple(places), found, near, filled)


def fused(lexical: Sequence[int], dense: Sequence[int]) -> list[int]:
    """Places by their ranks in both legs, best first."""
    scores = dict[int, float]()
    for leg in (lexical, dense):
        for rank, place in enumerate(leg, 1):
            scores[place] = scores.get(place, 0.0) + 1 / (_RANK_CONSTANT + rank)
    return sorted(scores, key=lambda place: (-scores[place], place))


def both_legs(
    pairs: Sequence[Pair], questions: Vectors, passages: Vectors, lexical: Callable[[str, int], Sequence[int]]
) -> Callable[[int], tuple[Sequence[int], Sequence[float]]]:
    """The legs for `mine`: words and vectors. Vectors are of all pairs' questions and of all passages, in their order."""

    def legs(number: int) -> tuple[list[int], Sequence[float]]:
        similarities = passages @ questions[number]
        dense = similarities.argsort(kind="stable")[::-1][:_DEPTH].tolist()
        return fused(lexical(pairs[number].question, _DEPTH), dense), similarities

    return legs


def _is_other(place: int, number: int, pairs: Sequence[Pair], corpus: Corpus, taken: Sequence[int]) -> bool:
    """Whether a passage says something else than the answers to a question do, and than what is taken already."""
    passage, pair = corpus.passages[place], pairs[number]
    answers = [corpus.passages[i] for i in corpus.answers[number]]
    if place in corpus.answers[number] or place in taken or any(_on_one_page(passage, answer) for answer in answers):
        return False
    if pair.quote and _tells(passage.body, pair.quote):
        return False
    same = [*answers, *(corpus.passages[i] for i in taken)]
    return not any(alike(passage.body, one.body) for one in same)


def _tells(body: str, quote: str) -> bool:
    """Whether a text holds a quote, or most of what it says."""
    told, wanted = plain(body), plain(quote)
    pairs = {wanted[i : i + 2] for i in range(len(wanted) - 1)}
    return wanted in told or sum(pair in told for pair in pairs) > _TOLD * len(pairs)


def _on_one_page(one: Passage, other: Passage) -> bool:
    """Whether both are of one page. Of a document without pages nothing is known of the place, so neighbours are not told apart."""
    return bool(one.document) and (one.document, one.page) == (other.document, other.page)


def _drawn(
    number: int,
    pairs: Sequence[Pair],
    corpus: Corpus,
    taken: Sequence[int],
    count: int,
    rng: random.Random,
    barred: frozenset[int],
) -> Iterator[int]:
    """Further passages at random."""
    drawn = list(taken)
    free = [i for i in range(len(corpus.passages)) if i not in barred] if count else []
    for _ in range(count):
        tries = (rng.choice(free) for _ in range(_TRIES if free else 0))
        place = next((one for one in tries if _is_other(one, number, pairs, corpus, drawn)), None)
        if place is None:
            places = (i for i in free if _is_other(i, number, pairs, corpus, drawn))
            place = next(places, None)
        if place is None:
            raise ContentError(
                f"能当难负例的原文太少：问题“{pairs[number].question[:30]}”之外只有 {len(drawn)} 段别的页的、不属于留出部分的原文。"
                "请先入库更多资料（python -m rag.ingest），或减小 --negatives。"
            )
        drawn.append(place)
        yield place
