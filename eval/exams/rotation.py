"""Which questions stay the same when their options are moved on: those whose options don't speak of one another."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from knowledge.questions import Question

__all__ = ["fixed_count", "rotatable"]

_LETTER, _ANY_LETTER = (rf"(?<![A-Za-z0-9])[A-{last}](?![A-Za-z0-9])" for last in "DZ")
_JOINT = r"\s*(?:以?及|[和与或跟、,;&+]|and|n?or)+\s*"
_LIST = rf"{_LETTER}(?:{_JOINT}{_LETTER}){{1,25}}+"
_NAMED = rf"选项\s*{_LETTER}|{_LETTER}\s*(?:选项|项(?![目式数]))"
_ALL = r"(?:(?:都|均|皆|全部?)+)"
_VERDICT = r"(?:是|非|有|无|对|错误?|正确|可以?|可能|行|能|要|选|成立|属于|包括|符合|满足|适用|需要)"
_ONE = r"(?:项|者|种|个|点|条|句)"
_WHOLE_LETTERS = re.compile(
    rf"(?:(?:仅|只有?|选|非|除)?\s*{_LETTER}(?:{_JOINT}{_LETTER})*(?:\s*(?:选?项|{_ALL}?[不没未]?{_VERDICT}))+[,;、\s]*)+"
    rf"|(?:仅|只有?|选|非|除)\s*{_LETTER}|[A-D](?:/?[A-D]){{1,3}}"
)
"""Options that are nothing but letters of others: A 对 B 错, 仅 A, ABD."""
_LETTERS = re.compile(rf"{_LIST}(?!\s*[类级型])|{_NAMED}|(?:同|与|和|见|除)\s*{_LETTER}\s*(?:相同|一样|一致|相反|以?外|之外|$)")
_WHOLE_WORDS = re.compile(
    rf"(?:(?:[这那]?[几两二三四]{_ONE}(?:说法|叙述|情况|答案|选项)?|它们|这些|答案|说法|选项)?\s*{_ALL}|[两二三四]{_ONE}{_ALL}?)"
    rf"(?:[不没未]|没有)?{_VERDICT}的?|其[他它余](?:{_ONE}|情况|答案)?|都不|全选|一个也没有"
)
"""Options that are nothing but a verdict on the others: 都不对, 两者都是, 其他."""
_WORDS = re.compile(
    rf"^\W*以上|[是为非除于有指选即择括,;:(]\s*以上|以上\s*(?:{_ALL}|各|几|所|选|答|说|任|没|无|不|[两二三四]{_ONE}|[A-D])"
    rf"|上述|^\W*(?:上面|前面)|前面?[两二三几](?:[项者]|[个种](?:选|答|说|都|均|皆|全|情))|后面?[两二三](?:项|者)"
    rf"|其[他它余][^。,;]{{0,4}}(?:选项|答案|{_ONE}(?:{_ALL}|$))|没有?一[项个种]|无一"
    r"|(?:所有|全部|各个?|每个|任何|这些|[两三四]个|没有|无)(?:正确|错误)?的?(?:选项|答案)"
)
_ENGLISH = re.compile(
    r"\b(?:all|none|any|both|neither|either|some|one|two|no|the)\b[^.]{0,20}\b(?:above|these|them|others?|options?|choices?|answers?)\b"
    r"|\babove\b|\b(?:both|neither|none|all)\s+(?:are|is)\b|^(?:both|neither|none|all|others?|both of .{1,9}|all .{0,9}correct)\W*$",
    re.IGNORECASE,
)
_STEM = re.compile(
    rf"{_NAMED}|{_LETTER}\s*[两二三四几]个?(?:选项|答案|说法)"
    r"|第[一二三四1-4]个?选项|[前后][一两二三1-3]?个?选项|最后一个选项|\b(?:[Oo]ption|[Cc]hoice|[Aa]nswer)s?\s*\(?[A-D]\b"
)
_CHAIN = re.compile(rf"{_ANY_LETTER}(?:{_JOINT}{_ANY_LETTER})+")


def rotatable(question: Question) -> bool:
    """Whether the question stays the same when its options are moved on.

    It does not where an option speaks of others (以上都不对, A 和 B, all of the above) or the stem of an option by its letter.
    In doubt it is taken for such a one: `A 和 B` may be two nodes that the stem names, and is not moved all the same; only
    where an option lists E or a later letter beside them (`A, F, B`) they are surely no options.
    """
    options = [unicodedata.normalize("NFKC", option).strip().rstrip("。.") for option in question.options]
    if any(_WHOLE_WORDS.fullmatch(text) or _WORDS.search(text) or _ENGLISH.search(text) for text in options):
        return False
    if not _name_things(options) and any(_WHOLE_LETTERS.fullmatch(text) or _LETTERS.search(text) for text in options):
        return False
    return not _STEM.search(unicodedata.normalize("NFKC", question.stem))


def fixed_count(questions: Iterable[Question]) -> int:
    """How many of the questions are asked with their options as they stand, whatever rotations are wanted."""
    return sum(not rotatable(question) for question in questions)


def _name_things(options: Iterable[str]) -> bool:
    """Whether letters in the options stand for things of the stem, for some are no option's."""
    lists = (found.group() for text in options for found in _CHAIN.finditer(text))
    return any(re.search(_ANY_LETTER.replace("A-Z", "E-Z"), found) for found in lists)
