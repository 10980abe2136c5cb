"""Single-choice questions: what one is, and its form in a JSONL bank.

Run as: python -m knowledge.questions check knowledge/questions
        python -m knowledge.questions import EXAM.docx --out my.jsonl
"""

from __future__ import annotations

import math
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

from errors import ContentError
from knowledge.text_file import INVISIBLE

__all__ = ["LETTERS", "Fields", "Question", "shown"]

LETTERS = "ABCD"
_KINDS = {str: "文字", bool: "真假值", int: "整数", float: "小数", list: "列表", dict: "对象", type(None): "空值（null）"}


def shown(stem: str, options: Sequence[str]) -> str:
    """A question as it stands in a paper: the stem, and a line for each option."""
    return "\n".join([stem.strip(), *(f"{letter}. {option}" for letter, option in zip(LETTERS, options, strict=True))])


@dataclass(frozen=True)
class Question:
    """A question with four options and one key.

    Attributes:
        key: letter of the right option.
        points: ids of the syllabus points that it asks about.
        difficulty: 1 (recall) to 5 (several steps that are easily confused).
        family: id of the generator that computed it, '' for a written one.
    """

    id: str
    subject: str
    stem: str
    options: tuple[str, str, str, str]
    key: str
    explanation: str
    points: tuple[str, ...]
    difficulty: int
    family: str = ""

    @property
    def answer(self) -> str:
        """Text of the right option."""
        return self.options[LETTERS.index(self.key)]

    def to_json(self) -> dict[str, Any]:
        """One line of a bank."""
        row: dict[str, Any] = {
            "id": self.id,
            "subject": self.subject,
            "question": self.stem,
            "options": dict(zip(LETTERS, self.options, strict=True)),
            "answer": self.key,
            "explanation": self.explanation,
            "points": list(self.points),
            "difficulty": self.difficulty,
        }
        return row | ({"family": self.family} if self.family else {})

    @classmethod
    def from_json(cls, row: dict[str, Any], place: str) -> Question:
        """Read one line of a bank; `place` names it in errors.

        Raises:
            ContentError: fields are missing or not usable; the message names them all.
        """
        fields = Fields(row, place)
        fields.tell_all(
            ("id", "question", "options", "answer", "subject"),
            {
                "id": fields.identifier, "question": partial(fields.text, "question"), "options": fields.options,
                "answer": fields.key, "explanation": partial(fields.text, "explanation", may_lack=True),
                "points": fields.points, "difficulty": fields.difficulty,
                "family": partial(fields.text, "family", may_lack=True), "subject": partial(fields.text, "subject"),
            },
        )  # fmt: skip
        return cls(
            fields.identifier(), fields.text("subject"), fields.text("question"), fields.options(), fields.key(),
            fields.text("explanation", may_lack=True), fields.points(), fields.difficulty(),
            fields.text("family", may_lack=True),
        )  # fmt: skip


