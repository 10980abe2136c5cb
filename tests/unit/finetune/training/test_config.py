"""The configuration of a training run: defaults, stages, `--set`, and what is said about faults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from errors import UsageError
from finetune.training.config import TrainingConfig
from finetune.training.config_file import checked_config, read_training_config

LEAST = {"model": "base", "train": ["a.jsonl"]}


def fault(**changes: Any) -> str:
    with pytest.raises(UsageError) as raised:
        checked_config({**LEAST, **changes}, "c.yaml")
    return str(raised.value)


def test_two_keys_are_enough() -> None:
    config = checked_config(LEAST, "c.yaml")
    assert (config.method, config.lora.r, config.out) == ("lora", 16, None)
    [(name, recipe)] = config.recipes()
    assert (name, recipe.train, recipe.overlong) == ("train", (Path("a.jsonl"),), "drop")


def test_yaml_takes_1e_4_for_a_text(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("model: base\ntrain: a.jsonl\nlearning_rate: 1e-4\n", encoding="utf-8")
    assert read_training_config(file).learning_rate == 1e-4


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lerning_rate": 1}, "lerning_rate：没有这个键。是不是 learning_rate？"),
        ({"lora": {"aplha": 1}}, "lora.aplha：没有这个键。是不是 alpha？"),
        ({"train": [], "stages": [{"name": "f1", "train": "a", "epocs": 1}]}, "stages.0.epocs：没有这个键。是不是 epochs？"),
        ({"zzz": 1}, "zzz：没有这个键。这里可以写：train、"),
        ({"lern": 1}, "lern：没有这个键。这里可以写：train、"),
        ({"epochs": True}, "epochs：“True”应是数字"),
        ({"batch_size": "8"}, "batch_size：“8”应是整数"),
        ({"batch_size": 0}, "batch_size：“0”太小，至少是 1"),
        ({"lora": {"dropout": 1}}, "lora.dropout：“1”太大，应小于 1"),
        ({"method": "dora"}, "method：“dora”不是可选的值"),
        ({"eval_every": 0}, "eval_every：“0”应是步数（正整数）、epoch 或 never"),
        ({"gradient_checkpointing": 1}, "gradient_checkpointing：“1”应是 true 或 false"),
        ({"learning_rate": float("nan")}, "learning_rate：“nan”应是有限的数字"),
        ({"lora": {"targets": []}}, "targets 不能是空的"),
        ({"lora": {"targets": ["q_proj", "lm_head"]}}, "不能有 lm_head"),
        ({"val": "v.jsonl", "val_size": 0.1}, "val 与 val_size 只能用一个"),
        ({"val": "a.jsonl"}, "既用来训练又用来评估"),
        ({"early_stopping": {}}, "要有评估数据"),
        ({"early_stopping": {}, "val": "v", "eval_every": "never"}, "把 eval_every 设为"),
        ({"train": []}, "没有训练文件"),
        ({"stages": [{"name": "f1", "train": "a"}]}, "train 与 stages 只能用一个"),
        ({"train": [], "stages": [{"name": "f", "train": "a"}, {"name": "f", "train": "b"}]}, "两个阶段都叫“f”"),
        ({"train": [], "stages": [{"name": "a/b", "train": "a"}]}, "stages.0.name：“a/b”只能用字母"),
    ],
)
def test_a_fault_is_named_with_its_key(changes: dict[str, Any], said: str) -> None:
    assert said in fault(**changes)


def test_all_faults_are_named_at_once() -> None:
    told = fault(epochs=-1, seed="x")
    assert "epochs" in told and "seed" in told


def test_a_model_is_wanted() -> None:
    with pytest.raises(UsageError, match="model：没有写"):
        checked_config({"train": "a.jsonl"}, "c.yaml")


def test_a_stage_takes_what_it_does_not_name_from_the_top() -> None:
    stages = [{"name": "f1", "train": "a"}, {"name": "f2", "train": "b", "val_size": 0.5, "epochs": 1}]
    config = checked_config({"model": "m", "epochs": 9, "val": "v", "stages": stages}, "c.yaml")
    (_, first), (_, second) = config.recipes()
    assert (first.epochs, first.val, first.val_size) == (9, (Path("v"),), 0)
    assert (second.epochs, second.val, second.val_size) == (1, (), 0.5)
    assert config.data_files() == [Path("a"), Path("v"), Path("b")]


def test_set_reaches_into_parts_and_stages(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("model: base\nstages:\n  - {name: f1, train: a}\n", encoding="utf-8")
    config = read_training_config(file, ["lora.r=4", "stages.0.epochs=2", "evaluation_inputs=[什么是栈？]", "seed=7"])
    assert (config.lora.r, config.stages[0].epochs, config.evaluation_inputs, config.seed) == (4, 2, ("什么是栈？",), 7)


@pytest.mark.parametrize(
    ("change", "said"),
    [("seed", "应是 键=值"), ("stages.3.epochs=1", "没有“3”"), ("seed.x=1", "没有“x”"), ("seed=[", "不是有效的 YAML 值")],
)
def test_a_wrong_set_is_refused(tmp_path: Path, change: str, said: str) -> None:
    file = tmp_path / "c.yaml"
    file.write_text("model: base\nseed: 1\nstages:\n  - {name: f1, train: a}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        read_training_config(file, [change])


@pytest.mark.parametrize(
    ("content", "said"),
    [("model: [", "不是有效的 YAML（第 1 行）"), ("- a", "没有“键: 值”"), (b"\xff\xfe\x00", "UTF-8"), (None, "找不到配置文件")],
)
def test_what_is_no_configuration_is_refused(tmp_path: Path, content: str | bytes | None, said: str) -> None:
    file = tmp_path / "c.yaml"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UsageError) as raised:
        read_training_config(file)
    assert said in str(raised.value)


def test_a_configuration_survives_being_written(tmp_path: Path) -> None:
    from finetune.training.run_folder import RunFolder

    stages = [{"name": "f1", "train": "a", "val_size": 0.1}, {"name": "f2", "train": "b", "early_stopping": {"patience": 1}}]
    config = checked_config({"model": "m", "val": "v", "stages": stages}, "c.yaml")
    RunFolder(tmp_path).write_config(config)
    again = read_training_config(tmp_path / "config.yaml")
    assert isinstance(again, TrainingConfig) and again.recipes() == config.recipes()
