"""Quantizing a tiny model for real: lmdeploy's AWQ on this machine, its folder, its numbers, and what happens when it fails."""

from __future__ import annotations

import json
import math
import resource
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import MagicMock

import pytest
import torch
from safetensors.torch import load_file, save_file

from errors import ModelLoadError
from finetune import quantize
from finetune.conversations.files import write_conversations
from finetune.lineage import Lineage, Made, made_of, read_lineage, write_lineage
from finetune.quantizing.calibration import calibration_texts, tokens_of
from finetune.quantizing.check import compared
from finetune.quantizing.restored import restored_files
from finetune.quantizing.source import read_source
from finetune.tiny_models import Size, build_tiny
from knowledge.note_sections import note_sections

SAMPLES, SEQLEN, GROUP = 4, 64, 128
FEW = ["--samples", str(SAMPLES), "--seqlen", str(SEQLEN), "--device", "cpu"]
FREE = "model.layers.1.self_attn.o_proj.weight"
"""With fewer key heads than heads AWQ has nothing to scale before it: it is only rounded."""


class Run(NamedTuple):
    """A folder, what was made of it, and what the command said."""

    model: Path
    out: Path
    full: Path
    told: dict[str, Any]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quantize") / "merged"
    build_tiny(folder, "qwen3", [part.text for part in note_sections()[::9]], 1, Size(hidden=128, intermediate=256, spread=0.1))
    write_lineage(folder, Lineage("merged", Made("底座", "b" * 16), (Made("甲", "a" * 16),), (Made("train.jsonl", "c" * 16),)))
    return folder


def _run(model: Path, out: Path, capsys_like: pytest.MonkeyPatch, *options: str) -> Run:
    printed: list[str] = []
    capsys_like.setattr(quantize, "print", lambda *said, file=None, **_: file is None and printed.append(*said), raising=False)
    full = out.with_name(f"{out.name}-full")
    argv = [str(model), "--out", str(out), "--dequantize-to", str(full), "--check", "--json", *FEW, *options]
    assert quantize.main(argv) == 0
    return Run(model, out, full, json.loads("".join(printed)))


@pytest.fixture(scope="session")
def awq(model: Path) -> Run:
    """Made by lmdeploy beside what a killed run has left."""
    if not find_spec("lmdeploy"):
        pytest.skip("没有安装 lmdeploy（pip install --no-deps lmdeploy）")
    left = model.with_name(".awq.draft")
    left.mkdir()
    (left / "half.safetensors").write_bytes(b"half")
    with pytest.MonkeyPatch.context() as patch:
        return _run(model, model.with_name("awq"), patch)


def test_the_folder_is_whole(awq: Run) -> None:
    config = json.loads((awq.out / "config.json").read_text())
    assert config["quantization_config"] == {
        "quant_method": "awq", "version": "gemm", "bits": 4, "group_size": GROUP, "zero_point": True,
    }  # fmt: skip
    assert config["dtype"] == "float16" and config["use_cache"]
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json"):
        assert (awq.out / name).read_bytes() == (awq.model / name).read_bytes(), name
    assert not [path.name for path in awq.out.iterdir() if path.suffix == ".pth" or path.name.startswith(".")]
    assert not list(awq.out.parent.glob(".awq*"))


def test_it_says_what_was_done(awq: Run) -> None:
    told, weights = awq.told, sum(tensor.nbytes for tensor in load_file(awq.out / "model.safetensors").values())
    assert told["bytes_after"] == weights < told["bytes_before_16bit"] < told["bytes_before"]
    assert told["calibration"]["samples"] == SAMPLES and told["calibration"]["seqlen"] == SEQLEN
    card = (awq.out / "README.md").read_text()
    assert told["calibration"]["files"][0]["digest"] in card and f"{told['check']['before']:.3f}" in card
    lineage = read_lineage(awq.out)
    assert lineage and (lineage.kind, lineage.base) == ("quantized", made_of(awq.model))
    assert lineage.contains[0].name == "甲" and lineage.data[0].name == "train.jsonl"
    assert read_lineage(awq.full) == lineage


def test_a_weight_that_was_only_rounded_is_off_by_half_a_step_at_most(awq: Run) -> None:
    before = load_file(awq.model / "model.safetensors")[FREE].half()
    packed, after = load_file(awq.out / "model.safetensors"), load_file(awq.full / "model.safetensors")[FREE]
    steps = packed[FREE.replace(".weight", ".scales")].T.float().repeat_interleave(GROUP, 1)
    off = (after.float() - before.float()).abs() / steps
    assert 0.4 < float(off.max()) < 0.5 + 2e-2  # float16 rounds the step and the product


