"""A run on disk: its configuration, its questions, its records. A folder belongs to one configuration."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from errors import ContentError, UsageError
from eval.exams.records import RECORDS
from eval.json_lines import replace_text
from knowledge.questions import Question
from rag.contamination import question_hash

__all__ = ["CONFIG", "NAMES", "QUESTIONS", "config_hash", "open_folder", "read_config", "read_questions", "write_json"]

CONFIG, QUESTIONS = "config.json", "questions.jsonl"
NAMES = {
    "model": "模型",
    "fingerprint": "模型文件或接口",
    "source": "题目来源",
    "questions": "题目",
    "modes": "方式（--mode）",
    "rag": "检索（--rag）",
    "shots": "示例（--shots）",
    "rotations": "选项轮换（--shuffle）",
    "examples": "示例题",
    "max_tokens": "回答长度（TUTOR_CHAT_MAX_TOKENS）",
    "chat_template": "对话模板（--chat-template）",
    "knowledge": "知识库",
    "method": "作答方法",
}
"""What a configuration consists of, as a message calls it."""


def config_hash(config: Mapping[str, Any]) -> str:
    """12 hex digits of everything that the answers depend on."""
    told = json.dumps({name: config[name] for name in NAMES if name in config}, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


@contextmanager
def open_folder(folder: Path, config: Mapping[str, Any], questions: Sequence[Question]) -> Iterator[Path]:
    """The path of the records in the folder of this configuration, which is made if there is none; nobody else writes meanwhile.

    Raises:
        UsageError: it holds a run of another configuration (the message names what differs), another process is at work in
            it, or it can't be written.
    """
    lock = FileLock(folder / ".lock", timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _check(folder, config)  # before a lock is put into a folder that is not ours
        lock.acquire()
        _check(folder, config)  # another process may have begun in between
        if not (folder / CONFIG).exists():
            rows = ({"qhash": question_hash(question)} | question.to_json() for question in questions)
            replace_text(folder / QUESTIONS, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
            write_json(folder / CONFIG, dict(config) | {"hash": config_hash(config)})
    except Timeout as error:
        raise UsageError(f"另一个评测正在写 {folder}。请等它结束，或用 --out 换一个目录。") from error
    except OSError as error:
        raise UsageError(f"写不了 {folder}（{error.strerror}）。请用 --out 换一个目录。") from error
    try:
        yield folder / RECORDS
    finally:
        lock.release()


def read_config(folder: Path) -> dict[str, Any]:
    """The configuration of a run.

    Raises:
        UsageError: the folder holds no run, or its config.json is damaged.
    """
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(f"{folder} 不是评测的目录（里面没有 {CONFIG}）。请给出 python -m eval.exam 输出的目录。") from error
    except (OSError, ValueError) as error:
        raise UsageError(f"{folder / CONFIG} 读不了或已损坏。请换一个评测目录，或重新评测。") from error
    if not isinstance(config, dict):
        raise UsageError(f"{folder / CONFIG} 已损坏。请换一个评测目录，或重新评测。")
    return config


def read_questions(folder: Path) -> dict[str, Question]:
    """The questions of a run by their hash, in the order in which they are asked.

    Raises:
        ContentError: a line is no question.
    """
    path = folder / QUESTIONS
    lines = path.read_bytes().strip(b"\n").split(b"\n") if path.exists() else []  # not splitlines: a stem may hold U+2028
    found = {}
    for number, line in enumerate(lines, 1):
        place = f"{path} 第 {number} 行"
        try:
            row = json.loads(line)
            found[row["qhash"]] = Question.from_json(row, place)
        except (ValueError, KeyError, TypeError) as error:
            raise ContentError(f"{place}不是题目。请重新评测，或换一个目录。") from error
    return found


def write_json(path: Path, value: Any) -> None:
    """Write a value, whole or not at all."""
    replace_text(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def _check(folder: Path, config: Mapping[str, Any]) -> None:
    if not (folder / CONFIG).exists():
        if others := [path.name for path in folder.iterdir() if not path.name.startswith(".") and path.name != QUESTIONS]:
            raise UsageError(f"{folder} 里已有别的文件（{'、'.join(sorted(others)[:3])}），不会混在一起。请用 --out 换一个目录。")
        return
    before = read_config(folder)
    differing = [name for key, name in NAMES.items() if before.get(key) != config.get(key)]
    if differing:
        raise UsageError(
            f"{folder} 是另一种设置的评测，不同的是：{'、'.join(differing)}。"
            "请用 --out 换一个目录（或不写 --out，按设置自动分开存放）；原来的记录没有动。"
        )
