"""What a student works on under guidance: a question of the bank, another choice question, or an open one with its reference answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from errors import EmptyStoreError
from knowledge.questions import Question
from knowledge.subjects import AUTO
from knowledge.syllabus import KnowledgePoint, points
from rag.citations import Citation
from rag.fence import FencedPassage
from rag.query import understand
from rag.quoting import opening, select_quotes
from rag.retrieval import Passage
from rag.stems import core_of, split_options
from rag.tutor import Tutor
from tutoring.bank import find_question, questions_on, told
from tutoring.cited import citation_of
from tutoring.explanation import Explained, explained
from tutoring.leaks import ChoiceKey, OpenKey, SomeChoice
from tutoring.topics import points_of
from vector_db.segmentation import dictionary, named_in, segment, segment_query

__all__ = ["Exercise", "book_page", "exercise_of", "key_terms", "named_topic"]

_MOST_TERMS = 8
_TOPIC_CHARS = 20
_ASKS = re.compile(r"[？?]|什么|怎|为何|如何|哪|多少|几个|几种|区别|是不是|吗|简述|说明|证明|计算|求")
_REQUEST = re.compile(
    r"^(?:我想|帮我|请|来|给我)*(?:引导我?|考考我?|练习?一?下?|学习?一?下?|复习一?下?|问问?我|提问)?(?:关于|一道)?|(?:的题|这个考点|这一章|吧)$"
)
_HEAD = re.compile(
    r"^\W*(?:\d{1,2}[.、)）]|[(（][一二三四五六七八九十\d]+[)）])?\s*\**([^\s：:，。；|（(*]{2,12})\**(?:[（(][^）)]*[）)])?\**[：:]",
    re.MULTILINE,
)
_SERIES = re.compile(r"(?:[^，。：；、\s]{1,12}、)+[^，。：；、\s]{1,12}?(?:和|与|以及|及)[^，。；：、\s]{1,10}")
_SERIES_LEAD = re.compile(r"^.*(?:包括|分为|分成|是指|依次为|是|有|为|即)")


@dataclass(frozen=True)
class Exercise:
    """One question and all that the hints are made of.

    Attributes:
        text: what rebuilds it at the next turn: as it was pasted, or the id of a bank question.
        shown: stem and options, where the student has not typed them himself.
        question, solution: of the bank; None for others.
        reference: the passage's words that answer an open question.
        place: where it can be read, with the words that answer; None if the documents don't speak of it.
    """

    text: str
    stem: str
    key: ChoiceKey | SomeChoice | OpenKey
    point: KnowledgePoint | None
    subject: str
    shown: str = ""
    question: Question | None = None
    solution: Explained | None = None
    reference: str = ""
    place: Citation | None = None
    passages: tuple[Passage, ...] = ()


def exercise_of(text: str, subject: str, tutor: Tutor, done: Sequence[str] = ()) -> Exercise | None:
    """The exercise that a message asks for; None if neither bank, documents nor syllabus know what it is about.

    `done` are ids of bank questions that a topic should not bring again.
    """
    if question := find_question(text):
        return _of_bank(question, text, tutor)
    stem, options = split_options(text)
    near = points_of(stem, subject, 1)
    if options:
        passages = _look(tutor, text, subject)
        place = _place(core_of(stem), passages)
        return Exercise(
            text, stem, SomeChoice(options, stem), _first(near), _subject(near, subject), place=place, passages=passages
        )
    if (topic := named_topic(text)) and (on := points_of(topic, subject, 1)):
        every = sorted(questions_on(on), key=lambda q: q.difficulty)
        fresh = [q for q in every if q.id not in done] or sorted(every, key=lambda q: list(done).index(q.id))
        return _of_bank(fresh[0], fresh[0].id, tutor, on[0]) if fresh else None
    return _open(text, subject, tutor, _first(near))


def book_page(question: Question, tutor: Tutor) -> Citation | None:
    """Where the student's own documents say what answers a question; None if they don't speak of it, or there are none yet.

    Raises:
        StoreError: retrieval failed.
    """
    query = f"{core_of(question.stem)} {question.answer}"
    return _place(query, _look(tutor, query, question.subject))


def named_topic(text: str) -> str:
    """The topic that a short message names without asking anything of it; '' if it asks."""
    topic = _REQUEST.sub("", text.strip().rstrip("。！!"))
    return topic if 1 < len(topic) <= _TOPIC_CHARS and not _ASKS.search(topic) else ""


def key_terms(reference: str, question: str) -> list[str]:
    """The words that make a reference answer: the heads of its list, the members of its series, else its terms."""
    asked = set(segment(question))
    heads = [head for head in dict.fromkeys(_HEAD.findall(reference)) if head not in asked]
    if len(heads) >= 2:
        return heads[:_MOST_TERMS]
    series = [part for match in _SERIES.finditer(reference) for part in _members(match[0])]
    if len(series) >= 3:
        return [part for part in dict.fromkeys(series) if part not in asked][:_MOST_TERMS]
    terms = [t for t in dict.fromkeys(segment(reference)) if t in dictionary() and t not in asked]
    if len(terms) < 2:
        terms = list(dict.fromkeys([*terms, *(t for t in named_in(reference) if t not in asked)]))
    if len(terms) < 2:
        terms = [t for t in segment_query(reference) if t not in asked and len(t) > 1]
    return [t for t in terms if not any(t != other and t in other for other in terms)][:_MOST_TERMS]


def _members(series: str) -> list[str]:
    first, *rest = series.split("、")
    *middle, last = rest
    parts = [_SERIES_LEAD.sub("", first), *middle, *re.split(r"和|与|以及|及", last, maxsplit=1)]
    return [part for part in parts if 1 < len(part) <= 12]


def _of_bank(question: Question, text: str, tutor: Tutor, point: KnowledgePoint | None = None) -> Exercise:
    solution = explained(question, text)
    key = ChoiceKey(question.stem, solution.options, solution.key)
    query = f"{core_of(question.stem)} {question.answer}"
    passages = _look(tutor, query, question.subject)
    own = point or next((points()[i] for i in question.points if i in points()), None)
    shown = "" if split_options(text)[1] else told(question)
    return Exercise(
        text, question.stem, key, own, question.subject, shown, question, solution, place=_place(query, passages), passages=passages
    )  # fmt: skip


def _open(text: str, subject: str, tutor: Tutor, point: KnowledgePoint | None) -> Exercise | None:
    query = understand(text).text
    retrieval = tutor.find(query, subject)
    if not retrieval.answerable:
        return None
    fenced = [FencedPassage(n, p.section, p.text) for n, p in enumerate(retrieval.passages, 1)]
    quotes = select_quotes(query, fenced) or opening(fenced)
    if not quotes:
        return None
    reference = quotes[0].text
    key = OpenKey(reference, {term: 1.0 for term in key_terms(reference, text)}, question=text)
    place = citation_of(reference, retrieval.passages[quotes[0].n - 1])
    return Exercise(
        text, text, key, point, retrieval.subject, reference=reference, place=place, passages=retrieval.passages
    )  # fmt: skip


def _look(tutor: Tutor, query: str, subject: str) -> tuple[Passage, ...]:
    """Passages on a query; none where the documents hold no answer, or there are no documents yet: the bank can do without."""
    try:
        retrieval = tutor.find(query, subject)
    except EmptyStoreError:
        return ()
    return retrieval.passages if retrieval.answerable else ()


def _place(query: str, passages: Sequence[Passage]) -> Citation | None:
    fenced = [FencedPassage(n, p.section, p.text) for n, p in enumerate(passages, 1)]
    quotes = select_quotes(query, fenced) or opening(fenced)
    if not quotes:
        return None
    return citation_of(quotes[0].text, passages[quotes[0].n - 1])


def _first(near: Sequence[KnowledgePoint]) -> KnowledgePoint | None:
    return near[0] if near else None


def _subject(near: Sequence[KnowledgePoint], subject: str) -> str:
    return near[0].subject if near and subject == AUTO else subject
