"""Whether an adapter's weights fit a base, found without the base's weights: by a skeleton that has only names and shapes."""

from __future__ import annotations

import math
from typing import Any

from errors import ModelLoadError, UsageError
from finetune.merging.given import WEIGHTS, Adapter, Base

__all__ = ["check_fit", "mismatch", "skeleton_of"]

_PREFIX = "base_model.model."
"""What peft puts before the name of every module."""


def skeleton_of(base: Base, trust_remote_code: bool = False) -> Any:
    """The base as a model on torch's meta device: all modules, no weights, in any size at once.

    Raises:
        ModelLoadError: transformers knows no such model.
    """
    import torch
    from huggingface_hub.errors import StrictDataclassError
    from transformers import AutoConfig, AutoModelForCausalLM

    try:
        config = AutoConfig.from_pretrained(base.folder, trust_remote_code=trust_remote_code)
        with torch.device("meta"):
            return AutoModelForCausalLM.from_config(config, trust_remote_code=trust_remote_code)
    except (ValueError, KeyError, TypeError, AttributeError, OSError, RuntimeError, ImportError, StrictDataclassError) as error:
        raise ModelLoadError(
            f"底座“{base.part.path}”不是能合并的语言模型（{type(error).__name__}）。请检查它的 config.json；"
            "若模型要运行自带的代码，确认来源可信后设置 TUTOR_CHAT_TRUST_REMOTE_CODE=1。"
        ) from error


def check_fit(adapter: Adapter, skeleton: Any) -> list[str]:
    """Compare an adapter's weights with the skeleton; what a user should know of them, though it is no error.

    Raises:
        ModelLoadError: a layer is missing or of another size, a weight is not a number, or the file is damaged.
        UsageError: it changes weights that the base shares between two layers.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(adapter.folder / WEIGHTS, framework="pt") as file:
            names = list(file.keys())
            shapes = {name: tuple(file.get_slice(name).get_shape()) for name in names}
            _check_layers(adapter, shapes, skeleton)
            _check_tied(adapter, names, skeleton)
            largest = {name: _largest(adapter, name, file.get_tensor(name)) for name in names}
    except (SafetensorError, OSError) as error:
        raise ModelLoadError(f"适配器“{adapter.folder}”的 {WEIGHTS} 已损坏或没有复制完整。请重新复制这个适配器。") from error
    idle = not adapter.beyond_lora and not any(largest[name] for name in names if _is_outer(name))
    return [f"适配器“{adapter.part.made.name}”的 lora_B 全是 0：它没有训练过，合并后的模型与底座一样。"] if idle else []


def mismatch(adapter: Adapter, why: str) -> ModelLoadError:
    """The error for an adapter of another base."""
    stated = adapter.config.get("base_model_name_or_path") or "未注明"
    return ModelLoadError(
        f"适配器“{adapter.folder}”与底座不匹配：{why}（它记录的底座：{stated}）。请把 BASE 换成它的底座，或更换 --adapter。"
    )


def _check_layers(adapter: Adapter, shapes: dict[str, tuple[int, ...]], skeleton: Any) -> None:
    modules = dict(skeleton.named_modules())
    layers = {name.partition(".lora_A.")[0] for name in shapes if ".lora_A." in name}
    for layer in sorted(layers):
        place = layer.removeprefix(_PREFIX)
        inner, outer = (shapes.get(f"{layer}.lora_{part}.weight") for part in "AB")
        if place not in modules:
            raise mismatch(adapter, f"底座里没有 {place} 这一层")
        if inner is None or outer is None:
            raise mismatch(adapter, f"{place} 缺少 lora_{'A' if inner is None else 'B'}.weight")
        shape = tuple(getattr(getattr(modules[place], "weight", None), "shape", ()))
        if len(inner) == len(outer) == len(shape) == 2 and sorted(shape) != sorted((outer[0], inner[1])):
            raise mismatch(adapter, f"{place} 在适配器里是 {outer[0]}×{inner[1]}，在底座里是 {'×'.join(map(str, shape))}")


def _check_tied(adapter: Adapter, names: list[str], skeleton: Any) -> None:
    """A merge would change the other of two layers that share their weights too."""
    if not skeleton.config.get_text_config().tie_word_embeddings:
        return
    shared = (skeleton.get_input_embeddings(), skeleton.get_output_embeddings())
    places = {place for place, module in skeleton.named_modules() if any(module is one for one in shared)}
    touched = {place for place in places if any(name.startswith(f"{_PREFIX}{place}.") for name in names)}
    if touched:
        raise UsageError(
            f"适配器“{adapter.part.made.name}”改动了 {'、'.join(sorted(touched))}，而底座的输入与输出词向量共用一份权重，合并会改坏另一层。"
            "请训练时把 lm_head 与 embed_tokens 排除在外，或不合并，直接用 python -m finetune.infer --adapter。"
        )


def _is_outer(name: str) -> bool:
    return ".lora_B" in name or ".lora_embedding_B" in name


def _largest(adapter: Adapter, name: str, tensor: Any) -> float:
    largest = float(tensor.float().abs().max()) if tensor.numel() else 0.0  # numbers of 8 bits know no max
    if not math.isfinite(largest):
        raise ModelLoadError(
            f"适配器“{adapter.folder}”的 {name.removeprefix(_PREFIX)} 里有 NaN 或无穷大，合并会毁掉整个模型。"
            "多半是训练发散了：请降低学习率重新训练，或改用较早的检查点。"
        )
    return largest
