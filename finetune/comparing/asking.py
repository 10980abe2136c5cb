"""Asking a model a list of prompts, several at a time, and keeping each answer as it comes."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from errors import ModelLoadError, UsageError
from finetune.comparing.entrants import Entrant, free_memory, loaded
from finetune.comparing.results import Asked, asked, cut_mended, read_results, result_line
from finetune.prompt_rows import PromptRow
from knowledge.printable import printable
from rag.jobs import done

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

__all__ = ["ask_all"]


def ask_all(
    entrants: Sequence[Entrant], rows: Sequence[PromptRow], output: Path | None, concurrency: int = 1
) -> tuple[dict[Asked, dict[str, Any]], int]:
    """The results of all rows by all entrants, and how many failed. One model is in memory at a time.

    Args:
        output: a file that holds results, which are not asked for again, and that new ones are appended to.

    Raises:
        ContentError: `output` is another file.
        UsageError: it can't be written.
        ModelLoadError: the only model can't be loaded. Of several, one that can't counts as failed, and the others go on.
    """
    results, failed = read_results(output) if output else {}, 0
    for entrant in entrants:
        left = [row for row in rows if asked(row, entrant) not in results]
        told = f"{entrant.name}：{len(rows)} 个问题，{len(rows) - len(left)} 个已有结果，还要问 {len(left)} 个。"
        print(told, file=sys.stderr)  # noqa: T201 - the commands' progress
        if left:
            try:
                found = _asked_of(entrant, left, output, concurrency)
            except ModelLoadError as error:
                if len(entrants) == 1:
                    raise
                print(printable(f"{entrant.name}：{error}"), file=sys.stderr)  # noqa: T201 - the commands' progress
                found = {}
            results |= found
            failed += len(left) - len(found)
            free_memory()
    return results, failed


def _asked_of(entrant: Entrant, rows: Sequence[PromptRow], output: Path | None, concurrency: int) -> dict[Asked, dict[str, Any]]:
    """The results of these rows, as far as they could be had."""
    found, came = dict[Asked, dict[str, Any]](), 0
    keep = _Kept(output)  # before gigabytes are loaded: it may not be writable
    chat_model = loaded(entrant)
    with tqdm(total=len(rows), unit="题", desc=entrant.name) as bar:
        for row, result, fault in done(rows, partial(_infer, chat_model), concurrency):
            bar.update()
            came += 1
            if result is None:
                bar.write(printable(f"{row.key}：{fault}"), file=sys.stderr)
                continue
            of = asked(row, entrant)
            found[of] = result
            keep.write(result_line(row, of, result))
        if came < len(rows):
            bar.write(f"{entrant.name}：模型不可用，后面的 {len(rows) - came} 个没有再问。", file=sys.stderr)
    return found


class _Kept:
    """A file that lines are appended to, each written out at once; nothing without a file."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        if path:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                cut_mended(path)
                with path.open("a"):
                    pass
            except OSError as error:
                raise _unwritable(path, error) from error

    def write(self, line: str) -> None:
        if self._path:
            try:
                with self._path.open("a", encoding="utf-8", errors="replace") as file:
                    file.write(line)
            except OSError as error:
                raise _unwritable(self._path, error) from error


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"写不了 {path}（{error.strerror}）。请换一个 --output，或检查权限与磁盘空间；已有的结果都在。")


def _infer(chat_model: BaseChatModel, row: PromptRow) -> dict[str, Any]:
    begun = time.perf_counter()
    message = chat_model.invoke(list(row.messages))
    return {
        "response": str(message.text),
        "finish_reason": message.response_metadata.get("finish_reason"),
        "tokens": dict(message.usage_metadata or {}),
        "seconds": round(time.perf_counter() - begun, 3),
    }
