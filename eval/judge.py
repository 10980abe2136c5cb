"""Answers judged by a language model.

Run as: python -m eval.judge --system NAME=MODEL ... --judge MODEL [--families F ...] [--pairwise] [--limit N] [--repeat N] [--out DIR [--fresh]] [--json]

Asks each system the prompts of eval/tasks (ten families of ten, of our own writing) through the plain chat model, without
retrieval, and has the judge score each answer from 0 to 10 by a rubric and a reference; with --pairwise also compare the answers
of every two systems, in both orders. MODEL is `extractive`, `openai:NAME[@BASE_URL]`, `local:FOLDER[+ADAPTER]` or
`lmdeploy:FOLDER`; without --system the model of the settings (TUTOR_CHAT_MODEL), without --judge that of TUTOR_JUDGE_MODEL.
A judge is never one of the judged. Answers and judgements are kept in DIR line by line: what is killed goes on where it was.
Answers are kept beside all runs as well (eval/judge/answers in the data folder), so that another judge, or another DIR, does
not have the systems answer again; --fresh has them, with a DIR of its own. A score that is repeated (--repeat) is asked for with
the points of the rubric in another order. DIR also gets summary.json and table.md. Exit status 1 if something is pending
because a model failed, or if nothing that the judge wrote could be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from errors import UsageError
from eval.judging.tasks import FAMILIES, MEANINGS
from knowledge.command import Parser, guarded
from settings import Settings, load_settings

if TYPE_CHECKING:
    from eval.judging.run import Fault, Judging, Step
    from eval.judging.systems import System

__all__ = ["SUMMARY", "TABLE", "main"]

SUMMARY, TABLE = "summary.json", "table.md"
_SHOWN_FAULTS = 5


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = Parser(prog="python -m eval.judge", description="由评委模型给各系统的回答打分（0–10），十类、每类十题。")
    parser.add_argument(
        "--system", action="append", default=[], metavar="名字=模型", help="被评的系统，可写多次（默认 TUTOR_CHAT_MODEL）"
    )
    parser.add_argument("--judge", metavar="模型", help="评委模型（默认 TUTOR_JUDGE_MODEL）；不能是被评的系统")
    parser.add_argument(
        "--families",
        nargs="+",
        choices=list(FAMILIES),
        default=list(FAMILIES),
        metavar="类别",
        help=f"只评这些类别：{_families()}",
    )
    parser.add_argument("--pairwise", action="store_true", help="再两两比较，每题两种次序各评一次")
    parser.add_argument("--limit", type=_count, help="每类只用前几题")
    parser.add_argument(
        "--repeat", type=_count, default=1, help="每份回答评几次（默认 1），每次换一种评分要点的次序，看评委模型是否前后一致"
    )
    parser.add_argument("--concurrency", type=_count, default=4, help="同时向接口提几个问题（默认 4）")
    parser.add_argument("--out", type=Path, help="结果目录（默认在数据目录的 eval/judge/ 里，按设置分开）；同样的设置会接着做")
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="各系统重新作答，不沿用别次评测的回答（接口换了模型而名字没变时），要与新的 --out 一起用",
    )
    parser.add_argument("--json", action="store_true", help="最后一行输出 JSON")
    options = parser.parse_args(argv)
    return guarded(lambda: _run(options, load_settings()))


def _run(options: argparse.Namespace, settings: Settings) -> int:
    from eval.judging.systems import check_apart, judge_of, systems_of

    if options.fresh and not options.out:
        raise UsageError("--fresh 要与 --out 一起用：重新作答的评测放在新的目录里，原来的结果不动。")
    judge = judge_of(options.judge, settings)
    systems = systems_of(options.system, settings)
    check_apart(systems, judge)
    judging = _opened(options, settings, systems, judge)
    return _report(judging, options, judge, _work(judging, options))


def _opened(options: argparse.Namespace, settings: Settings, systems: Sequence[System], judge: System) -> Judging:
    from eval.judging.folder import digest
    from eval.judging.kept import KeptAnswers
    from eval.judging.run import Judging, configuration
    from eval.judging.tasks import read_tasks
    from rag.chat_models import load_chat_model

    config = configuration(systems, judge)
    runs = settings.eval_dir / "judge"
    folder, kept = options.out or runs / digest(config)[:12], KeptAnswers(runs / "answers", options.fresh)
    tasks = read_tasks(options.families, options.limit)
    return Judging(folder, config, systems, judge, tasks, load_chat_model, kept, options.concurrency)


def _work(judging: Judging, options: argparse.Namespace) -> list[Fault]:
    """Answer and judge; what failed."""
    faults = [*_watched(judging.answer())]
    if judging.adopted:
        print(_adopted(judging), file=sys.stderr)
    return faults + [*_watched(judging.judge(options.pairwise, options.repeat))]


def _adopted(judging: Judging) -> str:
    counted = Counter(system for system, _ in judging.adopted)
    told = "、".join(f"{system} {n}" for system, n in counted.items())
    return (
        f"沿用别次评测里同一模型、同样的题与回答长度的回答 {len(judging.adopted)} 份（{told}；最早的写于 "
        f"{min(day for _, day in judging.adopted)}），没有再问。接口换了模型而名字没变的，请用 --fresh 与新的 --out 重新作答。"
    )


def _watched(steps: Iterator[Step]) -> Iterator[Fault]:
    """What failed, with a bar of progress on stderr for each stage."""
    from tqdm import tqdm

    for stage, of_stage in groupby(steps, key=lambda step: (step.stage, step.total)):
        with tqdm(total=stage[1], desc=stage[0], file=sys.stderr, unit="次") as bar:
            for step in of_stage:
                bar.update()
                if step.fault:
                    yield step.fault


def _report(judging: Judging, options: argparse.Namespace, judge: System, faults: Sequence[Fault]) -> int:
    from eval.exams.run_folder import write_json
    from eval.judging.run import JUDGE
    from eval.judging.summary import TOTAL, summary_of
    from eval.judging.table import failures, lines_of, markdown_of

    names = [system.name for system in judging.systems]
    summary: dict[str, Any] = {
        "judge": judge.name,
        "systems": {name: judging.config["systems"][name]["model"] for name in names},
        "repeats": options.repeat,
        **summary_of(judging, judging.tasks, names, options.pairwise, options.repeat),
        "faults": [vars(fault) for fault in faults],
    }
    write_json(judging.folder / SUMMARY, summary)
    (judging.folder / TABLE).write_text(markdown_of(summary), encoding="utf-8")
    for line in lines_of(summary):
        print(line)
    for fault in faults[:_SHOWN_FAULTS]:
        print(f"{'待评' if fault.who == JUDGE else '未作答'}：{fault.who} {fault.task}：{fault.message}", file=sys.stderr)
    pending = sum(cell["pending"] for cell in summary["table"][TOTAL].values()) + sum(
        pair["pending"] for pair in summary["pairs"]
    )
    if pending:
        print(f"有 {pending} 项没有答完或评完。排除故障后用同样的命令再运行一次，会从断处接着做。", file=sys.stderr)
    print(f"结果在 {judging.folder}：{SUMMARY}、{TABLE}、answers.jsonl、judgements.jsonl")
    if options.json:
        print(json.dumps(summary, ensure_ascii=False))
    return 1 if pending or failures(summary) else 0


def _families() -> str:
    told = {family: name + (f"（{MEANINGS[family]}）" if family in MEANINGS else "") for family, name in FAMILIES.items()}
    return "、".join(f"{family} {name}" for family, name in told.items())


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"应是正整数，而不是 {text}")
    return int(text)


if __name__ == "__main__":
    raise SystemExit(main())
