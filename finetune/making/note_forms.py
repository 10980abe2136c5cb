"""Questions that a note's own form asks: its definitions, lists, tables, code, pitfalls and worked examples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from finetune.making.note_blocks import Block, blocks_of, plain, sentences_of, with_symbols, without_echo
from finetune.making.note_fit import stands_alone
from finetune.making.note_leads import asked_by
from finetune.making.note_questions import about, varied

__all__ = ["Asked", "definitions", "examples", "lists", "pitfalls"]

_DEFINED = re.compile(r"\*\*([^*]{1,24})\*\*(?:（[^）]{1,40}）)?(?:是指|是)")
_NEXT = re.compile(r"[，；](?=\*\*[^*]{1,24}\*\*(?:（[^）]{1,40}）)?是)")
_LABEL = re.compile(r"([^：，。；]{2,24})：(?=\S)")
_ANNOUNCED = re.compile(r"(?:如下|见下表)[：:。]$")
_FORMULA = re.compile(r"\s*[A-Za-z_0-9(（\[)）\]]*\s*[=≤≥<>＜＞]")
"""What explains nothing: its letters are explained around it."""
_SOLUTION = re.compile(r"^(?:解答?|答|分析)[：:]", re.MULTILINE)

_SOUGHT = re.compile(r"求|多少|几|计算|判断|分析|[给写画列]出|比较|说明|？|证明|设计")
_DEFINE = ("什么是{term}？", "请给出{term}的定义。", "{term}是什么？", "怎样定义{term}？")
_EXPLAIN = ("“{title}”里的“{label}”怎么理解？", "请说明“{title}”中的“{label}”。", "学“{title}”时，“{label}”这一点怎么理解？")
_BEWARE = (
    "“{title}”有一个易错点是“{label}”，请说明。",
    "学“{title}”时要注意“{label}”，具体指什么？",
    "关于“{title}”的易错点“{label}”，正确的说法是什么？",
)


class Asked(NamedTuple):
    """A question, its answer, and the words of the note that the answer stands on."""

    question: str
    answer: str
    quote: str


def definitions(markdown: str) -> Iterator[Asked]:
    """`什么是X？` of each term that a sentence in bold defines."""
    for block in blocks_of_marked(markdown):
        for sentence in sentences_of(block):
            for part in _NEXT.split(sentence):
                if (found := _DEFINED.match(part)) and not re.search(r"[：:]$|见下表。$", part):
                    answer = plain(part).rstrip("，；。") + "。"
                    yield Asked(varied(_DEFINE, answer).format(term=found[1].strip()), answer, answer.rstrip("。"))


def blocks_of_marked(markdown: str) -> list[str]:
    """The paragraphs of a section with their emphasis."""
    return [part for part in re.split(r"\n\s*\n", markdown) if not part.startswith(("|", "-", "```", "1."))]


def lists(title: str, markdown: str) -> Iterator[Asked]:
    """What each lead-in announces, and what each labelled item of a list is about."""
    for block in blocks_of(markdown):
        if not block.lead or block.kind == "paragraph":
            continue
        if asked := asked_by(block):
            yield Asked(about(title, asked), block.text, block.lines[0])
        if block.kind == "list":
            yield from _items(title, block)


def _items(title: str, block: Block) -> Iterator[Asked]:
    labelled = [(found[1], line) for line in block.lines if (found := _LABEL.match(line))]
    if len(labelled) < len(block.lines):
        return
    for label, line in labelled:
        if _FORMULA.match(line, len(label) + 1):
            continue
        yield Asked(varied(_EXPLAIN, line).format(title=title, label=label), with_symbols(block, without_echo(line)), line)


def pitfalls(title: str, markdown: str) -> Iterator[Asked]:
    """All pitfalls of a point, and each by its label."""
    for block in blocks_of(markdown):
        if block.kind == "list":
            if stands_alone(block.text):
                yield Asked(f"学习“{title}”时有哪些易错点？", block.text, block.lines[0])
            for line in block.lines:
                if (found := _LABEL.match(line)) and stands_alone(line):
                    asked = varied(_BEWARE, line).format(title=title, label=found[1])
                    yield Asked(asked, told := line[found.end() :].strip(), told)


def examples(title: str, markdown: str) -> Iterator[Asked]:
    """The worked example of a point: its problem, and its solution; both together where it is two, or no question."""
    text = plain(markdown).strip().removeprefix("题目：")
    problem, solution = _solved(text)
    if not stands_alone(problem):
        return
    sought = _SOUGHT.search(problem.rpartition("请写出")[0] or problem)
    if sought and len(solution) >= 10 and not _brings_more(problem, solution):
        yield Asked(f"关于“{title}”：{problem}", solution, solution.split("\n")[0])
    else:
        yield Asked(f"请举一个例子说明“{title}”。", text, text.split("\n")[0])


def _brings_more(problem: str, solution: str) -> bool:
    """Whether a solution has a second problem in it, or what the first should have given: `1. 帧长 64 B 时，……`."""
    given = [found[1] for found in re.finditer(r"^\d\. ([^，。；]*\d[^，。；]*)时，", solution, re.MULTILINE)]
    return "题目二" in solution or any(number not in problem for case in given for number in re.findall(r"\d+", case))


def _solved(text: str) -> tuple[str, str]:
    if found := _SOLUTION.search(text):
        return text[: found.start()].strip(), text[found.end() :].strip()
    first, _, rest = text.partition("\n\n")
    said = sentences_of(first)
    if not rest or not _ANNOUNCED.search(said[-1]) or _is_given(rest):
        return "", ""
    before, comma, last = _ANNOUNCED.sub("", said[-1]).rpartition("，")
    return f"{''.join(said[:-1])}{before}{comma}请写出{last}。", rest.strip()


def _is_given(rest: str) -> bool:
    """Whether what is announced belongs to the problem: a table, and behind it what is done with it."""
    blocks: Sequence[Block] = blocks_of(rest)
    return blocks[0].kind in ("table", "code") and any(block.kind in ("steps", "list") for block in blocks[1:])
