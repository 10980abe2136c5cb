"""The five subjects, their points in the exam, and how a text or a path is assigned to one of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from errors import UnknownSubjectError

__all__ = [
    "AUTO",
    "SUBJECTS",
    "Subject",
    "detect_subject",
    "occurrences",
    "subject_label",
    "term_votes",
    "terms_of",
    "validate_subject",
]

AUTO = "auto"
_TERMS = Path(__file__).parent / "terms"


@dataclass(frozen=True)
class Subject:
    """A subject. `points` is its share of the 150 points of paper 408; 0 for documents outside the exam."""

    id: str
    name: str
    points: int
    path_words: tuple[str, ...]


SUBJECTS: dict[str, Subject] = {
    s.id: s
    for s in (
        Subject("ds", "数据结构", 45, ("数据结构", "算法", "datastructure", "data_structure", "ds")),
        Subject("co", "计算机组成原理", 45, ("组成原理", "计组", "computerorganization", "co")),
        Subject("os", "操作系统", 35, ("操作系统", "operatingsystem", "os", "linux")),
        Subject("cn", "计算机网络", 25, ("计算机网络", "网络", "computernetwork", "cn")),
        Subject("policy", "课程与政策", 0, ("一流", "课程建设", "教学大纲", "政策", "policy")),
    )
}


def validate_subject(subject: str) -> str:
    """Return `subject` if it is a subject's id or `auto`.

    Raises:
        UnknownSubjectError: it is neither; the message lists what may be chosen.
    """
    if isinstance(subject, str) and (subject == AUTO or subject in SUBJECTS):
        return subject
    known = "、".join(f"{s.id}（{s.name}）" for s in SUBJECTS.values())
    raise UnknownSubjectError(f"没有“{str(subject)[:40]}”这个科目。请选择：{known}，或 auto（自动判断）。")


def subject_label(subject: str) -> str:
    """Chinese name of a subject's id, `自动` for `auto`."""
    return "自动" if subject == AUTO else SUBJECTS[subject].name


def subject_told(subject: str, confidence: float) -> str:
    """Chinese name of a subject and, where it was found rather than chosen, how surely."""
    name = subject_label(subject)
    return name if confidence >= 1 or subject == AUTO else f"{name}（自动判断，把握 {confidence:.0%}）"


@cache
def terms_of(subject: str) -> tuple[tuple[str, ...], ...]:
    """Terms of a subject, a tuple of synonyms each, from `knowledge/terms/<subject>.txt` (tab-separated lines)."""
    path = _TERMS / f"{subject}.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return tuple(tuple(t.strip() for t in line.split("\t") if t.strip()) for line in lines if line.strip())


def detect_subject(path: Path, text: str = "") -> str:
    """Choose the subject of a document: by the nearest telling folder or file name, else by the terms in its text.

    A text is given to the subject with the most occurrences of its own terms, if there are at least three and the
    subject holds more than half of all; everything else is `policy` (documents outside the four exam subjects).
    """
    for part in (path.stem, *(parent.name for parent in path.parents)):
        if found := _by_name(part):
            return found
    return _by_terms(text)


def _by_name(part: str) -> str | None:
    """The subject whose word stands in a path component; short ASCII ids must be a whole word of it."""
    lowered = part.lower()
    words = set("".join(c if c.isascii() and c.isalnum() else " " for c in lowered).split())
    squeezed = "".join(lowered.split()).replace("-", "").replace("_", "")
    hits = {
        s.id
        for s in SUBJECTS.values()
        if any((w in words) if len(w) <= 2 else (w.replace("_", "") in squeezed) for w in s.path_words)
    }
    return hits.pop() if len(hits) == 1 else None


def _by_terms(text: str) -> str:
    votes = term_votes(text)
    best = max(votes, key=lambda s: votes[s])
    return best if votes[best] >= 3 and votes[best] * 2 > sum(votes.values()) else "policy"


def term_votes(text: str) -> dict[str, float]:
    """For each subject, how many of its terms' occurrences the text has (case matters for none)."""
    lowered = text.lower()
    heads = {lowered[i : i + n] for n in (2, 3) for i in range(len(lowered) - n + 1)}  # most terms need no look at the text
    votes = dict.fromkeys(SUBJECTS, 0.0)
    for head in heads & _by_head().keys():
        for subject, word in _by_head()[head]:
            votes[subject] += occurrences(word, lowered)
    return votes


def occurrences(word: str, text: str) -> int:
    """How often a term stands in a text; its Latin ends as those of whole words: not `rom` in `from`, `10` in `10.0` or `c` in `c++`."""
    before, after = _latin_ends(word)
    if not (before or after):
        return text.count(word)
    found, end = 0, 0
    while (start := text.find(word, end)) >= 0:
        end = start + len(word)
        found += not (before and _goes_on(text[max(start - 2, 0) : start][::-1]) or after and _goes_on(text[end : end + 2]))
    return found


@lru_cache(maxsize=1 << 16)
def _latin_ends(word: str) -> tuple[bool, bool]:
    return _is_latin(word[:1]), _is_latin(word[-1:])


def _goes_on(beside: str) -> bool:
    """Whether the two characters beside a Latin word, the nearer one first, make it longer."""
    return _is_latin(beside[:1]) or beside[:1] in ("+", "#") or (beside[:1] == "." and beside[1:].isdigit())


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


@cache
def _by_head() -> dict[str, list[tuple[str, str]]]:
    """The terms of all subjects, each with its subject, by their first three characters (of a term of two, both)."""
    found = dict[str, list[tuple[str, str]]]()
    for subject in SUBJECTS:
        for word in _words_of(subject):
            found.setdefault(word[:3], []).append((subject, word))
    return found


def _words_of(subject: str) -> tuple[str, ...]:
    """The terms that are safe to count as substrings: Chinese ones, and Latin ones of three letters or more."""
    words = (w.lower() for synonyms in terms_of(subject) for w in synonyms)
    return tuple(dict.fromkeys(w for w in words if len(w) >= (3 if w.isascii() else 2)))
