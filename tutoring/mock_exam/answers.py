"""The answer sheet of an exam: what stands in each field, who wrote it, what is marked for later, where the time went.

Two windows may show the same exam. A field that another window has changed since this one saw it is not overwritten: what was
written here is kept beside it and told, so that no answer is lost unseen.
"""

from __future__ import annotations

from pydantic import BaseModel, Field, ValidationError

from errors import StorageError

__all__ = ["LONGEST_ANSWER", "AnswerSheet", "Entry"]

LONGEST_ANSWER = 20_000
"""Characters of an answer to one part: many times what fits on the paper."""
_MOST_UNUSED = 5


class Entry(BaseModel):
    """What a field holds, the window that wrote it, and the exam's version that it became."""

    value: str
    by: str
    version: int


class AnswerSheet(BaseModel):
    """All of a learner's work on a paper.

    Attributes:
        current: number that is being worked on.
        spent: seconds by number; `counted` of the exam's used seconds are in them.
        unused: by field, what another window wrote at the same time and is not the answer.
        told: what the learner should be told of a break; '' if nothing.
    """

    entries: dict[str, Entry] = Field(default_factory=dict)
    marked: list[int] = Field(default_factory=list)
    current: int = 1
    spent: dict[int, int] = Field(default_factory=dict)
    counted: int = 0
    unused: dict[str, list[str]] = Field(default_factory=dict)
    told: str = ""

    def value(self, field: str) -> str:
        """What stands in a field; '' if nothing does."""
        entry = self.entries.get(field)
        return entry.value if entry else ""

    def changed_elsewhere(self, field: str, window: str, seen: int) -> bool:
        """Whether another window has written a field since version `seen`, with which this one shows it."""
        entry = self.entries.get(field)
        return entry is not None and entry.by != window and entry.version > seen

    def written(self, field: str, value: str, window: str, version: int) -> AnswerSheet:
        """The sheet with a field filled in."""
        return self.model_copy(update={"entries": self.entries | {field: Entry(value=value, by=window, version=version)}})

    def kept_beside(self, field: str, value: str) -> AnswerSheet:
        """The sheet with words that are not the answer, kept below it. One that goes on being typed replaces its beginning."""
        before = [words for words in self.unused.get(field, []) if not value.startswith(words)]
        words = [*before, value][-_MOST_UNUSED:] if value.strip() and value != self.value(field) else before
        return self.model_copy(update={"unused": self.unused | {field: words}})

    def timed(self, used: int) -> AnswerSheet:
        """The sheet with the time since it was last counted given to the current number."""
        passed = used - self.counted
        if passed <= 0:
            return self
        spent = self.spent | {self.current: self.spent.get(self.current, 0) + passed}
        return self.model_copy(update={"spent": spent, "counted": used})

    def toggled(self, number: int) -> AnswerSheet:
        """The sheet with a number marked for later, or no longer."""
        marked = [n for n in self.marked if n != number] if number in self.marked else sorted([*self.marked, number])
        return self.model_copy(update={"marked": marked})

    @classmethod
    def from_json(cls, text: str) -> AnswerSheet:
        """The sheet that `model_dump_json` wrote.

        Raises:
            StorageError: the text is something else.
        """
        try:
            return cls.model_validate_json(text or "{}")
        except ValidationError as error:
            raise StorageError(
                "数据库里有一张答题卡读不出来（文件损坏，或由别的版本写入）。请在历史里删除这次模考，或从备份恢复数据库。"
            ) from error
