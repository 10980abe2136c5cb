"""A student's answers to the questions that wait, read from what was typed, and whether they are right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from knowledge.quotes import squeezed
from tutoring.quiz_form import Item
from vector_db.segmentation import joined, other_names

__all__ = ["PASS", "is_answer", "is_right", "read_answers"]

PASS = ""
"""An answer that says that the student does not know."""
_PASS = r"(?:不会|不知道|不懂|不清楚|跳过|放弃|pass|没思路|(?:看|公布|揭晓|给我?|要|告诉我)?(?:一下)?(?:正确)?答案|解析)"
_ALL_PASS = re.compile(
    rf"^\s*(?:我)?(?:都|全部?|全都|统统)?\s*{_PASS}\s*(?:吧|了|呢|是什么|是啥|一下|都|全部)?[。.!！?？\s]*$", re.IGNORECASE
)
_NUMBERED_PASS = re.compile(rf"(?:第\s*)?(\d{{1,2}})\s*(?:题|小题|[.、:：])?\s*(?:我)?{_PASS}", re.IGNORECASE)
_CHOICE = re.compile(
    r"(?:第\s*)?(?<![\d.])(\d{1,2})\s*(?:题|小题)?\s*[.、:：)）,，-]?\s*(?:我)?(?:选择?|答案?|是|应该是|觉得是)*\s*[:：]?\s*([A-Da-d])(?![A-Za-z])"
)
_CHINESE_NUMBER = re.compile(r"第\s*([一二三四五六七八九十])\s*[题小道个]?题?")
_NUMERALS = {c: str(n) for n, c in enumerate("一二三四五六七八九十", 1)}
_LETTERS_ONLY = re.compile(r"^[\s,，、;；./]*(?:[A-D][\s,，、;；./]*)+$")
_ONE_LETTER = re.compile(
    r"^(?:我?(?:选择?|觉得|认为|答案?|应该)?(?:是|选|为)?\s*[:：]?)?\s*([A-D])\s*(?:项|选项)?\s*(?:吧|吗|对吗|对)?[。.!！?？~\s]*$"
)
_NUMBERED = re.compile(r"(?:^|[\n;；])\s*(?:第\s*)?(\d{1,2})\s*(?:题|[.、:：)）])\s*|(?:^|[\s\n;；，,])(\d{1,2})\s+(?=\D)")
_BLANK_LEAD = re.compile(r"^(?:答案?|填|应该?填|应该?是|是|我填|空格?|横线)+\s*[:：]?\s*")


def read_answers(text: str, waiting: Mapping[int, Item]) -> dict[int, str] | None:
    """Answers by the number of the question: a letter, words for a blank, or `PASS`; None if the text answers nothing.

    `waiting` are the unanswered questions by number; numbers that are not among them are left out.
    """
    plain = _CHINESE_NUMBER.sub(lambda m: f"第{_NUMERALS[m[1]]}题", unicodedata.normalize("NFKC", text).strip())
    if _ALL_PASS.match(plain):
        return dict.fromkeys(waiting, PASS)
    passed = _NUMBERED_PASS.findall(plain)
    plain = _NUMBERED_PASS.sub("\n", plain)
    choices = [n for n, item in waiting.items() if item.kind == "choice"]
    blanks = [n for n, item in waiting.items() if item.kind == "cloze"]
    found = _letters(plain, choices) if choices else {}
    if blanks and not found:
        found = _words(plain, blanks)
    found = {int(n): PASS for n in passed} | found
    return {n: answer for n, answer in sorted(found.items()) if n in waiting} or None


def is_answer(text: str) -> bool:
    """Whether a text is nothing but letters, with or without numbers, or words of passing: an answer, never a topic."""
    plain = unicodedata.normalize("NFKC", text).strip()
    rest = _NUMBERED_PASS.sub("", _CHOICE.sub("", plain))
    upper = plain.upper()
    return bool(
        not rest.strip(" ,，、;；.。") or _ALL_PASS.match(plain) or _LETTERS_ONLY.match(upper) or _ONE_LETTER.match(upper)
    )


def is_right(item: Item, answer: str) -> bool | None:
    """Whether an answer is right; None where that can't be told: the student passed, or nobody knows the key for sure.

    Other names of a blanked term are as good as itself; other words may be right too, so they are no error.
    """
    if answer == PASS or not item.certain:
        return None
    if item.kind == "choice":
        return answer == item.key
    names = {item.key, *other_names(joined(item.key))}
    return True if squeezed(answer) in {squeezed(name) for name in names} else None


def _letters(text: str, choices: list[int]) -> dict[int, str]:
    pairs = {int(n): letter.upper() for n, letter in _CHOICE.findall(text)}
    if pairs:
        return pairs
    upper = text.upper()
    if match := _ONE_LETTER.match(upper):
        return {choices[0]: match[1]} if len(choices) == 1 else {}
    if _LETTERS_ONLY.match(upper):
        letters = re.findall("[A-D]", upper)
        return dict(zip(choices, letters, strict=True)) if len(letters) == len(choices) else {}
    return {}


def _words(text: str, blanks: list[int]) -> dict[int, str]:
    parts = _NUMBERED.split(text)
    if len(parts) > 1:
        numbered = {
            int(a or b): words.strip(" ,，;；。\n") for a, b, words in zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
        }
        return {n: (PASS if re.fullmatch(_PASS, words) else _BLANK_LEAD.sub("", words)) for n, words in numbered.items() if words}
    lines = [line.strip(" ,，;；。") for line in re.split(r"[\n;；]", text) if line.strip(" ,，;；。")]
    if len(lines) == len(blanks):
        return {n: _BLANK_LEAD.sub("", line) for n, line in zip(blanks, lines, strict=True)}
    return {}
