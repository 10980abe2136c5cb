"""The card and the curve of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from finetune.training import plot
from finetune.training.card import card, versions
from finetune.training.plot import draw_losses

STAGE = {
    "name": "f1",
    "train": 3,
    "val": 0,
    "steps": 9,
    "step": 6,
    "last_loss": 0.5,
    "best_loss": None,
    "early": True,
    "report": "训练：3 条",
}
RECORD: dict[str, Any] = {
    "name": "跑|一次", "method": "lora", "base": {"name": "base_7b", "digest": "abc"}, "contains": [{"name": "old", "digest": "d"}],
    "device": "CPU", "precision": "fp32", "processes": 1, "seed": 1, "started": "2026", "seconds": 1.5, "tokens": 10,
    "tokens_per_second": 7.0, "peak_memory_mb": 99.6, "stages": [STAGE], "data": {"a.jsonl": "sha"}, "versions": {"torch": "2"},
    "warnings": ["没学到"],
}  # fmt: skip


def test_the_card_has_what_was_done() -> None:
    text = card(RECORD, [], "model: base_7b\n")
    for told in (
        "| f1 | 3 | 0 | 9 | 6 | 0.5000 | — | 是 |",
        "old（d）",
        "> 注意：没学到",
        "| a.jsonl | `sha` |",
        "torch 2",
        "100 MiB",
    ):
        assert told in text
    assert "```yaml\nmodel: base_7b\n```" in text and "--adapter 本目录/adapter" in text


def test_an_answer_can_not_break_the_card() -> None:
    rows = [{"stage": "f1", "step": 3, "question": "旧", "text": "旧"}]
    rows.append({"stage": "f1", "step": 6, "question": "a|b", "text": "# x\n\n<script>`"})
    text = card(RECORD, rows, "")
    assert "- **a\\|b**\n  # x &lt;script>\\`" in text and "旧" not in text


def test_whole_weights_are_used_as_a_model() -> None:
    assert "--model local:本目录/model" in card({**RECORD, "method": "full"}, [], "")


def test_versions_are_those_installed() -> None:
    assert {"python", "torch", "transformers", "peft"} <= set(versions())


ROWS = [
    {"stage": "f1", "step": 1, "loss": 9.0},
    {"stage": "f1", "step": 2, "loss": 0.01},
    {"stage": "f2", "step": 1, "eval_loss": 1.0},
]


@pytest.mark.parametrize("fonts", [plot._FONTS, ("no such font",)])
def test_the_curve_is_drawn_with_and_without_a_chinese_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fonts: Any) -> None:
    monkeypatch.setattr(plot, "_FONTS", fonts)
    draw_losses(ROWS, tmp_path / "loss.png")
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_steps_are_counted_through_the_stages() -> None:
    assert [step for step, _ in plot._counted(ROWS)] == [1, 2, 3]
