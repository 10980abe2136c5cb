"""How fast fine-tuning is and how much memory it takes: LoRA, QLoRA and all weights, on random weights of a known architecture.

Run as: python -m bench.training --size 7b --methods lora qlora --length 1024 --batch 4      a GPU; 15 GB of disk for the weights
        python -m bench.training --size tiny                                               a CPU, to try it out
        python -m bench.training --size 7b --model FOLDER                                  builds the weights there, or takes them

Nothing is downloaded: speed and memory don't depend on what the weights say. The model is drawn from its configuration alone and
stored, then loaded and trained by finetune.training's own functions, as `python -m finetune.train` does, on random tokens, all
samples of one length. Each method runs in a process of its own, so that its peak memory is its own. The first steps
(--warmup) are not counted. Memory: on a GPU the most that torch held (weights, gradients, optimizer, activations), on a CPU
the process.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from finetune.training.config import TrainingConfig
from finetune.training.labels import IGNORED, Labelled

_ARCHITECTURES: dict[str, dict[str, Any]] = {
    # hidden, intermediate, layers, heads, key-value heads, vocabulary, tied: as in config.json of Qwen2.5
    "tiny": {"dims": (64, 128, 2, 4, 2, 1024), "tied": False},
    "0.5b": {"dims": (896, 4864, 24, 14, 2, 151936), "tied": True},
    "1.5b": {"dims": (1536, 8960, 28, 12, 2, 151936), "tied": True},
    "7b": {"dims": (3584, 18944, 28, 28, 4, 152064), "tied": False},
}
_METHODS = ("lora", "qlora", "full")
_SEED = 408


@dataclass(frozen=True)
class Cost:
    """What a method costs.

    Attributes:
        tokens_per_second: of padded-free samples, forward, backward and optimizer.
        step_ms: median of the counted steps.
        peak_mb: see the module.
        loaded_mb: the same before the first step.
        losses: of the first and the last step: random tokens can only be learned by heart.
    """

    method: str
    device: str
    precision: str
    parameters: int
    trained: int
    tokens_per_second: float
    step_ms: float
    loaded_mb: float
    peak_mb: float
    losses: tuple[float, float]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; exit status 1 if a method failed."""
    options = _parser().parse_args(argv)
    if options.steps <= options.warmup:
        _parser().error("--steps has to be more than --warmup")
    if options.only:
        print(json.dumps(asdict(measure(options.only, options.model, options))))
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = build(options.model or Path(temporary) / "model", options.size)
        costs = [cost for method in options.methods if (cost := _apart(method, folder, options))]
    print(_table(costs))
    if options.json:
        options.json.write_text(json.dumps([_row(cost, options) for cost in costs], indent=2) + "\n", encoding="utf-8")
    return 0 if len(costs) == len(options.methods) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.training", description="Speed and memory of fine-tuning.")
    parser.add_argument("--size", choices=list(_ARCHITECTURES), default="tiny")
    parser.add_argument("--methods", nargs="+", choices=_METHODS, default=list(_METHODS[:2]))
    parser.add_argument("--model", type=Path, help="folder for the random weights; kept, and taken if it is there")
    parser.add_argument("--length", type=int, default=1024, help="tokens of a sample")
    parser.add_argument("--batch", type=int, default=4, help="samples a step")
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--warmup", type=int, default=4, help="steps that are not counted")
    parser.add_argument("--no-checkpointing", action="store_true", help="keep all activations")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there")
    parser.add_argument("--only", choices=_METHODS, help=argparse.SUPPRESS)
    return parser


