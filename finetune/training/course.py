"""A whole run: everything checked first, then its stages in turn, then weights, lineage and card published."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from errors import SettingsError, UsageError
from finetune.lineage import Lineage, Made, under_of, write_lineage
from finetune.training.adapter import check_parent, unlearned
from finetune.training.base import Base, find_base, load_base_tokenizer
from finetune.training.card import card, versions
from finetune.training.config import TrainingConfig
from finetune.training.hardware import Hardware, choose_hardware
from finetune.training.interruption import Interruption
from finetune.training.labels import Labeller
from finetune.training.material import StageData, data_digests, read_material
from finetune.training.plot import draw_losses
from finetune.training.processes import barrier, check_joined, main_process, world_size
from finetune.training.publishing import end_at, narrow, publish
from finetune.training.rows import read_rows, replace_text
from finetune.training.run_folder import Identity, RunFolder, alone, check_folder, identity_config
from finetune.training.sft import training_arguments
from finetune.training.stage import Interrupted, Setting, outcome, run_stage
from settings import Settings

__all__ = ["Interrupted", "Order", "train"]


@dataclass(frozen=True)
class Order:
    """What the user asks for.

    Attributes:
        parent: folder of an adapter to go on from.
        tell: says something to the user; only the main process does.
        clock: seconds.
        now: the date, for the record.
    """

    config: TrainingConfig
    out: Path
    resume: bool
    parent: Path | None
    settings: Settings
    tell: Callable[[str], None]
    clock: Callable[[], float]
    now: Callable[[], datetime]


def train(order: Order) -> Path | None:
    """Run it; the folder of the learned weights, or None if the run was finished already.

    Raises:
        Interrupted: the user stopped it; it can go on.
        TutorError: what is wrong, and what to do.
    """
    run = RunFolder(order.out)
    with _quiet(), alone(run) if main_process() else nullcontext():
        base = find_base(order.config)
        contains = _ancestors(order, base)
        identity = _identity(order, base, contains)
        state = check_folder(run, identity, order.resume)
        if state == "finished":
            return None
        hardware, tokenizer, stages = _loaded(order, base)
        _join(order, run, hardware, stages)
        setting = Setting(order.config, base, tokenizer, hardware, run, order.tell, order.clock)
        if main_process():
            _open(order, run, identity, base, contains, state)
        barrier()
        last = _stages(setting, stages, order)
        if main_process():
            _close(setting, stages, contains, last)
        barrier()
        return run.result(order.config.method)


@contextmanager
def _quiet() -> Generator[None]:
    """Without what libraries warn of each other: a kernel that bitsandbytes does without, a name that peft should change."""
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
        yield


def _ancestors(order: Order, base: Base) -> tuple[Made, ...]:
    if order.parent is None:
        return ()
    if order.config.method == "full":
        raise UsageError(
            "--from-adapter 只能与 method: lora 或 qlora 同用。全部参数训练请先用 finetune.merge 合并，再以它为 model。"
        )
    return check_parent(order.parent, base)


def _identity(order: Order, base: Base, contains: tuple[Made, ...]) -> Identity:
    parent = contains[-1].digest if contains else ""
    return Identity(identity_config(order.config), base.digest, parent, data_digests(order.config), world_size())


def _loaded(order: Order, base: Base) -> tuple[Hardware, Any, list[StageData]]:
    if order.config.tensorboard and not find_spec("tensorboard"):
        raise SettingsError(
            "要写 TensorBoard 记录，这个环境里却没有 tensorboard。请按 requirements-train.txt 安装，或写 tensorboard: false。"
        )
    hardware = choose_hardware(order.config)
    tokenizer = load_base_tokenizer(base, order.config, order.settings)
    return hardware, tokenizer, read_material(order.config, Labeller(tokenizer))


def _join(order: Order, run: RunFolder, hardware: Hardware, stages: list[StageData]) -> None:
    """The processes meet here: what each has only read so far, one begins to write afterwards."""
    arguments = training_arguments(order.config, stages[0].recipe, hardware, run.stage(1, stages[0].name))
    _ = arguments.device
    check_joined()
    barrier()


def _open(
    order: Order, run: RunFolder, identity: Identity, base: Base, contains: tuple[Made, ...], state: str
) -> None:  # fmt: skip
    run.path.mkdir(parents=True, exist_ok=True)
    if order.resume and not state:
        order.tell(f"{run.path} 里没有可以接着的训练，从头开始。")
    begun = {
        "name": run.path.name, "state": "running", "started": order.now().isoformat(timespec="seconds"),
        "method": order.config.method, "seed": order.config.seed, "base": asdict(base.made),
        "contains": [asdict(one) for one in contains], "data": identity.data, "versions": versions(),
        "identity": asdict(identity),
    }  # fmt: skip
    run.write({**begun, **(run.read() or {}), "state": "running"})  # first: by this file a run that is killed here is known
    run.write_config(order.config)


def _stages(setting: Setting, stages: list[StageData], order: Order) -> Path:
    start = order.parent
    with Interruption(order.tell, active=world_size() == 1) as interruption:
        for number, data in enumerate(stages, 1):
            start = run_stage(setting, number, data, start, interruption)
            if interruption.requested:
                raise Interrupted
    assert start is not None  # there is at least one stage
    return start


def _close(setting: Setting, stages: list[StageData], contains: tuple[Made, ...], last: Path) -> None:
    run, config = setting.run, setting.config
    result = run.result(config.method)
    record = {**(run.read() or {}), **_figures(setting, stages), "warnings": _warnings(config, last)}
    publish(last, result)
    if config.method == "full":
        narrow(result, setting.base.folder)
        end_at(result, Labeller(setting.tokenizer).end_tokens)
    data = tuple(Made(name, digest) for name, digest in record["data"].items())
    kind = "full" if config.method == "full" else "adapter"
    under = under_of(setting.base.folder) if kind == "adapter" else ()
    write_lineage(result, Lineage(kind, setting.base.made, contains, data, run.path.name, under))  # type: ignore[arg-type]
    draw_losses(read_rows(run.metrics), run.path / "loss.png")
    text = (run.path / "config.yaml").read_text(encoding="utf-8")
    replace_text(run.path / "README.md", card(record, read_rows(run.samples), text))
    run.write({**record, "state": "finished"})
    for warning in record["warnings"]:
        setting.tell(f"注意：{warning}")


def _figures(setting: Setting, stages: list[StageData]) -> dict[str, Any]:
    """What it cost and how it went; tokens a second without the time for evaluating and saving."""
    steps = [row for row in read_rows(setting.run.metrics) if "loss" in row]
    tokens, hardware = steps[-1]["tokens"], setting.hardware
    counts = [0, *(row["tokens"] for row in steps)]
    busy = sum((now - before) / row["tokens_per_second"] for row, before, now in zip(steps, counts, counts[1:], strict=False))
    return {
        "device": hardware.name, "precision": hardware.precision, "processes": world_size(), "tokens": tokens,
        "tokens_per_second": round(tokens / busy, 1), "seconds": steps[-1]["seconds"],
        "peak_memory_mb": max(row["peak_memory_mb"] for row in steps),
        "stages": [_stage_figures(setting.run, number, data) for number, data in enumerate(stages, 1)],
    }  # fmt: skip


def _stage_figures(run: RunFolder, number: int, data: StageData) -> dict[str, Any]:
    ended = outcome(run.stage(number, data.name))
    assert ended is not None  # all stages are done
    counts = {"train": len(data.train.samples), "val": len(data.val.samples) if data.val else 0, "report": data.report}
    return {**asdict(ended), **counts}


def _warnings(config: TrainingConfig, last: Path) -> list[str]:
    if config.method == "full":
        return []
    idle = unlearned(last)
    total = json.loads((last / "adapter_config.json").read_bytes()).get("r")
    return (
        [f"{len(idle)} 层的适配器（r={total}）什么也没有学到（lora_B 仍是 0）：请加大 learning_rate 或训练更久。"] if idle else []
    )
