"""A run: everything that an exam is held with, under one configuration."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.exams.exam_set import ExamSet
from eval.exams.plan import Plan
from eval.exams.run_folder import config_hash
from eval.exams.samples import Sample
from settings import Settings

__all__ = ["Run"]


@dataclass(frozen=True)
class Run:
    """What is asked, how, of whom, and where the answers are kept.

    Attributes:
        knowledge: settings of the knowledge base that is retrieved from; None without retrieval.
        config: what config.json holds.
        concurrency: how many questions are asked at once.
    """

    settings: Settings
    plan: Plan
    exam: ExamSet
    knowledge: Settings | None
    config: dict[str, Any]
    folder: Path
    concurrency: int

    @property
    def hash(self) -> str:
        """Of the configuration."""
        return config_hash(self.config)

    @property
    def samples(self) -> list[Sample]:
        """All askings."""
        return self.plan.samples(self.exam.questions)
