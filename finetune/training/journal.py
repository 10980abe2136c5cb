"""What a run writes while it learns: metrics a line a step, the same for TensorBoard, sample answers, a progress bar."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tqdm import tqdm

from finetune.training.answers import Answer
from finetune.training.rows import append_row, read_rows
from finetune.training.run_folder import RunFolder

__all__ = ["Journal"]

_TRAINED = {"loss": "loss", "learning_rate": "learning_rate", "grad_norm": "grad_norm", "mean_token_accuracy": "accuracy"}
_EVALUATED = {"eval_loss": "eval_loss", "eval_mean_token_accuracy": "eval_accuracy"}


class Journal:
    """The record of one stage. Tokens and seconds are counted over the whole run, across stages and interruptions.

    Args:
        run: its metrics and samples are cut back already to where the stage goes on.
        memory: MiB held at most so far.
        clock: seconds.
        board: folder for TensorBoard; None for none.
    """

    def __init__(
        self, run: RunFolder, stage: str, memory: Callable[[], float], clock: Callable[[], float], board: Path | None
    ) -> None:
        before: Mapping[str, Any] = next((row for row in reversed(read_rows(run.metrics)) if "tokens" in row), {})
        self._run, self._stage, self._memory, self._clock, self._folder = run, stage, memory, clock, board
        self._tokens = self._tokens_before = int(before.get("tokens", 0))
        self._begun = clock() - float(before.get("seconds", 0))
        self._step_begun = clock()
        self._bar: Any = None
        self._board: Any = None

    def begin(self, steps: int, step: int, title: str) -> None:
        """Show the bar of a stage of so many steps, of which `step` are done."""
        self._bar = tqdm(total=steps, initial=step, desc=title, unit="步", file=sys.stderr, dynamic_ncols=True)
        if self._folder:
            from torch.utils.tensorboard import SummaryWriter

            self._board = SummaryWriter(str(self._folder), purge_step=step + 1)

    def step_begun(self) -> None:
        """Time of a step is counted from here: evaluating and saving are no part of it."""
        self._step_begun = self._clock()

    def trained(self, step: int, epoch: float, logs: Mapping[str, Any]) -> None:
        """Write what a step gave."""
        now, tokens = self._clock(), self._tokens_before + int(logs["num_tokens"])
        row = {ours: float(logs[theirs]) for theirs, ours in _TRAINED.items() if theirs in logs}
        speed = (tokens - self._tokens) / max(now - self._step_begun, 1e-9)
        self._tokens = tokens
        self._write(step, epoch, {**row, "tokens": tokens, "tokens_per_second": _rounded(speed), **self._costs(now)})
        self._bar.set_postfix_str(f"loss={row['loss']:.4g}", refresh=False)
        self._bar.update(step - self._bar.n)

    def evaluated(self, step: int, epoch: float, logs: Mapping[str, Any]) -> None:
        """Write what an evaluation gave."""
        self._write(step, epoch, {ours: float(logs[theirs]) for theirs, ours in _EVALUATED.items() if theirs in logs})
        self._bar.write(f"第 {step} 步：评估损失 {logs['eval_loss']:.4f}", file=sys.stderr)

    def answered(self, step: int, answer: Answer) -> None:
        """Write an answer and show it."""
        append_row(self._run.samples, {"stage": self._stage, "step": step, **answer._asdict()})
        self._bar.write(
            f"  问：{answer.question}\n  答：{answer.text}{'' if answer.stopped else '……（没有停下）'}", file=sys.stderr
        )

    def close(self) -> None:
        """End the bar and the files."""
        for one in (self._bar, self._board):
            if one is not None:
                one.close()

    def _costs(self, now: float) -> dict[str, float]:
        return {"seconds": round(now - self._begun, 3), "peak_memory_mb": round(self._memory(), 1)}

    def _write(self, step: int, epoch: float, row: Mapping[str, Any]) -> None:
        append_row(self._run.metrics, {"stage": self._stage, "step": step, "epoch": round(epoch, 4), **row})
        if self._board is not None:
            for name, value in row.items():
                self._board.add_scalar(name, value, step)


def _rounded(speed: float) -> float:
    """To four digits; never to 0, by which one can't divide."""
    return float(f"{speed:.4g}")
