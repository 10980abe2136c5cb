"""讲题: a pasted question, solved step by step, tied to the points of the syllabus and to the student's own pages."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from pydantic import BaseModel

from errors import ChatModelError, EmptyStoreError
from knowledge.questions import Question
from knowledge.syllabus import KnowledgePoint, points
from rag.conversation import Session
from rag.events import Answer, Event, Found, Token
from rag.fence import FencedPassage
from rag.prompts_modes import EXPLAIN_FREE_RULES, EXPLAIN_RULES
from rag.quoting import Quote, select_quotes
from rag.retrieval import Passage, Retrieval
from rag.stems import core_of, is_negated, split_options
from rag.tutor import Task, Tutor
from tutoring.asked_more import asked_about, told_more
from tutoring.bank import find_question
from tutoring.cited import CitedLines
from tutoring.explanation import Explained, explained, steps_of
from tutoring.mode import Mode, said
from tutoring.topics import points_of
from vector_db.segmentation import segment, segment_query

__all__ = ["ExplainForm", "ExplainMode", "OptionJudged", "PointNamed", "told_letter"]

_COMPOSED = "题库解析与资料（不用语言模型）"
_EXPLAINING = Task(rules=EXPLAIN_RULES, free_rules=EXPLAIN_FREE_RULES, must_find=False)
_LONGEST_QUOTE, _LONGEST_OF_OPTION = 220, 130
_FINAL = re.compile(r"答案\s*(?:是|为)?\s*[:：]?\s*[*(（\[【]*\s*([A-GＡ-Ｇ])(?![A-Za-z])")
_UNSOLVED = "这道题不在题库里，现在也没有接入语言模型：**没有人替你解过这道题**，我不会猜一个字母。下面是资料里与它有关的原文，请自己对照判断。"

_NOT_SOLVED = "以上是资料里的相关原文，不是解题过程：这道题不在题库里，分步求解需要接入语言模型（TUTOR_CHAT_MODEL）。"
_NOTHING = "这道题不在题库里，资料里也没有相关的内容；分步求解需要接入语言模型（TUTOR_CHAT_MODEL）。"
_UNSOLVED_UNKNOWN = (
    "这道题不在题库里，现在也没有接入语言模型，资料里也没有找到与各选项有关的内容。可以添加相关的课程资料，或接入语言模型后再问。"
)


class OptionJudged(BaseModel):
    """An option: whether it is the key where that is known, and the reason."""

    letter: str
    text: str
    verdict: str  # 对, 错, 未判
    reason: str


class PointNamed(BaseModel):
    """A point of the syllabus."""

    id: str
    name: str


class ExplainForm(BaseModel):
    """A question explained; `answer` is '' where nobody has solved it, and `source` says who has: 题库, 模型 or ''."""

    answer: str
    source: str
    steps: list[str]
    options: list[OptionJudged]
    points: list[PointNamed]


@dataclass(frozen=True)
class ExplainMode(Mode):
    """Explains one question. Of a question of the bank the key is ours, whatever a model says."""

    form: ClassVar[type[BaseModel] | None] = ExplainForm

    def stream(self, text: str, session: Session, tutor: Tutor) -> Iterator[Event]:
        if question := find_question(text):
            for event in _known(question, text, session, tutor):
                yield replace(event, memory={"text": text}) if isinstance(event, Answer) else event
        elif more := asked_about(text, session.memory):
            yield from _more(*more, text, session, tutor)
        elif tutor.speaker.generative:
            yield from _by_model(text, session, tutor)
        elif _to_compute(text):
            yield from _by_passages(text, session, tutor, split_options(text)[0])
        elif split_options(text)[1]:
            yield from _by_option(text, session, tutor)
        else:
            yield from _by_passages(text, session, tutor)


def told_letter(text: str) -> str:
    """The letter that a solution ends on (`答案：B`), its last one; '' without."""
    letters = _FINAL.findall(text)
    return chr((ord(letters[-1]) - ord("Ａ")) % 26 + ord("A")) if letters and ord(letters[-1]) > 127 else (letters or [""])[-1]


def _known(question: Question, text: str, session: Session, tutor: Tutor) -> Iterator[Event]:
    """Our explanation, with the page; in the model's words where those come to the same letter."""
    solved = explained(question, text)
    own = [points()[i] for i in question.points if i in points()]
    retrieval = _found(f"{core_of(question.stem)} {question.answer}", session, tutor, question.subject)
    yield Found(retrieval)
    form = _form(solved, own)
    notice = ""
    if tutor.speaker.generative:
        answer, notice = yield from _checked(text, solved, session, tutor)
        if answer:
            lead = _points_line(own)
            yield from said(
                lead + answer.text, tutor, question.subject, citations=answer.citations, marks=answer.marks, data=form
            )  # fmt: skip
            return
    lines = CitedLines()
    lines.say(_points_line(own) + _solution(solved))
    if quote := _nearest(core_of(question.stem), question.answer, retrieval.passages):
        lines.say("\n\n**资料原文**\n> ")
        lines.quote(quote.text, retrieval.passages[quote.n - 1], "> ")
    yield from _composed(lines, tutor, question.subject, form, notice)


