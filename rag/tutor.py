"""The tutor: a question, passages, a prompt, a chat model, a cited answer. READ THIS FIRST.

question ──condense──▶ query ──retrieve──▶ passages ──prompt──▶ chat model ──cite──▶ answer
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace

from langchain_core.messages import BaseMessage

from errors import ChatModelError, QuestionError, UsageError
from knowledge.subjects import validate_subject
from rag import prompts
from rag.calculations import with_calculator
from rag.citations import CitedText, as_citation, resolve
from rag.conversation import Session, Turn, history
from rag.events import Answer, Event, Found, Token
from rag.fence import FencedPassage, fence
from rag.query import understand
from rag.retrieval import Passage, Retrieval, Retriever, open_retriever
from rag.speaker import Speaker, load_speaker
from rag.web import WebSearch, open_web_search
from settings import Settings
from vector_db.store import CourseStore

__all__ = ["ANSWERING", "Answer", "Event", "Found", "Session", "Task", "Token", "Tutor", "open_tutor"]


_SHORT_REFUSAL = 60
"""Characters; some models put marks behind their refusal."""


@dataclass(frozen=True)
class Task:
    """What is to be done with a question.

    Attributes:
        rules: of an answer from passages.
        role: instead of the subject's teacher.
        subject: where to look, whatever the session says.
        retrieve: whether to look into the documents, unless the student has switched that on or off.
        must_find: whether to refuse, without asking the model, what the documents don't answer.
        free_rules: of an answer without passages.
    """

    rules: str = prompts.ANSWER_RULES
    role: str | None = None
    subject: str | None = None
    retrieve: bool = True
    must_find: bool = True
    free_rules: str = prompts.FREE_RULES


ANSWERING = Task()


class Tutor:
    """Answers questions from the documents of a store.

    Args:
        speaker: any chat model; the extractive one goes through the very same chain.
        web: the search endpoint for 联网; None if there is none.
    """

    def __init__(
        self, retriever: Retriever, speaker: Speaker, max_question_chars: int = 4000, web: WebSearch | None = None
    ) -> None:
        self.retriever = retriever
        self.speaker = speaker
        self.web = web
        self._max_question_chars = max_question_chars

    @property
    def label(self) -> str:
        """What the page says of who answers."""
        return self.speaker.label

    def stream(self, question: str, session: Session) -> Iterator[Event]:
        """Yield `Found`, then `Token`s (empty ones at any time), then one `Answer`; the turn is added to the session at the end.

        Raises:
            QuestionError: the question is empty or too long.
            UnknownSubjectError: the session's subject is not taught.
            StoreError, ChatModelError: retrieval or the chat model failed; the session is as before.
        """
        question = self.checked(question)
        for event in self.reply(question, session):
            if isinstance(event, Answer):
                session.turns.append(Turn(question, event, session.mode))
            yield event

    def ask(self, question: str, session: Session | None = None) -> Answer:
        """The `Answer` alone, for callers that don't stream."""
        *_, last = self.stream(question, session or Session())
        assert isinstance(last, Answer)
        return last

    def reply(self, question: str, session: Session, task: Task = ANSWERING) -> Iterator[Event]:
        """The events of an answer, as `stream`; the session is not changed."""
        wanted = task.retrieve if session.switches.retrieval is None else session.switches.retrieval
        query = (yield from self.standalone(question, session)) if wanted or session.switches.web else question
        retrieval = self.find(query, task.subject or session.subject, wanted)
        yield Found(retrieval)
        passages = retrieval.passages if retrieval.answerable else ()
        if session.switches.web:
            passages += tuple(self._searched(query))
        if wanted and task.must_find and not passages:
            yield self.refusal(retrieval)
            return
        if not (passages or self.speaker.generative):
            yield Answer(
                prompts.NEEDS_MODEL, retrieval.subject, self.label, refused=True, subject_confidence=retrieval.subject_confidence
            )
            return
        yield from self._spoken(query, retrieval, passages, session, task)

    def find(self, query: str, subject: str, wanted: bool = True) -> Retrieval:
        """What the documents hold on a query; nothing if it is not `wanted`."""
        subject = validate_subject(subject)
        return self.retriever.retrieve(query, subject) if wanted else Retrieval(query, subject)

    def _searched(self, query: str) -> list[Passage]:
        if self.web is None:
            raise UsageError("还没有配置联网检索。请设置 TUTOR_SEARCH_URL（SearXNG 兼容的接口）后重启，或关掉“联网”。")
        return self.web.passages(query)

    def checked(self, question: str) -> str:
        """The question without white space around it.

        Raises:
            QuestionError: it is empty or too long.
        """
        question = question.encode("utf-8", "ignore").decode().strip()  # a terminal may hand over broken bytes
        if not question:
            raise QuestionError("问题是空的。请输入要问的内容。")
        if len(question) > self._max_question_chars:
            raise QuestionError(f"问题有 {len(question)} 字，超过上限 {self._max_question_chars} 字。请只保留要问的部分。")
        return question

    def standalone(self, question: str, session: Session) -> Generator[Token, None, str]:
        """The question as it reads without the conversation: rewritten by the model, or by rules (rag/query.py).

        While the model rewrites, empty tokens come: the moments at which a reader can leave.
        """
        if not session.turns:
            return question
        if not self.speaker.generative:
            return understand(question, [turn.question for turn in session.turns]).text
        messages = prompts.CONDENSE_PROMPT.format_messages(history=history(session.turns), question=question)
        rewritten = ""
        try:
            for piece in self.speaker.stream(messages):
                rewritten += piece
                yield Token("")
        except ChatModelError:
            if self.speaker.spare is None:
                raise
            return understand(question, [turn.question for turn in session.turns]).text
        rewritten = rewritten.strip()
        return rewritten if 0 < len(rewritten) <= 4 * len(question) + 200 else question

    def refusal(self, retrieval: Retrieval) -> Answer:
        """That the documents don't hold the answer, and what comes nearest."""
        nearest = tuple(as_citation(n, p) for n, p in enumerate(retrieval.passages[:3], 1))
        certain = retrieval.subject_confidence
        return Answer(prompts.REFUSAL, retrieval.subject, self.label, nearest=nearest, refused=True, subject_confidence=certain)

    def _spoken(
        self, query: str, retrieval: Retrieval, passages: tuple[Passage, ...], session: Session, task: Task
    ) -> Iterator[Event]:
        """The chat model's answer; the spare one's, which says so, where it fails."""
        text, speaker, notice = "", self.speaker, ""
        calculating = session.switches.calculator and speaker.generative
        messages = _messages(query, retrieval, passages, session, task, calculating)
        try:
            for piece in _pieces(speaker, messages, len(passages), calculating):
                text += piece
                yield Token(piece)
        except ChatModelError as error:
            if speaker.spare is None or not passages:
                raise
            notice = f"{speaker.label} 没有答完（{error}）以下由{speaker.spare.label}回答。"
            yield Token(f"\n\n{notice}\n\n")
            text, speaker = "", speaker.spare
            for piece in speaker.stream(_messages(query, retrieval, passages, session, task), len(passages)):
                text += piece
                yield Token(piece)
        answer = self._cited(text, retrieval, passages, speaker)
        yield replace(answer, notice="\n\n".join(filter(None, (notice, answer.notice))))

    def _cited(self, text: str, retrieval: Retrieval, passages: tuple[Passage, ...], speaker: Speaker) -> Answer:
        cited = resolve(text, passages)
        if passages and _is_refusal(cited):
            return self.refusal(retrieval)
        return Answer(
            cited.text,
            retrieval.subject,
            speaker.label,
            cited.citations,
            cited.marks,
            notice=_notice(bool(cited.citations), retrieval, speaker.generative),
            subject_confidence=retrieval.subject_confidence,
        )


