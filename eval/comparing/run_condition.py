"""One way of asking (mode, retrieval) out of a run folder, as it is named on the command line: FOLDER, or FOLDER:gen:on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import ContentError, UsageError
from eval.exams.records import RECORDS, Record, read_records
from eval.exams.run_folder import NAMES, QUESTIONS, read_config, read_questions
from eval.exams.samples import EVIDENCE, GENERATION, LOGPROB
from eval.exams.summary import condition_name, group_by_condition
from knowledge.questions import Question

__all__ = ["Difference", "RunCondition", "chosen", "conditions", "differing", "retrieval_pairs"]

_SPEC = re.compile(rf"(.+?)(?::({GENERATION}|{LOGPROB}|{EVIDENCE}))?(?::(on|off))?", re.DOTALL)
_ON = {True: "on", False: "off"}
_NO_CAUSE = {"baseline", "created", "hash", "modes", "questions", "rag", "rotations", "source"}
"""Pairing sees to the questions and rotations; mode and retrieval are those of the condition, not of the whole run."""
_DIGESTS = {"examples", "fingerprint", "knowledge", "method"}
_WAYS = "mode", "rag"
_OTHER_NAMES = {"mode": "方式", "endpoint": "接口地址", "temperature": "温度"}
_LATER = {"endpoint", "temperature"}
"""What runs of an earlier version did not write down: where it is missing it is not known, which is no difference."""


@dataclass(frozen=True)
class RunCondition:
    """A way of asking with its records; `config` and `questions` (by hash) are those of its run."""

    folder: Path
    mode: str
    rag: bool
    config: Mapping[str, Any]
    questions: Mapping[str, Question]
    records: Sequence[Record]

    @property
    def spec(self) -> str:
        """How to name it on the command line."""
        return f"{self.folder}:{self.mode}:{_ON[self.rag]}"

    @property
    def label(self) -> str:
        """Model and way of asking, for a reader."""
        return f"{self.config.get('model', '未知模型')} · {condition_name(self.mode, self.rag)}"

    @property
    def is_baseline(self) -> bool:
        """Whether options were weighed by passages, without any model."""
        return self.mode == EVIDENCE

    @property
    def rotations(self) -> set[int]:
        """The rotations that were answered."""
        return {record.rotation for record in self.records}


@dataclass(frozen=True)
class Difference:
    """Something that the answers depend on and that is not the same in two conditions; values '' where only a digest is known."""

    name: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        return f"{self.name}（{self.before} → {self.after}）" if self.before or self.after else self.name


def conditions(spec: str) -> list[RunCondition]:
    """The ways of asking of a run that fit the spec, in order; at least one.

    Raises:
        UsageError: no folder, no run, no answers yet, or none in this way.
        ContentError: a line of a file is damaged, or records of another configuration are among them.
    """
    folder, mode, rag = _parted(spec)
    config, questions, records = _read(folder)
    groups = group_by_condition(records)
    found = [
        RunCondition(folder, way[0], way[1], config, questions, groups[way])
        for way in sorted(groups)
        if mode in ("", way[0]) and rag in ("", _ON[way[1]])
    ]
    if not found:
        there = "、".join(f"{folder}:{m}:{_ON[r]}" for m, r in sorted(groups))
        raise UsageError(f"{folder} 里没有“{spec[len(str(folder)) + 1 :]}”这种作答方式。里面有：{there}。")
    return found


def chosen(spec: str) -> RunCondition:
    """The one way of asking that a spec names.

    Raises:
        UsageError, ContentError: as `conditions`; UsageError also if several fit.
    """
    found = conditions(spec)
    if len(found) > 1:
        told = "、".join(condition.spec for condition in found)
        raise UsageError(f"{found[0].folder} 里有 {len(found)} 种作答方式，请写明比较哪一种：{told}。")
    return found[0]


def retrieval_pairs(spec: str) -> list[tuple[RunCondition, RunCondition]]:
    """Without and with retrieval, in each mode of one run that has both.

    Raises:
        UsageError, ContentError: as `conditions`; UsageError also if no mode has both.
    """
    found = {(condition.mode, condition.rag): condition for condition in conditions(spec)}
    modes = dict.fromkeys(mode for mode, _ in found)
    pairs = [(found[mode, False], found[mode, True]) for mode in modes if (mode, False) in found and (mode, True) in found]
    if not pairs:
        raise UsageError(
            f"{spec} 里没有“不检索”与“检索”两种作答可以对比。请再给出一个评测目录，或先用 python -m eval.exam --rag both 评测。"
        )
    return pairs


def differing(before: RunCondition, after: RunCondition) -> list[Difference]:
    """Everything that the answers depend on and that differs, so that no one credits the wrong cause."""
    first, second = _causes(before), _causes(after)
    _drop_what_follows(first, second)
    names = _OTHER_NAMES | NAMES | {"rag": "检索"}
    keys = dict.fromkeys([*_WAYS, *names, *sorted(first.keys() | second.keys())])
    return [
        Difference(names.get(key, key), *([] if key in _DIGESTS else [_shown(first.get(key)), _shown(second.get(key))]))
        for key in keys
        if first.get(key) != second.get(key)
    ]


def _causes(condition: RunCondition) -> dict[str, Any]:
    """What the answers of this condition depend on; a long answer's limit is nothing to one that is not written, say."""
    found = {key: value for key, value in condition.config.items() if key not in _NO_CAUSE}
    if condition.mode != GENERATION:
        found.pop("max_tokens", None)
    if condition.mode != LOGPROB:
        found.pop("chat_template", None)
    return found | {"mode": condition.mode, "rag": _ON[condition.rag], "modes": condition.config.get("modes")}


