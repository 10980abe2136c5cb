"""What is told of a data set that was made: in Chinese on the screen, and on its card."""

from __future__ import annotations

import platform
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from finetune.making.finishing import DataSet
from finetune.making.statistics import Statistics, statistics
from finetune.making.tokens import TokenCounter
from settings import ROOT

__all__ = ["Report"]

_BANK = (
    "注意：题库里的题就是考题，用这份数据训练的模型在自带题库上的成绩不算数。考试时加上 --train-data 训练文件"
    "（python -m eval.exam），重合的题会单列。"
)
_SEEN = "考试时加上 --train-data 训练文件（python -m eval.exam），重合的题会单列；要去掉它们，加 --drop-contaminated。"
_RULE = "  核对用的是规则，看不出张冠李戴（如把“避免”说成“预防”）；要更严，加 --check model 再运行，已有的回答不会重问。"
_STEPS = {
    "too_long": "回答超过 --max-answer-chars",
    "duplicate": "问题重复",
    "dropped_as_contaminated": "与考题重合",
    "over_limit": "超出 --limit",
}


@dataclass(frozen=True)
class Report:
    """The numbers of a data set; `asking` are those of a run with a model, if there was one."""

    data: DataSet
    numbers: Statistics
    counted: str
    asking: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, data: DataSet, counter: TokenCounter, max_length: int, asking: Mapping[str, Any] | None = None) -> Report:
        """Count.

        Args:
            max_length: tokens that a conversation may have in training.
        """
        return cls(data, statistics(data.rows, counter.count, max_length), counter.told, asking)

    def lines(self, origin: str) -> list[str]:
        """All of it in Chinese."""
        counts = self.data.counts
        gone = "，".join(f"{name} {counts[key]}" for key, name in _STEPS.items() if counts[key])
        told = self._asked()
        told.append(f"得到 {counts['given']} 对" + (f"，去掉：{gone}" if gone else "") + f"，留下 {counts['kept']} 对")
        if counts["conflicting"]:
            told.append(f"重复的问题里有 {counts['conflicting']} 个回答不一致（只留了第一个），请抽查。")
        told += [f"token 数{self.counted}", *self.numbers.lines()]
        seen = self.data.contamination
        told += seen.lines()[:1] if origin == "bank" else seen.lines()
        if seen.held and not counts["dropped_as_contaminated"]:
            told.append(_BANK if origin == "bank" else _SEEN)
        return told

    def to_json(self) -> dict[str, Any]:
        """All of it for the card."""
        return {
            "counts": self.data.counts,
            "statistics": {"counted": self.counted, **self.numbers.to_json()},
            "contamination": self.data.contamination.to_json(),
            "versions": {"tutor408": _version(), "python": platform.python_version()},
        }

    def _asked(self) -> list[str]:
        if not self.asking:
            return []
        asked = self.asking
        told = [f"要了 {asked['asked']} 对，模型给出 {asked['given']} 对，读不出的段落 {asked['unreadable']} 段"]
        told += [f"  去掉 {n} 对：{reason}，例如 {asked['examples'][reason]}" for reason, n in asked["dropped"].items()]
        return told + ([_RULE] if asked["checked_by"] == "rule" else [])


def _version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
