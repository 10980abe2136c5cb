"""Ask a model directly, one prompt or a file of them, without documents.

Run as: python -m finetune.infer "什么是死锁？" --model local:outputs/merged
        python -m finetune.infer --input prompts.jsonl --output answers.jsonl --model local:BASE --adapter outputs/lora
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from errors import ChatModelError, ContentError, UsageError
from finetune.prompt_rows import PromptRow, read_prompts
from knowledge.command import Parser, guarded
from settings import Settings, load_settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

__all__ = ["answered", "infer_all", "main"]


def main(argv: Sequence[str] | None = None) -> int:
    """The command; exit status 0 all answered, 1 some failed (run it again: the others are kept), 2 usage."""
    parser = Parser(prog="python -m finetune.infer", description="直接问模型（不检索资料）：一个问题，或一个文件里的全部问题。")
    parser.add_argument("prompt", nargs="?", metavar="PROMPT", help="一个问题")
    parser.add_argument(
        "--input", type=Path, metavar="FILE", help="JSON 或 JSONL：prompt、question、instruction+input 或 messages"
    )
    parser.add_argument("--output", type=Path, metavar="OUT.jsonl", help="结果，每行一个；已有的结果不再重做")
    parser.add_argument("--model", metavar="M", help="local:目录 | openai:模型名 | lmdeploy:目录（默认 TUTOR_CHAT_MODEL）")
    parser.add_argument("--adapter", type=Path, metavar="DIR", help="LoRA 适配器目录")
    parser.add_argument("--system", default="", metavar="TEXT", help="系统提示")
    parser.add_argument("--concurrency", type=int, default=1, metavar="N", help="同时问几个（接口模型，默认 1）")
    return guarded(lambda: _run(parser.parse_args(argv)))


def _run(options: argparse.Namespace) -> int:
    if (options.prompt is None) == (options.input is None):
        raise UsageError("请给出一个问题，或用 --input 指定一个文件（二选一）。")
    if options.input and not options.output:
        raise UsageError("请用 --output 指定结果文件，例如 answers.jsonl。")
    if not 1 <= options.concurrency <= 64:
        raise UsageError(f"--concurrency 应在 1 到 64 之间，而不是 {options.concurrency}。")
    settings = _chosen(load_settings(), options)
    if options.input:
        try:
            return _run_file(settings, options)
        except OSError as error:
            raise UsageError(f"写不了 {options.output}（{error.strerror}）。请换一个 --output，或检查权限与磁盘空间。") from error
    from langchain_core.messages import HumanMessage, SystemMessage

    from rag.chat_models import load_chat_model

    messages = [*([SystemMessage(options.system)] if options.system else []), HumanMessage(options.prompt)]
    for chunk in load_chat_model(settings).stream(messages):
        print(chunk.text, end="", flush=True)
    print()
    return 0


def _chosen(settings: Settings, options: argparse.Namespace) -> Settings:
    changed = {"chat_model": options.model, "chat_adapter": options.adapter}
    settings = settings.model_copy(update={name: value for name, value in changed.items() if value is not None})
    if settings.chat_model == "extractive":
        raise UsageError("没有指定语言模型。请用 --model，例如 --model local:模型目录。")
    return settings


def _run_file(settings: Settings, options: argparse.Namespace) -> int:
    from rag.chat_models import load_chat_model, model_label

    label = model_label(settings)
    rows = read_prompts(options.input, options.system)
    done = answered(options.output)
    left = [row for row in rows if (row.key, label) not in done]
    print(f"{len(rows)} 个问题，{len(rows) - len(left)} 个已有结果，还要问 {len(left)} 个。", file=sys.stderr)
    failed = 0
    if left:
        chat_model = load_chat_model(settings)
        options.output.parent.mkdir(parents=True, exist_ok=True)
        with options.output.open("a", encoding="utf-8", errors="replace") as out, tqdm(total=len(left), unit="题") as bar:
            for row, result in infer_all(chat_model, left, options.concurrency):
                bar.update()
                if isinstance(result, ChatModelError):
                    failed += 1
                    bar.write(f"{row.key}：{result}", file=sys.stderr)
                    continue
                out.write(json.dumps({**row.fields, **result, "key": row.key, "model": label}, ensure_ascii=False) + "\n")
                out.flush()
    print(f"结果在 {options.output}。" + (f"有 {failed} 个失败，再运行一次会只补这些。" if failed else ""), file=sys.stderr)
    return 1 if failed else 0


def answered(path: Path) -> set[tuple[str, str]]:
    """(key, model) of the results that a file holds already; a last line that a kill cut short is taken out of the file.

    Raises:
        ContentError: a line of it is no result: it is another file.
    """
    found: set[tuple[str, str]] = set()
    if not path.exists():
        return found
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    for n, line in enumerate(whole.decode("utf-8", "replace").split("\n")[:-1], 1):
        try:
            result = json.loads(line)
            found.add((result["key"], result["model"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ContentError(f"{path} 第 {n} 行不是这个命令写的结果。请换一个 --output。") from error
    if whole != data:
        path.write_bytes(whole)
    return found


def infer_all(
    chat_model: BaseChatModel, rows: Sequence[PromptRow], concurrency: int = 1
) -> Iterator[tuple[PromptRow, dict[str, Any] | ChatModelError]]:
    """Each row with its result (`response`, `finish_reason`, `tokens`, `seconds`) or with the error of its request, as they come."""
    waiting = iter(rows)
    with ThreadPoolExecutor(concurrency) as pool:
        running: dict[Future[dict[str, Any]], PromptRow] = {}
        while True:
            while len(running) < concurrency and (row := next(waiting, None)):
                running[pool.submit(_infer, chat_model, row)] = row
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                row = running.pop(future)
                error = future.exception()
                if error is not None and not isinstance(error, ChatModelError):
                    raise error
                yield row, future.result() if error is None else error


def _infer(chat_model: BaseChatModel, row: PromptRow) -> dict[str, Any]:
    begun = time.perf_counter()
    message = chat_model.invoke(list(row.messages))
    return {
        "response": str(message.text),
        "finish_reason": message.response_metadata.get("finish_reason"),
        "tokens": dict(message.usage_metadata or {}),
        "seconds": round(time.perf_counter() - begun, 3),
    }


if __name__ == "__main__":
    raise SystemExit(main())
