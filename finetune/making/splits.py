"""Training and validation data, parted so that nothing of what is asked in one could have been learned from the other.

On one side stay together: pairs of one place of a document, pairs whose passages are the same text, and questions that are
alike (where that would tie more than half of all together, as in data of one pattern, of these only those that are the same but
for words that ask or join). The place is the page; of a document without pages the section; without sections the id (a question of a bank), else the
whole document. Small documents stay together as a whole if there are enough of them: at least ten, each with at most half as many
pairs as the smaller side gets. A pair without a source stands alone.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterator, Sequence
from functools import cache

from errors import ContentError, UsageError
from finetune.conversations.conversation import Conversation, Source
from finetune.making.likeness import asked, like_pairs, plain, wording

__all__ = ["ENOUGH", "VAL_SIZE", "groups", "split"]

VAL_SIZE = 1 / 3
"""Two parts to learn from, one to look at."""
ENOUGH = 10
"""Documents from which on whole documents are kept together."""


def split(
    conversations: Sequence[Conversation], val_size: float = VAL_SIZE, seed: int = 0
) -> tuple[list[Conversation], list[Conversation]]:
    """Training and validation data, both in the order of the data; the same data and seed give the same, in whatever order.

    Args:
        val_size: share of the validation data, below 1; or their number, a whole one.

    Raises:
        UsageError: `val_size` is neither.
        ContentError: the data can't be parted: there is only one group, or fewer pairs than wanted.
    """
    wanted = _wanted(len(conversations), val_size)
    found = groups(conversations, val_size)
    if len(found) < 2:
        raise ContentError(_ONE_GROUP.format(count=len(conversations)))
    prints = [_print(conversation) for conversation in conversations]
    drawn = sorted(found, key=lambda group: (_draw(seed, min(prints[place] for place in group)), group))
    chosen = frozenset(place for group in _filled(drawn, wanted) for place in group)
    sides = list[Conversation](), list[Conversation]()
    for place, conversation in enumerate(conversations):
        sides[place in chosen].append(conversation)
    return sides


def groups(conversations: Sequence[Conversation], val_size: float = VAL_SIZE) -> list[list[int]]:
    """Places of the conversations that have to stay on one side, in order."""
    wanted = _wanted(len(conversations), val_size)
    forms = [plain(asked(conversation)) for conversation in conversations]
    joined, alike = _Joined(len(conversations)), _Joined(len(conversations))
    whole = _whole_documents(conversations, min(wanted, len(conversations) - wanted))
    for key, place in (*_keys(conversations, whole), *((("asked", wording(form)), place) for place, form in enumerate(forms))):
        joined.by_key(key, place)
        alike.by_key(key, place)
    for one, other in like_pairs(forms):
        alike.join(one, other)
    small = [group for group in alike.groups() if 2 * len(group) <= len(conversations)]
    untied = frozenset(range(len(conversations))) - {place for group in small for place in group}
    return sorted([*small, *joined.groups(untied)])


def _wanted(total: int, val_size: float) -> int:
    """How many pairs the validation data are to have.

    Raises:
        UsageError, ContentError: see `split`.
    """
    if not math.isfinite(val_size) or val_size <= 0 or (val_size >= 1 and val_size != int(val_size)):
        raise UsageError(f"验证集大小不能是 {val_size}。请给 0 到 1 之间的比例（如 0.2），或整数条数（如 50）。")
    if total < 2:
        raise ContentError(f"只有 {total} 条数据，分不成训练集和验证集。请先准备更多数据，或不划分。")
    if val_size >= total:
        raise ContentError(f"验证集要 {val_size:.0f} 条，而一共只有 {total} 条。请改小，给训练集留一些。")
    return int(val_size) if val_size >= 1 else min(max(round(total * val_size), 1), total - 1)


def _whole_documents(conversations: Sequence[Conversation], smaller: int) -> frozenset[str]:
    counts = Counter(conversation.source.document for conversation in conversations if conversation.source)
    small = frozenset(document for document, count in counts.items() if 2 * count <= smaller)
    return small if len(small) >= ENOUGH else frozenset()


def _keys(conversations: Sequence[Conversation], whole: frozenset[str]) -> Iterator[tuple[Hashable, int]]:
    form = cache(plain)  # many pairs are of one passage
    for place, conversation in enumerate(conversations):
        source = conversation.source
        if source:
            yield _place(source, source.document in whole), place
            if passage := form(source.passage):
                yield ("passage", passage), place


def _place(source: Source, whole: bool) -> Hashable:
    if whole:
        return source.document
    if source.page is not None:
        return source.document, source.page
    part = ("section", source.section) if source.section else ("id", source.id) if source.id else ()
    return source.document, *part


def _filled(drawn: Sequence[list[int]], wanted: int) -> list[list[int]]:
    """Groups in the order drawn, each taken if that brings their number nearer to the wanted one; never all, never none."""
    chosen, size = list[list[int]](), 0
    for group in drawn:
        if abs(size + len(group) - wanted) < abs(size - wanted) and len(chosen) < len(drawn) - 1:
            chosen.append(group)
            size += len(group)
    return chosen or [min(drawn, key=len)]


def _print(conversation: Conversation) -> str:
    told = "\x1e".join(f"{turn.role}\x1f{turn.content}" for turn in conversation.turns)
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()


def _draw(seed: int, group: str) -> str:
    return hashlib.sha256(f"{seed}/{group}".encode()).hexdigest()


class _Joined:
    """Places that are joined, directly or through others (union-find)."""

    def __init__(self, count: int) -> None:
        self._above = list(range(count))
        self._first: dict[Hashable, int] = {}

    def root(self, place: int) -> int:
        """The place that stands for all that are joined with this one."""
        while self._above[place] != place:
            self._above[place] = self._above[self._above[place]]
            place = self._above[place]
        return place

    def join(self, one: int, other: int) -> None:
        """Join two places; the earlier one stands for both."""
        low, high = sorted((self.root(one), self.root(other)))
        self._above[high] = low

    def groups(self, places: Collection[int] | None = None) -> list[list[int]]:
        """Places, those that are joined together; None for all."""
        found = defaultdict[int, list[int]](list)
        for place in range(len(self._above)) if places is None else sorted(places):
            found[self.root(place)].append(place)
        return list(found.values())

    def by_key(self, key: Hashable, place: int) -> None:
        """Join a place with the first one of its key."""
        self.join(self._first.setdefault(key, place), place)


_ONE_GROUP = (
    "{count} 条数据都在同一组里（同一页、同一段原文或几乎相同的问题），分开就会泄题，所以没有划分。"
    "请加入别的页或别的资料的数据，或另备一个验证文件。"
)
