"""Fine-tune a language model on conversations: LoRA, QLoRA or all weights, in one or several stages.

Run as: python -m finetune.train finetune/configs/lora.yaml --out outputs/lora
        python -m finetune.train finetune/configs/lora.yaml --out outputs/lora --resume
        python -m finetune.train finetune/configs/lora.yaml --from-adapter outputs/lora/adapter --out outputs/more
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tqdm import tqdm

from finetune.training.config import TrainingConfig
from finetune.training.config_file import read_training_config
from finetune.training.processes import check_launch, command, main_process, world_size
from knowledge.command import Parser, guarded
from settings import Settings, load_settings

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """The command; exit status 0 trained, 1 failed, 2 usage, 130 stopped by Ctrl-C (`--resume` goes on)."""
    parser = Parser(prog="python -m finetune.train", description="微调语言模型：LoRA、QLoRA 或全部参数，可分阶段，可续训。")
    parser.add_argument("config", type=Path, metavar="CONFIG", help="YAML 配置，如 finetune/configs/lora.yaml")
    parser.add_argument("--resume", action="store_true", help="接着同一目录里没做完的训练；没有就从头开始")
    parser.add_argument("--from-adapter", type=Path, metavar="DIR", help="在一个已有的 LoRA 适配器上接着训练（新数据）")
    parser.add_argument("--out", type=Path, metavar="DIR", help="输出目录（默认：配置里的 out，或数据目录下的 runs/配置名）")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="改写一个配置项，可以多次，如 --set lora.r=8"
    )
    return guarded(lambda: _run(parser.parse_args(argv)))


def _run(options: argparse.Namespace) -> int:
    config = read_training_config(options.config, options.set)
    check_launch(config, str(options.config))
    settings = load_settings()
    out = _out(options, config.out, settings)
    from finetune.training.course import Interrupted, Order, train

    order = Order(config, out, options.resume, options.from_adapter, settings, _tell, time.perf_counter, _now)
    try:
        result = train(order)
    except (Interrupted, KeyboardInterrupt) as stop:
        done = "已存下检查点。" if isinstance(stop, Interrupted) else "已中断，最近的检查点还在。"
        _tell(f"{done}接着训练：\n    {_again(options, config)}")
        return 130
    _tell(f"训练完成：权重在 {result}，训练记录在 {out / 'README.md'}。" if result else f"{out} 里的训练已经完成，没有要做的。")
    return 0


def _out(options: argparse.Namespace, stated: Path | None, settings: Settings) -> Path:
    chosen: Path = options.out or stated or settings.finetune_dir / "runs" / options.config.stem
    return chosen.expanduser()


def _again(options: argparse.Namespace, config: TrainingConfig) -> str:
    """The command that goes on, with as many processes; as a shell reads it."""
    parts = ["--resume"]
    parts += ["--out", str(options.out)] if options.out else []
    parts += ["--from-adapter", str(options.from_adapter)] if options.from_adapter else []
    parts += [part for change in options.set for part in ("--set", change)]
    start = command(config.parallel, shlex.quote(str(options.config)), world_size(), config.device == "cpu")
    return f"{start} {shlex.join(parts)}"


def _tell(text: str) -> None:
    """Say something on stderr, beside a progress bar; one process of several does."""
    if main_process():
        tqdm.write(text, file=sys.stderr)


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    raise SystemExit(main())
