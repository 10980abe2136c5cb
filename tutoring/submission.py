"""What a student hands in: a problem of the bank or one with its own marking scheme, and the answer, read from one message."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from knowledge.problems import Criterion, Part, Problem
from knowledge.subjects import AUTO
from tutoring.bank import find_problem

__all__ = ["NO_REFERENCE", "Submission", "gives_up", "read_submission", "split_parts", "wants_problem", "wants_reference"]

_LABEL = re.compile(
    r"(?:^|\n|[。；;]|\s(?=[【\[]?(?:评分|给分|参考答案|标准答案|我的|学生答案)))\s*[【\[]?(?P<name>题目|题干|原题|评分标准|评分细则|评分要点|给分标准|参考答案|标准答案|我的答案|我的解答|我的作答|学生答案|作答|答案|解答|答)[】\]]?\s*[：:]\s*"
)
_NAMES = {
    "题目": "stem", "题干": "stem", "原题": "stem", "评分标准": "scheme", "评分细则": "scheme", "评分要点": "scheme", "给分标准": "scheme",
    "参考答案": "reference", "标准答案": "reference",
}  # fmt: skip
_SCORE = re.compile(
    r"[(（\[【]\s*(?:共\s*)?(\d{1,2})\s*分\s*[)）\]】]|(?:(?<=[\s，,。；;：:、.])|^)(\d{1,2})\s*分(?=[\s，,。；;：:、]|$)"
)
_LISTED = re.compile(r"^[(（]?\d{1,2}\s*[.)）、．:：]\s*|^[①-⑨]\s*|\s*[(（]?\d{1,2}\s*[)）、．.]$")
"""The number of a point, or that of the next one behind it."""
_GAPS = re.compile(r"\n\s*\n")
_EDGES = " \t\n，,。；;：:、-•·"
_PART = re.compile(
    r"(?:^|\n|(?<=[。；;\s]))\s*(?:第\s*)?(?:[(（]\s*(\d)\s*[)）]|(\d)\s*[.、)）：:](?!\d)|([①-⑨])|第\s*([一二三四五六七八九\d])\s*[问小])\s*[题问]?\s*[：:、.]?"
)
_WANTED = re.compile(r"(?:给|出|来|找|换|选|再来|再给)(?:我|一下)?.{0,12}?(?:道(?!路|理)|题)|大题|综合(?:应用)?题|练习|做题")
_GIVES_UP = re.compile(
    r"\W*(?:我|这道?题?|这个|全|都|全都|完全|真的?|一点|实在|还是|也)*(?:不会|不懂|不知道|不明白|没(?:有)?思路|没学过|做不出来?|写不出来?|看不懂|放弃)(?:做|写|怎么|答|了|啊|呀|吧|题|这道?|老师)*\W*"
)
_REFERENCE = re.compile(
    r"\W*(?:请|直接|我?想|我?要|给我|告诉我|看一?[看下]?|公布|来|把|一下)*(?:参考|标准|正确)?(?:答案|解析|评分标准)(?:给我|发我|吧|是什么|看看|呢|和评分标准)*\W*"
)
_CHINESE = {c: n for n, c in enumerate("一二三四五六七八九", 1)}
_LEAST_ANSWER = 2
NO_REFERENCE = "（没有给出）"


@dataclass(frozen=True)
class Submission:
    """What a message hands in.

    Attributes:
        problem: the one that the message names, quotes or brings along; None if there is none.
        answer: the student's words; '' if there are none yet.
        pasted: whether the problem came with its own scheme.
    """

    problem: Problem | None = None
    answer: str = ""
    pasted: bool = False


def read_submission(text: str) -> Submission:
    """The problem and the answer of a message; labels such as 题目：, 评分标准：, 我的答案： part it."""
    sections = _sections(text)
    answer = sections.get("answer", "").strip()
    if sections.get("scheme") and (criteria := _criteria(sections["scheme"])):
        stem = sections.get("stem", "").strip() or "（没有写题目）"
        part = Part(stem, sections.get("reference", "").strip() or NO_REFERENCE, tuple(criteria))
        return Submission(Problem("pasted", AUTO, stem, (part,), (), 3), answer, True)
    problem = find_problem(sections.get("stem") or text)
    return Submission(problem, answer or _after_id(text, problem))


def wants_problem(text: str) -> bool:
    """Whether a message asks for a problem rather than answers one."""
    return len(text) <= 40 and bool(_WANTED.search(text))


def gives_up(text: str) -> bool:
    """Whether a message says nothing but that the student can't do it."""
    return bool(_GIVES_UP.fullmatch(_PART.sub(" ", text)))


def wants_reference(text: str) -> bool:
    """Whether a message asks for the reference answer."""
    return bool(_REFERENCE.fullmatch(text))


def split_parts(answer: str, parts: int) -> list[str]:
    """The answer to each part, by its numbers (1), 2., 第三问 …; the whole for each where it has none."""
    found: list[tuple[int, int, int]] = []
    for match in _PART.finditer(answer):
        if _number(match) == len(found) + 1 <= parts:
            found.append((_number(match), match.start(), match.end()))
    if not found or parts == 1:
        return [answer] * parts
    ends = [start for _, start, _ in found[1:]] + [len(answer)]
    texts = {n: answer[begin:end].strip() for (n, _, begin), end in zip(found, ends, strict=True)}
    return [texts.get(n, "") for n in range(1, parts + 1)]


def _number(match: re.Match[str]) -> int:
    round_or_dot, circled, chinese = match[1] or match[2], match[3], match[4]
    if circled:
        return int(unicodedata.normalize("NFKC", circled))
    if chinese:
        return _CHINESE.get(chinese) or int(unicodedata.normalize("NFKC", chinese))
    return int(unicodedata.normalize("NFKC", round_or_dot))


def _sections(text: str) -> dict[str, str]:
    text = _GAPS.sub("\n\n", text)
    labels = list(_LABEL.finditer(text))
    found: dict[str, str] = {}
    for label, following in zip(labels, [*labels[1:], None], strict=False):
        name = _NAMES.get(label["name"], "answer")
        if name == "answer" and found.get("answer"):
            found["answer"] += text[label.start() : following.start() if following else len(text)]
        elif name not in found:
            found[name] = text[label.end() : following.start() if following else len(text)]
    return found


def _criteria(scheme: str) -> list[Criterion]:
    """The points of a pasted scheme: the score stands before or behind each."""
    marks = list(_SCORE.finditer(scheme))
    if not marks:
        return []
    leading = not scheme[: marks[0].start()].strip(_EDGES + "0123456789.()（）")
    bounds = [0, *(m.end() for m in marks)] if not leading else [*(m.start() for m in marks), len(scheme)]
    texts = [_LISTED.sub("", _SCORE.sub("", scheme[a:b]).strip(_EDGES)) for a, b in zip(bounds, bounds[1:], strict=False)]
    scores = [int(m[1] or m[2]) for m in marks]
    return [Criterion(score, text) for score, text in zip(scores, texts, strict=True) if text and score]


def _after_id(text: str, problem: Problem | None) -> str:
    """What stands behind the id of a problem, if the message begins with that."""
    if problem is None:
        return ""
    _, named, rest = text.partition(problem.id)
    return rest.strip(_EDGES) if named and len(rest.strip(_EDGES)) >= _LEAST_ANSWER else ""
