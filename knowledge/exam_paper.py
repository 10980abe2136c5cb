"""Exam papers as text: numbered questions whose four options may run on in a line, keys beside them or in a list.

What is read, in the forms that papers use:

    12. 题干……            or 12．  12、  第12题  **12.**  (12)  例12
    A. … B. …             four options, in one line or in several; full-width letters; (A)
    答案：B                or 【参考答案】B, **答案：B**, （ B ） in the stem, or a list "1. B  2. A" / "1-5 ABCDA" anywhere
    解析：……              or 【解析】, up to the next question

An answer section that repeats the numbers with 【答案】 and 【解析】 only is joined to its questions. A wrong key is worse
than none: where numbers begin anew and answers can't be told apart, or two answers differ, the question is left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, zip_longest

from knowledge.exam_block import ExamBlock, begins_with_key, has_key, has_options, read_block
from knowledge.exam_lines import Heading, KeyList, Numbered, read_lines

__all__ = ["ExamItem", "UnreadItem", "needs_picture", "parse_exam"]

_PICTURE = re.compile(r"如[下右左上]?图|[下右左上]图|图所示")
_PICTURE_HERE = re.compile(r"\[图\]|!\[[^]]*\]\(|<img\b", re.IGNORECASE)


@dataclass(frozen=True)
class ExamItem:
    """A question as it stands in a paper; `line` counts from 1."""

    number: int
    line: int
    stem: str
    options: tuple[str, str, str, str]
    key: str
    explanation: str = ""


@dataclass(frozen=True)
class UnreadItem:
    """An item that is no usable single-choice question, and why. `number` is 0 where none stands."""

    number: int
    line: int
    reason: str
    text: str


@dataclass
class _Draft:
    """A numbered line without its number, and the lines up to the next one."""

    number: int
    line: int
    lines: list[str]
    numbered_line: str = ""
    loose: bool = False
    answers: bool = False

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def is_answer(self) -> bool:
        """Whether it begins with an answer, as in an answer section."""
        return begins_with_key(self.lines[0], self.answers)

    @property
    def is_open(self) -> bool:
        """Whether its options are still to come."""
        return len(self.lines) < 12 and not self.answers and not has_options(self.text) and not has_key(self.text)


@dataclass
class _Paper:
    """Drafts, parted by headings after which the numbers may begin anew; keys of lists in their order; unnumbered text."""

    parts: list[list[_Draft]] = field(default_factory=lambda: [[]])
    listed: list[ExamBlock] = field(default_factory=list)
    stray: _Draft = field(default_factory=lambda: _Draft(0, 1, []))


def parse_exam(text: str) -> tuple[list[ExamItem], list[UnreadItem]]:
    """The single-choice questions of a paper in their order, and the items that could not be read."""
    paper = _parted(text)
    drafts = [draft for part in paper.parts for draft in _merged(part)]
    blocks = [read_block(d.number, d.line, d.text, d.answers) for d in drafts]
    found, alone = _answered([b for b in blocks if not b.answers], [b for b in blocks if b.answers])
    found, _ = _answered(found, paper.listed)
    items, unread = [], []
    if has_options(paper.stray.text):
        unread.append(UnreadItem(0, paper.stray.line, "这里的题目没有题号", paper.stray.text.strip()[:40]))
    for block in found + alone:
        if reason := _complaint(block):
            unread.append(UnreadItem(block.number, block.line, reason, block.text[:40]))
        else:
            a, b, c, d = block.options
            items.append(ExamItem(block.number, block.line, block.stem, (a, b, c, d), block.key, block.explanation))
    return items, sorted(unread, key=lambda item: item.line)


def _parted(text: str) -> _Paper:
    """The lines of a paper, sorted into drafts and lists of keys."""
    paper, answers = _Paper(), False
    for line in read_lines(text):
        part = paper.parts[-1]
        open_question = bool(part) and part[-1].is_open
        if isinstance(line, KeyList) and (answers or (line.certain and not open_question)):
            paper.listed += [ExamBlock(number, line.line, line.text, key=key, answers=True) for number, key in line.keys]
        elif isinstance(line, Heading) and not (line.weak and open_question):
            answers = line.answers or (answers and (line.weak or not line.anew))
            paper.parts.append([])
        elif isinstance(line, Numbered):
            part.append(_Draft(line.number, line.line, [line.rest], line.text, line.loose, answers))
        elif (
            isinstance(line, KeyList) and not open_question and (match := re.fullmatch(r"(\d+) ?[.．、:：)）] ?(.*)", line.text))
        ):
            part.append(_Draft(int(match[1]), line.line, [match[2]], line.text, False, answers))
        elif part:
            part[-1].lines.append(line.text)
        else:
            paper.stray.lines.append(line.text)
    return paper


def _merged(numbered: Sequence[_Draft]) -> list[_Draft]:
    """Join what only looks like a question, the items of numbered lists, to the question it stands in."""
    drafts: list[_Draft] = []
    whole = [has_options(draft.text) for draft in numbered]
    last_certain = {draft.number: i for i, draft in enumerate(numbered) if whole[i] or draft.is_answer}
    for i, draft in enumerate(numbered):
        again, last = last_certain.get(draft.number, 0) > i, drafts[-1] if drafts else None
        following = last is None or draft.number == last.number + 1
        if last is None:
            begins = not draft.loose or whole[i]
        elif draft.loose:
            begins = whole[i] and following
        elif whole[i]:
            begins = not (last.is_open and again)  # else the last item of a list in a stem, with the stem's options
        else:
            answered = has_key(draft.text) and draft.number > last.number and not last.is_open
            begins = draft.is_answer or (following and not again) or answered
        if begins:
            drafts.append(draft)
        elif last:
            last.lines += [draft.numbered_line, *draft.lines[1:]]
    return drafts


def _answered(asked: Sequence[ExamBlock], answers: Sequence[ExamBlock]) -> tuple[list[ExamBlock], list[ExamBlock]]:
    """Questions with their answers, and the answers that belong to none."""
    found = {(block.number, block.line): block for block in asked}
    alone: list[ExamBlock] = []
    events = defaultdict(list)
    for block in sorted((*asked, *answers), key=lambda b: (b.line, b.answers)):
        events[block.number].append(block)
    for same in events.values():
        for questions, given in _groups(same):
            if questions and given and len(questions) != len(given):
                questions = [q for q in questions if q.options]
            if questions and len({a.key for a in given}) == 1 < len(given) != len(questions):
                given = given[:1]
            for question, answer in zip_longest(questions, given):
                if question is None:
                    alone.append(answer)
                elif given:
                    found[question.number, question.line] = _joined(question, answer, len(questions), len(given))
    return list(found.values()), alone


def _groups(same: Sequence[ExamBlock]) -> Iterator[tuple[list[ExamBlock], list[ExamBlock]]]:
    """Questions and answers of one number, in their order: some questions, then the answers that follow them, and so on.

    Answers that stand before all questions go with the first ones.
    """
    runs = [(answers, list(run)) for answers, run in groupby(same, key=lambda block: block.answers)]
    if len(runs) == 2 and runs[0][0]:
        runs.reverse()
    while runs:
        questions = [] if runs[0][0] else runs.pop(0)[1]
        yield questions, runs.pop(0)[1] if runs else []


def _joined(question: ExamBlock, answer: ExamBlock | None, questions: int, answers: int) -> ExamBlock:
    """A question with an answer, if it is certain to be its own."""
    if questions != answers:
        fault = f"题号 {question.number} 有 {questions} 题，另列的答案有 {answers} 个，不能确定哪个答案属于哪一题"
        return replace(question, fault=question.fault or fault)
    key, explanation = (answer.key, answer.explanation) if answer else ("", "")
    if question.key and key and question.key != key:
        return replace(question, fault=question.fault or f"有两个不同的答案：{question.key}、{key}")
    return replace(question, key=question.key or key, explanation=question.explanation or explanation)


def needs_picture(stem: str, options: Sequence[str]) -> bool:
    """Whether a question can't be answered without a picture: the stem speaks of one, or one stands in it or in an option."""
    return bool(_PICTURE.search(stem)) or any(_PICTURE_HERE.search(text) for text in (stem, *options))


def _complaint(block: ExamBlock) -> str:
    """Why it is no single-choice question that can be asked; '' if it is one."""
    if not block.options:
        return "只有答案，没有与它对应的题目" if block.answers else "没有找到 A、B、C、D 四个选项（可能是综合应用题或判断题）"
    if block.fault:
        return block.fault
    if len(block.options) > 4:
        return "有四个以上的选项，只支持四个选项的单项选择题"
    if not block.stem:
        return "没有题干"
    if any(not option for option in block.options):
        return f"选项 {'ABCD'[[bool(o) for o in block.options].index(False)]} 是空的（可能是图片或公式）"
    if needs_picture(block.stem, block.options):
        return "题目要看图，而文字里没有图"
    if not block.key:
        return "没有找到答案"
    if block.key == "?":
        return "答案列表里题号与答案的个数对不上"
    if len(block.key) != 1 or block.key not in "ABCD":
        return f"答案“{block.key}”不是 A、B、C、D 中的一个，只支持单项选择题"
    return ""
