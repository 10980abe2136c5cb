"""The README of a merged model: what it is made of and how well that was checked."""

from __future__ import annotations

from finetune.merging.chain import Chain
from finetune.merging.reload_check import PROMPTS, Comparison

__all__ = ["model_card"]


def model_card(name: str, chain: Chain, method: str, dtype: str, comparison: Comparison) -> str:
    """Markdown in Chinese."""
    rows = [f"| 底座 | {chain.root.name} | {chain.root.digest} | |"]
    for n, one in enumerate(chain.contains, 1):
        origin = "" if one.known else "（来历不明：没有 lineage.json）"
        rows.append(f"| 适配器 {n} | {one.name}{origin} | {one.digest} | {one.weight:g} |")
    tokens = "相同" if not comparison.ties else f"相同（{comparison.ties} 个只在得分相等处不同）"
    return "\n".join(
        [
            f"# {name}",
            "",
            f"由 `python -m finetune.merge` 合并：{chain.told()}。方式 {method}，精度 {dtype}。",
            "",
            "| 部分 | 名称 | 摘要 | 权重 |",
            "|---|---|---|---|",
            *rows,
            "",
            f"复核：重新加载后，{len(PROMPTS)} 个提示的 logits 与底座加适配器最多相差 {comparison.difference:.2g}"
            f"（容许 {comparison.tolerance:.2g}），贪心生成的回答{tokens}。",
            "",
            "使用：`python -m finetune.infer 问题 --model local:本目录`；量化：`python -m finetune.quantize 本目录`。",
            "",
        ]
    )
