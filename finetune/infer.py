"""Ask models directly, one prompt or a file of them, without documents; several models side by side.

Run as: python -m finetune.infer "什么是死锁？" --model local:outputs/merged
        python -m finetune.infer --input prompts.jsonl --output answers.jsonl --model local:BASE --adapter outputs/lora
        python -m finetune.infer --input val.jsonl --output answers.jsonl --table answers.md \
            --compare 微调前=local:BASE --compare 微调后=local:BASE+outputs/lora --compare 合并=local:outputs/merged
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from errors import UsageError
from knowledge.command import Parser, guarded
from settings import Settings, load_settings

if TYPE_CHECKING:
    from finetune.comparing.entrants import Entrant
    from finetune.comparing.figures import Comparison
    from finetune.prompt_rows import PromptRow

__all__ = ["main"]

_MOST_TOKENS = 1_000_000
_SHOWN = 20
_WIDTH = 120
"""Columns of the table where the terminal's are not known: in a file, in a pipe."""


def main(argv: Sequence[str] | None = None) -> int:
    """The command; exit status 0 all answered, 1 some failed (run it again: the others are kept), 2 usage."""
    parser = Parser(
        prog="python -m finetune.infer",
        description="直接问模型（不检索资料）：一个问题，或一个文件里的全部问题；可几个模型并排对比。",
    )
    parser.add_argument("prompt", nargs="?", metavar="PROMPT", help="一个问题")
    parser.add_argument("--input", type=Path, metavar="FILE", help="JSON 或 JSONL：prompt、question，或任一种训练数据格式")
    parser.add_argument("--output", type=Path, metavar="OUT.jsonl", help="结果，每行一个；已有的结果不再重做")
    parser.add_argument("--model", metavar="M", help="local:目录 | openai:模型名 | lmdeploy:目录（默认 TUTOR_CHAT_MODEL）")
    parser.add_argument("--adapter", type=Path, metavar="DIR", help="LoRA 适配器目录")
    parser.add_argument(
        "--compare",
        action="append",
        default=[],
        metavar="名称=模型",
        help="并排对比的模型，可写成 名称=模型+适配器目录，可写多次；第一个是比较的基准",
    )
    parser.add_argument("--table", type=Path, metavar="FILE.md", help="把对比写成 Markdown 表")
    parser.add_argument("--show", type=int, default=_SHOWN, metavar="N", help=f"终端里的对比表显示前几题（默认 {_SHOWN}）")
    parser.add_argument("--system", default="", metavar="TEXT", help="系统提示")
    parser.add_argument("--max-tokens", type=int, metavar="N", help="一次回答最多几个 token（默认 TUTOR_CHAT_MAX_TOKENS）")
    parser.add_argument("--concurrency", type=int, default=1, metavar="N", help="同时问几个（接口模型，默认 1）")
    return guarded(lambda: _run(parser.parse_args(argv)))


def _run(options: argparse.Namespace) -> int:
    _check(options)
    settings = _with(load_settings(), chat_max_tokens=options.max_tokens)
    if options.prompt is not None and not (options.compare or options.table or options.output):
        _print_answer(_model_of(settings, options), options)
        return 0
    from finetune.comparing.asking import ask_all
    from finetune.comparing.entrants import checked_entrants
    from finetune.comparing.figures import compared

    entrants = checked_entrants(_entrants(settings, options))
    rows = _rows(options)
    results, failed = ask_all(entrants, rows, options.output, options.concurrency)
    if options.compare or options.table:
        _show(compared(rows, entrants, results), options)
    if options.output:
        again = f"有 {failed} 个失败，再运行一次会只补这些。" if failed else ""
        print(f"结果在 {options.output}。{again}", file=sys.stderr)
    return 1 if failed else 0


