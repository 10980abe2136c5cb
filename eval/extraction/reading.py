"""Which letter did a model answer? The last place that says so counts; where that is in doubt, none, and why.

No letter is ever taken because it stands there: `ARP`, `B+树`, `DMA`, 结点 A are no answers, nor is 不是 A. The order of trust:

1. thoughts (`<think>`) are left out, one that never ends with all behind it; a turn ends at its end mark;
2. what runs on into a next question is cut: behind an answer, a numbered or headed line with its own options, 以下是…, User:;
3. the last strong claim: 答案：C, 故选 C, a box, "the answer is C", `{"answer": "C"}`, a first or last line that is just C,
   an option in its own words. Denied (答案不是 A), supposed (如果答案是 A) and quoted ones (很多同学误选 A) are none;
   one that is taken back afterwards (等等，重新算…) and not replaced leaves no answer;
4. without one, a conclusion in the last sentence (因此 C 选项正确), or the only option that is not called wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from eval.extraction.claims import SEVERAL, Claim, by_elimination, strong_claims, weak_claims
from eval.extraction.text import as_plain, visible
from eval.extraction.words import option_in_words

__all__ = ["Reading", "read_letter"]

_EMPTY, _NO_LETTER, _UNFINISHED, _TAKEN_BACK = "空回答", "没有写出选项", "思考没有写完", "答案之后又被推翻，没有再写"
_AFTER_THOUGHT = "思考之后没有作答"
_BACK = re.compile(
    r"(?:^|[\s。!?,;»)])(?:不对|等等|等一下|等下|稍等|且慢|重新(?:计算|考虑|检查|审|分析|算|看)|再检查|再想|我(?:刚才|上面|前面)?[^。\n]{0,6}错了"
    r"|(?:wait|hold on|actually|hmm|let me (?:re|double))\b)",
    re.I,
)
_CONFIRMED = re.compile(r"无误|没有?问题|没错|确认|仍然?[是为选]|依然|confirmed|still|indeed", re.I)
_LIST = r"(?P<list>\n ?\(?A ?[.、:)][^\n]{0,80}\n{1,2} ?\(?B ?[.、:)][^\n]{0,80}\n{1,2} ?\(?C ?[.、:)][^\n]{0,80})"
_NEXT = [
    re.compile(
        r"\n ?(?:以下是|(?:user|human|assistant|用户|问|question ?\d{0,3}|题目 ?\d{0,3}|问题 ?\d{0,3}|q\d{0,3}) ?[:.])(?P<list>)",
        re.I,
    ),
    re.compile(
        r"\n ?(?:\d{1,3} ?[.、)]|第 ?\d{1,3} ?题|\(\d{1,3}\)|例 ?\d|【题)(?:[^\n]{0,300}?(?:__|\( ?\)|[是为] ?\n)|[^\n]{0,20}(?:下列|以下))(?P<list>)"
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
    return _decide(text, options, strong)


def _decide(text: str, options: Sequence[str], strong: Sequence[Claim]) -> Reading:
    weak = weak_claims(text, options)
    if not strong:
        return _concluded(text, weak)
    last = strong[-1]
    behind = text[last.end :]
    if (back := _BACK.search(behind)) and not _CONFIRMED.search(behind, back.end()):
        later = [claim for claim in weak if claim.start >= last.end + back.start()]
        return _concluded(text, later, _TAKEN_BACK) if later else Reading(None, _TAKEN_BACK)
    if len(strong) > 1 and _at_odds(text, strong[-2], last):
        return Reading(None, SEVERAL)
    if not last.letter:
        later = [claim for claim in weak if claim.start >= last.end]
        return _concluded(text, later, last.reason)
    return Reading(last.letter)


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
    return 0 if start and _BACK.search(text, end, start) else start
