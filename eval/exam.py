"""An exam of choice questions. Run as: python -m eval.exam [--questions PATH...] [--rag off|on|both] [--mode gen|logprob|both]
[--shots 0|5] [--shuffle circular] [--out DIR] [--json]

Any model that the settings name answers the shipped bank, files of questions, a C-Eval or CMMLU folder, computed questions
or a whole paper 408. Every answer is a line of records.jsonl as soon as it is there: run the same command again after an
interruption, and it goes on. Without a language model the retrieval baseline is measured, which is no model's score.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from errors import UsageError
from knowledge.command import Parser, guarded
from knowledge.printable import printable
from knowledge.subjects import AUTO, SUBJECTS
from settings import Settings, load_settings

if TYPE_CHECKING:
    from eval.exams.exam_run import Run
    from eval.exams.exam_set import ExamSet

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns its exit status: 0 all answered, 1 some are pending, 2 usage."""
    options = _parser().parse_args(argv)
    return guarded(lambda: _run(options, load_settings()))


def _parser() -> Parser:
    parser = Parser(prog="python -m eval.exam", description="选择题考试：各科正确率，带 95% 区间，每题的记录都存盘。")
    parser.add_argument(
        "--questions", type=Path, nargs="+", default=[], help="题库或试卷：JSONL、CSV、DOCX、文本（默认自带题库）"
    )
    parser.add_argument("--ceval-dir", type=Path, help="C-Eval 或 CMMLU 的文件夹（里面有 dev/ 与 val/ 或 test/）")
    parser.add_argument("--tasks", nargs="+", default=[], help="只考 --ceval-dir 里的这些科目")
    parser.add_argument("--generated", type=_positive, metavar="N", help="考 N 道由程序现算的题（不可能见过）")
    parser.add_argument("--seed", type=int, default=408, help="--generated 与组卷的随机种子（默认 408）")
    parser.add_argument("--paper", action="store_true", help="一套 408 试卷：40 道选择题与综合应用题，按 45/45/35/25 计分")
    parser.add_argument(
        "--judge", metavar="SETTING", help="评 --paper 综合应用题的模型，如 openai:模型名@地址（不能是被测的模型）"
    )
    parser.add_argument(
        "--subject",
        choices=[AUTO, *(s.id for s in SUBJECTS.values() if s.points)],
        default=AUTO,
        help="没有写明科目的题属于哪一科",
    )
    parser.add_argument(
        "--mode", choices=["gen", "logprob", "both"], help="gen 写出答案再读（默认）；logprob 比较“答案：”后四个字母的概率"
    )
    parser.add_argument("--rag", choices=["off", "on", "both"], help="是否给出检索到的资料（默认 off）")
    parser.add_argument(
        "--kb", choices=["own", "shipped"], default="own", help="检索哪个知识库：自己的（空的时用自带的），或自带讲义与笔记"
    )
    parser.add_argument("--shots", type=int, choices=[0, 5], default=0, help="提示词里带几道示例题（默认 0）")
    parser.add_argument("--shuffle", choices=["circular"], help="circular：每题按四种选项顺序各考一次")
    parser.add_argument(
        "--chat-template", action="store_true", help="logprob 时本机模型用自己的对话模板（默认纯文本，与 C-Eval 一致）"
    )
    parser.add_argument("--train-data", type=Path, nargs="+", default=[], help="训练数据（JSON、JSONL、文本）：查它与考题的重合")
    parser.add_argument("--limit", type=_positive, metavar="N", help="只考 N 题（各科按比例）")
    parser.add_argument("--concurrency", type=_positive, metavar="N", help="同时问几题（默认：接口 16，本机 1）")
    parser.add_argument("--out", type=Path, help="评测目录（默认在数据目录的 eval/exam/ 里，按设置分开）")
    parser.add_argument("--json", action="store_true", help="最后一行输出 JSON")
    return parser


