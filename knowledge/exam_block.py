"""One numbered item of an exam paper: its stem, options, key and explanation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["ExamBlock", "begins_with_key", "has_key", "has_options", "read_block"]

_LONGEST = 20_000
"""Characters of an item; bounds what hostile text can cost."""
_BEGIN = r"(?:^|(?<=[\s。；;】）)*]))\*{0,4}"
_KEY = re.compile(
    _BEGIN
    + r"(?:(【 ?(?:参考|正确|标准)?答案 ?】[:：]?|(?:参考|正确|标准)答案 ?[:：是为])|答案 ?[:：是为]|Answer ?[:：])[\s*（(\[]*([^\n]{0,30})",
    re.IGNORECASE | re.MULTILINE,
)
_LETTERS = re.compile(r"[A-D](?:\s*(?:[,，、;；/.．和或与及]\s*)?[A-D])*(?![A-Za-z0-9])", re.IGNORECASE)
_EXPLANATION = re.compile(
    _BEGIN
    + r"(?:【[^【】]{0,6}(?:解析|详解|分析|解答)[^【】]{0,6}】[:：]?|(?:答案|试题)?(?:解析|详解|分析|解释|解答)\s*[:：])[\s*]*",
    re.MULTILINE,
)
_ASIDE = re.compile(
    r"(?:^|(?<=\s))(?:【(?:考点|知识点|难度|点评|分值|来源|章节)[^【】]{0,12}】|(?:考点|知识点|难度|点评|来源|(?:我的|你的|学生|考生|易错)答案)\s*[:：])",
    re.MULTILINE,
)
_BARE_KEY = re.compile(r"(?:选 ?)?[（(]?([A-D])[)）]?\s*(?:[。.．]\s*|(?=\n|$)|(?=【|解析|考查|考察))")
_FILLED_IN = re.compile(r"[（(](\s*)([A-D])\s*[)）](?=\s*[。.？?：:]?\s*$)|[（(](\s+)([A-D])\s+[)）]")
_EMPTY = re.compile(r"[（(]\s*[)）]|_{2,}")
_PUNCTUATION = r" ?[.．、:：] ?"
_WRAPPED = re.compile(r"[\w、（），]$")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_STYLES = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        rf"^(?:[（(] ?({{0}}) ?[)）] ?|({{0}})(?:{_PUNCTUATION}|[)）] ?))".replace("{0}", "[A-E]"),
        r"^(?:[（(] ?([a-e]) ?[)）] ?|([a-e])[)）] ?)",
        rf"(?:^|(?<=\s))(?:[（(] ?([A-Ea-e]) ?[)）] ?|([A-Ea-e]){_PUNCTUATION})",
        rf"(?<![A-Za-z])(?:[（(] ?([A-Ea-e]) ?[)）] ?|([A-Ea-e]){_PUNCTUATION})",
    )
)
"""How options may be marked: each on a line of its own, a) as well; after a space; after anything but a Latin letter."""


@dataclass(frozen=True)
class ExamBlock:
    """What an item says: any of it may be missing. A fault says why it can't be trusted.

    `key` is a letter, several (multiple choice), or what stands in their place.
    """

    number: int
    line: int
    text: str
    stem: str = ""
    options: tuple[str, ...] = ()
    key: str = ""
    explanation: str = ""
    fault: str = ""
    answers: bool = False
    """Whether it answers a question that stands elsewhere."""


def has_options(text: str) -> bool:
    """Whether a text holds four options."""
    return bool(_runs(text[:_LONGEST])[1])


def has_key(text: str) -> bool:
    """Whether a text tells an answer or explains one."""
    return any(pattern.search(text[:_LONGEST]) for pattern in (_KEY, _EXPLANATION))


def begins_with_key(text: str, answers: bool) -> bool:
    """Whether a text begins with an answer or an explanation; where `answers` are expected, a bare letter is one."""
    return any(p.match(text) for p in (_KEY, _EXPLANATION)) or _bare_key(text, answers) is not None


def read_block(number: int, line: int, text: str, answers: bool) -> ExamBlock:
    """Read an item; where `answers` are expected, it may begin with the bare letter."""
    text = text.strip()
    if len(text) > _LONGEST:
        return ExamBlock(number, line, text, fault="太长了，不像一道题（可能漏认了题号）")
    key, explanation, fault, body = _answer(text)
    stem, runs = _runs(body)
    if not runs and not key and (match := _bare_key(text, answers)):
        return ExamBlock(
            number, line, text, key=match[1], explanation=_joined(_EXPLANATION.sub("", text[match.end() :])), answers=True
        )
    if not runs and answers:
        return ExamBlock(number, line, text, key=key, explanation=_joined(explanation or stem), fault=fault, answers=True)
    if len(runs) > 1:
        fault = fault or "有两组 A–D 选项，可能漏认了一道题的题号"
    options = runs[0] if runs else ()
    if options and not key:
        key, stem = _filled_in(stem)
    return ExamBlock(
        number,
        line,
        text,
        _joined(stem),
        tuple(map(_option, _whole(options))),
        key,
        _joined(explanation),
        fault,
        not options and not stem and bool(key or explanation),
    )


def _bare_key(text: str, answers: bool) -> re.Match[str] | None:
    """`C。考查……`; a full stop tells it from a stem such as `C，D 两台主机……`."""
    match = _BARE_KEY.match(text)
    return match if match and (answers or "。" in match.group()) else None


def _answer(text: str) -> tuple[str, str, str, str]:
    """Key, explanation, what is wrong with them, and the text before them (or around them, should the options follow)."""
    markers = list(_KEY.finditer(text))
    firm = [m for m in markers if m[1]] or markers
    keys = list(dict.fromkeys(_letters(m[2]) for m in firm))
    fault = "有两个不同的答案：" + "、".join(keys) if len(keys) > 1 else ""
    explained = _EXPLANATION.search(text)
    ends = [m.start() for m in (*markers[:1], explained, _ASIDE.search(text)) if m]
    cut = min(ends, default=len(text))
    body = text[:cut]
    if firm and not has_options(body):  # 答案 stands between the stem and the options
        around = text[: firm[0].start()] + "\n" + _after(text, firm[0])
        if has_options(around):
            return (
                keys[0],
                explained and text[explained.end() :] or "",
                fault,
                around[: explained.start()] if explained else around,
            )
    explanation = _KEY_TEXT.sub("", text[explained.end() :]) if explained else ""
    if firm and not explanation:
        explanation = _after(text, firm[0]).lstrip("*。）)] \t").split("\n\n")[0]
    return keys[0] if keys else "", explanation, fault, body


_KEY_TEXT = re.compile(_BEGIN + r"【 ?(?:参考|正确|标准)?答案 ?】[:：]?[\s*（(\[]*[A-D][)）*\]]*\s*$", re.MULTILINE)


def _after(text: str, marker: re.Match[str]) -> str:
    """What follows the letters of an answer."""
    letters = _LETTERS.match(marker[2])
    return text[marker.start(2) + (letters.end() if letters else len(marker[2])) :]


def _letters(text: str) -> str:
    """The letters that an answer begins with, or what stands there instead."""
    letters = _LETTERS.match(text)
    return re.sub("[^A-D]", "", letters.group().upper()) if letters else text.strip(" *")[:10] or "？"


def _runs(body: str) -> tuple[str, list[tuple[str, ...]]]:
    """The stem, and the runs of options A, B, C, D (E) in the first style that has one."""
    for style in _STYLES:
        markers = [(m.start(), m.end(), (m[1] or m[2]).upper()) for m in style.finditer(body)]
        places: list[list[tuple[int, int]]] = []
        run: list[tuple[int, int]] = []
        for start, end, letter in markers:
            if letter == "A":
                run = [(start, end)]
            elif run and letter == "ABCDE"[min(len(run), 4)] and len(run) < 5:
                run.append((start, end))
                if len(run) == 4:
                    places.append(run)
        if places:
            return body[: places[0][0][0]], [_texts(body, run) for run in places]
    return body, []


def _texts(body: str, run: list[tuple[int, int]]) -> tuple[str, ...]:
    bounds = [*(start for start, _ in run[1:]), len(body)]
    return tuple(body[end:bound].strip() for (_, end), bound in zip(run, bounds, strict=True))


def _whole(options: tuple[str, ...]) -> tuple[str, ...]:
    """An empty line ends the last option, unless the others have some as well."""
    if not options or any("\n\n" in option for option in options[:-1]):
        return options
    return (*options[:-1], options[-1].split("\n\n")[0])


def _filled_in(stem: str) -> tuple[str, str]:
    """A key that was written into the brackets of the stem, and the stem without it."""
    found = list(_FILLED_IN.finditer(stem))
    if len(found) != 1 or _EMPTY.search(stem):
        return "", stem
    return found[0][2] or found[0][4], stem[: found[0].start()] + "（ ）" + stem[found[0].end() :]


def _option(text: str) -> str:
    return _joined(text, 1)


def _joined(text: str, shortest: int = 12) -> str:
    """Undo the wrapping of Chinese lines of at least `shortest` characters; other line ends (code, lists) stay."""
    lines = [line.strip() for line in text.strip(" *\n").split("\n") if line.strip()]
    joined = lines[:1]
    for before, line in pairwise(lines):
        if len(before) >= shortest and _WRAPPED.search(before) and _CHINESE.match(line):
            joined[-1] += line
        else:
            joined.append(line)
    return "\n".join(joined)
