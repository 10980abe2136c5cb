"""Whether words give away an answer that the student is still to find."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from vector_db.segmentation import STOP_WORDS, joined, other_names, segment, segment_query, words

__all__ = ["ChoiceKey", "OpenKey", "SomeChoice", "plain"]

_DROPPED = re.compile(r"[^\w\u3400-\u9fff.+%/-]+")
_LETTER = re.compile(r"(?<![a-z0-9])([a-g])(?![a-z0-9])(?!\s*(?:[+-]?树|语言|类(?:地址|网|ip)|触发器|盘|\+))")
_ORDINALS = ("一1", "二2两", "三3", "四4", "五5", "六6", "七7")
_HEAVENLY = "甲乙丙丁戊己庚"
_UNCHOSEN = 0.7
_SHARED_RUN = 14
"""Characters in a row of the reference answer that are its words, not a term."""
_NEARLY, _PIECE = 0.75, 0.7
_PART = re.compile(r"[，,。；;、！!？?\s]|和|与|以及|还有")
_DENIED = re.compile(r"(?:不是|不包括|并非|不属于|不需要)[^，。；！？\n]*")
_NUMERALS = {c: str(i) for i, c in enumerate("零一二三四五六七八九")} | {"两": "2"}


def plain(text: str) -> str:
    """A text as it is compared: NFKC, lower case, without blanks, Markdown and punctuation (of numbers only what stands inside)."""
    return _DROPPED.sub("", unicodedata.normalize("NFKC", text).lower()).replace("_", "")


@dataclass(frozen=True)
class ChoiceKey:
    """The key of a choice question: its letter among the options as the student lists them.

    Strict, for a false alarm costs only a hint that is composed instead: before the last rung a reply has no need of the letter.
    """

    stem: str
    options: Mapping[str, str]
    key: str

    def in_(self, reply: str) -> bool:
        """Whether a reply names the key: by its letter, its place, its words, its number, or by striking out all others."""
        return self._by_letter(reply) or self._by_place(plain(reply)) or self._by_words(reply)

    def hidden(self, text: str) -> str:
        """A text of ours with the key's own words blanked; '' where that is not enough."""
        blanked = re.sub(_loosely(self.options[self.key]), "____", text, flags=re.IGNORECASE)
        return "" if self._by_words(blanked) else blanked

    def _by_letter(self, reply: str) -> bool:
        spaced = re.sub(r"[*_`~()\[\]【】<>“”\"'「」]", " ", unicodedata.normalize("NFKC", reply).lower())
        squeezed = re.sub(r"(?<=[\u3400-\u9fff])[\s:：,，.。·-]+(?=[a-g\u3400-\u9fff])", "", spaced)
        named = {match[1].upper() for match in (*_LETTER.finditer(spaced), *_LETTER.finditer(squeezed))}
        others = set(self.options) - {self.key}
        struck = re.search(r"排除|错|不对|不是|不选|划掉|去掉|剩", squeezed)
        return self.key in named or bool(struck and len(others) > 1 and len(others - named) == 0)

    def _by_place(self, reply: str) -> bool:
        place = "ABCDEFG".index(self.key)
        last = "|最后一[个项]" if place == len(self.options) - 1 else ""
        names = f"第[{_ORDINALS[place]}][个项]|选项[{_ORDINALS[place]}]{last}|(?:选|答案是?|应为){_HEAVENLY[place]}(?![丙丁乙甲])"
        return bool(re.search(names, reply))

    def _by_words(self, reply: str) -> bool:
        key, said, stem = plain(self.options[self.key]), plain(reply), plain(self.stem)
        numbers = set(re.findall(r"\d+(?:\.\d+)?", key))
        if key in stem:
            return bool(re.search(rf"(?:选|答案|应该?是|应为|就是|正确的?是?|结果)[^。]{{0,6}}{re.escape(key)}", said))
        several = len(re.findall(r"\d+", unicodedata.normalize("NFKC", self.options[self.key]))) > 1
        if len(key) >= 2 and (several or not key.isdigit()) and key in said:
            return True
        if numbers and re.fullmatch(r"[约≈]?-?\d+(?:\.\d+)?[^\d]{0,4}", key):
            apart = unicodedata.normalize("NFKC", reply)  # squeezed, n/2=501 would read n/2501
            own = set(re.findall(r"\d+(?:\.\d+)?", f"{_arabic(said)} {apart}"))
            return bool(numbers & own - set(re.findall(r"\d+(?:\.\d+)?", stem)))
        return self._by_meaning(reply)

    def _by_meaning(self, reply: str) -> bool:
        """Whether the words that the key alone has stand together in one sentence."""
        others = {t for letter, option in self.options.items() if letter != self.key for t in segment(option)}
        known = others | set(segment(self.stem)) | STOP_WORDS
        telling = {t for t in segment(self.options[self.key]) if t not in known and len(t) > 1}
        said = [set(segment(part)) for part in re.split(r"[。！？\n]", reply)]
        return len(telling) >= 3 and any(len(telling & part) >= _UNCHOSEN * len(telling) for part in said)


