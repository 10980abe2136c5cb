"""Training a real tiny model: what it learns, what the run leaves behind, what is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from finetune.lineage import Made, read_lineage
from finetune.train import main
from finetune.training.rows import read_rows
from rag.chat_models.model_folder import folder_digest
from tests.integration.finetune.conftest import PAIRS

Configured = Callable[..., str]


@pytest.fixture(scope="session")
def trained(workshop: Path) -> Path:
    """A run that learned the twelve pairs by heart."""
    file = workshop / "heart.yaml"
    content = {
        "model": str(workshop / "base"), "train": str(workshop / "pairs.jsonl"), "val": str(workshop / "first.jsonl"),
        "epochs": 30, "batch_size": 6, "accumulation": 1, "learning_rate": 0.01, "lora": {"r": 16, "alpha": 32, "dropout": 0},
        "eval_every": 30, "save_every": 30, "evaluation_inputs": ["栈的特点是什么？"], "evaluation_max_tokens": 30,
        "gradient_checkpointing": True, "device": "cpu",
    }  # fmt: skip
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    assert main([str(file), "--out", str(workshop / "heart")]) == 0
    return workshop / "heart"


def rows(run: Path) -> list[dict[str, Any]]:
    """The metrics without what differs from run to run."""
    timed = ("seconds", "tokens_per_second", "peak_memory_mb")
    return [{name: value for name, value in row.items() if name not in timed} for row in read_rows(run / "metrics.jsonl")]


def weights(folder: Path) -> str:
    return hashlib.sha256((folder / "adapter_model.safetensors").read_bytes()).hexdigest()


def test_it_answers_what_it_was_taught_and_stops(workshop: Path, trained: Path) -> None:
    from langchain_core.messages import HumanMessage

    from rag.chat_models import load_chat_model
    from settings import Settings

    base = {"chat_model": f"local:{workshop / 'base'}", "chat_max_tokens": 60, "chat_device_map": "cpu"}
    chat_model = load_chat_model(Settings(_env_file=None, **base, chat_adapter=trained / "adapter"))
    told = [chat_model.invoke([HumanMessage(asked)]) for asked, _ in PAIRS]
    assert [str(message.text) for message in told] == [said for _, said in PAIRS]
    assert {message.response_metadata["finish_reason"] for message in told} == {"stop"}


def test_the_adapter_knows_where_it_comes_from(workshop: Path, trained: Path) -> None:
    lineage = read_lineage(trained / "adapter")
    assert lineage and lineage.kind == "adapter" and lineage.contains == ()
    assert (lineage.base.digest, lineage.run) == (folder_digest(workshop / "base"), "heart")
    digest = hashlib.sha256((workshop / "pairs.jsonl").read_bytes()).hexdigest()
    assert (str(workshop / "pairs.jsonl"), digest) in {(one.name, one.digest) for one in lineage.data}
    assert not any((trained / "adapter").glob("*.bin")) and (trained / "adapter" / "tokenizer.json").is_file()


def test_each_step_stands_once_in_the_metrics(trained: Path) -> None:
    steps = [row for row in rows(trained) if "loss" in row]
    assert [row["step"] for row in steps] == list(range(1, 61))
    assert steps[-1]["loss"] < 0.1 < steps[0]["loss"]
    tokens = [row["tokens"] for row in steps]
    assert tokens == sorted(tokens) and tokens[-1] == json.loads((trained / "run.json").read_text())["tokens"]
    assert {"learning_rate", "grad_norm", "epoch", "stage"} <= set(steps[0])
    assert [row["step"] for row in rows(trained) if "eval_loss" in row] == [30, 60]


def test_the_run_is_written_down(trained: Path) -> None:
    card = (trained / "README.md").read_text(encoding="utf-8")
    for told in ("训练记录：heart", "后进先出。", "pairs.jsonl", "transformers 5", "12 条对话", "learning_rate: 0.01"):
        assert told in card
    assert "注意" not in card
    assert (trained / "loss.png").read_bytes().startswith(b"\x89PNG")
    assert any((trained / "tensorboard").rglob("events.*"))
    [*_, last] = read_rows(trained / "samples.jsonl")
    assert last == {"stage": "train", "step": 60, "question": "栈的特点是什么？", "text": "后进先出。", "stopped": True}


def test_a_finished_run_is_not_written_over(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, before = str(trained.parent / "heart.yaml"), weights(trained / "adapter")
    assert main([config, "--out", str(trained)]) == 2
    assert "不会覆盖" in capsys.readouterr().err
    assert main([config, "--out", str(trained), "--resume"]) == 0
    assert "已经完成" in capsys.readouterr().err
    assert main([config, "--out", str(trained), "--resume", "--set", "seed=1"]) == 2
    assert "seed：42 → 1" in capsys.readouterr().err
    assert weights(trained / "adapter") == before


def test_stages_go_on_from_each_other_and_stop_early(configured: Configured, workshop: Path, tmp_path: Path) -> None:
    second = {"name": "f2", "train": str(workshop / "second.jsonl"), "val": str(workshop / "first.jsonl"), "epochs": 9}
    rule = {"early_stopping": {"patience": 1}, "eval_every": 1, "save_every": "never", "warmup": 0.0}
    stages = [{"name": "f1", "train": str(workshop / "first.jsonl"), "epochs": 8}, {**second, **rule}]
    out = tmp_path / "run"
    assert main([configured(train=None, stages=stages, keep_checkpoints=1), "--out", str(out)]) == 0
    evaluated = [row for row in rows(out) if "eval_loss" in row]
    best = min(evaluated, key=lambda row: row["eval_loss"])
    assert len(evaluated) < 9 and evaluated[-1]["eval_loss"] > best["eval_loss"]
    assert weights(out / "adapter") == weights(out / "stage-2-f2" / f"checkpoint-{best['step']}")
    fresh = next(row for row in rows(out) if row["stage"] == "f1")
    gone_on = next(row for row in rows(out) if row["stage"] == "f2")
    assert gone_on["loss"] < fresh["loss"] * 0.9  # the form of an answer, and its end, are learned already
    card = (out / "README.md").read_text(encoding="utf-8")
    assert f"| f2 | 6 | 6 | {evaluated[-1]['step']} | {best['step']} |" in card


def test_an_adapter_goes_on_learning(
    configured: Configured, workshop: Path, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, parent = tmp_path / "more", str(trained / "adapter")
    assert main([configured(train="first", epochs=1), "--from-adapter", parent, "--out", str(out)]) == 0
    assert rows(out)[0]["loss"] < 0.2
    lineage = read_lineage(out / "adapter")
    assert lineage and lineage.contains == (Made(parent, folder_digest(trained / "adapter")),)
    assert weights(out / "adapter") != weights(trained / "adapter")
    further = tmp_path / "further"
    assert main([configured(epochs=1), "--from-adapter", str(out / "adapter"), "--out", str(further)]) == 0
    chain = read_lineage(further / "adapter")
    assert chain and [one.name for one in chain.contains] == [parent, str(out / "adapter")]
    capsys.readouterr()
    assert main([configured(method="full"), "--from-adapter", parent, "--out", str(tmp_path / "no")]) == 2
    assert "先用 finetune.merge 合并" in capsys.readouterr().err


def test_an_adapter_of_another_base_is_refused(
    configured: Configured, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from finetune.tiny_models import Size, build_tiny

    other = build_tiny(tmp_path / "other", "qwen3", ["别的"] * 9, 2, Size(layers=1))
    parent = str(trained / "adapter")
    assert main([configured(model=str(other)), "--from-adapter", parent, "--out", str(tmp_path / "no")]) == 2
    assert "是在底座" in capsys.readouterr().err
    assert not (tmp_path / "no").exists()


def test_all_weights_can_be_trained(configured: Configured, workshop: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    out = tmp_path / "full"
    assert main([configured(method="full", learning_rate=0.003, epochs=2), "--out", str(out)]) == 0
    lineage = read_lineage(out / "model")
    assert lineage and lineage.kind == "full" and lineage.base.digest == folder_digest(workshop / "base")
    model = AutoModelForCausalLM.from_pretrained(out / "model")
    assert set(model.generation_config.eos_token_id) == {model.config.eos_token_id}
    assert rows(out)[-1]["loss"] < rows(out)[0]["loss"]
    assert not list((out / "model").glob("*.bin"))


def test_a_base_in_16_bits_stays_in_16_bits(configured: Configured, workshop: Path, tmp_path: Path) -> None:
    import shutil

    from safetensors.torch import load_file, save_file

    half = shutil.copytree(workshop / "base", tmp_path / "half")
    save_file({k: v.bfloat16() for k, v in load_file(half / "model.safetensors").items()}, half / "model.safetensors")
    out = tmp_path / "full"
    assert main([configured(model=str(half), method="full", epochs=1), "--out", str(out)]) == 0
    kept = {str(one.dtype) for one in load_file(out / "model" / "model.safetensors").values()}
    trained = {str(one.dtype) for one in load_file(out / "stage-1-train" / "model" / "model.safetensors").values()}
    assert (kept, trained) == ({"torch.bfloat16"}, {"torch.float32"})
    assert json.loads((out / "model" / "config.json").read_text())["dtype"] == "bfloat16"


def test_qlora_learns_on_a_base_in_4_bits(configured: Configured, tmp_path: Path) -> None:
    pytest.importorskip("bitsandbytes")
    from safetensors.torch import load_file

    out = tmp_path / "qlora"
    assert main([configured(method="qlora", gradient_checkpointing=True), "--out", str(out)]) == 0
    losses = [row["loss"] for row in rows(out)]
    assert losses[-1] < losses[0] * 0.8
    saved = load_file(out / "adapter" / "adapter_model.safetensors")
    assert {str(one.dtype) for one in saved.values()} == {"torch.float32"}
    assert all(float(one.norm()) > 0 for name, one in saved.items() if "lora_B" in name)


def test_an_adapter_that_learned_nothing_is_known(workshop: Path, trained: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    from finetune.training.adapter import fresh_adapter, unlearned
    from finetune.training.config import Lora

    fresh_adapter(AutoModelForCausalLM.from_pretrained(workshop / "base"), Lora(r=2), seed=1).save_pretrained(tmp_path)
    assert len(unlearned(tmp_path)) == 14  # 7 linear layers in each of 2 blocks
    assert unlearned(trained / "adapter") == []


def test_what_a_recipe_says_reaches_the_trainer(tmp_path: Path) -> None:
    from finetune.training.config import TrainingConfig
    from finetune.training.hardware import Hardware
    from finetune.training.sft import training_arguments

    stated: dict[str, Any] = {
        "epochs": 2.5, "batch_size": 3, "accumulation": 5, "learning_rate": 0.002, "scheduler": "linear", "weight_decay": 0.3,
        "max_grad_norm": 0.7, "gradient_checkpointing": False, "seed": 11,
    }  # fmt: skip
    config = TrainingConfig(model="base", train=("a",), **stated)
    made = training_arguments(config, config.recipes()[0][1], Hardware("cpu", "", "fp32"), tmp_path, warmup=4)
    assert (made.num_train_epochs, made.per_device_train_batch_size, made.gradient_accumulation_steps) == (2.5, 3, 5)
    assert (made.learning_rate, made.lr_scheduler_type, made.warmup_steps) == (0.002, "linear", 4)
    assert (made.weight_decay, made.max_grad_norm, made.seed, made.data_seed) == (0.3, 0.7, 11, 11)
    assert (made.gradient_checkpointing, made.packing, made.ddp_find_unused_parameters) == (False, False, False)
    assert (made.eval_strategy, made.save_strategy, made.report_to) == ("no", "no", [])


def test_samples_of_like_length_share_a_batch_anew_in_each_epoch(workshop: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from finetune.training.config import Recipe, TrainingConfig
    from finetune.training.hardware import Hardware
    from finetune.training.labels import Labelled
    from finetune.training.sft import build_trainer, training_arguments

    config = TrainingConfig(model="base", train=("pairs",), batch_size=4, accumulation=1)
    arguments = training_arguments(config, Recipe(batch_size=4), Hardware("cpu", "", "fp32"), tmp_path)
    model, tokenizer = (kind.from_pretrained(workshop / "base") for kind in (AutoModelForCausalLM, AutoTokenizer))
    samples = [Labelled([1] * length, [1] * length, [length]) for length in (10, 100, 1000) * 8]
    trainer = build_trainer(model, tokenizer, arguments, samples, grouped=True)
    assert sorted(batch["input_ids"].shape[1] for batch in trainer.get_train_dataloader()) == [10, 10, 100, 100, 1000, 1000]
    orders = []
    for epoch in (0, 0.5, 1.0, 1.5):
        trainer.state.epoch = epoch
        orders.append(list(trainer.order))
    assert orders[0] == orders[1] != orders[2] == orders[3]


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"model": "no/such/model/here"}, 1, "模型目录“no/such/model/here”不存在。请检查 配置里的 model"),
        ({"device": "cuda"}, 1, "配置要用显卡"),
        ({"precision": "fp16"}, 1, "CPU 上不能用 fp16"),
        ({"parallel": "zero2", "device": "auto"}, 2, "accelerate launch --config_file finetune/configs/accelerate/zero2.yaml"),
        ({"lora": {"targets": ["no_proj"]}}, 2, "底座里没有可加适配器的层"),
        ({"max_length": 16}, 1, "都超过 max_length"),
        ({"overlong": "error", "max_length": 20}, 1, "超过 max_length（20）"),
    ],
)
def test_what_can_not_be_trained_is_said_in_time(
    configured: Configured, tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: Any, status: int, said: str
) -> None:
    import torch

    if torch.cuda.is_available() and changes.get("device") == "cuda":
        pytest.skip("there is a GPU")
    assert main([configured(**changes), "--out", str(tmp_path / "out")]) == status
    told = capsys.readouterr().err
    assert said in told and "Traceback" not in told


def test_data_to_evaluate_on_can_be_split_off(configured: Configured, tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert main([configured(val_size=0.25, epochs=1), "--out", str(out)]) == 0
    [stage] = json.loads((out / "run.json").read_text())["stages"]
    assert (stage["train"], stage["val"]) == (9, 3)
    assert "eval_loss" in rows(out)[-1]


def test_a_quantized_base_and_one_without_template_are_refused(
    configured: Configured, workshop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import shutil

    quantized = shutil.copytree(workshop / "base", tmp_path / "awq")
    config = json.loads((quantized / "config.json").read_text())
    (quantized / "config.json").write_text(json.dumps({**config, "quantization_config": {"quant_method": "awq"}}))
    assert main([configured(model=str(quantized)), "--out", str(tmp_path / "out")]) == 2
    assert "已经量化过（awq）" in capsys.readouterr().err
    plain = shutil.copytree(workshop / "base", tmp_path / "plain")
    (plain / "chat_template.jinja").unlink()
    assert main([configured(model=str(plain)), "--out", str(tmp_path / "out")]) == 1
    assert "没有对话模板" in capsys.readouterr().err


def test_missing_data_is_named(configured: Configured, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([configured(train="none"), "--out", str(tmp_path / "out")]) == 2
    assert "none.jsonl（相对路径从当前目录" in capsys.readouterr().err
