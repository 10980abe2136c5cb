"""What the exam's command says before it asks and after it has counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from eval.exams.exam_run import Run
from eval.exams.exam_set import DUPLICATE, RENAMED, SKIPPED, UNREADABLE, kind_of
from eval.exams.records import read_records
from eval.exams.samples import fixed_count

__all__ = ["after", "before", "unread_line"]

_MANY, _FEW = 1000, 30


def before(run: Run, records: Path) -> Iterator[str]:
    """How much will be asked of whom; or that nothing will be, because all has its record.

    Raises:
        ContentError: a record is damaged.
    """
    ways, config, turns = len(run.plan.modes) * len(run.plan.rag) * len(run.plan.rotations), run.config, len(run.plan.rotations)
    whole, done = len(run.samples), {record.key for record in read_records(records)}
    if all(sample.key in done for sample in run.samples):
        yield f"{whole} 次作答都已有记录，没有再问模型。要重考请用 --out 换一个目录，或删去 {run.folder}。"
        return
    told = f"要考 {len(run.exam.questions)} 题" + (f" × {ways} 种问法 = {whole} 次" if ways > 1 else "")
    yield (
        f"{told}：{config['model']}"
        + (f"（{config['endpoint']}）" if config["endpoint"] else "")
        + f"，同时问 {run.concurrency} 题。"
    )
    if turns > 1 and (fixed := fixed_count(run.exam.questions)):
        yield f"其中 {fixed} 题的选项互相指代（如“以上都对”），不能换顺序，只按原顺序考一次。"
    if config["endpoint"]:
        much = "次数不少，" if whole > _MANY else ""
        yield f"每次回答最多 {config['max_tokens']} token；{much}按量计费的接口请留意费用。"


def after(run: Run, report: Path) -> Iterator[str]:
    """What the questions were, where everything is, and what can be done with it."""
    if run.exam.unread:
        yield unread_line(run)
    if run.exam.about:
        yield run.exam.about
    if len(run.exam.questions) < _FEW:
        yield f"只有 {len(run.exam.questions)} 题，区间很宽，只能试跑。"
    yield f"网页报告（用浏览器打开）：{report}"
    yield f"每题的记录与汇总在同一目录。与另一次比较：python -m eval.compare {run.folder} 另一个目录"


def unread_line(run: Run) -> str:
    """How many questions were read, and what became of the others."""
    kinds = [kind_of(one) for one in run.exam.unread]
    told = f"读入 {len(run.exam.questions)} 题" + (f"（其中 {n} 题改了编号）" if (n := kinds.count(RENAMED)) else "")
    left = ((UNREADABLE, "读不了 {} 处"), (DUPLICATE, "重复 {} 处"), (SKIPPED, "要看图等没有计入 {} 处"))
    rest = [name.format(kinds.count(kind)) for kind, name in left if kind in kinds]
    return f"{told}；{'，'.join(rest)}，每处的原因在报告里。" if rest else f"{told}。"
