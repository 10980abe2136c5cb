"""Two real processes that train one model, started by torchrun's launcher, over loopback."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from finetune.train import main
from finetune.training.rows import read_rows

_LOSS = 1e-4
"""Sums are added up in another order: 1e-6 was measured."""
_WEIGHT = 1e-3
"""A hundredth of what a weight may move in 9 steps of 0.01; Adam makes much of a small difference between small gradients."""


@dataclass(frozen=True)
class Runs:
    """The same samples a step, learned by one process and by two."""

    one: Path
    two: Path
    told: str
    start: Callable[..., str]


@pytest.fixture(scope="module")
def runs(workshop: Path, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    content = {
        "model": str(workshop / "base"), "train": str(workshop / "pairs.jsonl"), "val": str(workshop / "first.jsonl"),
        "epochs": 3, "accumulation": 1, "learning_rate": 0.01, "lora": {"dropout": 0}, "gradient_checkpointing": True,
        "device": "cpu", "tensorboard": False, "group_by_length": True, "save_every": 4, "keep_checkpoints": 9, "evaluation_inputs": ["栈的特点是什么？"], "evaluation_max_tokens": 4,
    }  # fmt: skip
    for name, changes in {"one": {"batch_size": 4}, "two": {"batch_size": 2, "parallel": "ddp"}}.items():
        (workshop / f"{name}.yaml").write_text(yaml.safe_dump(content | changes, allow_unicode=True), encoding="utf-8")
    assert main([str(workshop / "one.yaml"), "--out", str(workshop / "one")]) == 0

    def start(out: Path, *more: str) -> str:
        logs = tmp_path_factory.mktemp("logs")
        return _torchrun(logs, str(workshop / "two.yaml"), "--out", str(out), *more)

    return Runs(workshop / "one", workshop / "two", start(workshop / "two"), start)


def _torchrun(logs: Path, *command: str) -> str:
    """What two processes printed.

    This is what `torchrun --standalone --nproc-per-node 2` calls; the processes are forked, so that they need not import all again.
    """
    from torch.distributed.elastic.multiprocessing.api import DefaultLogsSpecs, Std
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    launch = LaunchConfig(
        min_nodes=1, max_nodes=1, nproc_per_node=2, rdzv_backend="c10d", rdzv_endpoint="localhost:0", run_id="test",
        max_restarts=0, monitor_interval=0.1, start_method="fork", logs_specs=DefaultLogsSpecs(str(logs), redirects=Std.ALL),
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*fork", DeprecationWarning)  # Python 3.12: threads may be left behind
        statuses = elastic_launch(launch, main)(command)
    told = "".join(file.read_text(encoding="utf-8") for file in sorted(logs.rglob("std*.log")))
    assert statuses == {0: 0, 1: 0}, told
    return told


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
    assert max(float((one[name] - two[name]).abs().max()) for name in one) < _WEIGHT


def test_only_one_of_them_writes_and_tells(runs: Runs) -> None:
    assert len(read_rows(runs.two / "samples.jsonl")) == len(read_rows(runs.one / "samples.jsonl")) > 0
    assert runs.told.count("训练完成") == 1 and runs.told.count("2 个进程") == 1
    assert runs.told.count("问：栈的特点是什么？") == len(read_rows(runs.two / "samples.jsonl"))
    assert _names(runs.two) == _names(runs.one)
    assert "find_unused_parameters" not in runs.told  # DDP warns where it looks for them in vain, at each step


def test_both_are_counted(runs: Runs) -> None:
    one, two = (read_rows(run / "metrics.jsonl") for run in (runs.one, runs.two))
    assert [row["tokens"] for row in two if "loss" in row] == [row["tokens"] for row in one if "loss" in row]


def test_both_go_on_in_the_middle_of_an_epoch(runs: Runs, tmp_path: Path) -> None:
    """As after a kill behind step 4, the first of the second epoch: the same samples in the same order, to the last bit."""
    out = shutil.copytree(runs.two, tmp_path / "again")
    stage, record = out / "stage-1-train", json.loads((out / "run.json").read_text())
    for folder in (out / "adapter", stage / "adapter", stage / "checkpoint-8", stage / "checkpoint-9"):
        shutil.rmtree(folder)
    (stage / "done.json").unlink()
    (out / "run.json").write_text(json.dumps({**record, "state": "running"}))
    assert "从第 4 步的检查点接着训练" in runs.start(out, "--resume")
    assert _losses(out) == _losses(runs.two)


def _names(run: Path) -> set[str]:
    """Files of a run; each process has a state of its own of the random generator."""
    files = {file.relative_to(run).as_posix() for file in run.rglob("*") if file.is_file()}
    return {name for name in files if "/rng_state" not in name}
