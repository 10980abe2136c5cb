"""What models answered, a JSON object a line: kept at once, so that a run that was ended early goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from errors import ContentError, UsageError
from finetune.comparing.entrants import Entrant
from finetune.comparing.exactness import same
from finetune.prompt_rows import PromptRow

__all__ = ["Asked", "asked", "cut_mended", "read_results", "result_line"]

Asked: TypeAlias = tuple[str, str, str]
"""Key of the row, name of the model, and a digest of all that its answer depends on."""


def asked(row: PromptRow, entrant: Entrant) -> Asked:
    """What an answer is known by: a changed prompt, other weights or another limit make another one of it."""
    told = [[[message.type, message.content] for message in row.messages], entrant.identity]
    digest = hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:16]
    return row.key, entrant.name, digest


def result_line(row: PromptRow, of: Asked, result: Mapping[str, Any]) -> str:
    """A line of the file: the row as it was given, the answer, whether it is the reference answer, and what it is known by."""
    key, model, digest = of
    compared = {"reference": row.reference, "exact": same(result["response"], row.reference)} if row.reference else {}
    told = {**row.fields, **result, **compared, "key": key, "model": model, "asked": digest}
    return json.dumps(told, ensure_ascii=False) + "\n"


def read_results(path: Path) -> dict[Asked, dict[str, Any]]:
    """The results that a file holds; none if there is no file. A last line that a kill cut short is not looked at.

    Raises:
        ContentError: a line of it is no result: it is another file.
        UsageError: it can't be read.
    """
    try:
        data = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise UsageError(f"读不了 {path}（{error.strerror}）。请换一个 --output，或检查权限。") from error
    found = dict[Asked, dict[str, Any]]()
    for n, line in enumerate(data[: data.rfind(b"\n") + 1].decode("utf-8", "replace").split("\n")[:-1], 1):
        try:
            result = json.loads(line)
            if not isinstance(result["response"], str):
                raise TypeError
            found[str(result["key"]), str(result["model"]), str(result["asked"])] = result
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ContentError(f"{path} 第 {n} 行不是这个命令写的结果。请换一个 --output。") from error
    return found


def cut_mended(path: Path) -> None:
    """Take half a line, which a kill left, off the end of a file, so that the next one begins anew."""
    data = path.read_bytes() if path.exists() else b""
    if data and not data.endswith(b"\n"):
        with path.open("r+b") as file:
            file.truncate(data.rfind(b"\n") + 1)
