"""The card of a run, for people: what was trained from what, how, on what, and how it went."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

__all__ = ["card", "versions"]

_PACKAGES = (
    "torch",
    "transformers",
    "trl",
    "peft",
    "accelerate",
    "datasets",
    "tokenizers",
    "safetensors",
    "bitsandbytes",
    "deepspeed",
)
_SHOWN = 6
"""Sample answers on the card."""


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that decide what is learned, as far as they are installed."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def card(record: Mapping[str, Any], samples: Sequence[Mapping[str, Any]], config: str) -> str:
    """Markdown.

    Args:
        record: of run.json.
        samples: of samples.jsonl.
        config: text of config.yaml.
    """
    parts = [_summary(record), _stages(record), _data(record), _samples(samples), _how(record)]
    packages = "、".join(f"{name} {number}" for name, number in record["versions"].items())
    parts += [f"## 配置\n\n```yaml\n{config.strip()}\n```", f"## 软件\n\n{packages}"]
    return "\n\n".join(part for part in parts if part) + "\n"


def _summary(record: Mapping[str, Any]) -> str:
    lines = [
        f"# 训练记录：{record['name']}",
        *(f"> 注意：{warning}\n" for warning in record["warnings"]),
        "| | |\n|---|---|",
        _row("方法", record["method"]),
        _row("底座", f"{record['base']['name']}（{record['base']['digest']}）"),
        *(_row("接着这些适配器训练", f"{one['name']}（{one['digest']}）") for one in record["contains"]),
        _row("设备", f"{record['device']}，{record['precision']}，{record['processes']} 个进程"),
        _row("随机种子", record["seed"]),
        _row("开始", record["started"]),
        _row("训练用时", f"{record['seconds']:.1f} 秒"),
        _row("训练过的 token", f"{record['tokens']}（{record['tokens_per_second']:.0f} token/秒）"),
        _row("内存或显存的峰值", f"{record['peak_memory_mb']:.0f} MiB"),
    ]
    return "\n".join([lines[0], "", *lines[1:]])


def _stages(record: Mapping[str, Any]) -> str:
    head = "| 阶段 | 训练样本 | 评估样本 | 步数 | 取第几步 | 最后的训练损失 | 最低的评估损失 | 提前停止 |\n|---|---|---|---|---|---|---|---|"
    rows = []
    for one in record["stages"]:
        best = "—" if one["best_loss"] is None else f"{one['best_loss']:.4f}"
        cells = (one["name"], one["train"], one["val"], one["steps"], one["step"], f"{one['last_loss']:.4f}", best)
        rows.append("| " + " | ".join(map(_cell, (*cells, "是" if one["early"] else "否"))) + " |")
    notes = [f"- {one['name']}：{line}" for one in record["stages"] for line in one["report"].splitlines()]
    return "\n".join(["## 各阶段", "", head, *rows, "", *notes, "", "损失曲线见 `loss.png`，每一步的数字见 `metrics.jsonl`。"])


def _data(record: Mapping[str, Any]) -> str:
    rows = [f"| {_cell(name)} | `{digest}` |" for name, digest in record["data"].items()]
    return "\n".join(["## 数据", "", "| 文件 | sha256 |", "|---|---|", *rows])


def _samples(samples: Sequence[Mapping[str, Any]]) -> str:
    if not samples:
        return ""
    last = [one for one in samples if (one["stage"], one["step"]) == (samples[-1]["stage"], samples[-1]["step"])]
    told = [f"- **{_cell(one['question'])}**\n  {_cell(one['text']) or '（空）'}" for one in last[:_SHOWN]]
    return "\n".join([f"## 最后一次评估时的回答（第 {last[0]['step']} 步，见 `samples.jsonl`）", "", *told])


def _how(record: Mapping[str, Any]) -> str:
    if record["method"] == "full":
        return "## 使用\n\n```\npython -m finetune.infer 问题 --model local:本目录/model\n```"
    return (
        f"## 使用\n\n```\npython -m finetune.infer 问题 --model local:{record['base']['name']} --adapter 本目录/adapter\n"
        f"python -m finetune.merge {record['base']['name']} --adapter 本目录/adapter --out 合并后的目录\n```"
    )


def _row(name: str, value: object) -> str:
    return f"| {name} | {_cell(value)} |"


def _cell(value: object) -> str:
    """Text that can't break a table, nor become markup."""
    text = " ".join(str(value).split())
    for sign in ("\\", "|", "<", "`", "*", "_", "["):
        text = text.replace(sign, f"\\{sign}" if sign != "<" else "&lt;")
    return text
