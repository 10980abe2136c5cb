"""What several models answered to the same questions, in rows, and how often they were right and differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from finetune.comparing.entrants import Entrant
from finetune.comparing.exactness import same
from finetune.comparing.results import Asked, asked
from finetune.prompt_rows import PromptRow

__all__ = ["Comparison", "Row", "compared", "told"]


@dataclass(frozen=True)
class Row:
    """A question, its reference answer (empty if it has none), and the answers in the models' order; None: it failed."""

    key: str
    question: str
    reference: str
    answers: tuple[str | None, ...]
    cut: tuple[bool, ...]


@dataclass(frozen=True)
class Comparison:
    """The rows of several models.

    Attributes:
        names: of the models, in order; the first is what the others are compared with.
    """

    names: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def referenced(self) -> bool:
        """Whether any question has a reference answer."""
        return any(row.reference for row in self.rows)

    def lines(self) -> list[str]:
        """The figures, in Chinese: a line a model, then a line for each that is compared with the first."""
        models = [self._of_one(i) for i in range(len(self.names))]
        return [*models, *(self._against_first(i) for i in range(1, len(self.names)))]

    def exact(self, model: int) -> tuple[int, int]:
        """How many answers of a model are the reference answer, and of how many that have one; failed requests don't count."""
        held = [row for row in self.rows if row.reference and row.answers[model] is not None]
        return sum(same(row.answers[model] or "", row.reference) for row in held), len(held)

    def _of_one(self, model: int) -> str:
        right, total = self.exact(model)
        missing = sum(row.answers[model] is None for row in self.rows)
        parts = [f"与参考答案一致 {right}/{total}" + (f"（{right / total:.1%}）" if total else "")] if self.referenced else []
        parts += [f"回答了 {len(self.rows) - missing}/{len(self.rows)} 题"]
        if cut := sum(row.cut[model] for row in self.rows):
            parts.append(f"{cut} 题到长度上限被截断（可加大 --max-tokens）")
        return f"{self.names[model]}：{'，'.join(parts)}。"

    def _against_first(self, model: int) -> str:
        both = [(row.answers[0], row.answers[model], row.reference) for row in self.rows]
        pairs = [(a, b, reference) for a, b, reference in both if a is not None and b is not None]
        changed = sum(not same(a, b) for a, b, _ in pairs)
        line = f"{self.names[model]}与{self.names[0]}相比：回答不同 {changed} 题，相同 {len(pairs) - changed} 题"
        if not self.referenced:
            return f"{line}。"
        judged = [(same(a, reference), same(b, reference)) for a, b, reference in pairs if reference]
        return f"{line}；变对 {judged.count((False, True))} 题，变错 {judged.count((True, False))} 题。"


def compared(rows: Sequence[PromptRow], entrants: Sequence[Entrant], results: Mapping[Asked, Mapping[str, Any]]) -> Comparison:
    """The results of all entrants, side by side."""
    return Comparison(tuple(e.name for e in entrants), tuple(_row(row, entrants, results) for row in rows))


def told(answer: str | None) -> str:
    """What a table shows of an answer: why it is not there, if it is not."""
    if answer is None:
        return "（没有答成）"
    return answer if answer.strip() else "（空）"


def _row(row: PromptRow, entrants: Sequence[Entrant], results: Mapping[Asked, Mapping[str, Any]]) -> Row:
    found = [results.get(asked(row, entrant)) for entrant in entrants]
    answers = tuple(None if result is None else str(result["response"]) for result in found)
    cut = tuple(result is not None and result.get("finish_reason") == "length" for result in found)
    return Row(row.key, row.question, row.reference, answers, cut)
