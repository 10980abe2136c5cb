"""Lines that are nothing but an answer: 答案:B as the prompt asks for it, or a first or last line that is a letter."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import takewhile

from eval.extraction.claim import STRANGE, Claim
from eval.extraction.patterns import ANSWER_LINE, BARE, LED, NAMED, NEXT_QUESTION, VERDICT
from eval.extraction.words import is_own_option, option_in_words
from knowledge.questions import LETTERS

__all__ = ["bare_lines", "stated_claims"]

_CLOSED = " »)]}\"'”’」』】"
_NOTHING = re.compile(r" ?(?:选项|项)? ?[.。!✅]?(?: ?[(\[][^()\[\]\n]{0,80}[)\]][.。]?)?")
"""What may stand behind the letter of an answer line, in words of its own: 选项, a full stop, a remark in parentheses."""
_LONGEST_WORDS = 60


def stated_claims(text: str, options: Sequence[str], strong: Sequence[Claim]) -> list[Claim]:
    """Those of the claims that are a line of their own: 答案:B, an answer's heading with a letter below, a first line B."""
    lines = [(found.start(), found.end()) for found in ANSWER_LINE.finditer(text) if _is_just(found, options)]
    first = [(0, claim.end) for claim in bare_lines(text, options) if claim.start == 0]
    spans = sorted([*first, *lines])
    starts = [start for start, _ in spans]
    return [c for c in strong if c.letter and (n := bisect_right(starts, c.start)) and c.end <= spans[n - 1][1]]


def _is_just(found: re.Match[str], options: Sequence[str]) -> bool:
    """Whether an answer line ends behind its letter, or behind the option's own words."""
    rest = found["rest"].lstrip(_CLOSED)
    if _NOTHING.fullmatch(rest.rstrip(_CLOSED)) or _NOTHING.fullmatch(rest.rstrip()):
        return True
    words = found["rest"].lstrip(f"{_CLOSED}.、:,-= ").rstrip(_CLOSED)
    if len(options) == len(LETTERS) and option_in_words(words, options):
        return option_in_words(words, options) == found["letter"]
    marked = found["rest"].lstrip("»)]} ")[:1] in (".", "、", ":") or found["rest"][:1] in (")", "(")
    return marked and len(words) <= _LONGEST_WORDS and not re.search(r"[。;!?]", words[:-1]) and not _judges(words)


def _judges(words: str) -> bool:
    """Whether words speak about options instead of being one."""
    return bool(NAMED.search(words) or VERDICT.search(words))


def bare_lines(text: str, options: Sequence[str]) -> Iterator[Claim]:
    """The first and the last line, where they are a letter, or an option with its letter."""
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines:
        return
    first, last = BARE.match(lines[0]), BARE.match(lines[-1]) if len(lines) > 1 else None
    if (
        first
        and (first["letter"].isupper() or len(lines) == 1)
        and not any(_is_other(line, first["letter"]) and not VERDICT.search(line) for line in lines[1:2])
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
