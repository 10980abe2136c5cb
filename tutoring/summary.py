"""总结: a chapter, a document or a point on one page, every bullet with the place where it stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from langchain_core.messages import HumanMessage, SystemMessage
from pydantic import BaseModel

from errors import ChatModelError
from knowledge.syllabus import KnowledgePoint, points
from rag.citations import resolve
from rag.conversation import Session
from rag.events import Event, Found, Token
from rag.fence import FencedPassage, fence
from rag.marks import find_marks
from rag.prompts_modes import SUMMARY_FORM, SUMMARY_ROLE
from rag.retrieval import Passage, Retrieval
from rag.statements import Statement, statements
from rag.tutor import Tutor
from tutoring.cited import CitedLines
from tutoring.mode import Mode, said
from tutoring.outline import Scope, Section, find_scope, read_outline, titles_of
from tutoring.topics import points_of
from vector_db.segmentation import segment, segment_query

__all__ = ["SummaryForm", "SummaryMode"]

PAGE_CHARS = 900
_CONFUSED_CHARS = 200
"""Of a page, for what is easily confused."""
_ROUNDS, _NAMED, _LONG = 8, 0.35, 2000
_PROMPT_CHARS = 7000
_MOST_BULLETS, _MOST_CONFUSED, _MOST_EXAMINED = 12, 3, 5
_COMPOSED = "摘录资料原句（不用语言模型）"
_PITFALLS = re.compile(r"易错|易混|注意|误区|常见错误|陷阱|辨析")
_EXAMPLES = re.compile(r"例题|习题|练习|参考答案|思考题|例\s*\d")
_CONTRAST = re.compile(r"区别|不同于|不等于|不是[^。]{2,20}(?:而是|，)|并不|而非|容易(?:混淆|误)|注意")
_BULLETED = re.compile(r"^\s*(?:[-•]\s*|\*\s+)(.+)$")
_BULLET_SIGN = re.compile(r"^\s*(?:[-•▪●]\s*|\*(?!\*)\s*)+")
"""Not the asterisks of bold words."""
_OTHER_LENGTH = re.compile(
    r"\W*(?:请|再|更|能不能|可以|太|写|说|帮我|总结|要)*(?:短|长|精简|精炼|简单|简短|简洁|详细|具体|细|少|多)(?:一?[点些]|一下|了|的)*(?:吗|吧)?\W*"
)
_ASK = "想总结哪一部分？写上章名、资料名或考点就行，例如“总结 第四章 同步与死锁”“总结 操作系统讲义”“总结 页面置换算法”。"


class Bullet(BaseModel):
    """One line of the page with the numbers of its citations."""

    text: str
    citations: list[int]


class SummaryForm(BaseModel):
    """A page: what it is of, 要点, 易混 and 常考."""

    topic: str
    main: list[Bullet]
    confused: list[Bullet]
    examined: list[Bullet]


@dataclass(frozen=True)
class SummaryMode(Mode):
    """One page of what the student's documents say."""

    form: ClassVar[type[BaseModel] | None] = SummaryForm

    def stream(self, text: str, session: Session, tutor: Tutor) -> Iterator[Event]:
        if _OTHER_LENGTH.fullmatch(text):
            yield from said(
                f"总结固定是一页。想细一点，就总结其中的一节；想短一点，只看前面几条要点。{_ASK}", tutor, label=_COMPOSED
            )
            return
        sections = read_outline(tutor, session.subject)
        scope = find_scope(text, sections) or _by_point(text, session.subject, sections) or _by_search(text, session, tutor)
        if scope and not scope.sections:
            yield from said(scope.remark, tutor, label=_COMPOSED)
            return
        if scope is None:
            names = "、".join(f"《{name}》" for name in titles_of(sections)[:8])
            listed = f"\n\n库里的资料有：{names}。" if names else ""
            yield from said(f"没有找到要总结的部分。{_ASK}{listed}", tutor, label=_COMPOSED)
            return
        passages = tuple(section.passage for section in scope.sections)
        yield Found(Retrieval(scope.name, passages[0].subject, passages[:6], 1.0))
        notice = scope.remark
        if tutor.speaker.generative:
            page, why, shown = yield from _by_model(scope, tutor)
            if page:
                cited = resolve(_told(page).rstrip(), shown)
                yield from said(
                    cited.text, tutor, passages[0].subject, citations=cited.citations, marks=cited.marks, notice=notice,
                    data=page.model_dump(mode="json"),
                )  # fmt: skip
                return
            notice = "\n\n".join(filter(None, (notice, why)))
        yield from _composed(scope, tutor, notice)