def _messages(
    query: str, retrieval: Retrieval, passages: tuple[Passage, ...], session: Session, task: Task, calculating: bool = False
) -> list[BaseMessage]:
    fenced = fence([FencedPassage(n, p.section, p.text) for n, p in enumerate(passages, 1)])
    role = task.role or prompts.SUBJECT_PROMPTS.get(retrieval.subject, prompts.GENERAL_ROLE)
    rules = task.rules if passages else task.free_rules
    return prompts.ANSWER_PROMPT.format_messages(
        role=role + (prompts.NEGATED if retrieval.negated else ""),
        rules=rules + (prompts.CALCULATOR_RULE if calculating else ""),
        history=history(session.turns),
        passages=f"{fenced}\n\n" if fenced else "",
        question=query,
    )


def _pieces(speaker: Speaker, messages: list[BaseMessage], passages: int, calculating: bool) -> Iterator[str]:
    """The answer in pieces, its calculations done."""

    def speak(asked: Sequence[BaseMessage]) -> Iterator[str]:
        return speaker.stream(asked, passages)

    return with_calculator(speak, messages) if calculating else speak(messages)


def _is_refusal(cited: CitedText) -> bool:
    """Whether the model says that the passages don't hold the answer; a passage that is quoted may begin with such words too."""
    text = cited.text.strip()
    says = text == prompts.REFUSAL or text.startswith(prompts.NO_ANSWER)
    return not text or says and (not cited.citations or len(text) <= _SHORT_REFUSAL)


def _notice(cited: bool, retrieval: Retrieval, generative: bool) -> str:
    if not cited:
        return "这条回答没有标明出处，请自行核对。"
    return "题目要找的是不成立的一项：与原文对不上的才是答案。" if retrieval.negated and not generative else ""


def open_tutor(settings: Settings, store: CourseStore | None = None) -> Tutor:
    """The tutor that `settings` name, on a store that is open already where one is given.

    Raises:
        SettingsError, ModelLoadError, StoreError
    """
    web = open_web_search(settings)
    return Tutor(open_retriever(settings, store), load_speaker(settings), settings.max_question_chars, web)
