"""What one browser tab has said so far, and the events of an answer as they look on the page. No Gradio here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from errors import TutorError, UsageError
from rag.citations import Citation
from rag.conversation import Session
from rag.events import Answer, Event, Found, Token
from rag.tutor import Tutor
from tutoring.modes import teach, teach_again
from tutoring.storage import Storage
from ui.citation_view import answer_markdown, safe_markdown

__all__ = ["Conversation", "Exchange", "Message"]

Message = dict[str, str]
_ECHO_CHARS = 4000
"""Of a question that is far too long, enough to recognise it."""


@dataclass
class Exchange:
    """A question as it was typed, what is shown below it, the number of its turn (None while or where there is no answer), and why there is none."""

    question: str
    shown: str = ""
    turn: int | None = None
    fault: TutorError | None = None


@dataclass
class Conversation:
    """The conversation of a tab. `exchanges` are also those that failed, which are no turns of the session."""

    session: Session = field(default_factory=Session)
    exchanges: list[Exchange] = field(default_factory=list)
    key: str = ""
    """Its id in the storage; '' before its first answer."""

    @classmethod
    def kept(cls, storage: Storage, owner: str, key: str) -> Conversation:
        """A conversation of before.

        Raises:
            UsageError: there is none of this id.
            StorageError: it can't be read.
        """
        session = storage.load(owner, key)
        if session is None:
            raise UsageError("这个对话已经删除了。请选择另一个。")
        turns = enumerate(session.turns)
        return cls(session, [Exchange(turn.question, answer_markdown(turn.answer, n), n) for n, turn in turns], key)

    @classmethod
    def latest(cls, storage: Storage, owner: str) -> Conversation:
        """The one that its owner was last in; a new one if there is none.

        Raises:
            StorageError: it can't be read.
        """
        known = storage.sessions(owner, limit=1)
        return cls.kept(storage, owner, known[0].id) if known else cls()

    def keep(self, storage: Storage, owner: str) -> None:
        """Write the turn of the last exchange, if it has become one; what the storage has of later turns goes.

        Raises:
            StorageError: it can't be written.
        """
        turn = self.exchanges[-1].turn if self.exchanges else None
        if turn is None:
            return
        turns = self.session.turns[turn:]
        known = self.key and storage.choose(owner, self.key, self.session) and storage.replace(owner, self.key, turn, turns)
        if not known:  # new, or deleted or cut short in another tab
            self.key = storage.create(owner, self.session)

    @property
    def messages(self) -> list[Message]:
        """What the chat shows."""
        shown: list[Message] = []
        for exchange in self.exchanges:
            shown.append({"role": "user", "content": safe_markdown(exchange.question.strip()[:_ECHO_CHARS]) or "（空）"})
            if exchange.shown:
                shown.append({"role": "assistant", "content": exchange.shown})
        return shown

    def ask(self, tutor: Tutor, text: str) -> Iterator[None]:
        """A new question; yields whenever there is more to show. An error becomes what is shown."""
        self.exchanges.append(Exchange(text))
        yield from self._shown(tutor, teach(tutor, text, self.session))

    def ask_again(self, tutor: Tutor, number: int, text: str | None = None) -> Iterator[None]:
        """Exchange `number` (from 0) once more, in other words if there is a `text`; what came after it goes.

        Raises:
            UsageError: there is no such exchange; or there is no new answer: then the one of before stays, and what came after it.
        """
        if not 0 <= number < len(self.exchanges):
            raise UsageError("这一轮对话已经清空，请重新提问。")
        before, old = self.exchanges, self.exchanges[number]
        question = old.question if text is None else text
        kept = self.exchanges[:number]
        turns = [exchange.turn for exchange in kept if exchange.turn is not None]
        self.exchanges = [*kept, Exchange(question)]
        if old.turn is None:
            del self.session.turns[len(turns) :]
            yield from self._shown(tutor, teach(tutor, question, self.session))
        else:
            yield from self._replaced(before, self._shown(tutor, teach_again(tutor, self.session, old.turn, question)))

    def _replaced(self, before: list[Exchange], steps: Iterator[None]) -> Iterator[None]:
        """The steps of a new answer; `before` is shown again if there is none: its turns are still in the session."""
        new = self.exchanges[-1]
        try:
            yield from steps
        finally:
            if new.turn is None and self.exchanges and self.exchanges[-1] is new:
                self.exchanges = before
        if new.turn is None:
            raise UsageError(f"{new.shown.rpartition('**没能回答**：')[2]} 原来的回答还在。")

    def waiting(self, text: str, status: str) -> list[Message]:
        """What is shown of a question that is to be asked as soon as the app is ready."""
        return Conversation(self.session, [*self.exchanges, Exchange(text, status)]).messages

    @property
    def fault(self) -> TutorError | None:
        """Why the last question has no answer."""
        return self.exchanges[-1].fault if self.exchanges else None

    def citation(self, key: str) -> Citation | None:
        """The one that a key `TURN-INDEX` names; None for a key of another conversation."""
        turn, _, index = key.partition("-")
        try:
            answer = self.session.turns[int(turn)].answer
            return (answer.citations or answer.nearest)[int(index)]
        except (ValueError, IndexError):
            return None

    def _shown(self, tutor: Tutor, events: Iterator[Event]) -> Iterator[None]:
        exchange, partial = self.exchanges[-1], ""
        yield  # the question stands there before anything is looked up
        try:
            for event in events:
                if isinstance(event, Found):
                    exchange.shown = "找到资料，正在回答……" if event.retrieval.passages else "正在回答……"
                elif isinstance(event, Token):
                    partial += event.text
                    exchange.shown = safe_markdown(partial) or exchange.shown
                elif isinstance(event, Answer):
                    exchange.turn = len(self.session.turns) - 1
                    exchange.shown = answer_markdown(event, exchange.turn)
                yield
        except TutorError as error:
            exchange.fault = error
            told = f"**没能回答**：{safe_markdown(str(error))}"
            exchange.shown = f"{safe_markdown(partial)}\n\n{told}" if partial else told
            yield
