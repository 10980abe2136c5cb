"""From pairs to a data set: chosen, deduplicated, looked through for exam questions, split, counted and written."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from errors import ContentError, UsageError
from finetune.conversations.conversation import Conversation
from finetune.conversations.files import write_conversations
from finetune.making.contamination import Contamination, check
from finetune.making.duplicates import conflicts, without_duplicates
from finetune.making.out_folder import CARD, TRAIN, VAL, write_json
from finetune.making.pair import answer_of, with_system
from finetune.making.splits import split
from knowledge.questions import Question

__all__ = ["Choice", "DataSet", "chosen", "written"]


@dataclass(frozen=True)
class Choice:
    """What becomes of the pairs.

    Attributes:
        val_size: share of the validation set, or its number from 1 on; 0 for none.
        limit: most pairs that are kept, drawn by the seed; None for all.
        most_chars: of an answer; None for any.
        system: system prompt of each conversation; '' for none.
        drop: whether pairs that hold a question of the exam are left out.
    """

    val_size: float
    seed: int
    limit: int | None = None
    most_chars: int | None = None
    system: str = ""
    drop: bool = False

    @property
    def plan(self) -> dict[str, Any]:
        """All of it, by the names of the command's options."""
        told = asdict(self)
        return {_OPTIONS.get(name, name): value for name, value in told.items()}


_OPTIONS = {"most_chars": "max_answer_chars", "drop": "drop_contaminated"}


@dataclass(frozen=True)
class DataSet:
    """What was chosen, and how many were left out on the way, by reason; `contamination` is of `rows`."""

    train: list[Conversation]
    val: list[Conversation]
    counts: dict[str, int]
    contamination: Contamination

    @property
    def rows(self) -> list[Conversation]:
        """Training data, then validation data."""
        return [*self.train, *self.val]


def chosen(pairs: Iterable[Conversation], choice: Choice, exam: Sequence[Question] | None = None) -> DataSet:
    """The data set of some pairs: the same pairs and choice give the same.

    Args:
        exam: the questions that must not be learned; None for the shipped bank's.

    Raises:
        ContentError: nothing is left, or too little to be split.
    """
    given = list(pairs)
    short = [one for one in given if choice.most_chars is None or len(answer_of(one)) <= choice.most_chars]
    kept, twice = without_duplicates(short)
    clean = check(kept, exam).without(kept) if choice.drop else kept
    rows = _drawn(clean, choice)
    counts = {
        "given": len(given),
        "too_long": len(given) - len(short),
        "duplicate": len(twice),
        "conflicting": len(conflicts(twice)),
        "dropped_as_contaminated": len(kept) - len(clean),
        "over_limit": len(clean) - len(rows),
        "kept": len(rows),
    }
    if not rows:
        raise ContentError(_nothing(counts))
    sides = split(rows, choice.val_size, choice.seed) if choice.val_size else (rows, [])
    train, val = ([with_system(one, choice.system) for one in side] for side in sides)
    return DataSet(train, val, counts, check([*train, *val], exam))


def written(folder: Path, data: DataSet, form: str, card: Mapping[str, Any]) -> dict[str, Any]:
    """Write the files of a data set, its card last: where there is a card, the files are those that it names. Returns the card.

    Raises:
        UsageError: they can't be written.
    """
    try:
        (folder / CARD).unlink(missing_ok=True)
        (folder / VAL).unlink(missing_ok=True)
        write_conversations(folder / TRAIN, data.train, form)
        if data.val:
            write_conversations(folder / VAL, data.val, form)
        files = {path.name: _file(path) for path in (folder / TRAIN, folder / VAL) if path.exists()}
    except OSError as error:
        raise UsageError(f"写不了 {folder}（{error.strerror}）。请检查磁盘空间与权限，再运行同一条命令。") from error
    rows = {TRAIN: len(data.train), VAL: len(data.val)}
    told = {**card, "files": {name: {"rows": rows[name], **digest} for name, digest in files.items()}}
    write_json(folder / CARD, told)
    return told


def _drawn(rows: list[Conversation], choice: Choice) -> list[Conversation]:
    if choice.limit is None or len(rows) <= choice.limit:
        return rows
    numbers = random.Random(f"limit/{choice.seed}").sample(range(len(rows)), choice.limit)
    return [rows[number] for number in sorted(numbers)]


def _file(path: Path) -> dict[str, str]:
    return {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def _nothing(counts: Mapping[str, int]) -> str:
    told = {
        "given": "得到",
        "too_long": "回答超过 --max-answer-chars",
        "duplicate": "重复",
        "dropped_as_contaminated": "与考题重合",
    }
    return f"一个问答也没有留下：{'，'.join(f'{name} {counts[key]}' for key, name in told.items())}。请放宽条件，或换别的资料。"
