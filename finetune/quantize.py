"""Quantize a model to 4 bits a weight (AWQ W4A16), calibrated with our own text, and measure what it costs.

Run as: python -m finetune.quantize outputs/merged --out outputs/merged-awq --check
        python -m finetune.quantize outputs/merged --out outputs/merged-w4 --backend llm-compressor --method gptq
        python -m finetune.quantize outputs/merged-awq --dequantize-to outputs/merged-awq-full
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

from errors import UsageError
from finetune.merging.publish import check_place
from finetune.quantizing.awq import check_architecture
from finetune.quantizing.calibration import calibration_texts
from finetune.quantizing.failures import explained
from finetune.quantizing.job import BACKENDS, METHODS, Job, check_backend, check_options, chosen_device
from finetune.quantizing.quantization import check_quality, check_text, quantized, restored
from finetune.quantizing.report import Report, summary
from finetune.quantizing.source import Source, check_source, read_source
from knowledge.command import Parser, guarded
from settings import load_settings

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """The command; exit status 0 done, 1 it can't be done with this model or machine, 2 usage."""
    parser = Parser(prog="python -m finetune.quantize", description="把合并好的模型量化成 4 位（AWQ W4A16），用自己的文本校准。")
    parser.add_argument("model", type=Path, metavar="MODEL", help="完整模型的目录（safetensors）")
    parser.add_argument("--out", type=Path, metavar="DIR", help="量化后的模型写到哪里（不能已经存在）")
    parser.add_argument("--backend", choices=BACKENDS, default="lmdeploy", help="默认 lmdeploy")
    parser.add_argument("--method", choices=METHODS, default="awq", help="默认 awq；gptq 只有 llm-compressor 会做")
    parser.add_argument("--bits", type=int, choices=(4, 8), default=4, help="每个权重几位（默认 4；8 只有 llm-compressor 会做）")
    parser.add_argument("--group-size", type=int, choices=(32, 64, 128), default=128, help="几个输入共用一个比例（默认 128）")
    parser.add_argument("--device", choices=("auto", "cuda", "cpu"), default="auto", help="在哪里校准（默认有显卡就用显卡）")
    parser.add_argument("--calibration", type=Path, nargs="+", default=[], metavar="FILE", help="校准用的对话（默认自带的笔记）")
    parser.add_argument("--samples", type=int, default=128, metavar="N", help="校准文本最多几段（默认 128）")
    parser.add_argument("--seqlen", type=int, default=2048, metavar="N", help="每段几个 token（默认 2048）")
    parser.add_argument("--check", action="store_true", help="量化前后各测一次困惑度（没有显卡也能测）")
    parser.add_argument(
        "--dequantize-to", type=Path, metavar="DIR", help="再写一份还原成完整权重的模型，供 eval.exam 在 CPU 上考"
    )
    parser.add_argument("--json", action="store_true", help="结果写成一行 JSON")
    return guarded(lambda: _run(parser.parse_args(argv)))


def _run(options: argparse.Namespace) -> int:
    source = read_source(options.model)
    if options.out is None:
        return _restore_only(source, options)
    job = _job(options)
    _check(source, job, options)
    texts = calibration_texts(options.calibration)
    job = replace(job, device=_device(options.device, job))
    held_out = check_text(job, texts) if options.check else []
    report = quantized(source, job, texts, options.out, _status)
    if options.dequantize_to:
        restored(read_source(options.out), options.dequantize_to)
    if options.check:
        _status(f"已写出 {options.out}。正在测量化前后的困惑度……")
        report = check_quality(report, held_out, options.out)
    _told(report, options)
    return 0


def _restore_only(source: Source, options: argparse.Namespace) -> int:
    if not options.dequantize_to:
        raise UsageError("请用 --out 指定量化后的模型写到哪里；要把量化过的模型还原成完整权重，请用 --dequantize-to。")
    if options.check:
        raise UsageError("--check 比较量化前后，要和 --out 一起用。")
    check_place(options.dequantize_to, source.size * 4)
    restored(source, options.dequantize_to)
    _status(f"还原后的完整权重在 {options.dequantize_to}。")
    return 0


def _job(options: argparse.Namespace) -> Job:
    return Job(
        options.model, options.backend, options.method, options.bits, options.group_size, options.device,
        options.samples, options.seqlen, load_settings().chat_trust_remote_code,
    )  # fmt: skip


def _check(source: Source, job: Job, options: argparse.Namespace) -> None:
    """All that can be known before anything is loaded."""
    check_options(job)
    check_source(source, job)
    check_place(options.out, source.size16 // 2)
    if options.dequantize_to:
        _check_apart(options.out.resolve(), options.dequantize_to.resolve())
        check_place(options.dequantize_to, source.size16 * 3 // 2)  # both, if they lie on one disk
    check_backend(job)
    if job.backend == "lmdeploy":
        with explained("导入 lmdeploy "), redirect_stdout(sys.stderr):
            check_architecture(source.config)


def _check_apart(out: Path, full: Path) -> None:
    if out == full or out in full.parents or full in out.parents:
        raise UsageError("--out 与 --dequantize-to 要是两个目录，一个不能在另一个里面。请改其中一个。")


def _device(wanted: str, job: Job) -> str:
    device = chosen_device(wanted, job.backend)
    slow = "（没有显卡，大模型会很慢；可用 --samples、--seqlen 减少校准文本）" if device == "cpu" else ""
    _status(f"用 {job.backend} 做 {job.scheme}，在 {device} 上校准{slow}。")
    if not job.for_turbomind:
        _status("lmdeploy 的 TurboMind 读不了这种格式（它要 4 位，每组 32 或 128），做好后请用 vLLM 运行。")
    return device


def _told(report: Report, options: argparse.Namespace) -> None:
    if options.json:
        places = {"out": str(options.out), "dequantized": str(options.dequantize_to) if options.dequantize_to else None}
        print(json.dumps(places | report.to_json(), ensure_ascii=False))
        return
    print(summary(report))
    print(f"量化后的模型在 {options.out}。" + (f"还原后的在 {options.dequantize_to}。" if options.dequantize_to else ""))


def _status(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
