"""One merge from beginning to end: load, attach, merge, save, load again, compare, publish.

Memory: the base once in its precision, the adapters in float32, and a shard while it is written; the merged model is let go
before it is loaded again. A model of 7 billion parameters in bfloat16 takes about 16 GB, and runs on a CPU. Disk: the model once.
"""

from __future__ import annotations

import errno
import gc
import logging
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from errors import ModelLoadError
from finetune.lineage import write_lineage
from finetune.merging.attach import attach, join, merge
from finetune.merging.card import model_card
from finetune.merging.chain import Chain
from finetune.merging.given import Adapter, Base, in_terms_of_merge
from finetune.merging.publish import drafted
from finetune.merging.reload_check import Answer, Comparison, ask, check_merged, check_saved, compare, prompt_ids
from finetune.merging.vocabulary import set_ends, tokenizer_for
from rag.chat_models.generation import generation_config
from rag.chat_models.loading import Loaded, load_local
from settings import Settings

__all__ = ["Job", "Method", "Outcome", "run"]

Method = Literal["sequential", "cat"]


@dataclass(frozen=True)
class Job:
    """What to merge, how, and where to.

    Attributes:
        settings: with the precision to merge in as `chat_dtype`, the device, and whether the model's own code may run.
        shard_size: of a file of weights, at most, such as `5GB`.
    """

    base: Base
    adapters: tuple[Adapter, ...]
    chain: Chain
    out: Path
    settings: Settings
    method: Method = "sequential"
    shard_size: str = "5GB"


@dataclass(frozen=True)
class Outcome:
    """What was written: how far it is from base and adapters, how much the adapters change at all, its precision."""

    comparison: Comparison
    effect: float
    dtype: str


def run(job: Job, tell: Callable[[str], None]) -> Outcome:
    """Merge; `job.out` appears only if the saved model, loaded again, says what base and adapters said.

    Raises:
        ModelLoadError: base or adapter can't be loaded, do not fit, or the check failed.
        UsageError: the folder can't be written.
    """
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # peft imports it, and it misses a kernel that nothing here needs
    with drafted(job.out) as draft:
        tell("正在加载底座……")
        base = _load(job.settings, job.base.folder)
        rows = base.model.get_input_embeddings().weight.shape[0]
        tokenizer, notes = tokenizer_for(base.tokenizer, job.adapters, rows, job.settings)
        for note in notes:
            tell(note)
        prompts, model = prompt_ids(tokenizer), base.model
        set_ends(model, tokenizer, job.adapters)
        plain = ask(model, prompts)
        del base
        model, right = _merged(model, job, prompts, tokenizer.pad_token_id, tell)
        inside, dtype = ask(model, prompts), model.dtype
        tell("正在写出合并后的模型……")
        _save(model, tokenizer, job, draft)
        del model
        _free()
        tell("正在重新加载并复核……")
        comparison = _reloaded(job, draft, prompts, tokenizer.pad_token_id, right, inside, dtype)
        outcome = Outcome(comparison, compare(plain, right, dtype).difference, str(dtype).removeprefix("torch."))
        write_lineage(draft, job.chain.lineage(comparison.difference))
        card = model_card(job.out.name, job.chain, job.method, outcome.dtype, comparison)
        (draft / "README.md").write_text(card, encoding="utf-8")
    return outcome


def _merged(
    model: Any, job: Job, prompts: Sequence[Sequence[int]], pad: int | None, tell: Callable[[str], None]
) -> tuple[Any, list[Answer]]:
    """The merged model, and what base and adapters answered.

    Plain adapters add up, so all answer together before the first is merged. Others go by what the base's weights are: each is
    put on what was merged before it, and compared by itself.
    """
    config = generation_config(model, set(), pad)
    plain = not any(adapter.beyond_lora for adapter in job.adapters)
    steps = [job.adapters] if plain else [(adapter,) for adapter in job.adapters]
    right: list[Answer] = []
    for n, step in enumerate(steps, 1):
        names = "、".join(adapter.part.made.name for adapter in step)
        tell(f"正在合并 {names}……")
        adapted = attach(model, step)
        right = ask(adapted, prompts, config if n == len(steps) else None)
        model = merge(join(adapted, len(step)) if job.method == "cat" and len(step) > 1 else adapted)
        if n < len(steps):
            check_merged(names, compare(right, ask(model, prompts), model.dtype))
    return model.eval(), right


def _save(model: Any, tokenizer: Any, job: Job, folder: Path) -> None:
    """Write weights, configuration and tokenizer.

    The configuration names the adapters: a folder's digest reads a file of weights only in places, between which an adapter on
    few layers may lie, and two models must not be taken for the same.

    Raises:
        OSError: the disk is full, or the folder can't be written.
    """
    from safetensors import SafetensorError

    model.config.merged_adapters = [f"{one.digest}×{one.weight:g}" for one in job.chain.contains]
    try:
        model.save_pretrained(folder, max_shard_size=job.shard_size)
    except SafetensorError as error:  # how it tells an error of the system
        found = re.search(r"os error (\d+)", str(error))
        number = int(found.group(1)) if found else errno.EIO
        raise OSError(number, os.strerror(number)) from error
    tokenizer.save_pretrained(folder)
    for file in folder.glob("*.safetensors"):
        file.chmod((folder / "config.json").stat().st_mode)  # safetensors leaves it to the owner alone; a server may be another


def _reloaded(
    job: Job,
    folder: Path,
    prompts: Sequence[Sequence[int]],
    pad: int | None,
    right: Sequence[Answer],
    inside: Sequence[Answer],
    dtype: Any,
) -> Comparison:
    """How far the saved model is from base and adapters; it has to be just what was in memory."""
    import torch

    model = _load(job.settings.model_copy(update={"chat_dtype": "auto"}), folder).model
    found = ask(model, prompts, generation_config(model, set(), pad))
    comparison = compare(right, found, dtype)
    check_saved(compare(inside, found, torch.float32), comparison)
    return comparison


def _load(settings: Settings, folder: Path) -> Loaded:
    try:
        return load_local(settings, str(folder), needs_template=False)
    except ModelLoadError as error:
        raise in_terms_of_merge(error) from error


def _free() -> None:
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