@dataclass(frozen=True)
class SomeChoice:
    """A choice question whose key nobody has told us: any letter that is called right, or one option's own words, give an answer away."""

    options: Mapping[str, str] = field(default_factory=dict)
    stem: str = ""

    def in_(self, reply: str) -> bool:
        """Whether a reply calls a letter right, or states the words of one option and of no other."""
        said = plain(reply)
        if sum(self._states(option, reply) for option in self.options.values()) == 1:
            return True
        return bool(
            re.search(
                r"(?:选|答案是?为?|正确的?(?:选项)?是?为?|应该?是|应为|就是|key|answeris|answer|option)[^。\d]{0,4}?[a-g](?![a-z])",
                said,
            )
            or re.search(r"(?<![a-z])[a-g](?:选?项)?(?:才)?(?:是|为)?(?:正确|对的?(?!应)|成立|符合|没错|不成立|错误的一项)", said)
        )

    def _states(self, option: str, reply: str) -> bool:
        """Whether a reply has an option's words, which the stem has not; a number only as a whole."""
        words = plain(option)
        if len(words) < 2 or words in plain(self.stem):
            return False
        if not words.isascii():
            return words in plain(reply)
        spaced = unicodedata.normalize("NFKC", reply).lower()
        own = re.escape(unicodedata.normalize("NFKC", option).strip().lower())
        return bool(re.search(rf"(?<![0-9a-z.]){own}(?![0-9a-z]|\.\d)", spaced))

    def hidden(self, text: str) -> str:
        """The text as it is: passages name no letter."""
        return text


@dataclass(frozen=True)
class OpenKey:
    """The reference answer of an open question and the terms that make it.

    Attributes:
        terms: term → weight, the question's own words not among them.
        said: what the student has said himself, which gives nothing away.
        question: whose words are no secret.
    """

    reference: str
    terms: Mapping[str, float]
    said: str = ""
    question: str = ""

    def in_(self, reply: str) -> bool:
        """Whether a reply holds most of the terms together, or a run of the reference's words."""
        return self.share(reply, but=self.said) > 0.5 or _shared_run(plain(self.reference), plain(reply)) >= _SHARED_RUN

    def answered(self, text: str) -> float:
        """How much of the reference a student says, in [0, 1]: of its terms, but for those that he denies (`不是互斥`), or of its words.

        The words count where most of what he says stands in the reference: then it is a piece of it, not a heap of words.
        """
        said = _DENIED.sub("，", text)
        wanted, spoken = set(segment_query(self.reference)), set(segment_query(said))
        piece = len(wanted & spoken) >= _PIECE * len(spoken) and len(spoken) >= 4
        return max(self.share(said), len(wanted & spoken) / (len(wanted) or 1) if piece else 0.0)

    def share(self, text: str, but: str = "") -> float:
        """Weighted share of the terms in a text, of those that are not in `but`; 0 where none are left."""
        left = {term: weight for term, weight in self.terms.items() if not _names(but, term)}
        return sum(weight for term, weight in left.items() if _names(text, term)) / (sum(left.values()) or 1.0)

    def spoken(self, text: str) -> list[str]:
        """The terms that a text holds, in the reference's order."""
        return [term for term in self.terms if _names(text, term)]

    def hidden(self, text: str) -> str:
        """A text with every term blanked, and a word of every run of the reference that is still long enough to tell the answer."""
        for term in sorted(self.terms, key=len, reverse=True):
            text = re.sub(_loosely(term), "____", text, flags=re.IGNORECASE)
        text = "____".join(self._broken(part) for part in text.split("____"))
        return re.sub(r"(?:____[\s、，]*)+____", "____", text)

    def _broken(self, part: str) -> str:
        """A piece without blanks, with one in the word nearest to its middle, and so on in the pieces left; the question's words last."""
        if _shared_run(plain(self.reference), plain(part)) < _SHARED_RUN:
            return part
        asked = set(words(self.question))
        inside = [word for word in words(part) if len(word) > 1 and word in part.lower()]
        if not inside:
            return "____"
        middle = len(part) / 2
        word = max(inside, key=lambda w: (w not in asked, -abs(part.lower().index(w) + len(w) / 2 - middle)))
        start = part.lower().index(word)
        return f"{self._broken(part[:start])}____{self._broken(part[start + len(word) :])}"


def _names(text: str, term: str) -> bool:
    """Whether a text names a term, by this name or another, or nearly so: 不剥夺 for 不可剥夺条件."""
    said = plain(text)
    for name in (term, *other_names(joined(term))):
        core = plain(re.sub(r"(?<=..)(?:条件|特征|特性|原则|阶段|方式|算法|方法|策略|性)$", "", name))
        if core and core in said:
            return True
        if len(core) >= 3 and any(_alike(core, plain(part)) for part in _PART.split(text)):
            return True
    return False


def _alike(term: str, part: str) -> bool:
    """Whether a piece of an enumeration is this term but for a character in four."""
    common = len(set(term) & set(part))
    return bool(part) and common >= _NEARLY * len(set(term)) and len(part) <= len(term) + 3


def _loosely(words: str) -> str:
    """A pattern of these words whatever blanks and marks stand between their characters."""
    chars = [re.escape(c) for c in words if not c.isspace() and c not in "*`_"]
    pattern = r"[\s*`_]*".join(chars)
    return (
        rf"(?<![0-9A-Za-z.]){pattern}(?![0-9A-Za-z])" if words.strip()[:1].isascii() or words.strip()[-1:].isascii() else pattern
    )


def _shared_run(reference: str, reply: str) -> int:
    """Length of the longest run of characters that stands in both, as far as `_SHARED_RUN`."""
    size = _SHARED_RUN
    return size if any(reference[i : i + size] in reply for i in range(len(reference) - size + 1)) else 0


def _arabic(text: str) -> str:
    """Chinese numerals up to 99 as digits: 十二次 is 12次."""

    def read(match: re.Match[str]) -> str:
        tens, _, ones = match[0].rpartition("十")
        return str((int(_NUMERALS.get(tens, tens or "1")) if "十" in match[0] else 0) * 10 + int(_NUMERALS.get(ones, "0")))

    return re.sub(r"[一二两三四五六七八九]?十[一二三四五六七八九]?|[零一二两三四五六七八九]", read, text)
