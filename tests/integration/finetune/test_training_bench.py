"""bench/training.py measures what it says, on a model of a few thousand parameters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.training import main, random_samples


def test_samples_are_random_tokens_of_one_length_with_a_prompt() -> None:
    first, second = random_samples(2, 32)
    assert len(first.ids) == len(first.labels) == 32
    assert first.ids != second.ids
    assert [label == -100 for label in first.labels] == [True] * 16 + [False] * 16


def test_the_tiny_size_is_measured(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Its own command; the method runs in a process of its own."""
    numbers = ["--length", "32", "--batch", "2", "--steps", "3", "--warmup", "1"]
    assert main(["--size", "tiny", "--methods", "lora", *numbers, "--json", str(tmp_path / "b.json")]) == 0
    (row,) = json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))
    assert (row["method"], row["length"], row["steps"]) == ("lora", 32, 3)
    widths = [(64, 64), (64, 32), (64, 32), (64, 64), (64, 128), (64, 128), (128, 64)]  # q, k, v, o, gate, up, down
    assert row["trained"] == 2 * sum(16 * (wide + high) for wide, high in widths)  # two layers, rank 16
    assert row["peak_mb"] >= row["loaded_mb"] > 0
    assert row["tokens_per_second"] == pytest.approx(2 * 32 * 1000 / row["step_ms"], rel=0.5)
    assert "lora" in capfd.readouterr().out
