"""Make training data, turn it into other formats, split it and check it.

Run as: python -m finetune.dataset make --from notes --out data/notes
        python -m finetune.dataset make --from documents 操作系统讲义.pdf --pairs 150 --model openai:NAME --out data/os
        python -m finetune.dataset convert train.json train.jsonl --to messages
        python -m finetune.dataset split all.jsonl --out data/all
        python -m finetune.dataset check data/all/train.jsonl --tokenizer MODEL_DIR
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from errors import UsageError
from knowledge.command import Parser, guarded
from knowledge.subjects import AUTO, validate_subject
from settings import Settings, load_settings

if TYPE_CHECKING:
    from finetune.conversations.conversation import Conversation
    from finetune.making.finishing import Choice
    from finetune.making.tokens import TokenCounter

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """The command; exit status 0 all well, 1 something is wrong with the data or pending (run it again), 2 usage."""
    parser = Parser(prog="python -m finetune.dataset", description="训练数据：制作、转换格式、划分、检查。")
    commands = parser.add_subparsers(dest="command", metavar="命令", required=True, parser_class=Parser)
    _make_options(commands.add_parser("make", help="制作：从资料（用模型）、笔记、题库或计算题"))
    _convert_options(commands.add_parser("convert", help="在各种格式之间转换"))
    _split_options(commands.add_parser("split", help="划分训练集与验证集"))
    _check_options(commands.add_parser("check", help="检查：格式、统计、重复、与考题的重合"))
    return guarded(lambda: _run(parser.parse_args(argv)))


def _run(options: argparse.Namespace) -> int:
    return int(options.run(options))


def _make_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sources", nargs="*", metavar="SOURCE", help="只用这些资料（--from documents；默认全部）")
    parser.add_argument(
        "--from", dest="origin", required=True, choices=("documents", "notes", "bank", "generated"),
        help="documents：入库的资料，由模型出题；notes：自带笔记；bank：自带题库；generated：计算题。后三种不用模型",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="DIR", help="输出目录（默认 finetune 数据目录下的 datasets/来源）")
    parser.add_argument("--subject", action="append", default=[], metavar="S", help="只要这个科目，可重复：ds co os cn policy")
    parser.add_argument("--pairs", type=_positive, metavar="N", help="要多少对：documents 默认 150，generated 默认 1000")
    parser.add_argument("--model", metavar="M", help="出题的模型，写法同 TUTOR_CHAT_MODEL（默认用它）")
    parser.add_argument("--concurrency", type=_positive, default=4, metavar="N", help="同时问几段（接口模型，默认 4）")
    parser.add_argument("--check", choices=("rule", "model"), default="rule", help="model：规则之外再让模型逐句核对一遍")
    parser.add_argument("--limit", type=_positive, metavar="N", help="最多留多少对（按种子抽取）")
    parser.add_argument("--max-answer-chars", type=_positive, metavar="N", help="不要回答超过这么多字的")
    parser.add_argument("--system", default="", metavar="TEXT", help="给每个对话加上这句系统提示")
    parser.add_argument("--drop-contaminated", action="store_true", help="去掉与考题重合的")
    parser.add_argument("--format", default="messages", metavar="F", help="文件格式（默认 messages，见 convert --help）")
    parser.add_argument("--tokenizer", type=Path, metavar="DIR", help="按这个模型的词表统计长度")
    parser.add_argument("--max-length", type=_positive, default=2048, metavar="N", help="训练时的最大长度（默认 2048 token）")
    _split_sizes(parser)
    parser.add_argument("--json", action="store_true", help="最后一行输出 JSON")
    parser.set_defaults(run=_make)


def _convert_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", type=Path, metavar="IN")
    parser.add_argument("output", type=Path, metavar="OUT")
    parser.add_argument(
        "--to", required=True, metavar="F", help="messages、conversations、alpaca、xtuner、cutegpt、educhat 或 cutegpt-prompt"
    )
    parser.add_argument("--from", dest="form", metavar="F", help="输入的格式（默认自己认）")
    parser.add_argument("--skip-bad", action="store_true", help="有问题的行不要，其余照转")
    parser.set_defaults(run=_convert)


def _split_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="输出目录：train.jsonl 与 val.jsonl")
    _split_sizes(parser)
    parser.set_defaults(run=_split)


def _check_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--tokenizer", type=Path, metavar="DIR", help="按这个模型的词表统计长度")
    parser.add_argument("--max-length", type=_positive, default=2048, metavar="N", help="训练时的最大长度（默认 2048 token）")
    parser.add_argument("--json", action="store_true", help="最后一行输出 JSON")
    parser.set_defaults(run=_check)


def _split_sizes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--val-size", type=_val_size, default=1 / 3, metavar="X", help="验证集占多少（默认 1/3）；1 以上是条数；0 不划分"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="随机种子（默认 0）")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _val_size(text: str) -> float:
    try:
        size = float(text)
    except ValueError:
        size = -1.0
    if not (0 <= size < 1 or (size >= 1 and size.is_integer())):
        raise argparse.ArgumentTypeError(f"应是 0 到 1 之间的比例，或验证集的条数，而不是 {text}")
    return size


def _make(options: argparse.Namespace) -> int:
    from finetune.conversations.formats import format_named
    from finetune.making.tokens import token_counter

    settings = load_settings()
    settings = settings.model_copy(update={"chat_model": options.model} if options.model else {})
    options.subject = sorted({validate_subject(subject) for subject in options.subject} - {AUTO})
    options.out = options.out or settings.finetune_dir / "datasets" / options.origin
    format_named(options.format)
    counter = token_counter(options.tokenizer)
    if options.origin == "documents":
        return _make_of_documents(options, settings, counter)
    if options.sources:
        raise UsageError(
            f"只有 --from documents 才指定资料；--from {options.origin} 用项目自带的内容，请去掉“{options.sources[0]}”。"
        )
    return _make_of_own(options, counter)


def _make_of_own(options: argparse.Namespace, counter: TokenCounter) -> int:
    from finetune.making.origins import made, own_sources
    from finetune.making.out_folder import opened

    sources = own_sources(options.origin)
    number = (options.pairs or 1000) if options.origin == "generated" else 0
    plan = {**_asked(options), "sources": sources, "pairs": number, **_choice(options).plan, "format": options.format}
    with opened(options.out, plan):
        pairs = made(options.origin, number, options.seed, options.subject)
        return _finish(options, counter, pairs, {"sources": sources})


def _make_of_documents(options: argparse.Namespace, settings: Settings, counter: TokenCounter) -> int:
    from finetune.making.document_run import DocumentRun
    from finetune.making.out_folder import opened
    from vector_db.store import open_store

    pairs, checked = options.pairs or 150, options.check == "model"
    run = DocumentRun(settings, open_store(settings), options.sources, options.subject, pairs, options.concurrency)
    with opened(options.out, {**_asked(options), "sources": run.sources, **run.plan}):
        run.open(options.out)
        print(f"{run.told}还有 {run.left} 段要问。", file=sys.stderr)
        faults = _watched(run.ask(), run.left, "段")
        if checked:
            faults += _watched(run.check(), run.unchecked, "对")
        _tell_pending(faults, run.left + (run.unchecked if checked else 0))
        kept, card = run.pairs(checked)
        if faults and not kept:  # nothing is wrong with the material: the model has yet to answer
            return 1
        status = _finish(options, counter, kept, {"sources": run.sources, **card})
    return 1 if faults else status


def _watched(steps: Generator[str, None, None], total: int, unit: str) -> list[str]:
    """Go through the steps, if there are any; what failed."""
    faults = list[str]()
    if total:
        with tqdm(total=total, unit=unit) as bar, closing(steps):
            for fault in steps:
                bar.update()
                faults += [fault] if fault else []
    return faults


def _tell_pending(faults: Sequence[str], left: int) -> None:
    for fault in faults[:5]:
        print(fault, file=sys.stderr)
    if faults:
        print(f"有 {left} 个还没有得到回答。再运行同一条命令只补这些，已有的都在。", file=sys.stderr)


def _asked(options: argparse.Namespace) -> dict[str, Any]:
    return {"from": options.origin, "subjects": options.subject}


def _choice(options: argparse.Namespace) -> Choice:
    from finetune.making.finishing import Choice

    return Choice(
        options.val_size, options.seed, options.limit, options.max_answer_chars, options.system, options.drop_contaminated
    )


def _finish(options: argparse.Namespace, counter: TokenCounter, pairs: Iterable[Conversation], card: Mapping[str, Any]) -> int:
    from finetune.conversations.formats import losses
    from finetune.making.finishing import chosen, written
    from finetune.making.report import Report

    choice = _choice(options)
    data = chosen(pairs, choice)
    told = Report.of(data, counter, options.max_length, card.get("asking"))
    settings = {**_asked(options), **choice.plan, "format": options.format}
    row = written(options.out, data, options.format, {"settings": settings, **card, **told.to_json()})
    print("\n".join([*told.lines(options.origin), *losses(options.format, data.rows)]))
    sides = f"train.jsonl {len(data.train)} 条，" + (f"val.jsonl {len(data.val)} 条" if data.val else "没有划分验证集")
    print(f"数据集在 {options.out}：{sides}，说明见 dataset.json。")
    if options.json:
        print(json.dumps(row, ensure_ascii=False))
    return 0


def _convert(options: argparse.Namespace) -> int:
    from finetune.conversations.files import read_conversations, write_conversations
    from finetune.conversations.formats import format_named, losses

    format_named(options.to)
    if options.output.resolve() == options.input.resolve():
        raise UsageError(f"输入和输出都是 {options.input}，会覆盖原来的数据。请换一个输出文件名。")
    rows, problems = read_conversations(options.input, options.form, skip_bad=options.skip_bad), list[str]()
    if isinstance(rows, tuple):
        rows, problems = rows
    write_conversations(options.output, rows, options.to)
    for line in (*problems, *losses(options.to, rows)):
        print(line, file=sys.stderr)
    print(f"{len(rows)} 条已写入 {options.output}（{options.to} 格式）" + (f"，{len(problems)} 条没有转。" if problems else "。"))
    return 1 if problems else 0


def _split(options: argparse.Namespace) -> int:
    from finetune.conversations.files import read_conversations, write_conversations
    from finetune.making.out_folder import TRAIN, VAL
    from finetune.making.splits import split

    train, val = split(read_conversations(options.file), options.val_size, options.seed)
    if taken := [name for name in (TRAIN, VAL) if (options.out / name).exists()]:
        raise UsageError(f"{options.out} 里已有 {'、'.join(taken)}，不会覆盖。请用 --out 换一个目录。")
    for name, rows in ((TRAIN, train), (VAL, val)):
        write_conversations(options.out / name, rows)
    print(f"训练 {len(train)} 条，验证 {len(val)} 条，在 {options.out}。")
    return 0


def _check(options: argparse.Namespace) -> int:
    from finetune.making.checkup import checkup
    from finetune.making.tokens import token_counter

    found = checkup(options.file, token_counter(options.tokenizer), options.max_length)
    print("\n".join(found.lines()))
    if options.json:
        print(json.dumps(found.to_json(), ensure_ascii=False))
    return found.status


if __name__ == "__main__":
    raise SystemExit(main())
