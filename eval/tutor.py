"""Answer quality of the tutor itself. Run as: python -m eval.tutor [--data DIR] [--limit N] [--judge MODEL] [--out DIR] [--json]

Asks the tutor that the settings name the gold questions, over the shipped handouts and notes (read into a temporary knowledge
base, or in --data), and measures, with 95 % intervals, for all questions and per subject:

citations     whether the quote stands on the cited page of the original, read again, and inside the cited boxes; whether the
              cited quote, or the passage around it, bears out the sentence that carries the mark; share of sentences with a source
point         whether the answer, or a quote that it cites, holds the words that answer the question
refusal       precision, recall and F1 of refusing, and what was wrongly refused
faithfulness  share of the answer's claims that the passages which it was shown bear out

Whether words bear out a claim is judged by --judge (written as for eval.judge), a model other than the one that answers; without
it by a rule about words, numbers and negations (rag/support.py), and the table says so.
Writes DIR/tutor.jsonl, a line a question, and DIR/summary.json; what is killed goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from knowledge.command import Parser, guarded
from settings import Settings, load_settings

__all__ = ["SUMMARY", "main"]

SUMMARY = "summary.json"


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns its exit status: 1 if questions are left because the model failed."""
    parser = Parser(prog="python -m eval.tutor", description="测量答疑本身：引用、要点、拒答与忠实，各科与总体。")
    parser.add_argument("--data", type=Path, help="用这个数据目录里的知识库（默认：临时读入自带的讲义与笔记）")
    parser.add_argument("--limit", type=_count, help="只问这么多题（各科、各类轮流取）")
    parser.add_argument("--judge", metavar="模型", help="评委模型（默认看 TUTOR_JUDGE_MODEL；都没有时按词句核对）")
    parser.add_argument("--out", type=Path, help="结果目录（默认在数据目录的 eval/tutor/ 里，按设置分开）；同样的设置会接着做")
    parser.add_argument("--json", action="store_true", help="最后一行输出 JSON")
    options = parser.parse_args(argv)
    return guarded(lambda: _run(options, load_settings()))


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError("应是正整数")
    return int(text)


def _run(options: argparse.Namespace, settings: Settings) -> int:
    from eval.retrieval import read_shipped

    settings = settings.model_copy(update={"chat_fallback": False})  # another model's answers are not to be measured
    judge = _judge(options.judge, settings)
    with tempfile.TemporaryDirectory() as folder:
        place = {"data_dir": options.data} if options.data else {"data_dir": Path(folder), "chroma_url": None}
        here = settings.model_copy(update=place)
        if not options.data:
            read_shipped(here)
        return _measure(options, here, judge, settings.eval_dir)


def _judge(setting: str | None, settings: Settings) -> Settings | None:
    """The settings of the judge that the command or TUTOR_JUDGE_MODEL names; None for the rule.

    Raises:
        UsageError: it can't be a judge, or is the very model that answers.
    """
    from eval.judging.systems import check_apart, judge_of, systems_of

    if not (setting or settings.judge_model):
        return None
    judge = judge_of(setting, settings)
    check_apart(systems_of([], settings), judge)
    return judge.settings


def _measure(options: argparse.Namespace, settings: Settings, judge: Settings | None, runs: Path) -> int:
    from eval.answer_quality.questions import in_turn, tutor_questions
    from eval.answer_quality.records import hash_of, open_run
    from eval.answer_quality.run import answer_all, config_of, summary_of
    from eval.answer_quality.table import lines_of
    from eval.exams.run_folder import write_json

    questions = in_turn(tutor_questions(), options.limit)
    config = config_of(settings, judge)
    folder = options.out or runs / "tutor" / hash_of(config)
    records = open_run(folder, config)
    try:
        pending = answer_all(questions, records, settings, judge)
    finally:
        records.close()
    done = [records.done[question.id] for question in questions if question.id in records.done]
    summary = summary_of(done, config, pending)
    write_json(folder / SUMMARY, summary)
    for line in lines_of(summary):
        print(line)
    print(f"每题的记录与汇总：{folder}")
    if options.json:
        print(json.dumps({"out": str(folder)} | summary, ensure_ascii=False))
    return 1 if pending else 0


if __name__ == "__main__":
    raise SystemExit(main())
