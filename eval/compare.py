"""Compare runs of the exam. Run as: python -m eval.compare RUN_A RUN_B [RUN...] [--json] [--out FILE.md]

A RUN is the folder of an exam, or FOLDER:MODE:RAG (gen, logprob or evidence; on or off) where the run holds several ways of
asking. The first is the baseline, each other is compared with it: before and after fine-tuning, AWQ against full precision,
one model against another. A single folder is compared within itself, without and with retrieval.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from errors import UsageError
from knowledge.command import Parser, guarded

if TYPE_CHECKING:
    from eval.comparing.comparison_report import Compared
    from eval.comparing.run_condition import RunCondition

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns its exit status: 0 compared, 1 a damaged file, 2 usage."""
    options = _parser().parse_args(argv)
    return guarded(lambda: _run(options))


def _parser() -> Parser:
    parser = Parser(
        prog="python -m eval.compare",
        description="比较几次评测：逐题成对，McNemar 精确检验，差的 95% 区间，列出答对与答错的变化。",
    )
    parser.add_argument(
        "runs",
        nargs="+",
        metavar="RUN",
        help="python -m eval.exam 的输出目录，或 目录:gen:on（方式 gen、logprob、evidence；检索 on、off）。"
        "第一个是基线，其余各是对照，分别与它比；只给一个目录时，比较它的“不检索”（基线）与“检索”（对照）",
    )
    parser.add_argument("--out", type=Path, metavar="FILE.md", help="把结果写成 Markdown，答案有变化的题全部列出")
    parser.add_argument("--json", action="store_true", help="最后一行输出 JSON")
    return parser


def _run(options: argparse.Namespace) -> int:
    from eval.comparing.comparison_report import as_json, compared, lines_of, markdown_of

    if options.out:
        _check_out(options.out)
    results = [compared(before, after) for before, after in _pairs(options.runs)]
    for one in results:
        _check_common(one)
    for line in lines_of(results):
        print(line)
    if options.out:
        _write(options.out, markdown_of(results))
        print(f"\n已写入 {options.out}")
    if options.json:
        print(json.dumps({"comparisons": [as_json(one) for one in results]}, ensure_ascii=False))
    return 0


def _pairs(specs: Sequence[str]) -> list[tuple[RunCondition, RunCondition]]:
    from eval.comparing.run_condition import chosen, retrieval_pairs

    if len(specs) == 1:
        return retrieval_pairs(specs[0])
    baseline, *others = map(chosen, specs)
    for other in others:
        if (other.folder.resolve(), other.mode, other.rag) == (baseline.folder.resolve(), baseline.mode, baseline.rag):
            raise UsageError(f"{other.spec} 与基线是同一次评测的同一种作答方式，没有可比的。请换一个。")
    return [(baseline, other) for other in others]


def _check_common(one: Compared) -> None:
    if one.comparison.rows:
        return
    before, after = one.before, one.after
    if before.questions.keys() & after.questions.keys():
        raise UsageError(
            f"{before.spec} 与 {after.spec} 有相同的题，但没有一道是两边都答过的（选项轮换也要相同）。"
            "请先再运行一次原来的 python -m eval.exam 命令，把评测做完。"
        )
    raise UsageError(
        f"{before.spec} 与 {after.spec} 没有相同的题（题干、选项及其顺序、答案都相同才算同一道），无法比较。"
        "请用同一批题重新评测：--questions、--ceval-dir、--generated 与 --seed 要一致。"
    )


def _check_out(path: Path) -> None:
    """Refuse what is not meant: a report may replace an earlier one, and nothing else."""
    from eval.comparing.comparison_report import TITLE

    if path.suffix.lower() != ".md":
        raise UsageError(f"--out 要写成 .md 文件，而不是 {path}。")
    try:
        if path.exists() and not path.read_bytes().startswith(TITLE.encode()):
            raise UsageError(f"{path} 已经存在，而且不是评测对比的报告，不会覆盖它。请换一个文件名。")
    except OSError as error:
        raise UsageError(f"写不了 {path}（{error.strerror}）。请换一个位置。") from error


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise UsageError(f"写不了 {path}（{error.strerror}）。请换一个位置。") from error


if __name__ == "__main__":
    raise SystemExit(main())
