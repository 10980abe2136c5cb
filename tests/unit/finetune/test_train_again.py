"""What an interrupted run says about going on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from finetune import train
from finetune.training import course


@pytest.fixture
def stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The command that is told when a run of a configuration is stopped, by Ctrl-C or otherwise."""

    def make(parallel: str, stop: type[BaseException], *more: str) -> str:
        def interrupted(order: course.Order) -> None:
            raise stop

        monkeypatch.setattr(course, "train", interrupted)
        file = tmp_path / "my config.yaml"
        file.write_text(f"model: base\ntrain: a.jsonl\ndevice: cpu\nparallel: {parallel}\n", encoding="utf-8")
        assert train.main([str(file), *more]) == 130
        told = capsys.readouterr().err
        assert "接着训练" in told
        return told.strip().splitlines()[-1].strip().replace(str(tmp_path), "DIR")

    return make


@pytest.mark.parametrize("stop", [course.Interrupted, KeyboardInterrupt])
def test_it_can_be_pasted_into_a_shell(stopped: Any, stop: type[BaseException]) -> None:
    told = stopped("none", stop, "--out", "my run", "--set", "evaluation_inputs=[什么是栈？, a b]", "--set", "seed=7")
    assert told == (
        "python -m finetune.train 'DIR/my config.yaml' --resume --out 'my run'"
        " --set 'evaluation_inputs=[什么是栈？, a b]' --set seed=7"
    )


def test_several_processes_are_started_again_by_their_launcher(stopped: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "3")
    told = stopped("ddp", KeyboardInterrupt, "--from-adapter", "old")
    assert told == "torchrun --standalone --nproc-per-node 3 -m finetune.train 'DIR/my config.yaml' --resume --from-adapter old"
    monkeypatch.setenv("ACCELERATE_USE_DEEPSPEED", "true")
    told = stopped("zero2", KeyboardInterrupt)
    launcher = "accelerate launch --config_file finetune/configs/accelerate/zero2.yaml --num_processes 3 -m finetune.train"
    assert told == f"{launcher} 'DIR/my config.yaml' --resume"
