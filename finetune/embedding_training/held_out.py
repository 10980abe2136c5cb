"""Pairs that are kept from training: to choose the best state by, and to measure the result on."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from errors import ContentError
from finetune.embedding_training.corpus import Corpus
from finetune.embedding_training.pairs import Pair

__all__ = ["Parts", "held_passages", "parted"]

_DOCUMENTS = 6
"""Documents from which on whole documents are kept out; with fewer of them it is pages."""
_DEVELOPMENT = 0.1


@dataclass(frozen=True)
class Parts:
    """Numbers of pairs.

    Attributes:
        development: the best state of the training is chosen by them; empty where there are too few groups.
        test: seen by nothing before the end.
        by: `documents`, `pages` or `passages`: what was kept whole.
    """

    train: tuple[int, ...]
    development: tuple[int, ...]
    test: tuple[int, ...]
    by: str


def parted(pairs: Sequence[Pair], corpus: Corpus, share: float, seed: int) -> Parts:
    """Part pairs at random, so that no group is on two sides; `share` of the pairs go to the test, as nearly as groups allow.

    Groups are documents, or pages where there are fewer than six documents, or else passages. Pairs that have a question or
    an answering passage in common are in one group, whatever they are from.

    Raises:
        ContentError: there are fewer than two groups: nothing can be kept out.
    """
    named = any(pair.document for pair in pairs)
    for by in ("documents", "pages", "passages") if named else ("passages",):
        groups = _groups(pairs, corpus, by)
        if len(groups) >= (_DOCUMENTS if by == "documents" else 3):
            break
    if len(groups) < 2:
        raise ContentError("这些问答都出自同一段原文，留不出没学过的来检验。请加入别的资料或别的页的问答（至少两段原文）。")
    random.Random(seed).shuffle(groups)
    test = _taken(groups, share * len(pairs), len(groups) - 1)
    development = _taken(groups, _DEVELOPMENT * len(pairs), len(groups) - 1) if len(groups) > 2 else []
    return Parts(_sorted(groups), _sorted(development), _sorted(test), by)


def held_passages(parts: Parts, pairs: Sequence[Pair], corpus: Corpus) -> frozenset[int]:
    """Places of the passages that training must not see, not even as negatives: the answers to what is kept out, and all else of
    the documents (or pages) that are."""
    numbers = (*parts.development, *parts.test)
    answers = {place for number in numbers for place in corpus.answers[number]}
    if parts.by == "passages":
        return frozenset(answers)
    paged = parts.by == "pages"
    units = {(pairs[i].document, pairs[i].page if paged else None) for i in numbers if pairs[i].document}
    beside = {i for i, one in enumerate(corpus.passages) if (one.document, one.page if paged else None) in units}
    return frozenset(answers | beside)


def _taken(groups: list[list[int]], wanted: float, most: int) -> list[list[int]]:
    """Groups off the end of a list: at least one, and on until they have as many pairs as are wanted."""
    taken = list[list[int]]()
    while groups and len(taken) < most and (not taken or sum(map(len, taken)) < wanted):
        small_enough = [i for i, group in enumerate(groups) if sum(map(len, taken)) + len(group) <= 1.5 * wanted]
        taken.append(groups.pop(small_enough[-1] if small_enough else _smallest(groups)))
        if not small_enough:
            break
    return taken


def _smallest(groups: Sequence[Sequence[int]]) -> int:
    return min(range(len(groups)), key=lambda i: (len(groups[i]), i))


def _groups(pairs: Sequence[Pair], corpus: Corpus, by: str) -> list[list[int]]:
    """Numbers of pairs that belong together, by union of all that two of them share."""
    parents = list(range(len(pairs)))

    def root(i: int) -> int:
        while parents[i] != i:
            parents[i] = parents[parents[i]]
            i = parents[i]
        return i

    firsts = dict[object, int]()
    for number, pair in enumerate(pairs):
        shared: list[object] = [*corpus.answers[number]]  # of one question they are the same, so it need not be compared
        if pair.document and by != "passages":
            shared.append((pair.document, pair.page if by == "pages" else None))
        for one in shared:
            parents[root(number)] = root(firsts.setdefault(one, number))
    groups = defaultdict[int, list[int]](list)
    for number in range(len(pairs)):
        groups[root(number)].append(number)
    return list(groups.values())


def _sorted(groups: Sequence[Sequence[int]]) -> tuple[int, ...]:
    return tuple(sorted(number for group in groups for number in group))
