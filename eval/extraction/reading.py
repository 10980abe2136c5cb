"""Which letter did a model answer? The last place that says so counts; where that is in doubt, none, and why.

No letter is ever taken because it stands there: `ARP`, `B+树`, `DMA`, 结点 A are no answers, nor is 不是 A. The order of trust:

1. thoughts (`<think>`) are left out, one that never ends with all behind it; a turn ends at its end mark;
2. what runs on into a next question is cut: behind an answer, a numbered or headed line with its own options, 以下是…, User:;
3. a line that is just an answer, as the prompt asks for (答案：C, a box, 答案 with C below it, a first line C); the last one of
   several. Remarks behind it (易错点：很多同学认为答案是 A) change nothing; words that take it back do (更正, 等等, 上面算错了),
   and one that concludes on another letter (所以选 A) leaves no answer;
4. the last other strong claim: 故选 C, "the answer is C", `{"answer": "C"}`, a last line that is just C, an option in its own
   words. Denied (答案不是 A), supposed (如果答案是 A) and quoted ones (很多同学误选 A, 以“答案：A”的格式作答) are none; one that
   is taken back afterwards (等等，重新算…) and not replaced leaves no answer;
5. without one, a conclusion in the last sentence (因此 C 选项正确), a box ticked, or the only option that is not called wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from eval.extraction.claim import SEVERAL, Claim
from eval.extraction.claims import by_elimination, strong_claims, weak_claims
from eval.extraction.lines import stated_claims
from eval.extraction.retreats import contradiction, retreat
from eval.extraction.text import as_plain, visible
from eval.extraction.ticks import ticked
from eval.extraction.words import option_in_words

__all__ = ["Reading", "read_letter"]

_EMPTY, _NO_LETTER, _UNFINISHED, _TAKEN_BACK = "空回答", "没有写出选项", "思考没有写完", "答案之后又被推翻，没有再写"
_AFTER_THOUGHT = "思考之后没有作答"
_LIST = r"(?P<list>\n ?\(?A ?[.、:)][^\n]{0,80}\n{1,2} ?\(?B ?[.、:)][^\n]{0,80}\n{1,2} ?\(?C ?[.、:)][^\n]{0,80})"
_NEXT = [
    re.compile(
        r"\n ?(?:以下是|(?:user|human|assistant|用户|问|question ?\d{0,3}|题目 ?\d{0,3}|问题 ?\d{0,3}|q\d{0,3}) ?[:.])(?P<list>)",
        re.I,
    ),
    re.compile(
        r"\n ?(?:\d{1,3} ?[.、)]|第 ?\d{1,3} ?题|\(\d{1,3}\)|例 ?\d|【题)(?:[^\n]{0,300}?(?:__|\( ?\)|[是为] ?\n)|[^\n]{0,20}(?:下列|以下))(?P<list>)"
    ),
    re.compile(
        r"\n[\s\-#*\d.、([【«»]{0,8}(?:变式|拓展题|拓展练习|举一反三|类似题|同类题|相似题|练一练|思考题|巩固练习)(?P<list>)"
    ),
    re.compile(r"\n{1,2} ?(?!解析|分析|选项|理由|解释)[^\n]{4,300}" + _LIST),
]
"""What a base model goes on with behind its answer; a list of options with verdicts is none, but an explanation."""
_JUDGED = re.compile(r"错|正确|不对|符合|correct|wrong|false", re.I)


@dataclass(frozen=True)
class Reading:
    """The letter that a reply gives; None with the reason, in Chinese, where it gives none."""

    letter: str | None
    reason: str = ""


def read_letter(reply: str, options: Sequence[str] = ()) -> Reading:
    """Read the answer out of a model's reply.

    Args:
        options: A to D as they were shown, for a reply that has an option's words instead of its letter.
    """
    said, unfinished = visible(reply)
    text = as_plain(said)
    if not text:
        return Reading(None, _UNFINISHED if unfinished else _EMPTY if not reply.strip() else _AFTER_THOUGHT)
    if letter := option_in_words(text, options):
        return Reading(letter)
    strong = strong_claims(text, options)
    if strong and (cut := _run_on(text, strong[0].end)):
        text = text[:cut]
        strong = strong_claims(text, options)
    if not strong and not weak_claims(text, options) and (letter := ticked(said)):
        return Reading(letter)
    return _decide(text, options, strong)


def _decide(text: str, options: Sequence[str], strong: Sequence[Claim]) -> Reading:
    weak = weak_claims(text, options)
    if not strong:
        return _concluded(text, weak)
    stated = stated_claims(text, options, strong)
    last = stated[-1] if stated and not _revised(text, stated[-1], strong) else strong[-1]
    before, behind = [c for c in strong if c.end <= last.start], [c for c in strong if c.start >= last.end]
    if (back := retreat(text, last.end, on_a_line=last in stated)) is not None:
        later = weak_claims(text, options, back)
        return _concluded(text, later, _TAKEN_BACK) if later else Reading(None, _TAKEN_BACK)
    if (before and _at_odds(text, before[-1], last)) or contradiction(text, last, behind):
        return Reading(None, SEVERAL)
    if not last.letter:
        later = [claim for claim in weak if claim.start >= last.end]
        return _concluded(text, later, last.reason)
    return Reading(last.letter)


def _revised(text: str, stated: Claim, strong: Sequence[Claim]) -> bool:
    """Whether an answer line is taken back, and another answer given."""
    back = retreat(text, stated.end, on_a_line=True)
    return back is not None and any(claim.start >= back for claim in strong)


def _concluded(text: str, weak: Sequence[Claim], otherwise: str = _NO_LETTER) -> Reading:
    """The reading of a text without a strong claim."""
    letters = {claim.letter for claim in weak}
    if weak and weak[-1].letter and (weak[-1].end >= _last_sentence(text) or (weak[0].start == 0 and len(letters) == 1)):
        return Reading(weak[-1].letter)
    if letter := by_elimination(text):
        return Reading(letter)
    return Reading(None, SEVERAL if len(letters - {""}) > 1 else otherwise)


def _at_odds(text: str, one: Claim, other: Claim) -> bool:
    """Whether two claims follow each other with nothing said between them: 答案：A 答案：B."""
    return one.letter != other.letter and not text[one.end : other.start].strip(" \n。.,;、或»)")


def _last_sentence(text: str) -> int:
    """Where the last sentence begins."""
    return max(text.rstrip(" \n。.!«»").rfind(sign) for sign in "。!\n") + 1


def _run_on(text: str, end: int) -> int:
    """Where the next question begins behind an answer; 0 if none does."""
    found = [found for pattern in _NEXT if (found := pattern.search(text, end)) and not _JUDGED.search(found["list"])]
    start = min((next_one.start() for next_one in found), default=0)
    return 0 if start and retreat(text[:start], end) is not None else start