def _composed(scope: Scope, tutor: Tutor, notice: str) -> Iterator[Event]:
    """The page without a model: definitions, enumerations and pitfalls as they stand in the documents, in their order."""
    page = CitedLines()
    page.say(f"# {scope.name}\n\n**要点**\n")
    examined, pitfalls = _examined(scope), _pitfalls(scope.sections)
    kept = sum(len(bullet.text) + 3 for bullet in examined) + (_CONFUSED_CHARS if pitfalls else 0) + 20
    main = _bullets(page, _chosen(scope, PAGE_CHARS - kept - len(page.text)), PAGE_CHARS - kept - len(page.text))
    confused, told = list[Bullet](), {bullet.text for bullet in main}
    if pitfalls := [(passage, words) for passage, words in pitfalls if words not in told][:_MOST_CONFUSED]:
        page.say("\n**易混**\n")
        confused = _bullets(page, pitfalls, _CONFUSED_CHARS)
    if examined:
        page.say("\n**常考**\n" + "".join(f"- {bullet.text}\n" for bullet in examined))
    data = SummaryForm(topic=scope.name, main=main, confused=confused, examined=examined)
    yield from said(
        page.text.rstrip(), tutor, scope.sections[0].passage.subject, _COMPOSED, citations=tuple(page.citations),
        marks=tuple(page.marks), notice=notice, data=data.model_dump(mode="json"),
    )  # fmt: skip


def _bullets(page: CitedLines, chosen: Sequence[tuple[Passage, str]], room: int) -> list[Bullet]:
    """Add quotes as bullets while there is room for them."""
    bullets = list[Bullet]()
    for passage, words in chosen:
        cost = len(words) + 8
        if cost > room:
            continue
        room -= cost
        page.say("- ")
        page.quote(words, passage, "  ")
        page.say("\n")
        bullets.append(Bullet(text=words, citations=[page.citations[page.marks[-1]].n]))
    return bullets


def _chosen(scope: Scope, room: int) -> list[tuple[Passage, str]]:
    """The statements for the page in the documents' order: round by round the best left of each section, as far as a page goes."""
    taught = [s for s in scope.sections if not (_PITFALLS.search(s.title) or _EXAMPLES.search(s.title))] or list(scope.sections)
    ranked = [_ranked(s, set(segment_query(scope.name))) for s in taught]
    picked: list[tuple[int, Statement]] = []
    for turn in range(_ROUNDS):
        for number in _by_turns(taught):
            options = ranked[number]
            if turn < len(options) and len(options[turn].text) + 8 <= room and len(picked) < _MOST_BULLETS:
                picked.append((number, options[turn]))
                room -= len(options[turn].text) + 8
    picked.sort(key=lambda pair: (pair[0], pair[1].start))
    return [(taught[number].passage, _BULLET_SIGN.sub("", statement.text)) for number, statement in picked]


def _by_turns(sections: Sequence[Section]) -> list[int]:
    """Numbers of the sections, the first of every chapter before the second of any: a page on a book is not on its beginning."""
    seen = Counter[tuple[str, ...]]()
    order = list[tuple[int, int]]()
    for number, section in enumerate(sections):
        order.append((seen[section.path[:-1]], number))
        seen[section.path[:-1]] += 1
    return [number for _, number in sorted(order)]


def _ranked(section: Section, named: set[str]) -> list[Statement]:
    """The statements of a section, those first that say most and speak of what was asked for."""
    found = [u for u in statements(FencedPassage(1, section.passage.section, section.passage.text)) if u.worth > 0]
    return sorted(found, key=lambda u: len(u.text) / _LONG - u.worth - (_NAMED if named & set(segment(u.text)) else 0.0))


def _pitfalls(sections: Sequence[Section]) -> list[tuple[Passage, str]]:
    """What is easily confused: items of such sections, then sentences that set two things against each other."""
    items = [
        (s.passage, _BULLET_SIGN.sub("", line))
        for s in sections if _PITFALLS.search(s.title)
        for line in s.passage.text.splitlines() if _BULLETED.match(line)
    ]  # fmt: skip
    contrasts = [
        (s.passage, u.text)
        for s in sections if not (_PITFALLS.search(s.title) or _EXAMPLES.search(s.title))
        for u in statements(FencedPassage(1, s.passage.section, s.passage.text))
        if u.kind == "sentence" and u.worth > 0 and _CONTRAST.search(u.text)
    ]  # fmt: skip
    return [*items, *contrasts]


