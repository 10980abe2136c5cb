"""Runs that are killed, interrupted or out of disk, and go on as if nothing had been."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from finetune.train import main
from finetune.training.checkpoints import complete
from finetune.training.rows import read_rows
from settings import ROOT
from tests.integration.finetune.test_train import rows, weights

SECONDS = 120
"""After so long a wait for another process is a failure."""


@pytest.fixture(scope="session")
def long_config(workshop: Path) -> str:
    """Two stages of 4 and 15 steps with dropout, 3 an epoch in the second and samples of like length together; a checkpoint every 4."""
    stages: list[dict[str, Any]] = [{"name": "f1", "train": str(workshop / "first.jsonl"), "epochs": 2}]
    stages.append({"name": "f2", "train": str(workshop / "pairs.jsonl"), "epochs": 5, "val": str(workshop / "first.jsonl")})
    stages[1]["group_by_length"] = True
    content = {
        "model": str(workshop / "base"), "stages": stages, "batch_size": 2, "accumulation": 2, "learning_rate": 0.005,
        "lora": {"dropout": 0.2}, "save_every": 4, "eval_every": 7, "gradient_checkpointing": False, "device": "cpu",
        "tensorboard": False, "evaluation_inputs": ["栈的特点是什么？"], "evaluation_max_tokens": 5,
    }  # fmt: skip
    file = workshop / "long.yaml"
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return str(file)


@pytest.fixture(scope="session")
def whole(workshop: Path, long_config: str) -> Path:
    """The run that nothing happened to."""
    out = workshop / "whole"
    assert main([long_config, "--out", str(out)]) == 0
    return out


def same(run: Path, whole: Path) -> None:
    """Every step stands once, with the same numbers, and the weights are the same to the bit."""
    assert rows(run) == rows(whole)
    assert read_rows(run / "samples.jsonl") == read_rows(whole / "samples.jsonl")
    assert weights(run / "adapter") == weights(whole / "adapter")


def wait_for(true: Callable[[], bool], process: subprocess.Popen[bytes] | None = None) -> None:
    until = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < until and (process is None or process.poll() is None)
        time.sleep(0.005)


def test_a_killed_run_goes_on_with_the_same_losses(
    long_config: str, whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "killed"
    order = [sys.executable, "-m", "finetune.train", long_config, "--out", str(out)]
    environ = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(order, cwd=ROOT, env=environ, stderr=subprocess.DEVNULL) as process:
        wait_for((out / "stage-2-f2" / "checkpoint-8" / "complete").exists, process)
        process.kill()
    steps = [row["step"] for row in read_rows(out / "metrics.jsonl") if row["stage"] == "f2"]
    assert steps and steps[-1] < 15
    with (out / "metrics.jsonl").open("a") as file:  # what was done behind the checkpoint is done again
        file.write(json.dumps({"stage": "f2", "step": 15, "loss": 0.0, "tokens": 1, "seconds": 1.0}) + '\n{"stage": "f')
    half = out / "stage-2-f2" / "checkpoint-14"
    half.mkdir()  # what a kill in the middle of saving leaves
    (half / "adapter_model.safetensors").write_bytes(b"half")
    assert main([long_config, "--out", str(out)]) == 2
    assert main([long_config, "--out", str(out), "--resume"]) == 0
    told = capsys.readouterr().err
    assert "checkpoint-14 没有写完" in told and "接着训练" in told
    same(out, whole)


def test_ctrl_c_saves_and_says_how_to_go_on(
    long_config: str, whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "stopped"
    handler = signal.getsignal(signal.SIGINT)
    watcher = threading.Thread(target=_interrupt_at, args=(out / "metrics.jsonl", 8))
    watcher.start()
    status = main([long_config, "--out", str(out)])
    watcher.join()
    told = capsys.readouterr().err
    assert status == 130 and f"python -m finetune.train {long_config} --resume --out {out}" in told
    assert signal.getsignal(signal.SIGINT) is handler
    before = rows(out)
    assert len(before) < len(rows(whole))
    assert complete(out / "stage-2-f2")[-1] == before[-1]["step"]
    assert main([long_config, "--out", str(out), "--resume"]) == 0
    same(out, whole)


def _interrupt_at(metrics: Path, lines: int) -> None:
    wait_for(lambda: metrics.exists() and metrics.read_bytes().count(b"\n") >= lines)
    os.kill(os.getpid(), signal.SIGINT)


def test_a_full_disk_leaves_the_last_whole_checkpoint(
    long_config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit on the size of a file stands for the disk: the system refuses to write more."""
    out = tmp_path / "full"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    from finetune.training import watching

    mark: Any = watching.mark

    def fill(folder: Path) -> None:
        mark(folder)
        if folder.name == "checkpoint-8":
            resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, limits[1]))

    monkeypatch.setattr(watching, "mark", fill)
    try:
        status = main([long_config, "--out", str(out)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    told = capsys.readouterr().err
    assert status == 1 and "磁盘已满" in told and "Traceback" not in told
    left = sorted(folder.name for folder in (out / "stage-2-f2").iterdir())
    assert left == ["checkpoint-4", "checkpoint-8"]
    record = json.loads((out / "run.json").read_text())
    assert record["state"] == "running" and not (out / "adapter").exists()


def test_a_run_killed_behind_its_last_checkpoint_is_only_published(
    long_config: str, whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = shutil.copytree(whole, tmp_path / "late")
    shutil.rmtree(out / "adapter")
    shutil.rmtree(out / "stage-2-f2" / "adapter")
    (out / "stage-2-f2" / "done.json").unlink()
    record = json.loads((out / "run.json").read_text())
    (out / "run.json").write_text(json.dumps({**record, "state": "running"}))
    assert main([long_config, "--out", str(out), "--resume"]) == 0
    same(out, whole)
    assert "步/s" not in capsys.readouterr().err  # nothing was trained
    assert (out / "adapter" / "lineage.json").is_file()


def test_a_run_killed_before_its_first_checkpoint_begins_anew_and_says_so(
    configured: Any, workshop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, out = configured(epochs=1, eval_every="never"), tmp_path / "early"
    assert main([config, "--out", str(out)]) == 0
    before = rows(out)
    for name in ("adapter", "stage-1-train"):
        shutil.rmtree(out / name)
    record = json.loads((out / "run.json").read_text())
    (out / "run.json").write_text(json.dumps({**record, "state": "running"}))
    capsys.readouterr()
    assert main([config, "--out", str(out), "--resume"]) == 0
    assert "还没有存下检查点，这个阶段从头开始" in capsys.readouterr().err and rows(out) == before


def test_changed_data_is_not_gone_on_with(
    configured: Any, workshop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = Path(shutil.copy(workshop / "first.jsonl", tmp_path / "mine.jsonl"))
    config, out = _config_of(data, configured), tmp_path / "run"
    assert main([config, "--out", str(out)]) == 0
    record = json.loads((out / "run.json").read_text())
    (out / "run.json").write_text(json.dumps({**record, "state": "running"}))
    data.write_bytes(data.read_bytes() + data.read_bytes().splitlines(keepends=True)[0])
    assert main([config, "--out", str(out), "--resume"]) == 2
    assert f"数据文件 {data} 的内容变了" in capsys.readouterr().err


def _config_of(data: Path, configured: Any) -> str:
    file = Path(configured(epochs=1))
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    file.write_text(yaml.safe_dump({**content, "train": str(data)}), encoding="utf-8")
    return str(file)
