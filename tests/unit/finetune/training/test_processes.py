"""Which starts are refused, with which command in the message."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from errors import SettingsError, UsageError
from finetune.training.launch import Launch, read_launch
from finetune.training.processes import check_launch, command, main_process, mismatch, unusable, world_size

VARIABLES = (
    "RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "ACCELERATE_USE_FSDP", "ACCELERATE_USE_DEEPSPEED",
    "ACCELERATE_DEEPSPEED_CONFIG_FILE", "ACCELERATE_DEEPSPEED_ZERO_STAGE", "ACCELERATE_DEEPSPEED_ZERO3_SAVE_16BIT_MODEL",
    "FSDP_STATE_DICT_TYPE", "FSDP_ACTIVATION_CHECKPOINTING",
)  # fmt: skip


@dataclass(frozen=True)
class Config:
    parallel: str = "none"
    method: str = "lora"
    device: str = "cpu"


@pytest.fixture(autouse=True)
def _launched_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def launched(monkeypatch: pytest.MonkeyPatch, size: int, **more: str) -> None:
    for name, value in {"RANK": "1", "WORLD_SIZE": str(size), "LOCAL_WORLD_SIZE": str(size), **more}.items():
        monkeypatch.setenv(name, value)


class TestReading:
    def test_without_a_launcher_there_is_one_process(self) -> None:
        assert read_launch({}) == Launch()
        assert main_process() and world_size() == 1
        check_launch(Config())

    def test_torchrun_says_rank_and_size(self) -> None:
        said = read_launch({"RANK": "9", "WORLD_SIZE": "16", "LOCAL_WORLD_SIZE": "8", "MASTER_ADDR": "10.0.0.1"})
        assert said == Launch(rank=9, size=16, local_size=8)

    def test_only_rank_0_writes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        launched(monkeypatch, 2)
        assert not main_process() and world_size() == 2

    def test_a_meeting_point_without_a_rank(self) -> None:
        """What `accelerate launch --cpu --num_processes 2` gives to the one process that it starts."""
        assert read_launch({"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500", "ACCELERATE_USE_CPU": "True"}).strangers

    def test_the_stage_stands_in_the_file(self, tmp_path: Path) -> None:
        file = tmp_path / "ds.json"
        given = {"ACCELERATE_USE_DEEPSPEED": "true", "ACCELERATE_DEEPSPEED_CONFIG_FILE": str(file)}
        file.write_text(json.dumps({"zero_optimization": {"stage": 3, "stage3_gather_16bit_weights_on_model_save": True}}))
        assert read_launch(given) == Launch(plugin="deepspeed", zero_stage=3)
        file.write_text(json.dumps({"zero_optimization": {"stage": 3}}))
        assert not read_launch(given).gathers
        file.write_text(json.dumps({"zero_optimization": {"stage": 2}}))
        assert read_launch(given) == Launch(plugin="deepspeed", zero_stage=2)

    def test_the_stage_stands_in_accelerates_variables(self) -> None:
        given = {"ACCELERATE_USE_DEEPSPEED": "true", "ACCELERATE_DEEPSPEED_ZERO_STAGE": "3"}
        assert read_launch(given) == Launch(plugin="deepspeed", zero_stage=3, gathers=False)
        saved = {**given, "ACCELERATE_DEEPSPEED_ZERO3_SAVE_16BIT_MODEL": "true"}
        assert read_launch(saved).gathers

    @pytest.mark.parametrize("content", [None, "{", "[]", '{"zero_optimization": 3}', "{}"])
    def test_a_deepspeed_file_that_is_none(self, tmp_path: Path, content: str | None) -> None:
        file = tmp_path / "ds.json"
        if content is not None:
            file.write_text(content)
        with pytest.raises(SettingsError, match="ds.json"):
            read_launch({"ACCELERATE_USE_DEEPSPEED": "true", "ACCELERATE_DEEPSPEED_CONFIG_FILE": str(file)})

    def test_a_size_that_is_no_number(self) -> None:
        with pytest.raises(SettingsError, match="WORLD_SIZE"):
            read_launch({"WORLD_SIZE": "two"})


class TestStarts:
    @pytest.mark.parametrize("parallel", ["ddp", "zero2", "zero3", "fsdp"])
    def test_one_process_is_refused_with_the_command(self, parallel: str) -> None:
        with pytest.raises(UsageError) as caught:
            check_launch(Config(parallel, device="auto"), "my.yaml")
        assert "只有一个进程" in str(caught.value)
        assert str(caught.value).endswith(
            f"accelerate launch --config_file finetune/configs/accelerate/{parallel}.yaml"
            " --num_processes 8 -m finetune.train my.yaml"
        )

    def test_without_gpus_torchrun_starts_more_than_one(self) -> None:
        with pytest.raises(UsageError, match="torchrun --standalone --nproc-per-node 2 -m finetune.train my.yaml$"):
            check_launch(Config("ddp", device="cpu"), "my.yaml")
        assert "--nproc-per-node 5 " in command("ddp", processes=5, cpu=True)
        assert "zero2.yaml --num_processes 5 " in command("zero2", processes=5, cpu=True)

    def test_the_silent_single_process_of_accelerate_is_explained(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
        with pytest.raises(UsageError, match="mpirun"):
            check_launch(Config("ddp"))

    def test_several_processes_of_a_configuration_for_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        launched(monkeypatch, 2)
        with pytest.raises(UsageError, match=r"parallel=ddp.*\n    python -m finetune.train my.yaml"):
            check_launch(Config(), "my.yaml")

    def test_ddp_with_torchrun(self, monkeypatch: pytest.MonkeyPatch) -> None:
        launched(monkeypatch, 2)
        check_launch(Config("ddp"))
        check_launch(Config("ddp", "qlora"))

    @pytest.mark.parametrize(
        ("parallel", "launch", "told"),
        [
            ("zero2", Launch(size=8), "没有用 deepspeed 启动"),
            ("zero3", Launch(size=8, plugin="fsdp"), "却用 fsdp 启动"),
            ("fsdp", Launch(size=8), "没有用 fsdp 启动"),
            ("fsdp", Launch(size=8, plugin="deepspeed", zero_stage=3), "却用 deepspeed 启动"),
            ("ddp", Launch(size=8, plugin="fsdp"), "却用 fsdp 启动"),
            ("zero2", Launch(size=8, plugin="deepspeed", zero_stage=3), "却是 ZeRO-3"),
            ("zero3", Launch(size=8, plugin="deepspeed", zero_stage=2), "却是 ZeRO-2"),
            ("none", Launch(plugin="deepspeed"), "却用 deepspeed 启动"),
        ],
    )
    def test_another_launcher_than_the_configuration_says(self, parallel: str, launch: Launch, told: str) -> None:
        assert told in mismatch(parallel, launch)

    @pytest.mark.parametrize(
        ("parallel", "launch"),
        [
            ("none", Launch()),
            ("ddp", Launch(size=2)),
            ("zero2", Launch(size=2, plugin="deepspeed", zero_stage=2)),
            ("zero3", Launch(size=2, plugin="deepspeed", zero_stage=3)),
            ("zero3", Launch(size=2, plugin="deepspeed")),
            ("fsdp", Launch(size=2, plugin="fsdp")),
        ],
    )
    def test_what_fits(self, parallel: str, launch: Launch) -> None:
        assert mismatch(parallel, launch) == ""

    @pytest.mark.parametrize("parallel", ["zero3", "fsdp"])
    def test_four_bit_weights_are_not_sharded(self, parallel: str) -> None:
        with pytest.raises(SettingsError, match="qlora"):
            check_launch(Config(parallel, "qlora"))

    def test_one_process_has_the_plain_command(self) -> None:
        assert command("none", "a.yaml") == "python -m finetune.train a.yaml"


class TestResults:
    def test_fsdp_that_would_save_an_empty_adapter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        given = {"ACCELERATE_USE_FSDP": "true", "FSDP_ACTIVATION_CHECKPOINTING": "true"}
        launched(monkeypatch, 2, **given)
        with pytest.raises(SettingsError, match="fsdp_activation_checkpointing"):
            check_launch(Config("fsdp"))
        assert unusable("full", read_launch(given)) == ""

    def test_fsdp_that_would_save_only_parts(self) -> None:
        given = {"ACCELERATE_USE_FSDP": "true", "FSDP_STATE_DICT_TYPE": "SHARDED_STATE_DICT"}
        assert "FULL_STATE_DICT" in unusable("full", read_launch(given))

    def test_zero3_that_would_save_only_parts(self) -> None:
        assert "gather_16bit" in unusable("full", Launch(size=2, plugin="deepspeed", zero_stage=3, gathers=False))


class TestDevices:
    def test_fsdp_needs_gpus(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """On a CPU accelerate leaves it out without a word."""
        launched(monkeypatch, 2, ACCELERATE_USE_FSDP="true")
        with pytest.raises(SettingsError, match="没有显卡"):
            check_launch(Config("fsdp"))

    @pytest.mark.parametrize(("gpus", "refused"), [(0, False), (1, True), (2, False)])
    def test_each_process_needs_a_gpu(self, monkeypatch: pytest.MonkeyPatch, gpus: int, refused: bool) -> None:
        import torch

        monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
        launched(monkeypatch, 2)
        if refused:
            with pytest.raises(UsageError, match="--num_processes 1"):
                check_launch(Config("ddp", device="auto"))
        else:
            check_launch(Config("ddp", device="auto"))
