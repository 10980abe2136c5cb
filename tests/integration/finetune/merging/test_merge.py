"""Real adapters merged into a real, tiny base: the weights are what the formula says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from finetune.lineage import Lineage, made_of, read_lineage
from finetune.merge import main
from finetune.merging import job
from finetune.merging.attach import join
from finetune.merging.attach import merge as merged
from finetune.merging.reload_check import prompt_ids
from tests.integration.finetune.merging.conftest import Workshop, assert_nothing_written

LAYER = "layers.1.self_attn.q_proj"
SCALE = {"a": 2.0, "b": 1.0, "rs": 6 / 2**0.5}
"""alpha / r, with rsLoRA alpha / √r, of the layer above."""


def weight_of(folder: Path, name: str) -> Any:
    from safetensors import safe_open

    for path in folder.glob("*.safetensors"):
        with safe_open(path, framework="pt") as file:
            if name in set(file.keys()):
                return file.get_tensor(name).double()
    raise KeyError(name)


def change_of(folder: Path, scale: float) -> Any:
    """What an adapter adds to the layer, by the formula of LoRA (Hu et al. 2021): scale · B A."""
    outer, inner = (weight_of(folder, f"base_model.model.model.{LAYER}.lora_{name}.weight") for name in "BA")
    return scale * outer @ inner


def logits_of(folder: Path, adapter: Path | None = None) -> Any:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(folder)
    model = PeftModel.from_pretrained(model, str(adapter)) if adapter else model
    with torch.inference_mode():
        return model.eval()(input_ids=torch.arange(5, 45)[None]).logits


@pytest.mark.parametrize("names", [("a",), ("a", "b"), ("rs", "a")])
@pytest.mark.parametrize("method", ["sequential", "cat"])
def test_weights_are_what_the_formula_says(
    shop: Workshop, merge: Any, tmp_path: Path, names: tuple[str, ...], method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    joined: list[int] = []
    monkeypatch.setattr(job, "join", lambda adapted, count: (joined.append(count), join(adapted, count))[1])
    weights = (1.0, -0.5)[: len(names)]
    given = [part for weight in weights for part in ("--weight", str(weight))]
    report = merge([shop / name for name in names], "--method", method, *given)
    name = f"model.{LAYER}.weight"
    right = weight_of(shop.base, name) + sum(w * change_of(shop / n, SCALE[n]) for n, w in zip(names, weights, strict=True))
    torch.testing.assert_close(weight_of(tmp_path / "out", name), right, atol=1e-6, rtol=0)
    assert report["difference"] <= 1e-4 < report["effect"]
    assert report["same_tokens"]
    assert report["adapters"] == list(names)
    assert joined == ([len(names)] if method == "cat" and len(names) > 1 else [])


def test_what_is_compared_are_all_adapters_together(shop: Workshop, merge: Any, tmp_path: Path) -> None:
    """In half precision, where each merge rounds: the difference told is that of base + a + b, not of the last step."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    report = merge([shop / "a", shop / "b"], "--dtype", "bfloat16")
    base: Any = AutoModelForCausalLM.from_pretrained(shop.base, dtype=torch.bfloat16)
    both: Any = PeftModel.from_pretrained(base, str(shop / "a"), "one")
    both.load_adapter(str(shop / "b"), "two")
    both.base_model.set_adapter(["one", "two"])
    saved: Any = AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    prompts = [torch.tensor([ids]) for ids in prompt_ids(AutoTokenizer.from_pretrained(shop.base))]
    with torch.inference_mode():
        off = [(both.eval()(ids).logits.float() - saved(ids).logits.float()).abs().max() for ids in prompts]
    assert report["difference"] == pytest.approx(float(max(off)))