def _examined(scope: Scope) -> list[Bullet]:
    """Points of the syllabus that the sections are about and that are examined often."""
    subject = scope.sections[0].passage.subject
    near: dict[str, KnowledgePoint] = {}
    for section in scope.sections:
        if not (_PITFALLS.search(section.title) or _EXAMPLES.search(section.title)):
            near |= {p.id: p for p in points_of(section.title, subject, 1)}
    often = [p for p in points().values() if p.id in near and p.weight == "高"]
    return [Bullet(text=f"{p.name}（大纲要求：{p.level}，考频：高）", citations=[]) for p in often[:_MOST_EXAMINED]]


def _by_point(text: str, subject: str, sections: Sequence[Section]) -> Scope | None:
    """The notes of a chapter or point of the syllabus that a request names."""
    plain = re.sub(r"总结|归纳|梳理|一下|[《》\s]", "", text)
    chapter = next((p.chapter for p in points().values() if p.chapter_name in plain or p.chapter in text.split()), "")
    wanted = [p for p in points().values() if p.chapter == chapter] if chapter else points_of(plain, subject, 1)
    names = {point.name for point in wanted}
    found = tuple(s for s in sections if not s.own and names & set(s.path))
    return Scope(wanted[0].chapter_name if chapter else wanted[0].name, found[:40]) if found else None


def _by_search(text: str, session: Session, tutor: Tutor) -> Scope | None:
    """What the documents say on a topic that no title names."""
    retrieval = tutor.find(text, session.subject)
    if not retrieval.answerable:
        return None
    topic = re.sub(r"^(?:请|帮我)*(?:总结|归纳|梳理|概括)(?:一下)?", "", text).strip() or text
    sections = [Section(tuple(p.section.split(" > ")), n, True, p) for n, p in enumerate(retrieval.passages)]
    return Scope(topic[:40], tuple(sections[:4]), "没有哪一章的标题就是它，下面取自与它最相关的几处。")


def _by_model(scope: Scope, tutor: Tutor) -> Generator[Token, None, tuple[SummaryForm | None, str, tuple[Passage, ...]]]:
    """The model's page, of it the bullets that cite a passage; None and why where none does."""
    passages = _fitting(scope.sections)
    fenced = fence([FencedPassage(n, p.section, p.text) for n, p in enumerate(passages, 1)])
    messages = [SystemMessage(SUMMARY_ROLE), HumanMessage(SUMMARY_FORM.format(passages=fenced, topic=scope.name))]
    try:
        reply = yield from tutor.speaker.whole(messages, len(passages))
    except ChatModelError as error:
        if tutor.speaker.spare is None:
            raise
        return None, f"{tutor.speaker.label} 没有答完（{error}）以下是摘录的提纲。", passages
    form = _read(reply, scope.name)
    return (form, "", passages) if form.main else (None, "模型的总结没有标明出处，不能采用；以下是从资料中摘录的提纲。", passages)


def _fitting(sections: Sequence[Section]) -> tuple[Passage, ...]:
    """The sections' passages, each cut to its share of what a prompt may hold."""
    share = max(_PROMPT_CHARS // len(sections), 200)
    return tuple(replace(s.passage, text=s.passage.text[:share]) for s in sections[: _PROMPT_CHARS // 200])


def _read(reply: str, topic: str) -> SummaryForm:
    """The bullets of a model's page that carry marks, under its headings, as far as a page goes."""
    parts: dict[str, list[Bullet]] = {"要点": [], "易混": [], "常考": []}
    heading, room = "要点", PAGE_CHARS - len(topic) - 40
    for line in reply.splitlines():
        if named := next((name for name in parts if name in line[:12] and not _BULLETED.match(line)), ""):
            heading = named
        bullet = _BULLETED.match(line)
        marks = find_marks(line)
        if bullet and marks and len(bullet[1]) + 3 <= room:
            room -= len(bullet[1]) + 3
            parts[heading].append(Bullet(text=bullet[1].strip(), citations=[n for _, _, n in marks]))
    return SummaryForm(topic=topic, main=parts["要点"], confused=parts["易混"], examined=parts["常考"])


def _told(form: SummaryForm) -> str:
    parts = (("要点", form.main), ("易混", form.confused), ("常考", form.examined))
    told = (f"**{name}**\n" + "".join(f"- {bullet.text}\n" for bullet in bullets) for name, bullets in parts if bullets)
    return f"# {form.topic}\n\n" + "\n".join(told)