def _run(options: argparse.Namespace, settings: Settings) -> int:
    from eval.exams.answering import answer
    from eval.exams.finish import contamination_of, finish
    from eval.exams.problems import judge_settings, mark_problems
    from eval.exams.run_folder import open_folder
    from eval.exams.told import after, before
    from eval.reporting.report import write_report

    run = _planned(options, settings)
    judge = judge_settings(options.judge, settings, run.plan.modes) if options.judge else None
    with open_folder(run.folder, run.config, run.exam.questions) as records:
        contamination = contamination_of(run.exam.questions, run.knowledge, options.train_data)
        for line in before(run, records):
            _tell(line)
        answered = answer(run, records, Event())
        problems = mark_problems(run, judge) if judge and run.exam.problems else None
        finished = finish(run, contamination, problems, answered)
        report = write_report(run.folder)
    for line in (*finished.lines, *after(run, report)):
        print(line)
    if answered.told:
        _tell(answered.told)
    if options.json:
        print(json.dumps({"out": str(run.folder)} | finished.value, ensure_ascii=False))
    return 1 if finished.pending or any(one["pending"] for one in problems or ()) else 0


def _planned(options: argparse.Namespace, settings: Settings) -> Run:
    """What the options come to; what can't be, is told before anything is written."""
    from eval.exams.configuration import config_of
    from eval.exams.exam_run import Run
    from eval.exams.exam_set import limited
    from eval.exams.plan import check_model, concurrency_of, planned
    from eval.exams.run_folder import config_hash
    from eval.exams.setup import knowledge_base

    check_model(settings)
    plan = planned(settings, options.mode, options.rag, options.shots, bool(options.shuffle), options.chat_template)
    exam = _exam(options)
    exam.questions = limited(exam.questions, options.limit)
    _tell_unread(exam)
    knowledge = knowledge_base(settings, plan, options.kb, _tell)
    config = config_of(settings, plan, exam, knowledge) | {
        "created": datetime.now(UTC).astimezone().isoformat(timespec="seconds")
    }
    folder = options.out or settings.eval_dir / "exam" / f"{_slug(config['model'])}-{config_hash(config)}"
    return Run(settings, plan, exam, knowledge, config, folder, options.concurrency or concurrency_of(settings))


def _exam(options: argparse.Namespace) -> ExamSet:
    from eval.exams.ceval import ceval_exam
    from eval.exams.exam_set import bank_exam, generated_exam, paper_exam

    given = [name for name in ("questions", "ceval_dir", "generated") if getattr(options, name)]
    if len(given) > 1 or (options.paper and given not in ([], ["questions"])):
        raise UsageError("--questions、--ceval-dir、--generated 只能选一个；--paper 只能单独用，或与 --questions 一起用。")
    if options.paper and (options.limit or options.shuffle):
        raise UsageError("--paper 是一套完整的试卷，不能与 --limit、--shuffle 一起用。请去掉其中一个。")
    if options.tasks and not options.ceval_dir:
        raise UsageError("--tasks 要与 --ceval-dir 一起用。")
    if options.judge and not options.paper:
        raise UsageError("--judge 要与 --paper 一起用：它评试卷里的综合应用题。单独比较模型的开放回答请用 python -m eval.judge。")
    if options.ceval_dir:
        return ceval_exam(options.ceval_dir, options.tasks, options.shots)
    if options.generated:
        return generated_exam(options.generated, options.seed, options.shots)
    if options.paper:
        return paper_exam(options.questions, options.seed, options.shots)
    return bank_exam(options.questions, options.subject, options.shots)


def _tell_unread(exam: ExamSet) -> None:
    for one in exam.unread[:20]:
        _tell(f"{one.place}：{one.reason}")
    if len(exam.unread) > 20:
        _tell(f"……另有 {len(exam.unread) - 20} 处，都写在报告里。")


def _tell(line: str) -> None:
    print(printable(line), file=sys.stderr)


def _slug(label: str) -> str:
    return (
        "".join(c if c.isascii() and (c.isalnum() or c in "-.") else "_" for c in label.partition("（")[0]).strip("_")[:40]
        or "extractive"
    )


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("应是正整数")
    return value


if __name__ == "__main__":
    raise SystemExit(main())
