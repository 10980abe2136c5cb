"""出题: questions on a topic; the answers come when the student answers. Keys are computed, from the bank, or checked twice."""

from __future__ import annotations

import random
import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import BaseModel, ValidationError

from errors import StoreError
from knowledge.questions import LETTERS
from knowledge.subjects import AUTO
from rag.citations import Citation, locate, resolve
from rag.conversation import Session
from rag.events import Answer, Event, Found, Token
from rag.marks import disarm
from rag.retrieval import Passage
from rag.tutor import Tutor
from tutoring.cloze import clozes
from tutoring.mode import Mode, said
from tutoring.quiz_answers import PASS, is_answer, is_right, read_answers
from tutoring.quiz_form import Item, QuizForm, ShownResult, place_of, shown, told
from tutoring.quiz_request import MOST_QUESTIONS, QuizRequest, read_request, wants_questions
from tutoring.quiz_sources import from_bank, pages_about, points_for
from tutoring.verifying import drafted, faults, verified

__all__ = ["QuizMode"]

_REMEMBERED = 400
"""Ids of asked questions that are kept, so that none comes twice."""
_HOW = "请直接作答，例如 1A 2C；只有一道题时可以只写字母。不会就写“2不会”，想看全部答案就写“答案”。"
_HOW_BLANK = "请直接填写，例如 1 时间片 2 互斥；只有一道题时可以只写答案。不会就写“2不会”，想看全部答案就写“答案”。"
_QUESTION = re.compile(r"为什么|为啥|为何|怎么|如何|是什么|什么是|什么意思|[吗呢？?]\s*$")
_ELSEWHERE = "这里只出题和批改。想问问题请切换到“答疑”，想听一道题的讲解请切换到“讲题”；想继续做题，说“再来一道”或写一个主题。"
_NONE_WAITS = (
    "现在没有等你回答的题（换过模式的话，前面的题不再等着）。想做题就说“再来一道”，或写一个主题，例如“出 3 道页面置换的题”。"
)
_MORE = "想继续就说“再来一道”“再来三道，难一点”，或换一个主题。"


class _Memory(BaseModel):
    """What the mode knows of the conversation: `waiting` are the unanswered questions by number."""

    request: dict[str, Any] = {}
    used: list[str] = []
    waiting: dict[int, Item] = {}

    @classmethod
    def of(cls, session: Session) -> _Memory:
        try:
            return cls.model_validate(session.memory)
        except ValidationError:  # of another version of the program
            return cls()


@dataclass(frozen=True)
class _Paper:
    """Questions with what is to be told of them."""

    items: list[Item]
    notices: tuple[str, ...] = ()
    dropped: int = 0
    subject: str = AUTO