def _composed(
    lines: CitedLines, tutor: Tutor, subject: str, form: dict[str, object], notice: str = "", certain: float = 1.0
) -> Iterator[Event]:
    yield from said(
        lines.text, tutor, subject, _COMPOSED, citations=tuple(lines.citations), marks=tuple(lines.marks), notice=notice,
        data=form, subject_confidence=certain,
    )  # fmt: skip


def _checked(text: str, solved: Explained, session: Session, tutor: Tutor) -> Generator[Token, None, tuple[Answer | None, str]]:
    """The model's explanation if it comes to our key, else None; and what to tell the student."""
    asked = text if split_options(text)[1] else text + _listed(solved)
    answer: Event | None = None
    try:
        for event in tutor.reply(asked, _alone(session), _EXPLAINING):
            answer = event
            yield Token("")  # shown once it is checked; until then the reader can leave
    except ChatModelError as error:
        if tutor.speaker.spare is None:
            raise
        return None, f"{tutor.speaker.label} 没有答完（{error}）以上是题库的解析。"
    assert isinstance(answer, Answer)
    letter = told_letter(answer.text)
    if letter == solved.key:
        return answer, ""
    says = f"模型得到的答案是 {letter}" if letter else "模型没有给出答案"
    return None, f"{says}，与题库核对过的答案 {solved.key} 不一致，以上采用题库的解析。"


def _more(question: Question, brought: str, letter: str, text: str, session: Session, tutor: Tutor) -> Iterator[Event]:
    """On the question of the turn before: in the model's words, beside our key; else what our explanation says."""
    solved, memory = explained(question, brought), {"text": brought}
    if not tutor.speaker.generative:
        yield from said(told_more(solved, letter), tutor, question.subject, _COMPOSED, data=_form(solved, ()), memory=memory)
        return
    for event in tutor.reply(text, session, _EXPLAINING):
        if isinstance(event, Answer):
            checked = f"这一问由语言模型回答，没有经过核对；题库核对过的答案是 {solved.key}。"
            notice = "\n\n".join(filter(None, (event.notice, checked)))
            event = replace(event, data=_form(solved, ()), memory=memory, notice=notice)
        yield event


def _by_model(text: str, session: Session, tutor: Tutor) -> Iterator[Event]:
    near = points_of(split_options(text)[0], session.subject)
    for event in tutor.reply(text, session, _EXPLAINING):
        if isinstance(event, Answer) and not event.refused:
            data = _unsolved_form(text, near, told_letter(event.text), "模型")
            unanswered = bool(split_options(text)[1]) and not told_letter(event.text)
            checked = "这道题不在题库里，" + (
                "语言模型没有给出答案，以上的话没有经过核对。" if unanswered else "答案由语言模型给出，没有经过核对。"
            )
            event = replace(event, data=data, notice="\n\n".join(filter(None, (event.notice, checked))))
        yield event


def _by_option(text: str, session: Session, tutor: Tutor) -> Iterator[Event]:
    """Without a model: for each option the words of the documents that bear on it."""
    stem, options = split_options(text)
    core = core_of(stem)
    retrieval = _found(text, session, tutor, session.subject)
    yield Found(retrieval)
    near = points_of(stem, session.subject)
    lines, bearing = CitedLines(), CitedLines()
    for letter, option in options.items():
        found = _found(f"{core} {option}", session, tutor, session.subject)
        bearing.say(f"\n- **{letter}. {option}**")
        if quote := _nearest(core, option, found.passages, _LONGEST_OF_OPTION):
            bearing.say("\n  ")
            bearing.quote(quote.text, found.passages[quote.n - 1], "  ")
        else:
            bearing.say("：资料里没有找到相关的说法。")
    lines.say(_points_line(near) + (_UNSOLVED if bearing.marks else _UNSOLVED_UNKNOWN))
    if bearing.marks:
        lines.say("\n\n注意：题目要找的是**不成立**的一项，与原文对不上的才是答案。" if is_negated(stem) else "")
        lines = replace(bearing, text=f"{lines.text}\n{bearing.text}")
    yield from _composed(lines, tutor, retrieval.subject, _unsolved_form(text, near), certain=retrieval.subject_confidence)