def test_the_folder_is_whole(shop: Workshop, merge: Any, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    report = merge([shop / "a"], "--shard-size", "100KB")
    out = tmp_path / "out"
    assert report["files"] > 1
    assert sorted(path.name for path in tmp_path.iterdir() if "out" in path.name) == ["out"]
    tokenizer = AutoTokenizer.from_pretrained(out)
    assert tokenizer.chat_template == AutoTokenizer.from_pretrained(shop.base).chat_template
    ends = json.loads((out / "generation_config.json").read_text())["eos_token_id"]
    assert ends == sorted([tokenizer.pad_token_id, tokenizer.eos_token_id])  # the base's own, and what ends a turn
    lineage = read_lineage(out)
    assert lineage == Lineage("merged", made_of(shop.base), (made_of(shop / "a"),), difference=report["difference"])
    assert f"最多相差 {report['difference']:.2g}" in (out / "README.md").read_text()
    assert (out / "model-00001-of-00006.safetensors").stat().st_mode == (out / "config.json").stat().st_mode


def test_models_with_other_adapters_have_other_digests_though_what_is_read_of_the_weights_agrees(
    shop: Workshop, merge: Any, tmp_path: Path
) -> None:
    merge([shop / "a"], out="one")
    merge([shop / "a"], "--weight", "0.5", out="two")
    for name in ("one", "two"):
        shutil.copy(shop.base / "model.safetensors", tmp_path / name)
    assert len({made_of(folder).digest for folder in (shop.base, tmp_path / "one", tmp_path / "two")}) == 3


@pytest.mark.parametrize("name", ["dora", "head"])
def test_more_than_matrices_is_merged_one_by_one(shop: Workshop, merge: Any, tmp_path: Path, name: str) -> None:
    import torch

    merge([shop / name])
    torch.testing.assert_close(logits_of(tmp_path / "out"), logits_of(shop.base, shop / name), atol=1e-4, rtol=0)


def test_each_merge_of_more_than_matrices_is_compared(shop: Workshop, merge: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """DoRA goes by the weights that it is put on, those with the adapter before it."""
    assert merge([shop / "a", shop / "dora"])["difference"] <= 1e-4

    def spoiled(adapted: Any) -> Any:
        model = merged(adapted)
        model.model.norm.weight.data *= 1.01
        return model

    monkeypatch.setattr(job, "merge", spoiled)
    status, told = merge([shop / "a", shop / "dora"], out="spoiled-out")
    assert (status, "合并“a”后，logits 与合并前最多相差" in told) == (1, True)


def test_half_precision_is_kept_and_judged_by_its_own_roundings(shop: Workshop, merge: Any, tmp_path: Path) -> None:
    report = merge([shop / "a", shop / "dora"], "--dtype", "bfloat16")
    assert report["dtype"] == "bfloat16"
    assert 1e-4 < report["difference"] <= report["tolerance"] < report["effect"]
    assert json.loads((tmp_path / "out" / "config.json").read_text())["dtype"] == "bfloat16"


def test_a_second_stage_is_merged_into_the_first_or_after_it(shop: Workshop, merge: Any, tmp_path: Path) -> None:
    import torch

    merge([shop / "a"], out="first")
    second = shop.adapter("second", 9, tmp_path / "first", r=4)
    merge([second], base=tmp_path / "first", out="stacked")
    merge([shop / "a", second], out="at-once")
    torch.testing.assert_close(logits_of(tmp_path / "stacked"), logits_of(tmp_path / "at-once"), atol=1e-4, rtol=0)
    one, other = read_lineage(tmp_path / "stacked"), read_lineage(tmp_path / "at-once")
    assert one and other and (one.base, one.contains) == (other.base, other.contains)
    status, told = merge([second])
    assert status == 2
    assert "“base + a”合并成的模型上训练" in told
    assert_nothing_written(tmp_path)


def test_an_adapter_made_elsewhere_is_merged_and_marked(shop: Workshop, merge: Any, tmp_path: Path) -> None:
    found = shop.adapter("found", 5, shop.base, lineage=False, r=2)
    assert main([str(shop.base), "--adapter", str(found), "--check-only"]) == 0
    merge([found])
    lineage = read_lineage(tmp_path / "out")
    assert lineage and not lineage.contains[0].known
    assert "来历不明" in (tmp_path / "out" / "README.md").read_text()
