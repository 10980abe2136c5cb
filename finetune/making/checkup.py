"""A file of training data looked through: what is wrong with it, what is in it, what is in it twice, and which exam questions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finetune.conversations.files import read_conversations
from finetune.making.contamination import Contamination, check
from finetune.making.duplicates import conflicts, without_duplicates
from finetune.making.pair import question_of
from finetune.making.statistics import Statistics, statistics
from finetune.making.tokens import TokenCounter

__all__ = ["Checkup", "checkup"]

_SHOWN = 20


@dataclass(frozen=True)
class Checkup:
    """What was found.

    Attributes:
        problems: a line for each row that can't be learned from.
        twice: questions that stand in it again; `conflicting`: those of them whose answers differ.
    """

    file: str
    problems: tuple[str, ...]
    numbers: Statistics
    counted: str
    twice: tuple[str, ...]
    conflicting: tuple[str, ...]
    contamination: Contamination

    @property
    def status(self) -> int:
        """1 if rows are unusable or contradict each other; what is too long or seen in the exam is told, not wrong."""
        return 1 if self.problems or self.conflicting else 0

    def lines(self) -> list[str]:
        """All of it in Chinese."""
        good = f"{self.file}：{self.numbers.samples} 条可用"
        told = [f"{good}，{len(self.problems)} 条有问题：" if self.problems else f"{good}，没有格式问题。", *_some(self.problems)]
        told += [f"token 数{self.counted}", *self.numbers.lines()]
        told.append(f"重复的问题：{len(self.twice)} 个" + ("：" if self.twice else "。"))
        told += _some(self.twice)
        if self.conflicting:
            told += [f"其中回答不一致的：{len(self.conflicting)} 个，请改正或只留一个：", *_some(self.conflicting)]
        return told + self.contamination.lines()

    def to_json(self) -> dict[str, Any]:
        """All of it for a JSON line."""
        return {
            "file": self.file,
            "problems": list(self.problems),
            "statistics": {"counted": self.counted, **self.numbers.to_json()},
            "duplicates": list(self.twice),
            "conflicts": list(self.conflicting),
            "contamination": self.contamination.to_json(),
        }


def checkup(file: Path, counter: TokenCounter, max_length: int) -> Checkup:
    """Look through a file in any of the formats.

    Raises:
        ContentError: it can't be read, or no row of it can be used.
    """
    rows, problems = read_conversations(file, skip_bad=True)
    twice = without_duplicates(rows)[1]
    return Checkup(
        file.name,
        tuple(problems),
        statistics(rows, counter.count, max_length),
        counter.told,
        tuple(question_of(other) for other, _ in twice),
        tuple(question_of(other) for other, _ in conflicts(twice)),
        check(rows),
    )


def _some(told: tuple[str, ...]) -> list[str]:
    shown = [f"  {' '.join(one.split())[:120]}" for one in told[:_SHOWN]]
    return shown + ([f"  ……另有 {len(told) - _SHOWN} 个。"] if len(told) > _SHOWN else [])
