"""The figures of retrieval as lines for a terminal, under the names that the README gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from eval.exams.table import columns, subject_name
from eval.refusal import RefusalQuestion
from eval.scoring import Estimate

__all__ = ["BASELINE", "answer_lines", "gain_lines", "measure_lines", "refusal_lines", "row_name"]

BASELINE = "BM25 500/150"
_NAMES = {
    "our words": "同上，用本项目的分词",
    "dense": "向量",
    "lexical": "词法（BM25）",
    "fused": "两路按名次融合",
    "reranked": "重排后的片段",
    "passages": "答疑所用的段落",
    "without headings": "片段都去掉标题",
}
_PARTS = {
    "body": "正文",
    "heading": "标题",
    "cover": "词的覆盖",
    "pairs": "字对",
    "dense": "向量",
    "alike": "学生的问法",
    "related": "相关术语",
}
"""What the parts of a reranked score (rag/rerank.py) look at."""
_REFUSAL = {"precision": "精确率", "recall": "召回率", "f1": "F1", "wrongly_refused": "误拒率"}


def row_name(name: str) -> str:
    """What a reader calls a way to search that the JSON has under `name`."""
    part = name.removeprefix("without ")
    return f"去掉“{_PARTS[part]}”一项" if part != name and part in _PARTS else _NAMES.get(name, name)


def measure_lines(name: str, table: Mapping[str, Mapping[str, Estimate]]) -> Iterator[str]:
    """All measures of one way to search, over all questions and per subject."""
    heads = ["", *next(iter(table.values()))]
    yield f"【{row_name(name)}】"
    yield from columns([heads, *([subject_name(subject), *map(_shown, row.values())] for subject, row in table.items())])


def answer_lines(found: Mapping[str, Mapping[int, Estimate]]) -> list[str]:
    """For each way to search, the share of the answers within so many characters."""
    heads = ["", *(f"前 {budget} 字" for budget in next(iter(found.values())))]
    return columns([heads, *([row_name(name), *map(_shown, row.values())] for name, row in found.items())])


def gain_lines(gains: Mapping[int, Estimate]) -> Iterator[str]:
    """By how many percentage points the passages are better than the baseline."""
    for budget, gain in gains.items():
        low, high = 100 * gain.low, 100 * gain.high
        yield f"前 {budget} 字：答疑所用的段落比 {BASELINE} {100 * gain.mean:+.1f} 个百分点（{low:+.1f} 至 {high:+.1f}）"


def refusal_lines(figures: Mapping[str, float], questions: Sequence[RefusalQuestion]) -> Iterator[str]:
    """How well it is known when not to answer."""
    answerable = sum(question.answerable for question in questions)
    yield f"【拒答】{len(questions) - answerable} 个不能答、{answerable} 个能答的问题"
    yield "  ".join(f"{_REFUSAL[name]} {value:.1%}" for name, value in figures.items())


def _shown(estimate: Estimate) -> str:
    return f"{estimate.mean:.3f}（{estimate.low:.3f}–{estimate.high:.3f}）"