@pytest.mark.parametrize("name", ["q_proj", "k_proj", "v_proj", "gate_proj"])
def test_a_scaled_weight_is_off_by_half_a_step_once_the_scaling_is_undone(awq: Run, name: str) -> None:
    """What AWQ multiplied the inputs of a matrix with is what it divided the norm before it by."""
    part, norm = ("mlp", "post_attention_layernorm") if name == "gate_proj" else ("self_attn", "input_layernorm")
    layer, before = "model.layers.1.", load_file(awq.model / "model.safetensors")
    packed, after = load_file(awq.out / "model.safetensors"), load_file(awq.full / "model.safetensors")
    scaled_by = before[f"{layer}{norm}.weight"] / packed[f"{layer}{norm}.weight"].float()
    assert float((scaled_by - 1).abs().max()) > 0.1  # there was something to undo
    expected = before[f"{layer}{part}.{name}.weight"] * scaled_by
    steps = packed[f"{layer}{part}.{name}.scales"].T.float().repeat_interleave(GROUP, 1)
    off = (after[f"{layer}{part}.{name}.weight"].float() - expected).abs() / steps
    assert 0.4 < float(off.max()) < 0.55


def test_it_is_what_lmdeploy_itself_calls_the_quantized_weight(awq: Run) -> None:
    from lmdeploy.lite.quantization.awq import pseudo_quantize_tensor

    before = load_file(awq.model / "model.safetensors")[FREE].half()
    assert torch.equal(load_file(awq.full / "model.safetensors")[FREE], pseudo_quantize_tensor(before, 4, GROUP))


