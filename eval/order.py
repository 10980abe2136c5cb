"""What somebody orders on the page, as the arguments of `python -m eval.exam`: checked before anything is started."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from errors import UsageError
from knowledge.bank import BANK
from knowledge.subjects import SUBJECTS
from rag.chat_models.label import is_generative
from settings import ROOT, Settings

__all__ = ["EXAM_SUBJECTS", "MOST", "Order", "arguments_of", "command_line"]

EXAM_SUBJECTS = tuple(subject.id for subject in SUBJECTS.values() if subject.points)
MOST = 20_000
"""Of questions: more would be a slip of the keyboard."""


@dataclass(frozen=True)
class Order:
    """An exam as it is ordered; what does not apply is left out of the command.

    Attributes:
        source: the shipped bank, computed questions, or a whole paper 408.
        subjects: of the bank; all of them if it is empty.
        limit: of the bank, how many questions; None for all. Of computed ones, how many (100 without it).
        seed: of what is drawn at random.
        rag, mode, shots, shuffle: as the command names them; a model alone can be asked in these ways.
        kb: which documents are looked up in, the learner's `own` or the `shipped` ones.
    """

    source: Literal["bank", "generated", "paper"] = "bank"
    subjects: tuple[str, ...] = ()
    limit: int | None = None
    seed: int = 408
    rag: Literal["off", "on", "both"] = "off"
    mode: Literal["gen", "logprob", "both"] = "gen"
    shots: int = 0
    shuffle: bool = False
    kb: Literal["own", "shipped"] = "own"


def arguments_of(order: Order, settings: Settings) -> list[str]:
    """The arguments, without `--out`.

    Raises:
        UsageError: a value is none of those that may be chosen.
    """
    _check(order)
    told = _questions(order)
    if is_generative(settings):
        told += ["--mode", order.mode, "--rag", order.rag]
        told += ["--shots", str(order.shots)] if order.shots else []
    told += ["--shuffle", "circular"] if order.shuffle and order.source != "paper" else []
    if order.rag != "off" or not is_generative(settings):
        told += ["--kb", order.kb]
    return told


def command_line(arguments: Sequence[str]) -> str:
    """The command as a shell reads it, to be shown or typed again; paths are those seen from the repository."""
    return shlex.join(["python", "-m", "eval.exam", *map(_short, arguments)])


def _questions(order: Order) -> list[str]:
    if order.source == "generated":
        return ["--generated", str(order.limit or 100), "--seed", str(order.seed)]
    if order.source == "paper":
        return ["--paper", "--seed", str(order.seed)]
    chosen = [one for one in EXAM_SUBJECTS if one in order.subjects]
    files = [] if len(chosen) in (0, len(EXAM_SUBJECTS)) else [str(BANK / f"{one}.jsonl") for one in chosen]
    return (["--questions", *files] if files else []) + (["--limit", str(order.limit)] if order.limit else [])


def _check(order: Order) -> None:
    if strange := [one for one in order.subjects if one not in EXAM_SUBJECTS]:
        raise UsageError(f"没有“{str(strange[0])[:20]}”这个科目。请在列出的科目里选。")
    if order.limit is not None and not 1 <= order.limit <= MOST:
        raise UsageError(f"题数应在 1 到 {MOST} 之间，而不是 {order.limit}。请改一个数，或留空。")
    if not 0 <= order.seed < 2**31:
        raise UsageError(f"随机种子应是 0 到 {2**31 - 1} 的整数，而不是 {order.seed}。")
    known = {"source": ("bank", "generated", "paper"), "rag": ("off", "on", "both"), "mode": ("gen", "logprob", "both"),
             "shots": (0, 5), "kb": ("own", "shipped")}  # fmt: skip
    for name, values in known.items():
        if getattr(order, name) not in values:
            raise UsageError(f"{name} 不能是“{str(getattr(order, name))[:20]}”，可选 {'、'.join(map(str, values))}。")


def _short(argument: str) -> str:
    path = Path(argument)
    return str(path.relative_to(ROOT)) if path.is_absolute() and path.is_relative_to(ROOT) else argument
