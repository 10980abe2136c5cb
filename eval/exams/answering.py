"""Asking what has no record yet, with true progress, until all is asked or the endpoint is down."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from tqdm import tqdm

from eval.exams.exam_run import Run
from eval.exams.records import Records, read_records
from eval.exams.runner import Fault, asked
from eval.exams.setup import set_up

__all__ = ["Answered", "answer"]

_SECONDS, _SECONDS_IN_A_LOG = 0.3, 15.0
"""Between two looks at the progress."""


@dataclass
class Answered:
    """What came of the asking.

    Attributes:
        asked: how many samples were asked now.
        seconds: from the first question to the last answer, if all of the run was asked now; None otherwise.
        faults: why samples are pending, the last of them last.
        closed: by mode, why the model can't be asked in it.
    """

    asked: int = 0
    seconds: float | None = None
    faults: list[Fault] = field(default_factory=list)
    closed: Mapping[str, str] = field(default_factory=dict)

    @property
    def told(self) -> str:
        """Why there are pending samples, and what to do; '' if there is no reason."""
        lines = [f"没有考成（不是 0 分）：{reason}" for reason in self.closed.values()]
        if pending := [fault for fault in self.faults if not fault.closes]:
            last = pending[-1]
            begun = "接口接连出错，先停下了。" if last.ends else ""
            lines.append(f"{begun}有 {len(pending)} 次没有得到回答，记为未作答，不算错。最后一次的原因：{last.message}")
            lines.append("接口恢复后再运行同一条命令，只补没有答的。")
        return "\n".join(lines)


def answer(run: Run, path: Path, halt: Event) -> Answered:
    """Ask all samples that have no record in the file `path`.

    Raises:
        SettingsError, ModelLoadError, StoreError, ContentError
    """
    done = {record.key: record.correct for record in read_records(path)}
    todo = [sample for sample in run.samples if sample.key not in done]
    if not todo:
        return Answered()
    if done:
        print(f"接着上次的：已有 {len(done)} 条记录，还差 {len(todo)} 条。", file=sys.stderr)
    setup = set_up(run.settings, run.plan, run.exam, run.knowledge, run.config, halt)
    result, right, count, begun = Answered(), sum(done.values()), len(done), time.perf_counter()
    mixed = len(run.plan.modes) * len(run.plan.rag) > 1  # an accuracy over all ways of asking would be that of none
    records = Records(path)
    seldom = _SECONDS if sys.stderr.isatty() else _SECONDS_IN_A_LOG
    with tqdm(total=len(run.samples), initial=count, desc="答题", unit="次", mininterval=seldom, file=sys.stderr) as bar:
        try:
            for outcome in asked(todo, setup, run.concurrency, halt):
                if isinstance(outcome, Fault):
                    result.faults.append(outcome)
                    continue
                records.add(outcome)
                right, count = right + outcome.correct, count + 1
                told = [] if mixed else [f"正确率 {right / count:.1%}"]
                told += [f"未作答 {len(result.faults)}"] if result.faults else []
                bar.set_postfix_str("，".join(told), refresh=False)
                bar.update()
        finally:
            records.close()
    result.asked = count - len(done)
    result.seconds = round(time.perf_counter() - begun, 1) if not done and count == len(run.samples) else None
    result.closed = {fault.sample.mode: fault.message for fault in result.faults if fault.closes}
    return result
