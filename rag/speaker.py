"""A chat model as the tutor uses it: with its name, within its window, its words checked before anybody sees them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from rag.chat_models import is_generative, load_chat_model, model_label
from rag.chat_models.extractive import ExtractiveChatModel
from rag.conversation import fitted
from rag.events import Token
from rag.marks import checked_pieces
from rag.secrecy import without_rules
from settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

__all__ = ["Speaker", "extractive_speaker", "load_speaker"]


class Speaker:
    """A chat model and what must be known to talk through it.

    Attributes:
        label: what the page says of who answers.
        generative: whether it is a language model, which can do other things than quote passages.
        spare: answers where this one fails; None if it may not.
    """

    def __init__(
        self, chat_model: BaseChatModel, label: str, generative: bool, limit: int | None = None, spare: Speaker | None = None
    ) -> None:
        """`limit`: most tokens of a prompt; None for no limit."""
        self.label = label
        self.generative = generative
        self.spare = spare
        self._chat_model = chat_model
        self._limit = limit

    def stream(self, messages: Sequence[BaseMessage], passages: int = 0) -> Generator[str, None, None]:
        """The answer in pieces: without thinking, without marks beyond `passages`, without the words of the system prompt.

        A piece may be empty: while the model works without a word, its reader can leave then. The oldest turns of the
        conversation are left out as far as the window wants it.

        Raises:
            ChatModelError: the model failed; `ContextTooLongError` before anything is said.
        """
        kept = fitted(messages, self._limit, self._count)
        chunks = self._chat_model.stream(kept)
        try:
            pieces = checked_pieces((str(chunk.text) for chunk in chunks), passages)
            yield from without_rules(pieces, str(kept[0].content))
        finally:
            chunks.close()  # type: ignore[attr-defined] # a generator: leaving early stops the model

    def say(self, system: str, question: str) -> Generator[Token, None, str]:
        """The whole answer to one message, as `whole`.

        Raises:
            ChatModelError: the model failed.
        """
        return (yield from self.whole([SystemMessage(system), HumanMessage(question)]))

    def whole(self, messages: Sequence[BaseMessage], passages: int = 0) -> Generator[Token, None, str]:
        """The whole answer, returned at the end (`yield from`). Until then empty tokens come: the moments at which a reader can leave.

        Raises:
            ChatModelError: the model failed.
        """
        answer = ""
        with closing(self.stream(messages, passages)) as pieces:
            for piece in pieces:
                answer += piece
                yield Token("")
        return answer.strip()

    def _count(self, messages: Sequence[BaseMessage]) -> int:
        return self._chat_model.get_num_tokens_from_messages(list(messages))


def load_speaker(settings: Settings) -> Speaker:
    """The speaker that `settings` name.

    Raises:
        SettingsError, ModelLoadError
    """
    model = load_chat_model(settings)
    window = getattr(model, "window", None)
    limit = window - min(settings.chat_max_tokens, window // 2) if window else None  # a small window is not all for the answer
    generative = is_generative(settings)
    spare = extractive_speaker(settings) if generative and settings.chat_fallback else None
    return Speaker(model, model_label(settings), generative, limit, spare)


def extractive_speaker(settings: Settings) -> Speaker:
    """The one that quotes passages, whatever the settings name."""
    return Speaker(ExtractiveChatModel(), model_label(settings.model_copy(update={"chat_model": "extractive"})), False)
