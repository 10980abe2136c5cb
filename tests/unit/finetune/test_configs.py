"""The shipped configurations: ours by our schema, the launchers' and DeepSpeed's by their own readers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from finetune.training.config import Recipe, TrainingConfig
from finetune.training.config_file import read_training_config
from finetune.training.launch import read_launch
from finetune.training.processes import mismatch, unusable
from settings import ROOT

CONFIGS = ROOT / "finetune" / "configs"
OURS = sorted(CONFIGS.glob("*.yaml"))
LAUNCHED = sorted((CONFIGS / "accelerate").glob("*.yaml"))
DEEPSPEED = sorted((CONFIGS / "deepspeed").glob("*.json"))
SAMPLES_A_STEP = 16


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_each_kind_of_training_has_a_configuration() -> None:
    assert [path.stem for path in OURS] == ["ddp", "fsdp", "full", "lora", "qlora", "stages", "zero2", "zero3"]
    assert [path.stem for path in LAUNCHED] == ["ddp", "fsdp", "zero2", "zero3"]
    assert [path.stem for path in DEEPSPEED] == ["zero2", "zero3"]


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
class TestTrainingConfigurations:
    def test_it_is_of_our_schema_and_says_what_it_is_called(self, path: Path) -> None:
        config = read_training_config(path)
        stated = config.parallel if config.parallel != "none" else config.method
        assert stated == {"stages": "lora"}.get(path.stem, path.stem)

    def test_a_step_learns_as_many_samples_whatever_the_number_of_gpus(self, path: Path) -> None:
        config = read_training_config(path)
        processes = 1 if config.parallel == "none" else yaml.safe_load(_launched(path).read_bytes())["num_processes"]
        for _, recipe in config.recipes():
            assert recipe.batch_size * recipe.accumulation * processes == SAMPLES_A_STEP

    def test_the_learning_rate_fits_the_method(self, path: Path) -> None:
        """LoRA learns with ten times what all weights bear."""
        config = read_training_config(path)
        low, high = (1e-5, 2e-5) if config.method == "full" else (5e-5, 2e-4)
        assert all(low <= recipe.learning_rate <= high for _, recipe in config.recipes())
        assert config.lora.alpha == 2 * config.lora.r and 16 <= config.lora.r <= 32

    def test_it_evaluates_and_asks_sample_questions_where_one_process_has_all_weights(self, path: Path) -> None:
        config = read_training_config(path)
        assert (len(config.evaluation_inputs) >= 4) == (config.parallel not in ("zero3", "fsdp"))
        assert all(recipe.val and recipe.eval_every == "epoch" for _, recipe in config.recipes())

    def test_its_paths_are_relative_and_lie_in_the_data_folder(self, path: Path) -> None:
        for file in read_training_config(path).data_files():
            assert file.parts[:2] == ("finetune", "data")

    def test_its_comment_has_the_command_that_starts_it(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        assert f"-m finetune.train finetune/configs/{path.name}" in text
        if read_training_config(path).parallel != "none":
            assert f"accelerate launch --config_file finetune/configs/accelerate/{path.name} " in text


def test_the_stages_go_on_from_each_other_and_forget_less_and_less() -> None:
    stages = read_training_config(CONFIGS / "stages.yaml").recipes()
    rates = [recipe.learning_rate for _, recipe in stages]
    assert [name.split("-")[0] for name, _ in stages] == ["f1", "f2", "f3"]
    assert rates == sorted(rates, reverse=True)
    assert len({recipe.train for _, recipe in stages}) == 3


def test_every_key_of_a_recipe_is_shown_somewhere() -> None:
    """Whoever reads the shipped files learns of every key that is worth changing."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in OURS)
    left_out = {"system", "val_size", "stages", "device", "trust_remote_code", "out", "name"}  # --help of the page names these
    for key in {*Recipe.model_fields, *TrainingConfig.model_fields} - left_out:
        assert f"\n{key}:" in text, key


