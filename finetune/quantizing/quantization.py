"""From a model's folder to a quantized one, whole or not at all: calibrated, described, checked, restored."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from finetune.lineage import Lineage, made_of, read_lineage, write_lineage
from finetune.merging.publish import drafted
from finetune.quantizing.awq import quantize_by_lmdeploy
from finetune.quantizing.calibration import Texts, shuffled, tokens_of, windows
from finetune.quantizing.carried import carry_over, state_quantization
from finetune.quantizing.check import compared, held_out_tokens
from finetune.quantizing.compressed import quantize_by_llm_compressor
from finetune.quantizing.failures import explained
from finetune.quantizing.job import Job
from finetune.quantizing.report import Calibration, Report, card
from finetune.quantizing.restored import check_restorable, write_restored
from finetune.quantizing.source import Source, read_source
from rag.chat_models.loading import load_tokenizer
from settings import load_settings

__all__ = ["check_quality", "check_text", "quantized", "restored"]

_CARD = "README.md"
_QUANTIZE = {"lmdeploy": quantize_by_lmdeploy, "llm-compressor": quantize_by_llm_compressor}


def quantized(source: Source, job: Job, texts: Texts, out: Path, tell: Callable[[str], None]) -> Report:
    """Write the quantized model with its card and lineage; what the back end prints goes to stderr.

    Args:
        tell: takes what the user should know before the work begins.

    Raises:
        UsageError: the texts are too short, or `out` can't be written.
        ModelLoadError: the model can't be quantized.
    """
    read = windows(tokens_of(_tokenizer(job), shuffled(texts.calibration)), job.seqlen, job.samples)
    if len(read) < job.samples:
        tell(f"校准文本只够 {len(read)} 段（要 {job.samples} 段），就用这些。")
    begun = time.monotonic()
    with drafted(out) as draft:
        with explained(f"量化 {job.model.name} "), redirect_stdout(sys.stderr):
            back_end = _QUANTIZE[job.backend](job, draft, read)
        state_quantization(source.config, draft)
        carry_over(source.folder, draft)
        write_lineage(draft, _lineage(source.folder))
        report = Report(
            job, made_of(source.folder), source.size, source.size16, read_source(draft).size, time.monotonic() - begun,
            Calibration(texts.files, len(read), job.seqlen), {"backend": back_end} | _versions(),
        )  # fmt: skip
        (draft / _CARD).write_text(card(report, out.name), encoding="utf-8")
    return report


def check_text(job: Job, texts: Texts) -> list[list[int]]:
    """The held-out texts as token ids; known to be there before hours are spent.

    Raises:
        UsageError: there are none.
    """
    return held_out_tokens(tokens_of(_tokenizer(job), texts.held_out), job.seqlen)


def check_quality(report: Report, held_out: Sequence[Sequence[int]], out: Path) -> Report:
    """The report with the perplexity before and after, which is written into the model's card as well.

    Args:
        held_out: from `check_text`.

    Raises:
        ModelLoadError: this machine can't load the model, or its scores are no numbers.
    """
    job = report.job
    with explained("测困惑度"), redirect_stdout(sys.stderr):
        checked = compared(job.model, read_source(out), held_out, job.device, job.trust_code)
    report = replace(report, checked=checked)
    fresh = out / f".{_CARD}.draft"
    fresh.write_text(card(report, out.name), encoding="utf-8")
    fresh.replace(out / _CARD)
    return report


def restored(source: Source, out: Path) -> None:
    """Write a quantized folder's model with full weights; its lineage goes with it.

    Raises:
        ModelLoadError: the folder is not quantized, or in a layout that is not known here.
    """
    check_restorable(source)
    lineage = read_lineage(source.folder)
    with drafted(out) as draft:
        with explained(f"还原 {source.folder.name} "):
            write_restored(source, draft)
        write_lineage(draft, lineage or Lineage("quantized", made_of(source.folder)))


def _lineage(model: Path) -> Lineage:
    """Of what is made of the model: it holds the adapters and the training data that the model holds."""
    known = read_lineage(model) or Lineage("full", made_of(model))
    return replace(known, kind="quantized", base=made_of(model), difference=None)


def _tokenizer(job: Job) -> Any:
    return load_tokenizer(load_settings(), str(job.model))


def _versions() -> dict[str, str]:
    return {name: version(name) for name in ("torch", "transformers")}
