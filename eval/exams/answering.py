"""Asking what has no record yet, with true progress, until all is asked or the endpoint is down."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Event
from typing import Any

from tqdm import tqdm

from eval.exams.exam_set import ExamSet
from eval.exams.records import Records, read_records
from eval.exams.runner import Fault, asked
from eval.exams.setup import Plan, set_up
from rag.chat_models.label import is_generative
from settings import Settings

__all__ = ["answer"]

_SECONDS, _SECONDS_IN_A_LOG = 0.3, 15.0
"""Between two looks at the progress."""


def answer(
    path: Path,
    plan: Plan,
    exam: ExamSet,
    settings: Settings,
    knowledge: Settings | None,
    config: dict[str, Any],
    concurrency: int | None,
    halt: Event,
) -> str:
    """Ask all samples without a record; returns why it ended early, '' if it did not."""
    done = {record.key: record.correct for record in read_records(path)}
    samples = plan.samples(exam.questions)
    todo = [sample for sample in samples if sample.key not in done]
    if not todo:
        return ""
    if done:
        print(f"接着上次的：已有 {len(done)} 条记录，还差 {len(todo)} 条。", file=sys.stderr)
    setup = set_up(settings, plan, exam, knowledge, config, halt)
    right, count, faults = sum(done.values()), len(done), list[Fault]()
    records = Records(path)
    seldom = _SECONDS if sys.stderr.isatty() else _SECONDS_IN_A_LOG
    with tqdm(total=len(samples), initial=count, desc="答题", unit="题", mininterval=seldom, file=sys.stderr) as bar:
        try:
            for outcome in asked(todo, setup, concurrency or _concurrency(settings), halt):
                if isinstance(outcome, Fault):
                    faults.append(outcome)
                    continue
                records.add(outcome)
                right, count = right + outcome.correct, count + 1
                bar.set_postfix_str(f"正确率 {right / count:.1%}" + (f"，待答 {len(faults)}" if faults else ""), refresh=False)
                bar.update()
        finally:
            records.close()
    return _told(faults)


def _concurrency(settings: Settings) -> int:
    """Endpoints answer many at once; a model of this machine answers one at a time, and retrieval fills two cores with two."""
    if not is_generative(settings):
        return 2
    return 16 if settings.chat_model.startswith("openai:") else 1


def _told(faults: list[Fault]) -> str:
    if not faults:
        return ""
    last = faults[-1]
    begun = f"有 {len(faults)} 次没有得到回答，记为待答，不算错。最后一次的原因：{last.message}"
    if last.ends:
        begun = f"接口接连出错，先停下了。{begun}"
    return f"{begun}\n接口恢复后再运行同一条命令，只补没有答的。"