def _drop_what_follows(first: dict[str, Any], second: dict[str, Any]) -> None:
    """Take out what differs only because something else does, or can't be told apart from it."""
    drop = {key for key in _LATER if key not in first or key not in second}
    if first.get("model") != second.get("model"):
        drop |= {"fingerprint", "endpoint"}
    elif "endpoint" not in drop and first["endpoint"] != second["endpoint"]:
        drop.add("fingerprint")  # of an endpoint it is the address
    if first.get("shots") != second.get("shots"):
        drop.add("examples")
    if "off" in (first["rag"], second["rag"]):
        drop.add("knowledge")
    if first.pop("modes") != second.pop("modes") or first["mode"] != second["mode"]:
        drop.add("method")  # one digest over the code of all modes of the run
    if first["mode"] != second["mode"]:
        drop |= {"max_tokens", "chat_template"}
    for key in drop:
        first.pop(key, None)
        second.pop(key, None)


def _parted(spec: str) -> tuple[Path, str, str]:
    match = _SPEC.fullmatch(spec)
    if match is None:
        raise UsageError("评测目录不能是空的。请给出 python -m eval.exam 输出的目录。")
    if Path(spec).is_dir():
        return Path(spec), "", ""
    return Path(match[1]), match[2] or "", match[3] or ""


def _read(folder: Path) -> tuple[dict[str, Any], dict[str, Question], list[Record]]:
    if not folder.is_dir():
        raise UsageError(f"没有目录 {folder}。请给出 python -m eval.exam 输出的目录，或 目录:gen:on 这样的写法。")
    config = read_config(folder)
    if missing := [name for name in (QUESTIONS, RECORDS) if not (folder / name).is_file()]:
        raise UsageError(
            f"{folder} 里没有 {'、'.join(missing)}，评测还没有开始作答或文件被移走了。请先用 python -m eval.exam 评测。"
        )
    try:
        questions, records = read_questions(folder), read_records(folder / RECORDS)
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(f"{folder} 里的 {QUESTIONS} 或 {RECORDS} 读不了。请换一个评测目录，或重新评测。") from error
    if not records:
        raise UsageError(f"{folder} 里还没有一条作答记录。请先用 python -m eval.exam 把评测做完。")
    if strange := [record.qid for record in records if record.config != config.get("hash", record.config)]:
        raise ContentError(
            f"{folder} 的 {RECORDS} 里混有另一种设置的记录（{len(strange)} 条，如 {strange[0]}），不能比较。请换一个目录重新评测。"
        )
    return config, questions, records


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "无" if value is None or value == "" else str(value)[:60]
