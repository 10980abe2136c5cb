"""Where a reply says which letter is the answer, without what it denies, supposes or only quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from eval.extraction.denials import CLAUSE, SENTENCE, is_aside, is_denied, is_denied_behind
from eval.extraction.patterns import (
    AFTER_CHOICE,
    ALONE,
    ANSWER_IN_WORDS,
    BARE,
    CHOICES,
    LED,
    MORE,
    NEW_CLAUSE,
    NEXT_QUESTION,
    STRONG,
    VERDICT,
    WEAK,
)
from eval.extraction.words import is_own_option, option_in_words
from knowledge.questions import LETTERS

__all__ = ["SEVERAL", "STRANGE", "Claim", "by_elimination", "strong_claims", "weak_claims"]

SEVERAL, STRANGE = "写了几个不同的选项", "写的答案不是 A、B、C、D 之一"
_EITHER = re.compile(
    r"[^。\n]{0,12}(?:也可能|也可以?|或许|或者|要么|也[对是选]|or (?:possibly|maybe|perhaps))[^。\n]{0,8}?(?<![A-Za-z0-9+/])([A-D])(?![A-Za-z0-9+/_#*])"
)
_PLAINLY = re.compile(r"[是为:选=应\]】\n|→>(«\"]|\b(?:is|be)\b")
_PARTS = re.compile(r"[。;\n]|(?<=[误确对错]),|\.(?= )")
_NAMED = re.compile(r"(?<![A-Za-z0-9+/_\-])[A-D](?![A-Za-z0-9+/_#*\-])")
_JUDGED = re.compile(
    r"(?:由上|由此|因此|综上所述|综上|所以|可知|可见|其中|[,: ]){0,4}[\s«(\[选项,、\-•]{0,6}((?:(?i:option |choice )?[A-D](?![A-Za-z0-9+/_#*\-])[»)\]选项 、,和.:]{0,6}){1,4})"
)
_FEW_WORDS = 60
"""Anchors, from the end, whose words are compared with the options."""


@dataclass(frozen=True)
class Claim:
    """A letter that is called the answer, and where; '' with a reason where several letters are, or none of A–D."""

    start: int
    end: int
    letter: str
    reason: str = ""


def strong_claims(text: str, options: Sequence[str]) -> list[Claim]:
    """Claims that hold wherever they stand, in the order of the text."""
    found = [claim for pattern in STRONG for claim in _claims(pattern, text, options)]
    found += [claim for claim in _claims(CHOICES, text, options, chosen=True)]
    found += [*_bare_lines(text, options), *_worded(text, options)]
    found.sort(key=lambda claim: (claim.end, claim.start))
    return [claim for n, claim in enumerate(found) if n == 0 or not is_aside(text, claim.start)]


def weak_claims(text: str, options: Sequence[str]) -> list[Claim]:
    """Claims that conclude where the text ends, and elsewhere may be steps on the way."""
    first, *others = WEAK
    found = [*_claims(first, text, options, chosen=True), *(c for pattern in others for c in _claims(pattern, text, options))]
    return sorted(found, key=lambda claim: (claim.end, claim.start))


def _claims(pattern: re.Pattern[str], text: str, options: Sequence[str], *, chosen: bool = False) -> Iterator[Claim]:
    for found in pattern.finditer(text):
        groups = found.groupdict()
        letter, end = (groups["letter"] or "").upper(), found.end()
        if is_denied(text, found.start()) or (letter and _is_list_of_options(text, found.start(), found.end("letter"), letter)):
            continue
        if groups.get("several"):
            yield Claim(found.start(), end, "", SEVERAL)
        elif letter not in LETTERS:
            yield Claim(found.start(), end, "", STRANGE)
        elif pattern is STRONG[0] and not _is_called_answer(text, found):
            continue
        elif _has_second(text, found.end("letter"), letter):
            yield Claim(found.start(), end, "", SEVERAL)
        elif is_own_option(text, found.end("letter"), letter, options) or (
            not is_denied_behind(text, found.end("letter")) and (not chosen or AFTER_CHOICE.match(text, found.end("letter")))
        ):
            yield Claim(found.start(), end, letter)


def _is_called_answer(text: str, found: re.Match[str]) -> bool:
    """Whether 答案 and a letter with nothing between them (答案 A) end there: not in 与答案 A 相比."""
    between = text[found.start() : found.start("letter")]
    return bool(_PLAINLY.search(between) or AFTER_CHOICE.match(text, found.end("letter")))


def _is_list_of_options(text: str, start: int, end: int, letter: str) -> bool:
    """Whether the letter heads a line and the next letter another one behind: the options are listed, none is chosen."""
    lines = text[end : end + 400].split("\n")[1:]
    follower = next((bare["letter"] for line in lines[:1] if (bare := BARE.match(line))), letter)
    if follower != letter:
        return True
    if "\n" not in text[start:end] or text[end : end + 3].strip(" .。»)")[:1] in ("", "\n"):
        return False
    heads = (led["letter"] for line in lines if (led := LED.match(line)))
    return ord(next(heads, letter)) == ord(letter) + 1


def _has_second(text: str, end: int, letter: str) -> bool:
    """Whether another letter is joined to the one before `end`: A 和 C, A、C 都对. Not in 答案：A，B 选项错误."""
    either = _EITHER.match(text, end)
    if either and either[1] != letter:
        return True
    more = MORE.match(text, end)
    if not more or more["other"] == letter:
        return False
    joined = more[0][: more.start("other") - more.start()].strip(" »)]\"'")
    new = NEW_CLAUSE.match(more["tail"])
    return not (new and (joined == "," or (joined == "、" and not new[0].startswith("、"))))


def _bare_lines(text: str, options: Sequence[str]) -> Iterator[Claim]:
    """The first and the last line, where they are a letter, or an option with its letter."""
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines:
        return
    first, last = BARE.match(lines[0]), BARE.match(lines[-1]) if len(lines) > 1 else None
    if (
        first
        and (first["letter"].isupper() or len(lines) == 1)
        and not any(_is_other(line, first["letter"]) for line in lines[1:2])
    ):
        yield _bare(first["letter"], 0, len(lines[0]))
    elif not first and (led := LED.match(lines[0])) and _is_chosen(led, lines[1:], options):
        yield _bare(led["letter"], 0, len(lines[0]))
    if last and last["letter"].isupper() and not _is_other(lines[-2], last["letter"]):
        yield _bare(last["letter"], len(text) - len(lines[-1]), len(text))
    elif not last and len(lines) > 1 and (led := LED.match(lines[-1])) and _stands_for_itself(led, lines, options):
        yield _bare(led["letter"], len(text) - len(lines[-1]), len(text))


def _bare(letter: str, start: int, end: int) -> Claim:
    letter = letter.upper()
    return Claim(start, end, letter) if letter in LETTERS else Claim(start, end, "", STRANGE)


def _is_other(line: str, letter: str) -> bool:
    """Whether a line begins with another letter: then both belong to a list."""
    led = BARE.match(line) or LED.match(line)
    return led is not None and led["letter"].upper() != letter.upper()


def _is_chosen(led: re.Match[str], rest: Sequence[str], options: Sequence[str]) -> bool:
    """Whether a first line is the option that is chosen: not the first of a list, and without a verdict on it."""
    own = takewhile(lambda line: not NEXT_QUESTION.match(line), rest)
    if any(_is_other(line, led["letter"]) for line in own):
        return False
    if len(options) == len(LETTERS):
        return is_own_option(led.string, led.end("letter"), led["letter"], options)
    return _has_mark(led) and len(led["words"]) <= 60 and not VERDICT.search(led["words"])


def _stands_for_itself(led: re.Match[str], lines: Sequence[str], options: Sequence[str]) -> bool:
    """Whether a last line is an option in its own words, and no other line is one."""
    return option_in_words(led["words"], options) == led["letter"] and not any(
        _is_other(line, led["letter"]) for line in lines[:-1]
    )


def _has_mark(led: re.Match[str]) -> bool:
    """Whether a sign parts the letter from the words."""
    return any(sign in led[0][led.end("letter") - led.start() : led.start("words") - led.start()] for sign in ".、:,)。")


def _worded(text: str, options: Sequence[str]) -> Iterator[Claim]:
    """Claims in an option's own words; a number that is no option's is a claim without a letter."""
    for found in list(ANSWER_IN_WORDS.finditer(text))[-_FEW_WORDS:]:
        if is_denied(text, found.start()):
            continue
        line = found["words"]
        letter = option_in_words(line, options) or option_in_words(SENTENCE.split(line)[0], options)
        letter = letter or option_in_words(CLAUSE.split(line)[0], options)
        if letter:
            yield Claim(found.start(), found.start("words") + 1, letter)
        elif re.match(r"[\d无]", line) and not (options and re.match(r"\d", line)):
            yield Claim(found.start(), found.start("words") + 1, "", STRANGE)


def by_elimination(text: str) -> str:
    """The letter that is called right where the three others are called wrong, or where no other is spoken of; else ''."""
    verdicts = dict[str, set[bool]]()
    for part in _PARTS.split(text):
        said = [found["good"] is not None for found in VERDICT.finditer(part)]
        if said and (judged := _JUDGED.match(part)):
            for letter in re.findall(r"[A-D]", judged[1]):
                verdicts.setdefault(letter, set()).add(said[-1])
    right = [letter for letter, said in verdicts.items() if said == {True}]
    wrong = sum(said == {False} for said in verdicts.values())
    alone = len(verdicts) == 1 and ALONE.match(text) and set(_NAMED.findall(text)) == set(right)
    return right[0] if len(right) == 1 and (wrong == len(LETTERS) - 1 or alone) else ""
