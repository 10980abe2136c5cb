"""A sample as a prompt: messages for a model that writes, plain text up to 答案： where its letters are weighed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from eval.exams.samples import Sample
from knowledge.questions import Question, shown
from knowledge.subjects import SUBJECTS
from rag.fence import FencedPassage, fence
from rag.prompts import SUBJECT_PROMPTS
from rag.prompts_exam import ANSWER_CUE, EXAM_HEAD, EXAM_PASSAGES, EXAM_ROLE, EXAM_RULES

if TYPE_CHECKING:
    from rag.retrieval import Passage

__all__ = ["generation_messages", "hash_of", "letter_prompt"]


def generation_messages(sample: Sample, examples: Sequence[Question], passages: Sequence[Passage] = ()) -> list[BaseMessage]:
    """The conversation that ends with the question: role and rules, the solved examples as earlier turns.

    With passages nothing else is said than without, so that the difference is theirs.
    """
    question = sample.question
    role = SUBJECT_PROMPTS.get(question.subject, EXAM_ROLE)
    turns: list[BaseMessage] = [SystemMessage(f"{role}\n\n{EXAM_RULES}{EXAM_PASSAGES if passages else ''}")]
    for example in examples:
        turns.append(HumanMessage(shown(example.stem, example.options)))
        turns.append(AIMessage("\n".join(filter(None, (example.explanation.strip(), f"{ANSWER_CUE}{example.key}")))))
    return [*turns, HumanMessage(_material(passages) + shown(question.stem, sample.options))]


def letter_prompt(sample: Sample, examples: Sequence[Question], passages: Sequence[Passage] = ()) -> str:
    """The text behind which a letter is to follow: `答案：` stands at its end."""
    subject = sample.question.subject
    head = EXAM_HEAD.format(subject=SUBJECTS[subject].name if subject in SUBJECTS else subject)
    solved = [f"{shown(one.stem, one.options)}\n{ANSWER_CUE}{one.key}" for one in examples]
    asked = f"{_material(passages)}{shown(sample.question.stem, sample.options)}\n{ANSWER_CUE}"
    return "\n\n".join([head, *solved, asked])


def hash_of(prompt: str | Sequence[BaseMessage]) -> str:
    """16 hex digits that tell two prompts apart."""
    told = prompt if isinstance(prompt, str) else "\x1e".join(f"{m.type}\x1f{m.text}" for m in prompt)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _material(passages: Sequence[Passage]) -> str:
    fenced = fence([FencedPassage(n, p.section, p.text) for n, p in enumerate(passages, 1)])
    return f"{fenced}\n\n" if fenced else ""
