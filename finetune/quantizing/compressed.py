"""AWQ or GPTQ by llm-compressor, into the `pack-quantized` form that TurboMind and vLLM load."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from finetune.quantizing.job import Job

__all__ = ["quantize_by_llm_compressor"]

_HEAD = "lm_head"
"""Stays at 16 bits, as embeddings do."""


def quantize_by_llm_compressor(job: Job, out: Path, windows: Sequence[Sequence[int]]) -> str:
    """Write the quantized model to `out`; what llm-compressor was, as `llm-compressor 0.14.0.1`.

    Args:
        windows: of `job.seqlen` tokens each.
    """
    from datasets import Dataset
    from transformers import AutoModelForCausalLM

    package = import_module("llmcompressor")
    model: Any = AutoModelForCausalLM.from_pretrained(
        job.model, dtype="auto", trust_remote_code=job.trust_code, use_safetensors=True
    )
    rows = {"input_ids": [list(window) for window in windows], "attention_mask": [[1] * len(window) for window in windows]}
    with _unpinned(job.device):
        package.oneshot(
            model=model,
            dataset=Dataset.from_dict(rows),
            recipe=_recipe(job),
            num_calibration_samples=len(windows),
            max_seq_length=job.seqlen,
            shuffle_calibration_samples=False,
        )
    model.save_pretrained(out, save_compressed=True)
    _halve(out)
    return f"llm-compressor {package.__version__}"


def _halve(out: Path) -> None:
    """Numbers of 32 bits in the saved files become 16: a model stored in float32 is quantized in it, but no kernel takes it."""
    import torch
    from safetensors.torch import load_file, save_file

    for file in out.glob("*.safetensors"):
        tensors = load_file(file)
        if any(tensor.dtype == torch.float32 for tensor in tensors.values()):
            halved = {name: tensor.half() if tensor.dtype == torch.float32 else tensor for name, tensor in tensors.items()}
            save_file(halved, file, metadata={"format": "pt"})
    config = json.loads((out / "config.json").read_bytes())
    if config.get("dtype") == "float32":
        (out / "config.json").write_text(json.dumps(config | {"dtype": "float16"}), encoding="utf-8")


def _recipe(job: Job) -> list[Any]:
    """AWQ smooths and then rounds, with a zero point as in its paper; GPTQ rounds column by column, symmetrically."""
    quantization = import_module("llmcompressor.modifiers.quantization")
    awq = job.method == "awq"
    weights = {"num_bits": job.bits, "type": "int", "symmetric": not awq, "strategy": "group", "group_size": job.group_size}
    chosen = {"ignore": [_HEAD], "config_groups": {"group_0": {"targets": ["Linear"], "weights": weights}}}
    if not awq:
        return [quantization.GPTQModifier(**chosen)]
    transform = import_module("llmcompressor.modifiers.transform.awq")
    return [transform.AWQModifier(), quantization.QuantizationModifier(**chosen)]


@contextmanager
def _unpinned(device: str) -> Iterator[None]:
    """On a CPU its AWQ pins memory for a GPU that isn't there (0.14); the pinning is left out."""
    cache = import_module("llmcompressor.pipelines.cache").IntermediatesCache
    kept = cache.pin_memory
    if device == "cpu":
        cache.pin_memory = lambda *_, **__: None
    try:
        yield
    finally:
        cache.pin_memory = kept
