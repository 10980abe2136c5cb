"""Adapters on a base in memory, and merged into it: one after the other, or as one of their joined matrices.

Memory: the base once in its precision, the adapters in float32, and a copy of one layer's weight at a time.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from errors import ModelLoadError, UsageError
from finetune.merging.fit import mismatch
from finetune.merging.given import WEIGHTS, Adapter

__all__ = ["attach", "check_joinable", "join", "merge"]

_JOINED = "joined"


def attach(model: Any, adapters: Sequence[Adapter]) -> Any:
    """The base with all these adapters on it, active together, each with its weight; nothing is merged.

    Raises:
        ModelLoadError: one does not fit the base, wholly: peft would load what fits, and leave the rest at random.
    """
    from peft import PeftModel

    adapted: Any = None
    for n, adapter in enumerate(adapters):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Found missing adapter keys", UserWarning)  # an error below
            warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)  # peft's own way of asking
            try:
                if adapted is None:
                    adapted = PeftModel.from_pretrained(model, str(adapter.folder), adapter_name=_name(n))
                else:
                    adapted.load_adapter(str(adapter.folder), _name(n))
            except (RuntimeError, ValueError, KeyError, TypeError) as error:  # sizes, names of layers, an unknown setting
                raise mismatch(adapter, "层的名称或大小不同") from error
        _check_keys(adapter, adapted, _name(n))
        _scale(adapted, _name(n), adapter.weight)
    if len(adapters) > 1:
        adapted.base_model.set_adapter([_name(n) for n in range(len(adapters))])
    return adapted.eval()


def check_joinable(adapters: Sequence[Adapter]) -> None:
    """Whether `join` gives the sum of these adapters.

    Raises:
        UsageError: one has more than low-rank matrices: peft would leave that out.
    """
    for adapter in adapters:
        if adapter.beyond_lora:
            raise UsageError(f"适配器“{adapter.folder}”有{adapter.beyond_lora}，不能用 cat 合并。请用 --method sequential。")


def join(adapted: Any, count: int) -> Any:
    """The same model with one adapter instead of `count`: their matrices side by side, rank the sum of theirs.

    A weight and an adapter's own scaling go into its matrices, so that the factor of the whole has to be 1. peft takes that
    from the first adapter's settings: with rsLoRA it would be the square root of the rank (off by 3 in a logit of 3).

    Raises:
        UsageError: the adapters name their layers in different ways.
    """
    names = [_name(n) for n in range(count)]
    try:
        adapted.base_model.add_weighted_adapter(names, [1.0] * count, _JOINED, combination_type="cat")
    except (ValueError, TypeError) as error:
        raise UsageError("这些适配器指定层的方式不同，不能用 cat 合并。请用 --method sequential。") from error
    for layer in _layers(adapted, _JOINED):
        layer.scaling[_JOINED] = 1.0
    adapted.base_model.set_adapter([_JOINED])
    return adapted


def merge(adapted: Any) -> Any:
    """The base with its active adapters in its weights, one after the other.

    Raises:
        ModelLoadError: a weight would be no number any more, or the base lacks what the adapter changes.
    """
    try:
        return adapted.merge_and_unload(safe_merge=True)
    except ValueError as error:
        raise ModelLoadError(
            "合并后的权重里出现了 NaN 或无穷大：适配器已损坏，或这个精度放不下（float16 最大 65504）。"
            "请换用 --dtype bfloat16 或 float32；若仍然如此，请重新训练这个适配器。"
        ) from error
    except RuntimeError as error:
        if "lora_bias" not in str(error):
            raise
        raise ModelLoadError(
            "适配器训练了偏置（lora_bias），而底座的这些层没有偏置，不能合并。请不带 lora_bias 重新训练。"
        ) from error


def _name(n: int) -> str:
    return f"part{n}"  # no part of "lora_", which peft would take for weights of its own


def _layers(adapted: Any, name: str) -> list[Any]:
    from peft.tuners.lora import LoraLayer

    return [module for module in adapted.modules() if isinstance(module, LoraLayer) and name in module.scaling]


def _scale(adapted: Any, name: str, weight: float) -> None:
    for layer in _layers(adapted, name):
        layer.scaling[name] *= weight


def _check_keys(adapter: Adapter, adapted: Any, name: str) -> None:
    from peft import get_peft_model_state_dict
    from safetensors import safe_open

    with safe_open(adapter.folder / WEIGHTS, framework="pt") as file:
        stored = set(file.keys())
    wanted, possible = (
        set(get_peft_model_state_dict(adapted, adapter_name=name, save_embedding_layers=also)) for also in (False, True)
    )  # peft stores a whole embedding beside the matrices that adapt it
    if not wanted <= stored <= possible:
        raise mismatch(adapter, f"{len(wanted - stored)} 个权重缺失，{len(stored - possible)} 个在底座里没有位置")