@pytest.fixture
def converter(awq: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """lmdeploy's own reader of configuration and weights; what is replaced is its CUDA library, which only moves them."""
    monkeypatch.setattr(import_module("lmdeploy.turbomind"), "_tm", MagicMock())
    yield import_module("lmdeploy.turbomind.converter")
    for name in [name for name in sys.modules if name.startswith("lmdeploy.turbomind.")]:
        del sys.modules[name]


def test_turbomind_reads_the_numbers_that_were_checked(awq: Run, converter: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from lmdeploy.messages import TurbomindEngineConfig

    asked: list[Any] = []
    monkeypatch.setattr(converter, "_get_executable_dtypes", lambda formats, _: asked.extend(formats) or {"float16"})
    monkeypatch.setattr(converter, "_torch_dtype_to_cpp", lambda _: (_ for _ in ()).throw(InterruptedError))
    with pytest.raises(InterruptedError):  # up to the choice of a model's layers
        converter.get_tm_config(str(awq.out), TurbomindEngineConfig(devices=[0]))
    [form] = asked
    assert (form.name, form.block_in) == ("awq", GROUP)
    packed, full = load_file(awq.out / "model.safetensors"), load_file(awq.full / "model.safetensors")
    layers = [name.removesuffix(".qweight") for name in packed if name.endswith(".qweight")]
    assert len(layers) == 14
    for layer in layers:
        parts = {part: packed[layer + part] for part in form.suffix_map if layer + part in packed}
        assert form.accepts(parts)
        numbers = {kind: form.normalize(parts[part], kind).float() for part, kind in form.suffix_map.items() if part in parts}
        assert torch.equal(form.dequant(numbers, torch.float32)["weight"].half().T, full[f"{layer}.weight"])


def test_transformers_reads_the_configuration(awq: Run) -> None:
    from transformers import AutoConfig
    from transformers.quantizers.auto import AutoQuantizationConfig

    stated = AutoQuantizationConfig.from_dict(AutoConfig.from_pretrained(awq.out).quantization_config)
    assert (stated.quant_method.value, stated.bits, stated.group_size, stated.zero_point) == ("awq", 4, GROUP, True)


def _logits(folder: Path) -> torch.Tensor:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    with torch.inference_mode():
        logits: torch.Tensor = model(torch.arange(5, 133).view(1, -1)).logits[0]
    return logits


def test_the_restored_model_answers_almost_like_the_original(awq: Run, tmp_path: Path) -> None:
    """As close as plain rounding to 4 bits is on weights drawn by chance; one matrix in the wrong order is far off."""
    before, after = _logits(awq.model), _logits(awq.full)
    distance = float((after - before).norm() / before.norm())
    weights = load_file(awq.model / "model.safetensors")
    rounded = {name: _rounded(tensor) if "_proj" in name else tensor for name, tensor in weights.items()}
    turned = {name: tensor.roll(1, 0) if "gate_proj" in name else tensor for name, tensor in weights.items()}
    plain, wrong = (
        float((_logits(_with(awq.model, tmp_path / name, tensors)) - before).norm() / before.norm())
        for name, tensors in (("rounded", rounded), ("turned", turned))
    )
    assert 0.5 * plain < distance < 1.3 * plain < wrong


def _rounded(weight: torch.Tensor) -> torch.Tensor:
    grouped = weight.reshape(-1, GROUP)
    low, high = grouped.aminmax(dim=1, keepdim=True)
    step = (high - low) / 15
    return (((grouped - low) / step).round() * step + low).reshape(weight.shape)


def _with(model: Path, folder: Path, tensors: dict[str, torch.Tensor]) -> Path:
    shutil.copytree(model, folder)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def test_the_check_measures_the_restored_weights(awq: Run) -> None:
    """Again by hand, from the folder that `--dequantize-to` wrote."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    texts = list(tokens_of(AutoTokenizer.from_pretrained(awq.model), calibration_texts().held_out))[::2]
    model = AutoModelForCausalLM.from_pretrained(awq.full, dtype=torch.float32)
    lost: list[float] = []
    for text in (text[:SEQLEN] for text in texts):
        with torch.inference_mode():
            sure = model(torch.tensor([text])).logits[0].log_softmax(-1)
        lost += [-float(sure[place, token]) for place, token in enumerate(text[1:])]
    check = awq.told["check"]
    assert (check["tokens"], check["conversations"]) == (len(lost), len(texts))
    assert check["after"] == pytest.approx(math.exp(sum(lost) / len(lost)), rel=1e-4)
    assert check["after"] != check["before"]


def test_scores_that_are_no_numbers_are_no_perplexity(awq: Run, tmp_path: Path) -> None:
    weights = load_file(awq.model / "model.safetensors")
    weights["model.norm.weight"][0] = torch.nan
    broken = _with(awq.model, tmp_path / "broken", weights)
    with pytest.raises(ModelLoadError, match="原模型给出的概率里有 NaN"):
        compared(broken, read_source(awq.out), [[1, 2, 3]], "cpu", False)


def test_weights_that_the_quantized_folder_lacks_are_no_perplexity(awq: Run, tmp_path: Path) -> None:
    """Else a layer would keep the full weights, and the loss be told too small."""
    lacking = load_file(awq.out / "model.safetensors")
    name = next(name for name in lacking if name.endswith("norm.weight"))
    del lacking[name]
    cut = _with(awq.out, tmp_path / "cut", lacking)
    with pytest.raises(ModelLoadError, match=f"对不上.*{name}"):
        compared(awq.model, read_source(cut), [[1, 2, 3]], "cpu", False)


def test_that_there_is_nothing_to_check_with_is_told_before(awq: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own.jsonl"
    write_conversations(own, calibration_texts().held_out)
    assert quantize.main([str(awq.model), "--out", str(tmp_path / "out"), "--calibration", str(own), "--check", *FEW]) == 2
    assert "没有可用来检查的文本" in capsys.readouterr().err and not (tmp_path / "out").exists()


@pytest.mark.parametrize("full", ["out", "out/full", "."])
def test_two_results_need_two_places(awq: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], full: str) -> None:
    assert quantize.main([str(awq.model), "--out", str(tmp_path / "out"), "--dequantize-to", str(tmp_path / full), *FEW]) == 2
    assert "两个目录" in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_it_is_never_written_over_and_never_quantized_twice(awq: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert quantize.main([str(awq.model), "--out", str(awq.out), *FEW]) == 2
    for folder in (awq.out, awq.full):
        assert quantize.main([str(folder), "--out", str(folder.with_name("twice")), *FEW]) == 1
    said = capsys.readouterr()
    assert "不会覆盖" in said.err and said.err.count("已经量化过") == 2 and not said.out
    assert not awq.out.with_name("twice").exists()


def test_a_quantized_folder_is_restored_alone(awq: Run, tmp_path: Path) -> None:
    assert quantize.main([str(awq.out), "--dequantize-to", str(tmp_path / "full")]) == 0
    assert (tmp_path / "full" / "model.safetensors").read_bytes() == (awq.full / "model.safetensors").read_bytes()
    assert quantize.main([str(awq.model), "--dequantize-to", str(tmp_path / "other")]) == 1
    assert quantize.main([str(awq.out), "--dequantize-to", str(tmp_path / "checked"), "--check"]) == 2
    assert quantize.main([str(awq.model)]) == 2 and [path.name for path in tmp_path.iterdir()] == ["full"]


def test_several_files_of_weights(awq: Run, tmp_path: Path) -> None:
    """The parts of one layer may lie in different files."""
    folder = shutil.copytree(awq.out, tmp_path / "parts")
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    for number, part in enumerate((lambda name: "qweight" not in name, lambda name: "qweight" in name), 1):
        save_file({name: t for name, t in tensors.items() if part(name)}, folder / f"model-{number}.safetensors")
    assert quantize.main([str(folder), "--dequantize-to", str(tmp_path / "full")]) == 0
    assert torch.equal(_logits(tmp_path / "full"), _logits(awq.full))


def test_numbers_that_are_none_leave_nothing_behind(awq: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A training run that diverged; also a second model in the same process, of other layers."""
    broken = build_tiny(tmp_path / "broken", "qwen3", ["一二三"], 2, Size(hidden=128, intermediate=256, layers=1, spread=0.1))
    weights = load_file(broken / "model.safetensors")
    weights["model.layers.0.mlp.up_proj.weight"][0, 0] = torch.nan
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    assert quantize.main([str(broken), "--out", str(tmp_path / "out"), *FEW]) == 1
    said = capsys.readouterr()
    assert "NaN" in said.err and "Traceback" not in said.err and not said.out
    assert [path.name for path in tmp_path.iterdir()] == ["broken"]


@contextmanager
def _small_files(size: int) -> Iterator[None]:
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, kept[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)


@pytest.mark.parametrize(("size", "said"), [(4096, "磁盘已满"), (200_000, "文件大小")])
def test_a_disk_that_takes_no_more(awq: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], size: int, said: str) -> None:
    """Neither the statistics, nor the weights, can be written."""
    with _small_files(size):
        status = quantize.main([str(awq.model), "--out", str(tmp_path / "out"), *FEW])
    assert status in (1, 2) and not list(tmp_path.iterdir())
    assert said in capsys.readouterr().err


def test_too_little_text(awq: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "own.jsonl"
    talk = [{"role": "user", "content": "什么是死锁？"}, {"role": "assistant", "content": "互相等待。"}]
    file.write_text(json.dumps({"messages": talk}, ensure_ascii=False) + "\n", encoding="utf-8")
    argv = [str(awq.model), "--out", str(tmp_path / "out"), "--calibration", str(file), "--device", "cpu"]
    assert quantize.main(argv) == 2
    assert "凑不满一段 2048" in capsys.readouterr().err and not (tmp_path / "out").exists()


@pytest.mark.parametrize("method", ["awq", "gptq"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:Attempting to save a model with offloaded")
def test_llm_compressor(model: Path, tmp_path: Path, method: str) -> None:
    if not find_spec("llmcompressor"):
        pytest.skip("没有安装 llmcompressor（它的依赖与训练环境不同）")
    with pytest.MonkeyPatch.context() as patch:
        run = _run(model, tmp_path / method, patch, "--backend", "llm-compressor", "--method", method)
    stated = json.loads((run.out / "config.json").read_text())["quantization_config"]
    assert (stated["quant_method"], stated["format"]) == ("compressed-tensors", "pack-quantized")
    before, after = _logits(run.model), _logits(run.full)
    assert 0 < float((after - before).norm() / before.norm()) < 0.75  # weights drawn by chance are the hardest to round
    from compressed_tensors.compressors.pack_quantized.helpers import unpack_from_int32

    source = read_source(run.out)
    packed = load_file(run.out / "model.safetensors")
    layer = FREE.removesuffix(".weight")
    steps = unpack_from_int32(packed[f"{layer}.weight_packed"], 4, torch.Size(packed[f"{layer}.weight_shape"].tolist()))
    zero = packed.get(f"{layer}.weight_zero_point")
    if zero is not None:
        steps = steps - unpack_from_int32(zero, 4, torch.Size([steps.shape[0], 1]), packed_dim=0)
    full = steps.float() * packed[f"{layer}.weight_scale"].float()
    assert torch.equal(next(restored_files(source))[FREE], full.half())