def build(folder: Path, size: str) -> Path:
    """Random weights of an architecture in bf16, drawn on the GPU if there is one, and a small tokenizer for the trainer."""
    if (folder / "config.json").is_file():
        return folder
    import torch
    from transformers import AutoModelForCausalLM, Qwen2Config

    from finetune.tiny_models import build_tiny

    hidden, intermediate, layers, heads, shared, vocabulary = _ARCHITECTURES[size]["dims"]
    tokenizer = build_tiny(folder, "qwen3", ["速度与内存"])  # its weights and config are written over
    assert tokenizer == folder
    config = Qwen2Config(
        vocab_size=vocabulary, hidden_size=hidden, intermediate_size=intermediate, num_hidden_layers=layers,
        num_attention_heads=heads, num_key_value_heads=shared, tie_word_embeddings=_ARCHITECTURES[size]["tied"],
        max_position_embeddings=32768, dtype="bfloat16",
    )  # fmt: skip
    torch.manual_seed(_SEED)
    begun = time.perf_counter()
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model: Any = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)  # type: ignore[no-untyped-call]
    model.save_pretrained(folder)
    print(f"{model.num_parameters():,} random parameters in {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    return folder


def measure(method: str, folder: Path, options: argparse.Namespace) -> Cost:
    """Train in this process for some steps.

    Raises:
        FileNotFoundError: there is no model.
    """
    if not (folder / "config.json").is_file():
        raise FileNotFoundError(f"no model in {folder}")
    from transformers import AutoTokenizer

    from finetune.training.adapter import fresh_adapter
    from finetune.training.base import load_weights
    from finetune.training.hardware import choose_hardware, peak_memory_mb
    from finetune.training.sft import build_trainer, training_arguments

    config = _config(method, folder, options)
    hardware = choose_hardware(config)
    with tempfile.TemporaryDirectory() as out:
        arguments = training_arguments(config, config.recipes()[0][1], hardware, Path(out))
        model = load_weights(folder, config, hardware, arguments.device)
        if method != "full":
            model = fresh_adapter(model, config.lora, config.seed)
        samples = random_samples(options.steps * options.batch, options.length)
        stopwatch = _stopwatch()
        trainer = build_trainer(model, AutoTokenizer.from_pretrained(folder), arguments, samples, watch=stopwatch)
        loaded = peak_memory_mb(hardware)
        trainer.train()
        losses = [row["loss"] for row in trainer.state.log_history if "loss" in row]
    seconds = stopwatch.seconds[options.warmup :]
    sizes = _sizes(folder, model)
    return Cost(
        method, hardware.name, hardware.precision, *sizes,
        tokens_per_second=round(options.batch * options.length * len(seconds) / sum(seconds), 1),
        step_ms=round(median(seconds) * 1000, 1), loaded_mb=round(loaded, 1), peak_mb=round(peak_memory_mb(hardware), 1),
        losses=(round(losses[0], 4), round(losses[-1], 4)),
    )  # fmt: skip


def _config(method: str, folder: Path, options: argparse.Namespace) -> TrainingConfig:
    """As in finetune/configs, but for what is measured; the data file is only named."""
    return TrainingConfig.model_validate(
        {
            "model": str(folder), "method": method, "train": "random", "max_length": max(options.length, 16), "epochs": 1,
            "batch_size": options.batch, "accumulation": 1, "learning_rate": 1e-5 if method == "full" else 1e-4,
            "gradient_checkpointing": not options.no_checkpointing, "seed": _SEED,
        }
    )  # fmt: skip


def random_samples(count: int, length: int) -> list[Labelled]:
    """Samples of random tokens; the first half is the prompt."""
    draw = random.Random(_SEED)
    rows = [[draw.randrange(10, 250) for _ in range(length)] for _ in range(count)]
    return [Labelled(ids, [IGNORED] * (length // 2) + ids[length // 2 :], [length]) for ids in rows]


def _stopwatch() -> Any:
    """A callback that takes the time of each step, when the GPU is done with it."""
    import torch
    from transformers import TrainerCallback

    class Stopwatch(TrainerCallback):
        def __init__(self) -> None:
            self.seconds: list[float] = []
            self._begun = 0.0

        def on_step_begin(self, args: Any, state: Any, control: Any, **known: Any) -> None:
            self._begun = self._now()

        def on_step_end(self, args: Any, state: Any, control: Any, **known: Any) -> None:
            self.seconds.append(self._now() - self._begun)

        def _now(self) -> float:
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            return time.perf_counter()

    return Stopwatch()


def _sizes(folder: Path, model: Any) -> tuple[int, int]:
    """Parameters of the base (a 4-bit weight holds two in one byte, so the stored ones are counted) and trained ones."""
    from safetensors import safe_open

    total = 0
    for file in folder.glob("*.safetensors"):
        with safe_open(file, framework="pt") as weights:
            shapes = [weights.get_slice(name).get_shape() for name in weights.keys()]  # noqa: SIM118 - no mapping
        for shape in shapes:
            size = 1
            for side in shape:
                size *= side
            total += size
    return total, sum(weight.numel() for weight in model.parameters() if weight.requires_grad)


def _apart(method: str, folder: Path, options: argparse.Namespace) -> Cost | None:
    """Measure in a process of its own; None, and the end of what it said, if it fails (out of memory, say)."""
    print(f"{method} ...", file=sys.stderr)
    command = [sys.executable, "-m", "bench.training", *arguments(method, folder, options)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
    if done.returncode:
        print(f"{method} failed:\n{done.stderr[-1500:]}", file=sys.stderr)
        return None
    row = json.loads(done.stdout.splitlines()[-1])
    return Cost(**{**row, "losses": tuple(row["losses"])})


def arguments(method: str, folder: Path, options: argparse.Namespace) -> list[str]:
    """Of the command that measures one method in its own process."""
    numbers = ("length", "batch", "steps", "warmup")
    stated = [part for name in numbers for part in (f"--{name}", str(getattr(options, name)))]
    return ["--only", method, "--model", str(folder), *stated, *(["--no-checkpointing"] if options.no_checkpointing else [])]


def _row(cost: Cost, options: argparse.Namespace) -> dict[str, Any]:
    kept = ("size", "length", "batch", "steps", "warmup")
    return {**{name: getattr(options, name) for name in kept}, "checkpointing": not options.no_checkpointing, **asdict(cost)}


def _table(costs: Sequence[Cost]) -> str:
    head = f"{'method':8}{'parameters':>16}{'trained':>16}{'tokens/s':>12}{'step ms':>10}{'loaded MB':>12}{'peak MB':>12}  losses"
    rows = [
        f"{c.method:8}{c.parameters:>16,}{c.trained:>16,}{c.tokens_per_second:>12,.1f}{c.step_ms:>10,.1f}{c.loaded_mb:>12,.0f}"
        f"{c.peak_mb:>12,.0f}  {c.losses[0]:.3f} -> {c.losses[1]:.3f}"
        for c in costs
    ]
    where = f"{costs[0].device}, {costs[0].precision}" if costs else "nothing measured"
    return "\n".join([where, head, *rows])


if __name__ == "__main__":
    raise SystemExit(main())
