"""The model card of a fine-tuned embedding: what it was made from, how much better or worse it finds, how to use it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from finetune.embedding_training.measuring import CUTS, Interval, Retrieved, bootstrapped
from finetune.embedding_training.plan import Plan

__all__ = ["BY", "Report"]

BY = {"documents": "按资料分开", "pages": "按页分开（资料不足六份）", "passages": "按原文分开（没有页码）"}
"""How the held-out pairs were kept apart, in Chinese."""


@dataclass(frozen=True)
class Report:
    """All that the card tells.

    Attributes:
        base: name of the base model, without its place.
        counts: of pairs, passages and negatives.
        before, after: on the held-out questions, over all passages.
        training: what the training says of itself.
        caution: what else has to be known to read the figures.
    """

    name: str
    base: str
    plan: Plan
    counts: Mapping[str, int]
    by: str
    before: Retrieved
    after: Retrieved
    training: Mapping[str, Any]
    query_prompt: str = ""
    caution: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def gain(self) -> Interval:
        """Of the mean reciprocal rank, question by question."""
        pairs = zip(self.after.reciprocal, self.before.reciprocal, strict=True)
        return bootstrapped([after - before for after, before in pairs])

    @property
    def verdict(self) -> str:
        """What the figures say, in Chinese."""
        gain = self.gain
        if gain.low > 0:
            return f"比底座好：留出的问题上 MRR 提高 {gain.mean:.3f}（95% 区间 {gain.low:+.3f} 到 {gain.high:+.3f}）。"
        if gain.high < 0:
            return (
                f"比底座差：留出的问题上 MRR 降低 {-gain.mean:.3f}（95% 区间 {gain.low:+.3f} 到 {gain.high:+.3f}）。"
                "请不要用它；可增加问答、减小 --learning-rate 或 --epochs 再试。"
            )
        return (
            f"分不出好坏：留出的问题上 MRR 变化 {gain.mean:+.3f}（95% 区间 {gain.low:+.3f} 到 {gain.high:+.3f}，含 0）。"
            "要更准，请增加问答。"
        )

    def lines(self) -> list[str]:
        """The figures for a terminal."""
        rows = [f"  {name}：{before} → {after}" for name, before, after in self._figures()]
        return [
            f"留出的 {len(self.before.ranks)} 个问题（{BY[self.by]}），在 {self.counts['passages']} 段原文里找：",
            *rows,
            self.verdict,
            *([self.caution] if self.caution else []),
        ]

    def to_json(self) -> dict[str, Any]:
        """All figures."""
        return {
            "base": self.base, "held_out": len(self.before.ranks), "held_out_by": self.by, **self.counts,
            "before": self.before.to_json(), "after": self.after.to_json(),
            "gain_mrr": [round(value, 4) for value in (self.gain.mean, self.gain.low, self.gain.high)],
            "plan": asdict(self.plan), "training": dict(self.training), "versions": dict(self.versions),
        }  # fmt: skip

    def markdown(self) -> str:
        """The card."""
        rows = [f"| {name} | {before} | {after} |" for name, before, after in self._figures()]
        counts = self.counts
        prompt = (
            f"- 问题前的提示语：`{self.query_prompt}`（记在 `config_sentence_transformers.json` 里）\n"
            if self.query_prompt
            else ""
        )
        return f"""---
language: zh
library_name: sentence-transformers
pipeline_tag: sentence-similarity
---

# {self.name}

由 `{self.base}` 在（问题，原文）上微调的向量模型。**{self.verdict}**

| 留出的 {len(self.before.ranks)} 个问题 | 微调前 | 微调后 |
| --- | --- | --- |
{chr(10).join(rows)}

- 只看向量这一路，在全部 {counts["passages"]} 段原文里找；方括号里是 95% 区间（按题自助抽样）。页面上的检索还有词法检索与重排，效果以 `python -m eval.retrieval` 为准。
- 留出的问题{BY[self.by]}，训练时没有见过它们和它们的原文（也不当负例）。{self._chosen()}
- 数据：{counts["pairs"]} 对问答，训练用 {counts["train"]} 对；每对 {counts["negatives"]} 个难负例，其中从知识库挖出 {counts["mined"]} 个，\
随机补足 {counts["filled"]} 个，因与答案太相近而不用 {counts["near"]} 个。
{prompt}- 训练：`{json.dumps(asdict(self.plan))}`；`{json.dumps(dict(self.training))}`
- 版本：`{json.dumps(dict(self.versions))}`

## 使用

    TUTOR_EMBEDDING_MODEL={self.name} python -m rag.ingest --reindex
    TUTOR_EMBEDDING_MODEL={self.name} python app.py

`{self.name}` 换成这个目录所在的路径。换了向量模型就要重建向量（`--reindex`，用保存的原件），换回原来的模型也一样。
"""

    def _chosen(self) -> str:
        watched = self.counts["development"]
        chosen = (
            f"最好的一轮由另外 {watched} 个问题选出。" if watched else "问答太少，没有另留问题来选最好的一轮，用的是最后一轮。"
        )
        return chosen + (f"\n- 注意：{self.caution}" if self.caution else "")

    def _figures(self) -> list[tuple[str, Interval, Interval]]:
        recalls = [(f"recall@{cut}", self.before.recall(cut), self.after.recall(cut)) for cut in CUTS]
        return [*recalls, ("MRR", self.before.mrr(), self.after.mrr())]