def _to_compute(text: str) -> bool:
    """Whether the options are numbers: no document has a word on one of them, and one that has its digits is about something else."""
    numbers = [o for o in split_options(text)[1].values() if re.search(r"\d", o) and not re.search("[\u3400-\u9fff]{2}", o)]
    return len(numbers) >= 3


def _by_passages(text: str, session: Session, tutor: Tutor, stem: str = "") -> Iterator[Event]:
    """Without a model and without options that words can bear on: what the documents say of the stem, by the cited chain."""
    near = points_of(stem or text, session.subject)
    for event in tutor.reply(stem or text, _alone(session) if stem else session):
        if isinstance(event, Answer):
            event = replace(
                event, data=_unsolved_form(text, near),
                notice=_NOTHING if event.refused else "\n\n".join(filter(None, (event.notice, _NOT_SOLVED))),
            )  # fmt: skip
        yield event


def _found(query: str, session: Session, tutor: Tutor, subject: str) -> Retrieval:
    """What the documents hold; nothing where there are none yet, or the student has switched them off."""
    try:
        found = tutor.find(query, subject, session.switches.retrieval is not False)
    except EmptyStoreError:
        return Retrieval(query, subject)
    return found if found.answerable else replace(found, passages=())


def _nearest(core: str, option: str, passages: Sequence[Passage], longest: int = _LONGEST_QUOTE) -> Quote | None:
    """The words of the passages that say most on an option, as far as they are short and name what it alone says."""
    fenced = [FencedPassage(n, p.section, p.text) for n, p in enumerate(passages, 1)]
    telling = set(segment_query(option)) - set(segment(core)) or set(segment_query(option))
    quotes = [*select_quotes(f"{core} {option}", fenced), *select_quotes(option, fenced)]
    short = [quote for quote in quotes if len(quote.text) <= longest]
    return max(short, key=lambda q: len(telling & set(segment(q.text))), default=None) if telling else None


def _solution(solved: Explained) -> str:
    steps = "\n".join(f"{n}. {step}" for n, step in enumerate(steps_of(solved.reason), 1))
    options = "\n".join(
        f"- {'✓' if letter == solved.key else '✗'} **{letter}.** {option}"
        + (f"：{reason}" if (reason := solved.wrong.get(letter)) else "")
        for letter, option in solved.options.items()
    )
    return f"**分步讲解**\n\n{steps}\n\n**逐项判断**\n\n{options}\n\n答案：{solved.key}"


def _points_line(near: Sequence[KnowledgePoint]) -> str:
    return f"**考点**：{'；'.join(f'{p.name}（{p.id}）' for p in near)}\n\n" if near else ""


def _listed(solved: Explained) -> str:
    return "\n" + "\n".join(f"{letter}. {option}" for letter, option in solved.options.items())


def _alone(session: Session) -> Session:
    """The session without its turns: a pasted question stands by itself."""
    return Session(session.subject, session.mode, session.switches)


def _form(solved: Explained, near: Sequence[KnowledgePoint]) -> dict[str, object]:
    options = [
        OptionJudged(
            letter=letter, text=option, verdict="对" if letter == solved.key else "错", reason=solved.wrong.get(letter, "")
        )
        for letter, option in solved.options.items()
    ]
    form = ExplainForm(answer=solved.key, source="题库", steps=steps_of(solved.reason), options=options, points=_named(near))
    return form.model_dump(mode="json")


def _unsolved_form(text: str, near: Sequence[KnowledgePoint], answer: str = "", source: str = "") -> dict[str, object]:
    _, options = split_options(text)
    judged = [OptionJudged(letter=letter, text=option, verdict="未判", reason="") for letter, option in options.items()]
    return ExplainForm(answer=answer, source=source, steps=[], options=judged, points=_named(near)).model_dump(mode="json")


def _named(near: Sequence[KnowledgePoint]) -> list[PointNamed]:
    return [PointNamed(id=point.id, name=point.name) for point in near]
