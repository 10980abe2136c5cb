"""The prompts that systems are judged on: ten families of ten, of our own writing (eval/tasks/FAMILY.jsonl)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from errors import ContentError
from settings import ROOT

__all__ = ["FAMILIES", "FULL", "MEANINGS", "TASKS", "Task", "read_tasks"]

TASKS = ROOT / "eval" / "tasks"
FULL = 10
"""Points of a task."""
FAMILIES = {
    "knowledge": "知识问答",
    "translation": "翻译",
    "generation": "文本生成",
    "sentiment": "情感分析",
    "reading": "阅读理解",
    "chinese": "中文特色",
    "code": "代码生成",
    "refusal": "伦理拒答",
    "dialogue": "多轮对话",
    "numeric": "数值伦理",
}
"""The eight of DreamerGPT's report and two more, by id."""
MEANINGS = {"numeric": "数据与统计的诚实使用"}
"""Of the families whose name does not tell what they are about."""


@dataclass(frozen=True)
class Task:
    """A prompt and what a good answer holds.

    Attributes:
        turns: what the user says, one after another; each is answered before the next is said.
        rubric: what earns points, each with its own at the end; together they are `FULL`.
        tests: code that proves the reference right (tests/unit/eval/test_judge_tasks.py); no judge sees it.
    """

    id: str
    family: str
    turns: tuple[str, ...]
    reference: str
    rubric: tuple[str, ...]
    tests: str = ""

    def to_json(self) -> dict[str, Any]:
        """All that a judgement may depend on."""
        row = asdict(self)
        del row["tests"]
        return row


def read_tasks(families: Iterable[str] = FAMILIES, limit: int | None = None, folder: Path = TASKS) -> list[Task]:
    """The tasks of these families, of each the first `limit`.

    Raises:
        ContentError: a file is missing or a line is no task; the message has its place.
    """
    return [task for family in families for task in _family(folder / f"{family}.jsonl")[:limit]]


def _family(path: Path) -> list[Task]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ContentError(f"读不到评测题 {path}。请检查程序是否完整（git status），再重新运行。") from error
    return [_task(line, f"{path.name} 第 {number} 行") for number, line in enumerate(lines, 1)]


def _task(line: str, place: str) -> Task:
    try:
        row = json.loads(line)
        if row["max"] != FULL or not row["turns"] or not row["rubric"]:
            raise ValueError(f"max 应为 {FULL}，turns 与 rubric 不能为空")
        return Task(row["id"], row["family"], tuple(row["turns"]), row["reference"], tuple(row["rubric"]), row.get("tests", ""))
    except (ValueError, KeyError, TypeError) as error:
        raise ContentError(f"{place}不是评测题（{error}）。请改正后再试。") from error
