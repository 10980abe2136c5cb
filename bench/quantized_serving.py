"""What 4 bits save when a model is served: memory and tokens a second of lmdeploy with 16-bit and with W4A16 weights.

Run as: python -m bench.quantized_serving FP16_FOLDER AWQ_FOLDER [--concurrency 32] [--new 256]
in the serving environment (requirements-serve.txt) on a CUDA GPU; it needs nothing else of this project.

Each folder is served by TurboMind in a process of its own. Both get the same room for keys and values: as many blocks as
--concurrency requests need, not lmdeploy's default of 80 % of what is free, which would make both look alike. Memory is what the
whole GPU holds more than before: after loading, and after answering. Answers are greedy and end only at --new tokens.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_BLOCK = 64
"""Tokens of a block: lmdeploy's `cache_block_seq_len`."""
_PROMPT = 128
"""Room for a prompt, its chat template included, in tokens."""
_TOPICS = ("进程与线程的区别", "虚拟内存", "TCP 的拥塞控制", "平衡二叉树", "流水线冒险", "页面置换算法", "最短路径", "总线仲裁")


@dataclass(frozen=True)
class Served:
    """What serving a folder takes.

    Attributes:
        weights: `16 bit`, or how they are quantized.
        loaded_mb, peak_mb: MiB of the GPU after loading and after answering.
        alone: tokens a second of one request by itself.
        together: tokens a second of `concurrency` requests at once, over all of them.
    """

    folder: str
    weights: str
    loaded_mb: float
    peak_mb: float
    alone: float
    together: float


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; exit status 1 if a folder could not be served, 2 if this is not the place for it."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.quantized_serving", description="lmdeploy：16 位与 W4A16 的显存和速度。"
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="模型目录，如合并后的和量化后的")
    parser.add_argument("--concurrency", type=int, default=32, help="同时几个请求（默认 32）")
    parser.add_argument("--new", type=int, default=256, help="每个回答生成几个 token（默认 256）")
    parser.add_argument("--rounds", type=int, default=3, help="每项测几次，取最快的（默认 3）")
    parser.add_argument("--json", type=Path, metavar="FILE", help="把数字写到这里")
    parser.add_argument("--only", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.only:
        print(json.dumps(asdict(measure(options.folders[0], options.concurrency, options.new, options.rounds))))
        return 0
    if wrong := unfit(options):
        print(wrong, file=sys.stderr)
        return 2
    rows = [row for folder in options.folders if (row := _apart(folder, options))]
    print(table(rows))
    if options.json:
        told = [{"concurrency": options.concurrency, "new": options.new, **asdict(row)} for row in rows]
        options.json.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 0 if len(rows) == len(options.folders) else 1


def unfit(options: argparse.Namespace) -> str:
    """Why nothing can be measured, and what to do; empty if it can."""
    if min(options.concurrency, options.new, options.rounds) < 1:
        return "--concurrency、--new、--rounds 都至少是 1。"
    for folder in options.folders:
        if not (folder / "config.json").is_file():
            return f"“{folder}”不是模型目录（没有 config.json）。请给出合并后的或量化后的模型目录。"
    if not find_spec("lmdeploy"):
        return "这个环境里没有 lmdeploy。请在 requirements-serve.txt 的环境里运行。"
    import torch

    if not torch.cuda.is_available():
        return "这里没有可用的 CUDA 显卡，lmdeploy 的推理只能在显卡上测。请换到有显卡的机器上运行。"
    return ""


def measure(folder: Path, concurrency: int, new: int, rounds: int) -> Served:
    """Serve a folder in this process."""
    import torch
    from lmdeploy import GenerationConfig, TurbomindEngineConfig, pipeline

    torch.cuda.mem_get_info()  # the first call makes CUDA's context, which both have
    before = _used()
    engine = TurbomindEngineConfig(
        session_len=_PROMPT + new, max_batch_size=concurrency,
        cache_block_seq_len=_BLOCK, cache_max_entry_count=blocks(concurrency, new), enable_prefix_caching=False,
    )  # fmt: skip
    with pipeline(str(folder), backend_config=engine) as served:
        loaded = _used() - before
        chosen = GenerationConfig(max_new_tokens=new, do_sample=False, ignore_eos=True)
        served(prompts(concurrency), gen_config=chosen)  # warm: kernels are chosen at their first use
        alone = max(_speed(served, prompts(1), chosen) for _ in range(rounds))
        together = max(_speed(served, prompts(concurrency), chosen) for _ in range(rounds))
        peak = _used() - before  # TurboMind keeps what it once took
    return Served(str(folder), quantization(folder) or "16 bit", round(loaded), round(peak), round(alone, 1), round(together, 1))


def quantization(folder: Path) -> str:
    """How config.json says that the weights are quantized; empty for 16 bits."""
    described = json.loads((folder / "config.json").read_bytes()).get("quantization_config") or {}
    return str(described.get("quant_method") or "")


def blocks(concurrency: int, new: int) -> int:
    """Blocks of keys and values that so many requests need at once (an integer is a count for TurboMind, not a share)."""
    return max(concurrency * -(-(_PROMPT + new) // _BLOCK), 2)  # 1 would be read as 100 %


def prompts(count: int) -> list[str]:
    """Different questions."""
    return [f"第 {n + 1} 题：请详细讲解{_TOPICS[n % len(_TOPICS)]}。" for n in range(count)]


def _speed(served: Any, asked: list[str], chosen: Any) -> float:
    """Generated tokens a second.

    Raises:
        RuntimeError: a request failed: what is left would be no measurement.
    """
    begun = time.perf_counter()
    answers = served(asked, gen_config=chosen)
    seconds = time.perf_counter() - begun
    failed = [answer for answer in answers if answer.finish_reason != "length"]
    if failed:
        raise RuntimeError(f"{len(failed)} of {len(answers)} requests ended early: {failed[0].finish_reason}")
    return float(sum(answer.generate_token_len for answer in answers) / seconds)


def _used() -> float:
    """MiB that the GPU holds, of all processes: TurboMind's memory is not torch's."""
    import torch

    free, total = torch.cuda.mem_get_info()
    return (total - free) / 2**20


def _apart(folder: Path, options: argparse.Namespace) -> Served | None:
    """Measure in a process of its own, whose memory is given back; None, and what it said, if it fails."""
    numbers = [part for name in ("concurrency", "new", "rounds") for part in (f"--{name}", str(getattr(options, name)))]
    command = [sys.executable, "-m", "bench.quantized_serving", str(folder), "--only", *numbers]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
    if done.returncode:
        print(f"{folder} 没有测成：\n{done.stderr[-1500:]}", file=sys.stderr)
        return None
    return Served(**json.loads(done.stdout.splitlines()[-1]))


def table(rows: Sequence[Served]) -> str:
    """The rows, and what the later ones save against the first."""
    lines = [f"{'weights':20}{'loaded MB':>12}{'peak MB':>12}{'saved MB':>12}{'tokens/s, 1':>14}{'all at once':>14}  folder"]
    for row in rows:
        saved = rows[0].peak_mb - row.peak_mb
        lines.append(
            f"{row.weights:20}{row.loaded_mb:>12,.0f}{row.peak_mb:>12,.0f}{saved:>12,.0f}{row.alone:>14,.1f}{row.together:>14,.1f}"
            f"  {row.folder}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
