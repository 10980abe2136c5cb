"""From a checkpoint to a folder of weights that others can load: nothing of the optimizer, never half of it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from finetune.training.faults import saving_failed

__all__ = ["end_at", "narrow", "publish"]

_KEPT = (
    "adapter_config.json adapter_model.safetensors config.json generation_config.json model*.safetensors"
    " model.safetensors.index.json tokenizer* special_tokens_map.json added_tokens.json vocab* merges.txt *.model *.tiktoken"
    " chat_template* *.py"
).split()
_TORCH_NAMES = {"BF16": "bfloat16", "F16": "float16", "F32": "float32"}
"""As safetensors and as torch name them."""


def publish(source: Path, target: Path) -> None:
    """Put the weights and the tokenizer of a checkpoint into a new folder; weights are linked where the disk can.

    Raises:
        TrainingError: the disk is full.
    """
    draft = target.with_name(f".{target.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.rmtree(target, ignore_errors=True)
    try:
        draft.mkdir(parents=True)
        for file in sorted({file for pattern in _KEPT for file in source.glob(pattern)}):
            _place(file, draft / file.name)
        draft.replace(target)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise saving_failed(error, target) or error from error


def _place(file: Path, target: Path) -> None:
    try:
        if file.suffix == ".safetensors":
            os.link(file, target)
            return
    except OSError:
        pass  # another disk, or one without links
    shutil.copy2(file, target)


def narrow(folder: Path, base: Path) -> None:
    """Store a model that was trained in fp32 in the precision of its base."""
    from safetensors import safe_open

    first = min(base.glob("*.safetensors"))
    with safe_open(first, framework="pt") as file:
        stored = _TORCH_NAMES.get(file.get_slice(next(iter(file.keys()))).get_dtype(), "float32")
    if stored == "float32":
        return
    for file in sorted(folder.glob("*.safetensors")):
        _narrow_file(file, stored)
    _edit(folder / "config.json", {"dtype": stored})


def _narrow_file(path: Path, stored: str) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    kind = getattr(torch, stored)
    weights = {name: one.to(kind) if one.is_floating_point() else one for name, one in load_file(path).items()}
    draft = path.with_name(f".{path.name}")
    save_file(weights, draft, metadata={"format": "pt"})
    draft.replace(path)


def end_at(folder: Path, ends: Iterable[int]) -> None:
    """Name the tokens that end an answer in a model's generation_config.json, beside those that it names."""
    file = folder / "generation_config.json"
    named = json.loads(file.read_bytes()).get("eos_token_id") if file.is_file() else None
    known = [named] if isinstance(named, int) else named or []
    _edit(file, {"eos_token_id": sorted({*known, *ends})})


def _edit(file: Path, changes: dict[str, object]) -> None:
    content = json.loads(file.read_bytes()) if file.is_file() else {}
    draft = file.with_name(f".{file.name}")
    draft.write_text(json.dumps(content | changes, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    draft.replace(file)
