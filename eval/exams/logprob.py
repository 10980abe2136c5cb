"""Asks a sample by weighing the four letters after 答案： — nothing is written, so nothing has to be read from an answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from eval.exams.asking import Reply
from eval.exams.prompts import hash_of, letter_prompt
from eval.exams.samples import Sample
from knowledge.questions import LETTERS, Question
from rag.chat_models.letters import LetterScorer, LetterScores, likeliest
from rag.prompts_exam import LETTER_ONLY

if TYPE_CHECKING:
    from rag.retrieval import Passage

__all__ = ["LogprobAsker"]

_NOTHING_TOLD = "接口给出的候选里没有 A、B、C、D"

_LEAST_MASS = 0.01
"""Of an answer that is given at once. Below, the order of the letters is noise: the model was about to say something else."""


class LogprobAsker:
    """Chooses the letter that the model finds likeliest as the next token; of equal ones the first, as lm-eval does.

    In plain text a letter is always chosen, as lm-eval chooses, however little the model expects any of them. In a user's message
    (an endpoint, a chat template) the model is asked for a letter alone; where it would begin a thought, or say something else
    with more than 99 %, there is no choice but a reason. An endpoint that tells few candidates may hide a letter: the
    probability is then that of those told.

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
        self._templated = templated or not chat_model.continues_text

    def ask(self, sample: Sample, passages: Sequence[Passage]) -> Reply:
        """See `Asker`. A letter that a server does not tell stays None; the choice is then among the others.

        Raises:
            ChatModelError: the model did not answer, or can't weigh letters; the sample stays pending.
        """
        prompt = letter_prompt(sample, self._examples(sample), passages) + (LETTER_ONLY if self._templated else "")
        told = self._chat_model.letter_scores(prompt, LETTERS, templated=self._templated)
        reason = _reason(told, self._templated)
        return Reply(
            None if reason else likeliest(told.scores),
            prompt=hash_of(prompt),
            reason=reason,
            scores=told.scores,
            input_tokens=told.input_tokens,
            passages=passages,
        )


def _reason(told: LetterScores, templated: bool) -> str:
    """Why no letter can be chosen; '' where one can."""
    if told.mass is None:
        return _NOTHING_TOLD
    if not templated or not (told.thinks or told.mass < _LEAST_MASS):
        return ""
    share = f" {told.mass:.4%}" if told.mass >= 1e-6 else "不到 0.0001%"
    return f"模型没有直接作答（四个字母的概率合计{share}）"
