"""bench/training.py measures what it says, on a model of a few thousand parameters."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from bench.training import Cost, _apart, _parser, arguments, build, main, random_samples

ORDER = ["--length", "32", "--batch", "2", "--steps", "3", "--warmup", "1", "--no-checkpointing"]


def test_samples_are_random_tokens_of_one_length_with_a_prompt() -> None:
    first, second = random_samples(2, 32)
    assert len(first.ids) == len(first.labels) == 32
    assert first.ids != second.ids
    assert [label == -100 for label in first.labels] == [True] * 16 + [False] * 16


def test_the_tiny_size_is_measured(tmp_path: Path, one_thread: None, capsys: pytest.CaptureFixture[str]) -> None:
    """With the arguments that its own process would be given."""
    command = arguments("lora", build(tmp_path / "model", "tiny"), _parser().parse_args(ORDER))
    options = _parser().parse_args(command)
    assert (options.only, options.length, options.batch, options.steps, options.warmup) == ("lora", 32, 2, 3, 1)
    assert options.no_checkpointing and main(command) == 0
    row: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert row.keys() == Cost.__dataclass_fields__.keys() and row["method"] == "lora"
    widths = [(64, 64), (64, 32), (64, 32), (64, 64), (64, 128), (64, 128), (128, 64)]  # q, k, v, o, gate, up, down
    assert row["trained"] == 2 * sum(16 * (wide + high) for wide, high in widths)  # two layers, rank 16
    assert row["peak_mb"] >= row["loaded_mb"] > 0
    assert row["tokens_per_second"] == pytest.approx(2 * 32 * 1000 / row["step_ms"], rel=0.5)
    assert all(math.isfinite(loss) for loss in row["losses"])


def test_a_method_that_fails_in_its_own_process_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _apart("lora", tmp_path / "none", _parser().parse_args(ORDER)) is None
    told = capsys.readouterr().err
    assert "lora failed" in told and "no model in" in told  # it had understood its arguments
