"""What is broken or does not fit is refused, and nothing wrong is published."""

from __future__ import annotations

import re
import resource
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from errors import ModelLoadError
from finetune.merge import main
from finetune.merging.chain import checked_chain
from finetune.merging.given import read_adapter, read_base
from finetune.merging.job import Job, run
from finetune.tiny_models import build_tiny
from settings import Settings
from tests.integration.finetune.merging.conftest import Workshop, assert_nothing_written


def changed(adapter: Path, folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """A copy of an adapter with other weights, and no lineage."""
    from safetensors.torch import load_file, save_file

    shutil.copytree(adapter, folder, ignore=shutil.ignore_patterns("lineage.json"))
    weights = load_file(folder / "adapter_model.safetensors")
    change(weights)
    save_file(weights, folder / "adapter_model.safetensors")
    return folder


def first(weights: dict[str, Any], part: str) -> str:
    return next(name for name in sorted(weights) if part in name)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda w: w[first(w, "lora_A")].fill_(float("nan")), "里有 NaN 或无穷大.*降低学习率"),
        (lambda w: w.update({first(w, "lora_A"): w[first(w, "lora_A")][:, 1:].clone()}), "在适配器里是.*在底座里是"),
        (
            lambda w: w.update({"base_model.model.model.layers.7.mlp.up_proj.lora_A.weight": w[first(w, "lora_A")].clone()}),
            "没有 model.layers.7",
        ),
        (lambda w: w.pop(first(w, "lora_B")), "缺少 lora_B"),
        (
            lambda w: w.update({first(w, "lora_A").replace(".weight", ".default.weight"): w.pop(first(w, "lora_A"))}),
            "缺少 lora_A",
        ),
        (lambda w: w.update({first(w, "lora_B"): w[first(w, "lora_B")].sum()}), "大小不同"),
        (lambda w: [w.pop(name) for name in list(w) if "layers.1.mlp.up_proj" in name], "2 个权重缺失"),
    ],
)
def test_weights_that_do_not_fit_are_refused(
    shop: Workshop, merge: Any, tmp_path: Path, change: Callable[[dict[str, Any]], None], told: str
) -> None:
    status, message = merge([changed(shop / "a", tmp_path / "bad", change)])
    assert status == 1
    assert re.search(told, message)
    assert_nothing_written(tmp_path)


def test_numbers_of_8_bits_are_read(shop: Workshop, tmp_path: Path) -> None:
    import torch

    small = changed(shop / "a", tmp_path / "small", lambda w: [w.update({n: w[n].to(torch.float8_e4m3fn)}) for n in list(w)])
    assert main([str(shop.base), "--adapter", str(small), "--check-only"]) == 0


def test_ends_of_an_answer_that_are_no_numbers_are_passed_over(shop: Workshop, merge: Any, tmp_path: Path) -> None:
    shutil.copytree(shop / "a", tmp_path / "a")
    (tmp_path / "a" / "generation_config.json").write_text('{"eos_token_id": "end"}')
    merge([tmp_path / "a"])
    assert (tmp_path / "out" / "generation_config.json").is_file()


def test_too_large_for_the_precision(shop: Workshop, merge: Any, tmp_path: Path) -> None:
    large = changed(shop / "a", tmp_path / "large", lambda w: w[first(w, "lora_A")].fill_(1e7))
    status, message = merge([large], "--dtype", "float16")
    assert (status, "float16 最大 65504" in message) == (1, True)
    assert_nothing_written(tmp_path)


def test_an_adapter_that_was_never_trained_is_pointed_out(
    shop: Workshop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def idle(weights: dict[str, Any]) -> None:
        for name in weights:
            if "lora_B" in name:
                weights[name].zero_()

    assert main([str(shop.base), "--adapter", str(changed(shop / "a", tmp_path / "idle", idle)), "--check-only"]) == 0
    assert "没有训练过" in capsys.readouterr().err


@pytest.mark.parametrize("changes", [{"target_modules": ["lm_head"]}, {"modules_to_save": ["embed_tokens"]}])
def test_weights_shared_by_two_layers_are_not_changed(
    shop: Workshop, merge: Any, tmp_path: Path, changes: dict[str, Any]
) -> None:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(shop.base)
    model.config.tie_word_embeddings = True
    model.tie_weights()
    shutil.copytree(shop.base, tmp_path / "tied")
    model.save_pretrained(tmp_path / "tied")
    adapter = shop.adapter(f"tied-{next(iter(changes))}", 3, tmp_path / "tied", r=2, **changes)
    status, message = merge([adapter], base=tmp_path / "tied")
    assert (status, "共用一份权重" in message) == (2, True)


def with_tokenizer(shop: Workshop, folder: Path, tokens: int) -> Path:
    from transformers import AutoTokenizer

    shutil.copytree(shop / "a", folder)
    tokenizer = AutoTokenizer.from_pretrained(shop.base)
    tokenizer.add_tokens([f"<新词{n}>" for n in range(tokens)])
    tokenizer.chat_template = "{% for m in messages %}{{ m.content }}<|im_end|>{% endfor %}"
    tokenizer.save_pretrained(folder)
    return folder


def test_an_adapters_own_tokenizer_goes_with_it_if_there_is_room(shop: Workshop, merge: Any, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    merge([with_tokenizer(shop, tmp_path / "two", 2)])
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "out")
    assert len(tokenizer.tokenize("<新词1>")) == 1
    assert tokenizer.chat_template.startswith("{% for m in messages %}{{ m.content }}")
    status, message = merge([with_tokenizer(shop, tmp_path / "three", 3)], out="more-out")
    assert (status, "增加了 1 个词（例如“<新词2>”）" in message) == (1, True)


def test_a_tokenizer_of_another_base_is_refused(shop: Workshop, merge: Any, tmp_path: Path) -> None:
    foreign = build_tiny(tmp_path / "foreign", "qwen3", ["完全不同的文字，训练出别的词表。"] * 9, seed=2)
    shutil.copytree(shop / "a", tmp_path / "a")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(foreign / name, tmp_path / "a")
    status, message = merge([tmp_path / "a"])
    assert (status, "分词器与底座的不一致" in message) == (1, True)


def test_a_full_disk_leaves_nothing(shop: Workshop, merge: Any, tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        status, message = merge([shop / "a"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (status, "写不了" in message) == (2, True)
    assert_nothing_written(tmp_path)


def test_a_model_that_was_not_saved_as_it_was_is_not_published(shop: Workshop, tmp_path: Path) -> None:
    def spoil(line: str) -> None:
        from safetensors.torch import load_file, save_file

        if "复核" in line:
            file = tmp_path / ".out.draft" / "model.safetensors"
            weights = load_file(file)
            weights["model.norm.weight"] *= 1.01
            save_file(weights, file, metadata={"format": "pt"})

    base, adapter = read_base(str(shop.base)), read_adapter(shop / "a", 1.0)
    settings = Settings(_env_file=None, data_dir=tmp_path)
    job = Job(base, (adapter,), checked_chain(base.part, [adapter.part]), tmp_path / "out", settings)
    with pytest.raises(ModelLoadError, match="复核没有通过.*内存中合并好的模型"):
        run(job, spoil)
    assert_nothing_written(tmp_path)