def _check(options: argparse.Namespace) -> None:
    """Raise UsageError for what can't be meant."""
    if (options.prompt is None) == (options.input is None):
        raise UsageError("请给出一个问题，或用 --input 指定一个文件（二选一）。")
    _check_texts(options)
    if options.input and not options.output:
        raise UsageError("请用 --output 指定结果文件，例如 answers.jsonl。")
    if options.compare and (options.model or options.adapter):
        raise UsageError("--compare 已经写明各个模型，不能再用 --model 或 --adapter。请把那个模型也写成一个 --compare。")
    if not 1 <= options.concurrency <= 64:
        raise UsageError(f"--concurrency 应在 1 到 64 之间，而不是 {options.concurrency}。")
    if options.max_tokens is not None and not 1 <= options.max_tokens <= _MOST_TOKENS:
        raise UsageError(f"--max-tokens 应在 1 到 {_MOST_TOKENS} 之间，而不是 {options.max_tokens}。")
    if options.show < 0:
        raise UsageError(f"--show 应是 0 或正整数，而不是 {options.show}。")
    if options.table and options.table.is_dir():
        raise UsageError(f"--table 应是一个文件，而 {options.table} 是目录。请写成例如 {options.table / 'answers.md'}。")


def _check_texts(options: argparse.Namespace) -> None:
    for name, text in (("问题", options.prompt), ("--system", options.system)):
        if any("\ud800" <= character <= "\udfff" for character in text or ""):
            raise UsageError(f"{name}里有不是 UTF-8 文字的字节。请检查终端的编码，或把它写进一个 UTF-8 的文件，用 --input。")
    if options.prompt is not None and not options.prompt.strip():
        raise UsageError("问题是空的。请写上要问的话。")


def _with(settings: Settings, **changed: object) -> Settings:
    return settings.model_copy(update={name: value for name, value in changed.items() if value is not None})


def _model_of(settings: Settings, options: argparse.Namespace) -> Settings:
    settings = _with(settings, chat_model=options.model, chat_adapter=options.adapter)
    if settings.chat_model == "extractive":
        raise UsageError("没有指定语言模型。请用 --model，例如 --model local:模型目录。")
    return settings


def _entrants(settings: Settings, options: argparse.Namespace) -> list[Entrant]:
    from finetune.comparing.entrants import Entrant, entrant_of
    from rag.chat_models import model_label

    if options.compare:
        return [entrant_of(text, settings) for text in options.compare]
    one = _model_of(settings, options)
    return [Entrant(model_label(one), one)]


def _rows(options: argparse.Namespace) -> list[PromptRow]:
    from finetune.prompt_rows import prompt_row, read_prompts

    return read_prompts(options.input, options.system) if options.input else [prompt_row(options.prompt, options.system)]


def _print_answer(settings: Settings, options: argparse.Namespace) -> None:
    """The answer to one prompt, as it is generated."""
    from finetune.prompt_rows import prompt_row
    from rag.chat_models import load_chat_model

    messages = list(prompt_row(options.prompt, options.system).messages)
    for chunk in load_chat_model(settings).stream(messages):
        print(chunk.text, end="", flush=True)
    print()


def _show(comparison: Comparison, options: argparse.Namespace) -> None:
    from finetune.comparing.terminal import table

    if options.compare:
        for line in table(comparison, shutil.get_terminal_size((_WIDTH, 24)).columns, options.show):
            print(line)
        if (more := len(comparison.rows) - options.show) > 0:
            print(f"还有 {more} 题没有显示（--show 可改，--table 会写出全部）。")
    for line in comparison.lines():
        print(line)
    if options.table:
        _write_table(comparison, options.table)
        print(f"对比表在 {options.table}。", file=sys.stderr)


def _write_table(comparison: Comparison, path: Path) -> None:
    """Replace the file, whole or not at all."""
    from finetune.comparing.markdown import markdown

    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(markdown(comparison), encoding="utf-8", errors="replace")
        draft.replace(path)
    except OSError as error:
        raise UsageError(f"写不了 {path}（{error.strerror}）。请换一个 --table，或检查权限与磁盘空间；结果都还在。") from error
    finally:
        with suppress(OSError):
            draft.unlink()


if __name__ == "__main__":
    raise SystemExit(main())