@dataclass(frozen=True)
class QuizMode(Mode):
    """Asks, waits, marks. `rng` draws the seeds."""

    form: ClassVar[type[BaseModel]] = QuizForm
    rng: random.Random = field(default_factory=random.Random, compare=False, repr=False)

    def stream(self, text: str, session: Session, tutor: Tutor) -> Iterator[Event]:
        memory = _Memory.of(session)
        if memory.waiting:
            choices = any(item.kind == "choice" for item in memory.waiting.values())
            answers = read_answers(text, memory.waiting) if choices or not wants_questions(text) else None
            if answers:
                yield from _marked(answers, memory, session, tutor)
                return
            if is_answer(text) or not wants_questions(text) and (_QUESTION.search(text) or not points_for(text, session.subject)):
                yield from _again(memory, session, tutor)
                return
        if is_answer(text):
            yield from said(_NONE_WAITS, tutor, session.subject, data=_empty_form(memory), memory=memory.model_dump(mode="json"))
            return
        if _QUESTION.search(text) and not wants_questions(text):
            yield from said(_ELSEWHERE, tutor, session.subject, data=_empty_form(memory), memory=memory.model_dump(mode="json"))
            return
        request = read_request(text, memory.request or None)
        yield from self._asked(request, memory, session, tutor)

    def _asked(self, request: QuizRequest, memory: _Memory, session: Session, tutor: Tutor) -> Iterator[Event]:
        used = frozenset(memory.used)
        points = [] if request.pages else points_for(request.topic, session.subject)
        items = from_bank(points, request.topic, request.count, request.difficulty, used, self.rng) if points else []
        paper = _Paper(items, subject=items[0].subject if items else AUTO)
        if len(items) < request.count:
            retrieval, passages = pages_about(request.topic, session.subject, tutor, self.rng)
            yield Found(retrieval)
            paper = yield from self._with_pages(paper, request, memory, passages, tutor)
            if not paper.items:
                yield _nothing(request, memory, retrieval.subject, tutor)
                return
        yield from _told(paper, request, memory, tutor)

    def _with_pages(
        self, paper: _Paper, request: QuizRequest, memory: _Memory, passages: list[Passage], tutor: Tutor
    ) -> Generator[Token, None, _Paper]:
        """The paper with as many questions from the pages as are lacking: written by the model, else 填空."""
        items, notices, dropped = list(paper.items), list(paper.notices), 0
        if not passages:
            return paper
        if not (request.pages or items):
            notices.append(f"题库里没有“{request.topic}”的题，下面的题出自你的资料。")
        topic = request.topic or passages[0].section
        if tutor.speaker.generative:
            filled = yield from drafted(
                passages, topic, request.count - len(items), request.difficulty, [i.stem for i in memory.waiting.values()], tutor.speaker
            )  # fmt: skip
            notices += [filled.notice] if filled.notice else []
            for draft in filled.value.questions if filled.value else []:
                stems = [item.stem for item in items]
                if len(items) >= request.count or faults(draft, len(passages), stems):
                    dropped += len(items) < request.count
                    continue
                items.append((yield from verified(draft, passages, topic, request.difficulty, tutor.speaker)))
        lacking = request.count - len(items)
        items += clozes(passages, request.topic, lacking, frozenset(memory.used) | {i.id for i in items}, self.rng)
        if dropped:
            notices.append(f"模型出的题里有 {dropped} 道不合格（选项重复、泄露答案等），已去掉。")
        if not tutor.speaker.generative:
            notices.append("没有接入语言模型，从资料里只能出填空题（把原文的关键词挖空）；接入模型后可以出选择题。")
        return _Paper(items, tuple(notices), dropped, items[0].subject if items else AUTO)


def _told(paper: _Paper, request: QuizRequest, memory: _Memory, tutor: Tutor) -> Iterator[Event]:
    waiting = dict(enumerate(paper.items, 1))
    notices = list(paper.notices)
    if request.wanted > MOST_QUESTIONS:
        notices.append(f"一次最多出 {MOST_QUESTIONS} 道。")
    if len(waiting) < request.count:
        notices.append(f"只找到 {len(waiting)} 道没有出过的题。")
    topic = request.topic or "综合"
    how = _HOW if any(item.kind == "choice" for item in paper.items) else _HOW_BLANK
    parts = [f"围绕“{topic}”出 {len(waiting)} 道题：", *(told(n, item) for n, item in waiting.items()), f"---\n{how}"]
    used = [*memory.used, *(item.id for item in paper.items)][-_REMEMBERED:]
    form = QuizForm(topic=request.topic, questions=[shown(n, item) for n, item in waiting.items()], dropped=paper.dropped)
    kept = _Memory(request=request.to_json(), used=used, waiting=waiting)
    yield from said(
        "\n\n".join(parts), tutor, paper.subject, notice=" ".join(notices),
        data=form.model_dump(mode="json"), memory=kept.model_dump(mode="json"),
    )  # fmt: skip


def _empty_form(memory: _Memory) -> dict[str, Any]:
    return QuizForm(topic=str(memory.request.get("topic", ""))).model_dump(mode="json")


def _nothing(request: QuizRequest, memory: _Memory, subject: str, tutor: Tutor) -> Answer:
    """That there is nothing to ask about, and what to do."""
    asked = bool(memory.used)
    reason = "能出的题都出过了" if asked and request.again else f"大纲考点和你的资料里都没有找到“{request.topic}”"
    if request.pages:
        reason = f"你的资料里没有找到能出题的“{request.topic or '内容'}”"
    text = f"{reason}，没有出题。可以换一个主题（例如“出 3 道页面置换的题”），写科目名，或先添加相关的资料。"
    form = QuizForm(topic=request.topic)
    return Answer(
        text, subject, tutor.label, refused=True, data=form.model_dump(mode="json"), memory=memory.model_dump(mode="json")
    )


