"""What happens in the tab 答疑: a question is answered, asked again, kept; the latest conversation comes back. Layout is in ask_tab."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

import gradio as gr

from errors import ChatModelError, TutorError, UsageError
from rag.conversation import QA
from tutoring.follow_ups import follow_ups
from tutoring.modes import MODES
from tutoring.storage import Storage
from ui.ask_options import choose, shown_choice
from ui.context import PageContext, owner_of
from ui.conversation import Conversation
from ui.picking import button_html, picked

__all__ = ["AskEvents"]

_POLL_SECONDS = 0.5


class AskEvents:
    """The events, each for the owner of its request. `how` is always what the page has chosen: mode, subject, …"""

    def __init__(self, context: PageContext) -> None:
        self.storage = Storage(context.database, context.clock)
        self._context = context

    def answer(self, key: str, text: str, state: Conversation, request: gr.Request, *how: Any) -> Iterator[Any]:
        """Question box, messages, conversation and its id, as the answer comes."""
        startup, box = self._context.startup, ""  # type: Any, Any
        state = self._restored(state, key, owner_of(request))
        while not startup.done.wait(_POLL_SECONDS):
            yield box, state.waiting(text, f"{startup.status}（准备好后自动回答）"), state, key
            box = gr.skip()  # emptied once: what is typed while the answer comes stays
        choose(state.session, *how)
        for _ in state.ask(self._context.tutor, text):
            yield box, state.messages, state, gr.skip()
            box = gr.skip()
        self._keep(state, owner_of(request))
        yield box, state.messages, state, state.key

    def again(self, state: Conversation, event: gr.RetryData, request: gr.Request, *how: Any) -> Iterator[Any]:
        """The same question once more."""
        yield from self._anew(state, event.index, None, owner_of(request), how)

    def edited(self, state: Conversation, event: gr.EditData, request: gr.Request, *how: Any) -> Iterator[Any]:
        """A question in other words, in its place."""
        yield from self._anew(state, event.index, str(event.value), owner_of(request), how)

    def latest(self, request: gr.Request) -> tuple[Any, ...]:
        """What a page that is opened begins with."""
        try:
            state = Conversation.latest(self.storage, owner_of(request))
        except TutorError as error:
            gr.Warning(escape(str(error)))
            state = Conversation()
        return state, *self.shown(state)

    @staticmethod
    def shown(state: Conversation) -> list[Any]:
        """What the chat shows of a conversation that is opened."""
        return [state.messages, state.key, *shown_choice(state.session), MODES[state.session.mode].about]

    @staticmethod
    def fresh() -> tuple[Any, ...]:
        """A new conversation; the one before is in the list."""
        return Conversation(), [], "", ""

    @staticmethod
    def chips(state: Conversation) -> str:
        """Questions to go on with, as buttons; nothing where the last one was not answered."""
        if not state.session.turns or state.fault is not None or state.session.mode != QA:
            return ""
        asked = [turn.question for turn in state.session.turns]
        buttons = "".join(
            button_html(text, text, "ask", css="chip") for text in follow_ups(asked[-1], asked, state.session.subject)
        )
        return f"<div class='row' aria-label='接着问'>{buttons}</div>" if buttons else ""

    @staticmethod
    def chosen_example(event: gr.SelectData) -> str:
        """The words of an example."""
        return str(event.value["text"])

    @staticmethod
    def chosen_chip(event: gr.EventData) -> str:
        """The words of a suggestion."""
        return picked(event)[0]

    def _anew(self, state: Conversation, index: Any, text: str | None, owner: str, how: Sequence[Any]) -> Iterator[Any]:
        choose(state.session, *how)
        number = sum(message["role"] == "user" for message in state.messages[: int(index) + 1]) - 1
        try:
            for _ in state.ask_again(self._context.tutor, number, text):
                yield state.messages, state, gr.skip()
            self._keep(state, owner)
        except UsageError as error:
            gr.Info(escape(str(error)))
        yield state.messages, state, state.key

    def _restored(self, state: Conversation, key: str | None, owner: str) -> Conversation:
        """The conversation of a page that was open when the app was restarted: it is in the storage."""
        if state.key or state.exchanges or not key:
            return state
        try:
            return Conversation.kept(self.storage, owner, key)
        except TutorError:
            return state

    def _keep(self, state: Conversation, owner: str) -> None:
        """Write the answer down, and note how the model did. If writing fails the student is told, and goes on."""
        fault = state.fault
        self._context.connection.heard(fault if isinstance(fault, ChatModelError) else None)
        try:
            state.keep(self.storage, owner)
        except TutorError as error:
            gr.Warning(escape(str(error)))
