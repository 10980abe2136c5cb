"""A comparison as a Markdown file. Whatever a model wrote stays inside its cell."""

from __future__ import annotations

from finetune.comparing.figures import Comparison, told
from knowledge.printable import printable

__all__ = ["cell", "markdown"]

_ESCAPED = {ord(c): f"&#{ord(c)};" for c in "&<>|`\\*_[]~$#"}
"""As character references: backslashes don't stop a `|` inside a code span, and HTML must not begin anywhere."""


def markdown(comparison: Comparison, title: str = "回答对比") -> str:
    """The figures, then a table with a row a question."""
    heads = ["#", "问题", *(["参考答案"] if comparison.referenced else []), *comparison.names]
    lines = [f"# {cell(title)}", "", *(f"- {cell(line)}" for line in comparison.lines()), ""]
    lines += [_line([cell(head) for head in heads]), _line(["---"] * len(heads))]
    for number, row in enumerate(comparison.rows, 1):
        reference = [row.reference] if comparison.referenced else []
        answers = [told(answer) for answer in row.answers]
        lines.append(_line([str(number), *(cell(text) for text in (row.question, *reference, *answers))]))
    return "\n".join([*lines, ""])


def cell(text: str) -> str:
    """A text as one cell of a table: no mark-up of its own, its line ends as `<br>`."""
    lines = "\n".join(printable(text, kept="\n\t").expandtabs(4).splitlines()).strip("\n").split("\n")
    return "<br>".join(line.translate(_ESCAPED) for line in lines)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
