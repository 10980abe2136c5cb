"""Questions that a note's own form asks: its definitions, lists, tables, code, pitfalls and worked examples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from finetune.making.note_blocks import Block, blocks_of, plain, sentences_of
from finetune.making.note_questions import about, varied

__all__ = ["Asked", "definitions", "examples", "lists", "pitfalls"]

_DEFINED = re.compile(r"\*\*([^*]{1,24})\*\*(?:（[^）]{1,40}）)?(?:是指|是)")
_NEXT = re.compile(r"[，；](?=\*\*[^*]{1,24}\*\*(?:（[^）]{1,40}）)?是)")
_LABEL = re.compile(r"([^：，。；]{2,24})：(?=\S)")
_ANNOUNCED = re.compile(r"(?:如下|见下表)[：:。]$")
_WHICH = re.compile(r"(?:以下|下列|下面)(?=[一二两三四五六七八九十]?[^，。；：]{1,16}[：:。]$)")
_COUNTED = re.compile(r"哪些(?=[一二两三四五六七八九十])")
_FORMULA = re.compile(r"\s*[A-Za-z_0-9(（\[)）\]]*\s*[=≤≥<>＜＞]")
"""What explains nothing: its letters are explained around it."""
_SOLUTION = re.compile(r"^(?:解答?|答|分析)[：:]", re.MULTILINE)

_SOUGHT = re.compile(r"求|多少|几|计算|判断|分析|[给写画列]出|比较|说明|？|证明|设计")
_DEFINE = ("什么是{term}？", "请给出{term}的定义。", "{term}是什么？", "怎样定义{term}？")
_EXPLAIN = ("在“{title}”中，怎样解释“{label}”？", "请说明“{title}”中的“{label}”。", "学“{title}”时遇到“{label}”，它是什么意思？")
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
        yield Asked(about(title, _asked_by(block)), block.text, block.lines[0])
        if block.kind == "list":
            yield from _items(title, block)


def _items(title: str, block: Block) -> Iterator[Asked]:
    labelled = [(found[1], line) for line in block.lines if (found := _LABEL.match(line))]
    if len(labelled) < len(block.lines):
        return
    for label, line in labelled:
        if _FORMULA.match(line, len(label) + 1):
            continue
        yield Asked(varied(_EXPLAIN, line).format(title=title, label=label), line, line)


def _asked_by(block: Block) -> str:
    """The lead-in as a question."""
    lead = block.lead
    if block.kind == "code":
        body = _ANNOUNCED.sub("", lead)
        before, comma, last = body.rpartition("，")
        return f"{before}{comma}请写出{last}。"
    if lead.endswith("的比较见下表。"):
        return f"{lead.removesuffix('的比较见下表。')}有什么不同？请用表格比较。"
    asked = f"{_ANNOUNCED.sub('', lead)}是什么？" if _ANNOUNCED.search(lead) else _which(lead)
    return f"{asked}请用表格说明。" if block.kind == "table" else asked


def _which(lead: str) -> str:
    asked = _COUNTED.sub("哪", _WHICH.sub("哪些", lead))
    body = asked.rstrip("：:。")
    return f"{body}？" if asked != lead else f"{body}是什么？"


def pitfalls(title: str, markdown: str) -> Iterator[Asked]:
    """All pitfalls of a point, and each by its label."""
    for block in blocks_of(markdown):
        if block.kind == "list":
            yield Asked(f"学习“{title}”时有哪些易错点？", block.text, block.lines[0])
            for line in block.lines:
                if found := _LABEL.match(line):
                    asked = varied(_BEWARE, line).format(title=title, label=found[1])
                    yield Asked(asked, told := line[found.end() :].strip(), told)


def examples(title: str, markdown: str) -> Iterator[Asked]:
    """The worked example of a point: its problem, and its solution."""
    text = plain(markdown).strip().removeprefix("题目：")
    problem, solution = _solved(text)
    if _SOUGHT.search(problem.rpartition("请写出")[0] or problem) and len(solution) >= 10:
        yield Asked(f"关于“{title}”：{problem}", solution, solution.split("\n")[0])
    else:
        yield Asked(f"请举一个例子说明“{title}”。", text, text.split("\n")[0])


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
