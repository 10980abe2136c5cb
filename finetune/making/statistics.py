"""What training data hold, in numbers: samples, turns, tokens, what would be too long, and where it comes from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from finetune.conversations.conversation import Conversation
from knowledge.subjects import SUBJECTS

__all__ = ["Spread", "Statistics", "statistics"]

_SHARES = (50, 90, 95, 99)
_FIRST_BIN = 32
_BAR = 30
"""Characters of the longest bar of the histogram."""


@dataclass(frozen=True)
class Spread:
    """Lengths in tokens: smallest, mean, percentiles (nearest rank), largest."""

    least: int
    mean: float
    percentiles: dict[int, int]
    most: int

    @classmethod
    def of(cls, lengths: Sequence[int]) -> Spread:
        """The spread of some lengths; all zero if there are none."""
        ordered = sorted(lengths) or [0]
        ranked = {share: ordered[ceil(share / 100 * len(ordered)) - 1] for share in _SHARES}
        return cls(ordered[0], sum(ordered) / len(ordered), ranked, ordered[-1])

    def line(self, name: str) -> str:
        """One line of Chinese."""
        ranked = "，".join(f"{share}% 不超过 {length}" for share, length in self.percentiles.items())
        return f"{name}：平均 {self.mean:.0f}，最短 {self.least}，{ranked}，最长 {self.most}"


@dataclass(frozen=True)
class Statistics:
    """The numbers of a file.

    Attributes:
        turns: how many conversations have so many rounds (a question and its answer).
        prompt, answer, total: tokens of a conversation: what is given, what is learned, both. A chat template's own tokens are not
            counted: some five to ten a turn come on top.
        histogram: conversations by the upper bound of their total, bounds doubling from 32.
        max_length: the length that is asked about; None for none.
        truncated: longer ones of which whole rounds fit, so that they can be cut behind one.
        dropped: longer ones whose first round does not fit.
        subjects: conversations by subject's id, '' for those that name none.
        pages: pages that pairs come from, of documents that have pages.
        sourced: conversations with a source.
        system: conversations with a system prompt.
    """

    samples: int
    turns: dict[int, int]
    prompt: Spread
    answer: Spread
    total: Spread
    tokens: int
    histogram: dict[int, int]
    max_length: int | None
    truncated: int
    dropped: int
    subjects: dict[str, int]
    documents: int
    pages: int
    sourced: int
    system: int

    @property
    def over(self) -> int:
        """Conversations over the length."""
        return self.truncated + self.dropped

    def to_json(self) -> dict[str, Any]:
        """All of it for a JSON file."""
        return asdict(self) | {"over": self.over}

    def lines(self) -> list[str]:
        """All of it in Chinese."""
        rounds = "、".join(f"{count} 轮 {number} 条" for count, number in self.turns.items())
        told = [f"共 {self.samples} 条（{rounds}），{self.tokens} 个 token；带系统提示的 {self.system} 条"]
        told += [self.prompt.line("提问长度"), self.answer.line("回答长度"), self.total.line("总长度")]
        if self.max_length is not None:
            told.append(
                f"超过 {self.max_length} 的 {self.over} 条：可在轮次处截断 {self.truncated} 条，第一轮就放不下 {self.dropped} 条"
            )
        told += self._bars()
        named = "、".join(f"{_subject(name)} {count} 条" for name, count in self.subjects.items())
        share = self.sourced / self.samples if self.samples else 0.0
        told.append(f"科目：{named or '（无）'}")
        told.append(
            f"出处：{self.sourced} 条有出处（{share:.0%}），来自 {self.documents} 个文档"
            + (f"的 {self.pages} 页" if self.pages else "")
        )
        return told

    def _bars(self) -> list[str]:
        most = max(self.histogram.values(), default=1)
        width = len(str(max(self.histogram, default=0)))
        return [f"  ≤ {bound:>{width}} {'█' * ceil(_BAR * n / most)} {n}" for bound, n in self.histogram.items()]


def statistics(conversations: Sequence[Conversation], count: Callable[[str], int], max_length: int | None = None) -> Statistics:
    """The numbers of some conversations.

    Args:
        count: tokens of a text.
        max_length: tokens that a conversation may have in training; None not to ask.
    """
    rounds = [_rounds(conversation, count) for conversation in conversations]
    prompts, answers = [sum(p for p, _ in one) for one in rounds], [sum(a for _, a in one) for one in rounds]
    totals = [prompt + answer for prompt, answer in zip(prompts, answers, strict=True)]
    long = [one for one, total in zip(rounds, totals, strict=True) if max_length is not None and total > max_length]
    dropped = sum(bool(one) and sum(one[0]) > (max_length or 0) for one in long)
    sources = [conversation.source for conversation in conversations if conversation.source]
    return Statistics(
        samples=len(conversations),
        turns=dict(sorted(Counter(map(len, rounds)).items())),
        prompt=Spread.of(prompts),
        answer=Spread.of(answers),
        total=Spread.of(totals),
        tokens=sum(totals),
        histogram=_histogram(totals),
        max_length=max_length,
        truncated=len(long) - dropped,
        dropped=dropped,
        subjects=dict(Counter(one.source.subject if one.source else "" for one in conversations).most_common()),
        documents=len({source.document for source in sources}),
        pages=len({(source.document, source.page) for source in sources if source.page is not None}),
        sourced=len(sources),
        system=sum(bool(conversation.system) for conversation in conversations),
    )


def _rounds(conversation: Conversation, count: Callable[[str], int]) -> list[tuple[int, int]]:
    """Tokens of what is given and of what is learned, by round; the system prompt belongs to the first."""
    found, given = list[tuple[int, int]](), 0
    for turn in conversation.turns:
        if turn.role == "assistant":
            found.append((given, count(turn.content)))
            given = 0
        else:
            given += count(turn.content)
    return found


def _histogram(lengths: Sequence[int]) -> dict[int, int]:
    if not lengths:
        return {}
    bounds = [_FIRST_BIN]
    while bounds[-1] < max(lengths):
        bounds.append(bounds[-1] * 2)
    counts = Counter(next(bound for bound in bounds if length <= bound) for length in lengths)
    return {bound: counts[bound] for bound in bounds if bound >= min(counts)}


def _subject(name: str) -> str:
    return SUBJECTS[name].name if name in SUBJECTS else name or "未注明"