def _again(memory: _Memory, session: Session, tutor: Tutor) -> Iterator[Event]:
    """How to answer, where a text is neither an answer nor a request."""
    kinds = {item.kind for item in memory.waiting.values()}
    open_now = "、".join(str(n) for n in memory.waiting)
    text = f"没有看懂这个回答。第 {open_now} 题还没有答。{_HOW if 'choice' in kinds else _HOW_BLANK}换主题请说“出 2 道……的题”。"
    form = QuizForm(topic=str(memory.request.get("topic", "")), questions=[shown(n, i) for n, i in memory.waiting.items()])
    yield from said(text, tutor, session.subject, data=form.model_dump(mode="json"), memory=memory.model_dump(mode="json"))


def _marked(answers: Mapping[int, str], memory: _Memory, session: Session, tutor: Tutor) -> Iterator[Event]:
    results: list[ShownResult] = []
    citations: list[Citation] = []
    parts: list[str] = []
    for n, given in answers.items():
        item = memory.waiting[n]
        citation = _place(item, len(citations) + 1, tutor)
        citations += [citation] if citation else []
        result = _result(n, item, given, citation)
        results.append(result)
        parts.append(_result_told(item, result, citation))
    left = {n: item for n, item in memory.waiting.items() if n not in answers}
    judged = [r.correct for r in results if r.correct is not None]
    score = f"本次 {len(results)} 题，答对 {sum(judged)} 题。" if judged else "先看懂解析，再做一道同类题试试。"
    parts.append(score + (f"还有第 {'、'.join(map(str, left))} 题没有答。" if left else _MORE))
    form = QuizForm(topic=str(memory.request.get("topic", "")), questions=[shown(n, i) for n, i in left.items()], results=results)
    kept = memory.model_copy(update={"waiting": left})
    yield from said(
        "\n\n".join(parts), tutor, memory.waiting[min(answers)].subject, citations=tuple(citations),
        marks=tuple(range(len(citations))), data=form.model_dump(mode="json"), memory=kept.model_dump(mode="json"),
    )  # fmt: skip


def _result(n: int, item: Item, given: str, citation: Citation | None) -> ShownResult:
    return ShownResult(
        n=n, id=item.id, given=given, key=item.key, correct=is_right(item, given), explanation=item.explanation,
        verification=item.verdict or item.verification, source=citation.source if citation else item.source,
        page=citation.page if citation else item.page,
    )  # fmt: skip


def _result_told(item: Item, result: ShownResult, citation: Citation | None) -> str:
    answer = f"{item.key}. {item.options[LETTERS.index(item.key)]}" if item.kind == "choice" else item.key
    if result.given == PASS:
        verdict = "看答案"
    elif result.correct is None:
        verdict = f"你答 {result.given}，" + ("两次解答不一致，无法判定" if not item.certain else "与原文用词不同，请自己对照")
    else:
        verdict = f"你答 {result.given}，" + ("正确 ✓" if result.correct else "不对 ✗")
    lines = [
        f"**第 {result.n} 题**：{verdict}。",
        f"{'所给答案' if not item.certain else '答案'}：{answer}（{result.verification}）",
    ]
    lines += [item.explanation if item.kind == "cloze" else f"解析：{item.explanation}"] if item.explanation else []
    text = disarm("\n\n".join(lines))
    if citation:
        return f"{text}\n\n出处：{place_of(citation.source, citation.page)} [{citation.n}]"
    return f"{text}\n\n出处：{place_of(item.source, item.page)}" if item.source else text


def _place(item: Item, n: int, tutor: Tutor) -> Citation | None:
    """Where the student's documents speak of an item; None if they don't, or if they can't be searched now."""
    try:
        retrieval = tutor.find(item.quote or item.about, item.subject)
    except StoreError:
        return None  # the marks don't depend on the documents
    holding = [p for p in retrieval.passages if item.quote and locate(item.quote, p.text)]
    if not holding and (item.quote or not retrieval.answerable):
        return None
    claim = item.quote or " ".join(f"{item.stem} {item.options[LETTERS.index(item.key)]}".split())
    passage = (holding or list(retrieval.passages))[0]
    cited = resolve(f"{disarm(claim)} [{n}]", [passage] * n).citations
    return cited[0] if cited else None
