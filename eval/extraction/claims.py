"""Where a reply says which letter is the answer, without what it denies, supposes or only quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from eval.extraction.claim import SEVERAL, STRANGE, Claim
from eval.extraction.denials import CLAUSE, SENTENCE, is_aside, is_denied, is_denied_behind
from eval.extraction.lines import bare_lines
from eval.extraction.patterns import (
    AFTER_CHOICE,
    ALONE,
    ANSWER_IN_WORDS,
    BARE,
    CHOICES,
    LED,
    MORE,
    NAMED,
    NEW_CLAUSE,
    RECHOSEN,
    STRONG,
    VERDICT,
    WEAK,
)
from eval.extraction.words import is_own_option, option_in_words
from knowledge.questions import LETTERS

__all__ = ["by_elimination", "strong_claims", "weak_claims"]

_EITHER = re.compile(
    r"[^。\n]{0,12}(?:也可能|也可以?|或许|或者|要么|也[对是选]|or (?:possibly|maybe|perhaps))[^。\n]{0,8}?(?<![A-Za-z0-9+/])([A-D])(?![A-Za-z0-9+/_#*])"
)
_PLAINLY = re.compile(r"[是为:选=应\]】\n|→>(«\"]|\b(?:is|be)\b")
_PARTS = re.compile(r"[。;\n]|(?<=[误确对错]),|\.(?= )")
_JUDGED = re.compile(
    r"(?:由上|由此|因此|综上所述|综上|所以|可知|可见|其中|[,: ]){0,4}[\s«(\[选项,、\-•]{0,6}((?:(?i:option |choice )?[A-D](?![A-Za-z0-9+/_#*\-])[»)\]选项 、,和.:]{0,6}){1,4})"
)
_FEW_WORDS = 60
"""Anchors, from the end, whose words are compared with the options."""


def strong_claims(text: str, options: Sequence[str]) -> list[Claim]:
    """Claims that hold wherever they stand, in the order of the text."""
    found = [claim for pattern in STRONG for claim in _claims(pattern, text, options)]
    found += [claim for claim in _claims(CHOICES, text, options, chosen=True)]
    found += [*bare_lines(text, options), *_worded(text, options)]
    found.sort(key=lambda claim: (claim.end, claim.start))
    return [claim for n, claim in enumerate(found) if n == 0 or not is_aside(text, claim.start)]


def weak_claims(text: str, options: Sequence[str], behind: int | None = None) -> list[Claim]:
    """Claims that conclude where the text ends, and elsewhere may be steps on the way.

    Args:
        behind: Where an answer was taken back: only what follows counts, and there a plain 选 B too.
    """
    first, *others = WEAK
    found = [*_claims(first, text, options, chosen=True), *(c for pattern in others for c in _claims(pattern, text, options))]
    if behind is not None:
        found += _claims(RECHOSEN, text, options)
    return sorted((c for c in found if c.start >= (behind or 0)), key=lambda claim: (claim.end, claim.start))


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
    alone = len(verdicts) == 1 and ALONE.match(text) and set(NAMED.findall(text)) == set(right)
    return right[0] if len(right) == 1 and (wrong == len(LETTERS) - 1 or alone) else ""
