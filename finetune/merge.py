"""Merge LoRA adapters into their base: a model of its own, checked, that needs no peft to run.

Run as: python -m finetune.merge BASE --adapter outputs/lora/adapter --out outputs/merged
        python -m finetune.merge BASE --adapter A --adapter B --method cat --weight 1 --weight 0.5 --out outputs/both
        python -m finetune.merge BASE --adapter A --adapter B --check-only
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from errors import UsageError
from knowledge.command import Parser, guarded
from settings import Settings, load_settings

if TYPE_CHECKING:
    from finetune.merging.given import Adapter, Base
    from finetune.merging.job import Job, Outcome

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """The command; exit status 0 merged (or mergeable), 1 it failed or did not pass the check, 2 usage, or may not be merged."""
    parser = Parser(prog="python -m finetune.merge", description="把一个或几个 LoRA 适配器合并进底座，核对无误后写出完整的模型。")
    parser.add_argument("base", metavar="BASE", help="底座：模型目录，或本机缓存里的模型名（不能是量化过的）")
    parser.add_argument(
        "--adapter", type=Path, action="append", required=True, metavar="DIR", help="适配器目录；可以给几次，按顺序合并"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="写到哪里（默认 TUTOR_DATA_DIR 下的 finetune/merged/适配器名）")
    parser.add_argument(
        "--method",
        choices=("sequential", "cat"),
        default="sequential",
        help="sequential：逐个合并（默认）；cat：先拼成一个适配器再合并，结果相同",
    )
    parser.add_argument(
        "--weight", type=_weight, action="append", metavar="W", help="适配器的权重，每个 --adapter 一个（默认都是 1）"
    )
    parser.add_argument(
        "--dtype", choices=("auto", "bfloat16", "float16", "float32"), default="auto", help="精度（默认 auto：同底座）"
    )
    parser.add_argument(
        "--shard-size", type=_size, default="5GB", metavar="SIZE", help="每个权重文件最大多少，如 5GB、500MB（默认 5GB）"
    )
    parser.add_argument("--check-only", action="store_true", help="只看能不能合并，列出来历，不合并")
    parser.add_argument("--json", action="store_true", help="最后一行输出 JSON")
    return guarded(lambda: _run(parser.parse_args(argv)))


def _run(options: argparse.Namespace) -> int:
    from finetune.merging.attach import check_joinable
    from finetune.merging.chain import checked_chain
    from finetune.merging.given import read_adapter, read_base
    from finetune.merging.job import Job, run
    from finetune.merging.table import lineage_table

    begun = time.perf_counter()
    settings = load_settings()
    weights = options.weight or [1.0] * len(options.adapter)
    if len(weights) != len(options.adapter):
        raise UsageError(
            f"给了 {len(options.adapter)} 个 --adapter，却有 {len(weights)} 个 --weight。请给每个适配器一个权重，或都不给。"
        )
    base = read_base(options.base)
    adapters = tuple(read_adapter(folder, weight) for folder, weight in zip(options.adapter, weights, strict=True))
    parts = [adapter.part for adapter in adapters]
    print(lineage_table(base.part, parts), file=sys.stdout if options.check_only and not options.json else sys.stderr)
    chain = checked_chain(base.part, parts)
    if options.method == "cat" and len(adapters) > 1:
        check_joinable(adapters)
    out = options.out or settings.finetune_dir / "merged" / parts[-1].made.name.split("/")[0]
    if not options.check_only:
        _check_out(base, out, options.dtype)
    _tell_of(adapters, base, settings)
    if options.check_only:
        print(
            json.dumps({"mergeable": True, "result": chain.told()}, ensure_ascii=False)
            if options.json
            else f"可以合并：{chain.told()}"
        )
        return 0
    settings = settings.model_copy(
        update={"chat_dtype": options.dtype, "chat_quantization": "none", "chat_adapter": None, "chat_merge_adapter": False}
    )
    job = Job(base, adapters, chain, out, settings, options.method, options.shard_size)
    _report(job, run(job, _tell), time.perf_counter() - begun, options.json)
    return 0


def _check_out(base: Base, out: Path, dtype: str) -> None:
    from finetune.merging.publish import check_place

    stored = sum(file.stat().st_size for file in base.folder.glob("*.safetensors"))
    own = str(base.config.get("dtype") or base.config.get("torch_dtype") or "")
    check_place(out, stored * (2 if dtype == "float32" and own in ("bfloat16", "float16") else 1))


def _tell_of(adapters: Sequence[Adapter], base: Base, settings: Settings) -> None:
    """Say what is unsure of the adapters; refuse those that do not fit, before the base's weights are loaded."""
    from finetune.merging.fit import check_fit, skeleton_of

    skeleton = skeleton_of(base, settings.chat_trust_remote_code)
    for adapter in adapters:
        if adapter.part.lineage is None:
            stated = adapter.config.get("base_model_name_or_path") or "未注明"
            _tell(
                f"适配器“{adapter.part.made.name}”没有 lineage.json，来历不明（它记录的底座：{stated}）：层与大小都对得上，"
                "但不能确定它是在这个底座上训练的。"
            )
        for note in check_fit(adapter, skeleton):
            _tell(note)


def _report(job: Job, outcome: Outcome, seconds: float, as_json: bool) -> None:
    from rag.chat_models.model_folder import folder_digest

    found = outcome.comparison
    files = list(job.out.glob("*.safetensors"))
    size = sum(file.stat().st_size for file in files)
    if as_json:
        row = {
            "out": str(job.out),
            "digest": folder_digest(job.out),
            "base": job.chain.root.name,
            "adapters": [one.name for one in job.chain.contains],
            "method": job.method,
            "dtype": outcome.dtype,
            "difference": found.difference,
            "tolerance": found.tolerance,
            "effect": outcome.effect,
            "same_tokens": found.same_tokens,
            "ties": found.ties,
            "bytes": size,
            "files": len(files),
            "seconds": round(seconds, 1),
        }
        print(json.dumps(row, ensure_ascii=False))
        return
    print(f"合并：{job.chain.told()}（{job.method}，{outcome.dtype}）")
    print(
        f"复核：logits 最多相差 {found.difference:.2g}（容许 {found.tolerance:.2g}；适配器本身使它改变 {outcome.effect:.2g}），生成的回答相同"
    )
    print(f"模型：{job.out}（{size / 1e6:.1f} MB，{len(files)} 个权重文件，{seconds:.0f} 秒）")


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = 0.0
    if weight == 0 or not math.isfinite(weight):
        raise argparse.ArgumentTypeError(f"应是不为 0 的数，而不是 {text}")
    return weight


def _size(text: str) -> str:
    if not re.fullmatch(r"[1-9]\d*(KB|MB|GB)", text.upper()):
        raise argparse.ArgumentTypeError(f"应是整数加单位，如 5GB、500MB，而不是 {text}")
    return text.upper()


if __name__ == "__main__":
    raise SystemExit(main())
