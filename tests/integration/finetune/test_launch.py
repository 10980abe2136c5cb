"""Two real processes that train one model, started by torchrun, over loopback."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from finetune.train import main
from finetune.training.rows import read_rows
from settings import ROOT

_SECONDS = 300
_LOSS = 1e-4
"""Sums are added up in another order: 1e-6 was measured."""


@dataclass(frozen=True)
class Runs:
    """The same samples a step, learned by one process and by two."""

    one: Path
    two: Path
    told: str


@pytest.fixture(scope="module")
def runs(workshop: Path) -> Runs:
    content = {
        "model": str(workshop / "base"), "train": str(workshop / "pairs.jsonl"), "val": str(workshop / "first.jsonl"),
        "epochs": 3, "accumulation": 1, "learning_rate": 0.01, "lora": {"dropout": 0}, "gradient_checkpointing": True,
        "device": "cpu", "tensorboard": False, "evaluation_inputs": ["栈的特点是什么？"], "evaluation_max_tokens": 4,
    }  # fmt: skip
    for name, changes in {"one": {"batch_size": 4}, "two": {"batch_size": 2, "parallel": "ddp"}}.items():
        (workshop / f"{name}.yaml").write_text(yaml.safe_dump(content | changes, allow_unicode=True), encoding="utf-8")
    told = _torchrun(workshop / "two.yaml", workshop / "two")
    assert main([str(workshop / "one.yaml"), "--out", str(workshop / "one")]) == 0
    return Runs(workshop / "one", workshop / "two", told)


def _torchrun(config: Path, out: Path) -> str:
    """What two processes printed."""
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run(
        [*launcher, "-m", "finetune.train", str(config), "--out", str(out)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", timeout=_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def _losses(run: Path) -> list[tuple[int, str, float]]:
    rows = read_rows(run / "metrics.jsonl")
    return [(row["step"], kind, row[kind]) for row in rows for kind in ("loss", "eval_loss") if kind in row]


def test_two_processes_learn_what_one_learns_with_twice_the_batch(runs: Runs) -> None:
    """A loss is the mean over the samples of both: it is that of one process only if both have the same weights at each step."""
    one, two = _losses(runs.one), _losses(runs.two)
    assert [row[:2] for row in two] == [row[:2] for row in one]
    assert len([row for row in two if row[1] == "loss"]) == 9  # 3 epochs of 12 samples, 4 a step
    assert [row[2] for row in two] == pytest.approx([row[2] for row in one], abs=_LOSS)
    assert two[-1][2] < two[0][2]


def test_the_adapter_is_the_same(runs: Runs) -> None:
    from safetensors.torch import load_file

    one, two = (load_file(run / "adapter" / "adapter_model.safetensors") for run in (runs.one, runs.two))
    assert one.keys() == two.keys() and one
    assert max(float((one[name] - two[name]).abs().max()) for name in one) < _LOSS


def test_only_one_of_them_writes_and_tells(runs: Runs) -> None:
    assert len(read_rows(runs.two / "samples.jsonl")) == len(read_rows(runs.one / "samples.jsonl")) > 0
    assert runs.told.count("训练完成") == 1 and runs.told.count("2 个进程") == 1
    assert runs.told.count("问：栈的特点是什么？") == len(read_rows(runs.two / "samples.jsonl"))
    assert _names(runs.two) == _names(runs.one)


def test_both_are_counted(runs: Runs) -> None:
    one, two = (read_rows(run / "metrics.jsonl") for run in (runs.one, runs.two))
    assert [row["tokens"] for row in two if "loss" in row] == [row["tokens"] for row in one if "loss" in row]


def _names(run: Path) -> set[str]:
    """Files of a run; each process has a state of its own of the random generator."""
    files = {file.relative_to(run).as_posix() for file in run.rglob("*") if file.is_file()}
    return {name for name in files if "/rng_state" not in name}