class Fields:
    """The fields of a row of a bank, each checked for its type.

    Nothing is made text that is none: `str` would turn a null into a stem “None”. Errors name the place and the field
    and tell the kind of the value, never a nested value itself, which can be too deep to be shown.
    """

    def __init__(self, row: dict[str, Any], place: str, within: str = "") -> None:
        """`within` is what to call the row, if it stands in another one: `parts[1].`, say."""
        self._row = row
        self._place = place
        self._within = within

    def require(self, *names: str) -> None:
        """Raise a ContentError that lists what is missing."""
        if lacking := [self._within + name for name in names if name not in self._row]:
            raise ContentError(f"{self._place}：没有 {'、'.join(lacking)}。")

    def tell_all(self, needed: Iterable[str], readers: Mapping[str, Callable[[], object]]) -> None:
        """Raise one ContentError with every fault: of what is needed and missing, then of each field that is there.

        Args:
            readers: what reads each field, in the order in which the faults are told.
        """
        faults = list[str]()
        reads: list[Callable[[], object]] = [partial(self.require, *needed)]
        reads += [read for name, read in readers.items() if name in self._row]
        for read in reads:
            try:
                read()
            except ContentError as error:
                faults.append(str(error).removeprefix(f"{self._place}：").removesuffix("。"))
        if faults:
            raise ContentError(f"{self._place}：{'；'.join(faults)}。")

    def text(self, name: str, *, may_lack: bool = False) -> str:
        """A text; one that may lack is '' then, and may be empty."""
        value = self._row.get(name, "" if may_lack else None)
        if not isinstance(value, str):
            self._refuse(name, "文字", value)
        return self._usable(name, value, may_lack)

    def identifier(self) -> str:
        """The id; banks from elsewhere number their questions."""
        value = self._row.get("id")
        return str(value) if _is_whole(value) else self.text("id")

    def key(self) -> str:
        """The letter of the right option; a number is refused, for it may count from 0 or from 1."""
        value = self._row.get("answer")
        if isinstance(value, list) and len(value) > 1:
            raise ContentError(f"{self._place}：答案有 {len(value)} 个，是多选，只考单选题。")
        key = str(value) if _is_whole(value) else unicodedata.normalize("NFKC", self.text("answer")).strip().upper()
        if key in tuple(LETTERS):
            return key
        why = "不是 A、B、C、D 之一"
        if key.removeprefix("-").isdecimal():
            why = "是数字，分不清从 0 还是从 1 数起，请改为 A、B、C 或 D"
        elif len(letters := re.sub(r"[\s,、;/和]", "", key)) == len(set(letters)) > 1 and set(letters) <= set("ABCDEFGH"):
            why = "是多选，只考单选题"
        raise ContentError(f"{self._place}：答案“{key[:20]}”{why}。")

    def difficulty(self) -> int:
        """1 to 5; 3 where it lacks."""
        return self.whole("difficulty", 1, 5) if "difficulty" in self._row else 3

    def whole(self, name: str, least: int, most: int) -> int:
        """A whole number between two bounds."""
        value = self._row.get(name)
        if isinstance(value, int) and _is_whole(value) and least <= value <= most:
            return value
        self._refuse(name, f" {least}–{most} 的整数", value)

    def points(self) -> tuple[str, ...]:
        """Ids of syllabus points; none where they lack."""
        value = self._row.get("points", [])
        if not isinstance(value, list) or not all(isinstance(point, str) for point in value):
            self._refuse("points", "考点编号的列表", value)
        return tuple(self._usable("points", point, False) for point in value)

    def options(self) -> tuple[str, str, str, str]:
        """The four options, which stand under A–D or in a list."""
        value = self._row.get("options")
        if isinstance(value, list) and len(value) == len(LETTERS):
            value = dict(zip(LETTERS, value, strict=True))
        if isinstance(value, list | dict) and len(value) < len(LETTERS):
            raise ContentError(f"{self._place}：只有 {len(value)} 个选项，应有 A、B、C、D 四个。")
        if isinstance(value, list):
            raise ContentError(f"{self._place}：options 有 {len(value)} 项，只支持 A、B、C、D 四个选项。")
        if not isinstance(value, dict):
            self._refuse("options", " A–D 四个选项", value)
        named = {unicodedata.normalize("NFKC", letter).strip().upper(): option for letter, option in value.items()}
        if len(value) != len(named) or set(named) != set(LETTERS):
            letters = "、".join(letter[:20] for letter in [*value][:10])
            raise ContentError(f"{self._place}：options 应恰好有 A、B、C、D 四个选项，现在是 {letters}。")
        a, b, c, d = (self._option(letter, named[letter]) for letter in LETTERS)
        return a, b, c, d

    def rows(self, name: str) -> list[Fields]:
        """The objects of a list that is not empty."""
        value = self._row.get(name)
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            self._refuse(name, "对象的列表", value)
        return [Fields(row, self._place, f"{self._within}{name}[{n}].") for n, row in enumerate(value, 1)]

    def _option(self, letter: str, value: Any) -> str:
        name = f"options 的 {letter}"
        if _is_whole(value) or (isinstance(value, float) and math.isfinite(value)):
            return str(value)
        if not isinstance(value, str):
            self._refuse(name, "文字或数", value)
        return self._usable(name, value, False)

    def _usable(self, name: str, text: str, may_be_empty: bool) -> str:
        if any("\ud800" <= c <= "\udfff" for c in text):  # half a surrogate pair, which no encoding can write
            raise ContentError(f"{self._place}：{self._within}{name} 里有残缺的字符（\\ud800–\\udfff），请重新输入这段文字。")
        text = INVISIBLE.sub("", text)
        if not may_be_empty and not text.strip():
            raise ContentError(f"{self._place}：{self._within}{name} 是空的，请补上。")
        return text

    def _refuse(self, name: str, wanted: str, value: Any) -> NoReturn:
        shown = f" {str(value)[:20]}" if isinstance(value, int | float) else ""
        found = f"{_KINDS.get(type(value), '别的内容')}{shown}"
        if isinstance(value, list) and wanted.endswith("列表"):
            found = f"含有{'、'.join(sorted(_kinds(value)))}的列表"
        raise ContentError(f"{self._place}：{self._within}{name} 应是{wanted}，而不是{found}。")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _kinds(values: Iterable[Any]) -> set[str]:
    return {_KINDS.get(type(value), "别的内容") for value in values}


if __name__ == "__main__":
    from knowledge.bank_command import main

    sys.exit(main())
