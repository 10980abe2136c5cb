"""A local model by transformers, with an optional LoRA adapter, streaming token by token."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import partial
from threading import Event
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from pydantic import PrivateAttr

from rag.chat_models.back_end import last_chunk, text_chunk
from rag.chat_models.detokenizer import Detokenizer
from rag.chat_models.generation import explained, generate, generation_config
from rag.chat_models.label import model_label
from rag.chat_models.letters import LetterScores, letter_logprobs, letter_tokens
from rag.chat_models.loading import load_local
from rag.chat_models.pump import pumped
from rag.chat_models.stops import StopStrings
from rag.chat_models.templated import TemplatedChatModel
from rag.chat_models.thoughts import begins_thought
from rag.chat_models.turns import Turns
from rag.chat_models.window import room_for_answer
from settings import Settings

__all__ = ["LocalChatModel"]

_FAILURES = (RuntimeError, ValueError, LookupError, TypeError, AttributeError, MemoryError)
"""What torch, kernels and a model's own code raise while they compute."""


class LocalChatModel(TemplatedChatModel):
    """A causal language model of this machine, prompted through its own chat template; greedy, so repeatable.

    One answer is generated at a time; other clients wait in line, and may leave it.

    Raises (while it answers):
        ContextTooLongError: the prompt fills the window; nothing was generated.
        ChatModelError: memory ran out, or the model failed otherwise.
    """

    model: Any

    _generation: Any = PrivateAttr()
    _turns: Turns = PrivateAttr(default_factory=Turns)

    @classmethod
    def from_settings(cls, settings: Settings, name: str, needs_template: bool = True) -> LocalChatModel:
        """Load model, tokenizer and, if the settings name one, the adapter.

        Raises:
            ModelLoadError: one of them can't be loaded.
        """
        model, tokenizer, stated = load_local(settings, name, needs_template)
        window = settings.chat_window_tokens or stated
        label = model_label(settings)
        return cls(model=model, tokenizer=tokenizer, name_told=label, window=window, max_new_tokens=settings.chat_max_tokens)

    def model_post_init(self, context: Any, /) -> None:
        super().model_post_init(context)
        self._generation = generation_config(self.model, self._template.end_tokens(), self.tokenizer.pad_token_id)

    @property
    def _llm_type(self) -> str:
        return "local"

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        """Yield text as it is generated; leaving the loop early stops the generation within one token.

        `max_tokens` may be given for this answer alone. While nothing comes, empty pieces do.
        """
        prompt = self._template.prompt(messages)
        limit = room_for_answer(len(prompt), self.window, kwargs.get("max_tokens") or self.max_new_tokens)
        text, stops = Detokenizer(self.tokenizer), StopStrings(stop)
        count, reason = 0, "length"
        with closing(self._tokens(prompt, limit)) as tokens:
            for token in tokens:
                count += token is not None
                if token in self._generation.eos_token_id:
                    reason = "stop"
                    break
                yield text_chunk("" if token is None else stops.push(text.push(token)))
                if stops.met:
                    reason = "stop"
                    break
        yield text_chunk(stops.push(text.finish()) + stops.finish())
        yield last_chunk(self.name_told, reason, len(prompt), count)

    def letter_scores(self, prompt: str, letters: Sequence[str], templated: bool = False) -> LetterScores:
        """See `LetterScorer`: one forward pass in the model's turn; whoever waits for the turn may be interrupted."""
        before, tokens = letter_tokens(*self._letter_text(prompt, templated), letters, self.tokenizer.unk_token_id)
        room_for_answer(len(before), self.window, 1)
        try:
            with closing(pumped(partial(self._weigh, before, tokens), self._turns.wake, computes=True)) as found:
                ((scores, first),) = (one for one in found if one is not None)
        except _FAILURES as error:
            raise explained(error) from error
        thinks = begins_thought(self.tokenizer.decode([first]))
        return LetterScores(dict(zip(letters, scores, strict=True)), len(before), thinks)

    def _weigh(self, prompt: list[int], tokens: list[int], put: Callable[[tuple[list[float], int]], None], halt: Event) -> None:
        with self._turns.turn(halt) as mine:
            if mine:
                put(letter_logprobs(self.model, prompt, tokens))

    def _tokens(self, prompt: list[int], limit: int) -> Generator[int | None, None, None]:
        try:
            yield from pumped(partial(self._work, prompt, limit), self._turns.wake, computes=True)
        except _FAILURES as error:
            raise explained(error) from error

    def _work(self, prompt: list[int], limit: int, put: Callable[[int], None], halt: Event) -> None:
        with self._turns.turn(halt) as mine:
            if mine:
                generate(self.model, self._generation, prompt, limit, put, halt)
