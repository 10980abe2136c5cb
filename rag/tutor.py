"""The tutor: a question, passages, a prompt, a chat model, a cited answer. READ THIS FIRST.

question ──condense──▶ query ──retrieve──▶ passages ──prompt──▶ chat model ──cite──▶ answer
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.output_parsers import StrOutputParser

from errors import QuestionError
from knowledge.subjects import AUTO, validate_subject
from rag.chat_models import is_generative, load_chat_model, model_label
from rag.citations import Citation, as_citation, resolve
from rag.marks import checked_pieces
from rag.prompts import ANSWER_PROMPT, CONDENSE_PROMPT, NEGATED, NO_ANSWER, REFUSAL, SUBJECT_PROMPTS, FencedPassage, fence
from rag.query import understand
from rag.retrieval import Retrieval, Retriever, open_retriever
from settings import Settings

__all__ = ["Answer", "Event", "Found", "Session", "Token", "Tutor", "open_tutor"]

_HISTORY_TURNS = 6


@dataclass
class Session:
    """One conversation: the subject it is about (`auto` lets each question choose) and its turns so far."""

    subject: str = AUTO
    turns: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Found:
    """Event: retrieval is done, and what it found."""

    retrieval: Retrieval


@dataclass(frozen=True)
class Token:
    """Event: the next piece of the answer, not yet checked."""

    text: str


@dataclass(frozen=True)
class Answer:
    """Event, the last: the answer with its checked citations.

    With `refused` the documents don't hold the answer; `citations` is empty and `nearest` has the closest places.
    `marks[i]` is the index in `citations` of the i-th mark in `text`. `notice` is a warning to be shown with it.
    `subject_confidence` is below 1 where the subject was not chosen but found.
    """

    text: str
    subject: str
    model: str
    citations: tuple[Citation, ...] = ()
    marks: tuple[int, ...] = ()
    nearest: tuple[Citation, ...] = ()
    refused: bool = False
    notice: str = ""
    subject_confidence: float = 1.0


Event = Found | Token | Answer


class Tutor:
    """Answers questions from the documents of a store.

    Args:
        chat_model: any LangChain chat model; the extractive one goes through the very same chain.
        generative: whether it is a language model, which may also be asked to rewrite a follow-up question.
    """

    def __init__(
        self, retriever: Retriever, chat_model: BaseChatModel, label: str, generative: bool, max_question_chars: int = 4000
    ) -> None:
        self.label = label
        self._retriever = retriever
        self._generative = generative
        self._max_question_chars = max_question_chars
        self._answer = ANSWER_PROMPT | chat_model | StrOutputParser()
        self._condense = CONDENSE_PROMPT | chat_model | StrOutputParser()

    def stream(self, question: str, session: Session) -> Iterator[Event]:
        """Yield `Found`, then `Token`s, then one `Answer`; the turn is added to the session at the end.

        Raises:
            QuestionError: the question is empty or too long.
            UnknownSubjectError: the session's subject is not taught.
            StoreError, ChatModelError: retrieval or the chat model failed; the session is as before.
        """
        question = self._checked(question)
        query = self._standalone(question, session)
        retrieval = self._retriever.retrieve(query, validate_subject(session.subject))
        yield Found(retrieval)
        text = ""
        if retrieval.answerable:
            pieces = self._answer.stream(self._inputs(query, retrieval, session))
            for piece in checked_pieces(pieces, len(retrieval.passages)):
                text += piece
                yield Token(piece)
        answer = self._cited(text, retrieval)
        session.turns.append((question, answer.text))
        yield answer

    def ask(self, question: str, session: Session | None = None) -> Answer:
        """The `Answer` alone, for callers that don't stream."""
        *_, last = self.stream(question, session or Session())
        assert isinstance(last, Answer)
        return last

    def _checked(self, question: str) -> str:
        question = question.encode("utf-8", "ignore").decode().strip()  # a terminal may hand over broken bytes
        if not question:
            raise QuestionError("问题是空的。请输入要问的内容。")
        if len(question) > self._max_question_chars:
            raise QuestionError(f"问题有 {len(question)} 字，超过上限 {self._max_question_chars} 字。请只保留要问的部分。")
        return question

    def _standalone(self, question: str, session: Session) -> str:
        """The question as it reads without the conversation: rewritten by the model, or by rules (rag/query.py)."""
        if not session.turns:
            return question
        if not self._generative:
            return understand(question, [earlier for earlier, _ in session.turns]).text
        rewritten = self._condense.invoke({"history": _history(session), "question": question}).strip()
        return rewritten if 0 < len(rewritten) <= 4 * len(question) + 200 else question

    def _inputs(self, query: str, retrieval: Retrieval, session: Session) -> dict[str, object]:
        fenced = [FencedPassage(n, p.section, p.text) for n, p in enumerate(retrieval.passages, 1)]
        role = SUBJECT_PROMPTS[retrieval.subject] + (NEGATED if retrieval.negated else "")
        return {"role": role, "history": _history(session), "passages": fence(fenced), "question": query}

    def _cited(self, text: str, retrieval: Retrieval) -> Answer:
        cited = resolve(text, retrieval.passages)
        if not cited.text.strip() or cited.text.strip() == REFUSAL or cited.text.strip().startswith(NO_ANSWER):
            nearest = tuple(as_citation(n, p) for n, p in enumerate(retrieval.passages[:3], 1))
            certain = retrieval.subject_confidence
            return Answer(REFUSAL, retrieval.subject, self.label, nearest=nearest, refused=True, subject_confidence=certain)
        return Answer(
            cited.text,
            retrieval.subject,
            self.label,
            cited.citations,
            cited.marks,
            notice=self._notice(bool(cited.citations), retrieval.negated),
            subject_confidence=retrieval.subject_confidence,
        )

    def _notice(self, cited: bool, negated: bool) -> str:
        if not cited:
            return "这条回答没有标明出处，请自行核对。"
        return "题目要找的是不成立的一项：与原文对不上的才是答案。" if negated and not self._generative else ""


def _history(session: Session) -> list[BaseMessage]:
    turns = session.turns[-_HISTORY_TURNS:]
    return [message for q, a in turns for message in (HumanMessage(q), AIMessage(a))]


def open_tutor(settings: Settings) -> Tutor:
    """The tutor that `settings` name.

    Raises:
        SettingsError, ModelLoadError, StoreError
    """
    return Tutor(
        open_retriever(settings),
        load_chat_model(settings),
        model_label(settings),
        is_generative(settings),
        settings.max_question_chars,
    )
