"""Asks a sample by weighing the four letters after 答案： — nothing is written, so nothing has to be read from an answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from eval.exams.asking import Reply
from eval.exams.prompts import hash_of, letter_prompt
from eval.exams.samples import Sample
from knowledge.questions import LETTERS, Question
from rag.chat_models.letters import LetterScorer, likeliest
from rag.retrieval import Passage

__all__ = ["LogprobAsker"]

_NOTHING_TOLD = "接口给出的候选里没有 A、B、C、D"


class LogprobAsker:
    """Chooses the letter that the model finds likeliest as the next token; of equal ones the first, as lm-eval does.

    Args:
        chat_model: a model that can weigh letters.
        examples: the solved questions to put before a sample; none for 0 shots.
        templated: whether a local model gets the text as a user's message of its chat template; an endpoint always does.
    """

    def __init__(
        self, chat_model: LetterScorer, examples: Callable[[Sample], Sequence[Question]], templated: bool = False
    ) -> None:
        self._chat_model = chat_model
        self._examples = examples
        self._templated = templated

    def ask(self, sample: Sample, passages: Sequence[Passage]) -> Reply:
        """See `Asker`. A letter that a server does not tell stays None; the choice is then among the others.

        Raises:
            ChatModelError: the model did not answer, or can't weigh letters; the sample stays pending.
        """
        prompt = letter_prompt(sample, self._examples(sample), passages)
        told = self._chat_model.letter_scores(prompt, LETTERS, templated=self._templated)
        letter = likeliest(told.scores)
        return Reply(
            letter,
            prompt=hash_of(prompt),
            reason="" if letter else _NOTHING_TOLD,
            scores=told.scores,
            input_tokens=told.input_tokens,
            passages=passages,
        )