@pytest.mark.parametrize("path", LAUNCHED, ids=lambda path: path.stem)
class TestLauncherConfigurations:
    def test_the_launcher_reads_it_and_starts_what_the_training_wants(self, path: Path) -> None:
        config = read_training_config(CONFIGS / path.name)
        launch = read_launch({**_environment(path), "RANK": "0", "WORLD_SIZE": "8", "LOCAL_WORLD_SIZE": "8"})
        assert mismatch(config.parallel, launch) == ""
        assert [unusable(method, launch) for method in ("lora", "full")] == ["", ""]

    def test_the_command_line_makes_it_two_machines(self, path: Path) -> None:
        """What the comment in each file says."""
        text = path.read_text(encoding="utf-8")
        assert "--num_machines 2 --num_processes 16" in text and "--machine_rank 0 --main_process_ip" in text
        options = _parsed(
            path, "--num_machines=2", "--num_processes=16", "--machine_rank=1", "--main_process_ip=10.0.0.1",
            "--main_process_port=29500",
        )  # fmt: skip
        _variables(options)
        assert (options.nnodes, options.nproc_per_node, options.node_rank) == ("2", "8", 1)
        assert options.rdzv_endpoint == "10.0.0.1:29500"

    def test_the_precision_is_left_to_the_training_configuration(self, path: Path) -> None:
        assert "mixed_precision" not in yaml.safe_load(path.read_bytes())
        assert _environment(path)["ACCELERATE_MIXED_PRECISION"] == "no"  # the Trainer sets its own over it


@pytest.mark.parametrize("path", DEEPSPEED, ids=lambda path: path.stem)
def test_the_trainer_fills_in_what_deepspeed_is_to_know(path: Path, tmp_path: Path) -> None:
    from accelerate.utils.deepspeed import HfDeepSpeedConfig
    from transformers import TrainingArguments
    from transformers.integrations.deepspeed import HfTrainerDeepSpeedConfig

    class Settings(HfTrainerDeepSpeedConfig, HfDeepSpeedConfig):  # type: ignore[misc]
        """As it is where DeepSpeed is installed; its own __init__ looks for DeepSpeed."""

        def __init__(self, content: dict[str, Any]) -> None:
            HfDeepSpeedConfig.__init__(self, content)
            self._dtype, self.mismatches = None, []

    settings: Any = Settings(json.loads(path.read_bytes()))
    arguments = TrainingArguments(
        output_dir=str(tmp_path), use_cpu=True, per_device_train_batch_size=2, gradient_accumulation_steps=3, max_grad_norm=0.5,
        learning_rate=1e-5, report_to="none",
    )  # fmt: skip
    settings.trainer_config_process(arguments)
    settings.trainer_config_finalize(arguments, _Sized(), 100)
    assert settings.mismatches == []
    assert _autos(settings.config) == []
    assert settings.config["train_batch_size"] == 6 and settings.config["gradient_clipping"] == 0.5
    assert settings.is_zero3() == (path.stem == "zero3")


def test_zero3_saves_whole_weights() -> None:
    zero = json.loads((CONFIGS / "deepspeed" / "zero3.json").read_bytes())["zero_optimization"]
    assert zero["stage3_gather_16bit_weights_on_model_save"] is True


class _Sized:
    class config:  # noqa: N801 - a model's
        hidden_size = 64


def _autos(node: object, place: str = "") -> list[str]:
    if isinstance(node, dict):
        return [found for key, value in node.items() for found in _autos(value, f"{place}.{key}")]
    return [place] if node == "auto" else []


def _launched(path: Path) -> Path:
    return CONFIGS / "accelerate" / path.name


def _parsed(path: Path, *more: str) -> Any:
    from accelerate.commands.launch import _validate_launch_command, launch_command_parser

    command = ["--config_file", str(path.relative_to(ROOT)), *more, "-m", "finetune.train", "CONFIG"]
    options, defaults, _ = _validate_launch_command(launch_command_parser().parse_args(command))
    options.deepspeed_fields_from_accelerate_config = ",".join(defaults.deepspeed_config)
    return options


def _variables(options: Any) -> dict[str, str]:
    from accelerate.utils.launch import prepare_deepspeed_cmd_env, prepare_multi_gpu_env

    return dict(prepare_deepspeed_cmd_env(options)[1] if options.use_deepspeed else prepare_multi_gpu_env(options))


def _environment(path: Path) -> dict[str, str]:
    """What `accelerate launch` would put into the environment of each process."""
    return _variables(_parsed(path))
