"""The marks of an exam's problems, criterion by criterion, and who gave each: the program, a model, or the learner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from errors import StorageError, UsageError
from tutoring.marking import Mark, Verdict

__all__ = ["GIVERS", "CriterionMark", "Marking", "Page", "band_of"]

Giver = Literal["program", "model", "self"]
GIVERS: dict[str, str] = {"program": "程序", "model": "模型", "self": "自评"}


class CriterionMark(BaseModel):
    """One criterion, in the problem's own marks: `low` for sure, `high` at most. `open_low`, `open_high` are as they were
    before the learner settled it; `given` is None until then."""

    part: int
    criterion: str
    full: int
    verdict: Verdict
    open_low: int
    open_high: int
    quote: str
    comment: str
    giver: Giver
    given: int | None = None

    @property
    def low(self) -> int:
        """Marks for sure."""
        return self.open_low if self.given is None else self.given

    @property
    def high(self) -> int:
        """Marks at most."""
        return self.open_high if self.given is None else self.given

    @property
    def is_open(self) -> bool:
        """Whether the learner may settle it: neither program nor model could."""
        return self.open_low < self.open_high

    @classmethod
    def of(cls, mark: Mark, giver: Giver) -> CriterionMark:
        """What the program or a model found."""
        return cls(
            part=mark.part, criterion=mark.criterion, full=mark.full, verdict=mark.verdict, open_low=mark.low, open_high=mark.high,
            quote=mark.quote, comment=mark.comment, giver=giver,
        )  # fmt: skip

    def settled(self, points: int | None) -> CriterionMark:
        """As the learner sees it; None takes that back.

        Raises:
            UsageError: it isn't open, or the points are out of its bounds.
        """
        if not self.is_open:
            raise UsageError("这个评分点已经有确定的分数，不需要自评。")
        if points is not None and not 0 <= points <= self.full:
            raise UsageError(f"这个评分点是 0 到 {self.full} 分。")
        return self.model_copy(update={"given": points})


class Page(BaseModel):
    """A page of the learner's documents."""

    source: str
    page: int
    label: str


class Marking(BaseModel):
    """All marks so far, by the problem's number; `pages` by knowledge point, None where the documents have none;
    `notice` says what marked, if there is something to say."""

    problems: dict[int, list[CriterionMark]] = Field(default_factory=dict)
    pages: dict[str, Page | None] = Field(default_factory=dict)
    notice: str = ""

    def with_problem(self, number: int, marks: Sequence[CriterionMark], notice: str = "") -> Marking:
        """With the marks of one more problem; marks that are there stay."""
        problems = {number: list(marks)} | self.problems
        return self.model_copy(update={"problems": problems, "notice": notice or self.notice})

    def with_page(self, point: str, page: Page | None) -> Marking:
        """With the page on one more knowledge point."""
        return self.model_copy(update={"pages": self.pages | {point: page}})

    def with_settled(self, number: int, index: int, points: int | None) -> Marking:
        """With an open criterion settled by the learner.

        Raises:
            UsageError: there is no such criterion, it isn't open, or the points are out of its bounds.
        """
        marks = self.problems.get(number, [])
        if not 0 <= index < len(marks):
            raise UsageError("没有这个评分点。请刷新页面后再试。")
        changed = [mark.settled(points) if i == index else mark for i, mark in enumerate(marks)]
        return self.model_copy(update={"problems": self.problems | {number: changed}})

    @classmethod
    def from_json(cls, text: str) -> Marking:
        """The marking that `model_dump_json` wrote; '' is an empty one.

        Raises:
            StorageError: the text is something else.
        """
        try:
            return cls.model_validate_json(text or "{}")
        except ValidationError as error:
            raise StorageError(
                "数据库里有一份模考成绩读不出来（文件损坏，或由别的版本写入）。请在历史里删除这次模考，或从备份恢复数据库。"
            ) from error


def band_of(marks: Sequence[CriterionMark]) -> tuple[int, int]:
    """The least and the most of all marks together."""
    return sum(mark.low for mark in marks), sum(mark.high for mark in marks)
