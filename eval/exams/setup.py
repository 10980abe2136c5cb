"""What an exam runs with: the knowledge base, the model, what asks in each mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from threading import Event
from typing import TYPE_CHECKING, Any

from errors import UsageError
from eval.exams.asking import Asker
from eval.exams.exam_set import ExamSet
from eval.exams.plan import Plan
from eval.exams.run_folder import config_hash
from eval.exams.runner import Setup
from eval.exams.samples import EVIDENCE, GENERATION, LOGPROB, Sample
from knowledge.problems import Problem
from knowledge.questions import Question, shown
from knowledge.subjects import AUTO, SUBJECTS
from rag.chat_models.label import model_label
from settings import Settings

if TYPE_CHECKING:
    from rag.retrieval import Passage

__all__ = ["knowledge_base", "problem_passages", "set_up"]

_PASSAGES = 5


def knowledge_base(settings: Settings, plan: Plan, choice: str, tell: Callable[[str], None]) -> Settings | None:
    """Settings of the knowledge base that is retrieved from: the user's own, or the shipped handouts and notes; None without retrieval.

    Args:
        choice: `own`, which gives way to the shipped one as long as it is empty, or `shipped`.
    """
    if not any(plan.rag):
        return None
    from eval.retrieval import read_shipped
    from rag.library import open_library

    if choice == "own" and any(record.chunks for record in open_library(settings).documents()):
        return settings
    if choice == "own":
        tell("知识库还是空的，改用自带的讲义与笔记（另存在评测目录里，不动你的知识库）。")
    here = settings.model_copy(update={"data_dir": settings.eval_dir / "shipped", "chroma_url": None})
    read_shipped(here)
    return here


def set_up(
    settings: Settings, plan: Plan, exam: ExamSet, knowledge: Settings | None, config: dict[str, Any], halt: Event
) -> Setup:
    """Load what is needed.

    Raises:
        SettingsError, ModelLoadError, StoreError
    """
    retriever = None
    if knowledge:
        from rag.retrieval import open_retriever

        retriever = open_retriever(knowledge)
        if exam.questions:
            retriever.retrieve(exam.questions[0].stem)  # opens the indexes: the first question's time would be theirs

    @lru_cache(maxsize=256)  # the rotations and modes of a question share its passages
    def retrieve(question: Question) -> tuple[Passage, ...]:
        assert retriever is not None
        subject = question.subject if question.subject in SUBJECTS else AUTO
        found = retriever.retrieve(_as_asked(question), subject, _PASSAGES)
        return found.passages if found.answerable else ()

    return Setup(_askers(settings, plan, exam, retriever, halt), retrieve, config_hash(config))


def problem_passages(knowledge: Settings | None) -> Callable[[Problem], Sequence[Passage]]:
    """What finds the passages for a problem; none without a knowledge base."""
    if knowledge is None:
        return lambda problem: ()
    from rag.retrieval import open_retriever

    retriever = open_retriever(knowledge)

    def passages(problem: Problem) -> Sequence[Passage]:
        asked = "\n".join([problem.stem, *(part.question for part in problem.parts)])
        found = retriever.retrieve(asked, problem.subject, _PASSAGES)
        return found.passages if found.answerable else ()

    return passages


def _askers(settings: Settings, plan: Plan, exam: ExamSet, retriever: Any, halt: Event) -> dict[str, Asker]:
    if EVIDENCE in plan.modes:
        from eval.exams.evidence import EvidenceAsker

        return {EVIDENCE: EvidenceAsker(retriever)}
    from eval.exams.generation import GenerationAsker
    from eval.exams.logprob import LogprobAsker
    from rag.chat_models import load_chat_model
    from rag.chat_models.letters import LetterScorer

    def examples(sample: Sample) -> Sequence[Question]:
        return exam.examples.get(sample.question.subject, [])[: plan.shots]

    chat_model = load_chat_model(settings, needs_template=GENERATION in plan.modes or plan.chat_template)
    askers: dict[str, Asker] = {}
    if GENERATION in plan.modes:
        askers[GENERATION] = GenerationAsker(chat_model, examples, halt)
    if LOGPROB in plan.modes:
        if not isinstance(chat_model, LetterScorer):
            raise UsageError(f"{model_label(settings)} 不能给出选项字母的概率。请改用 --mode gen。")
        askers[LOGPROB] = LogprobAsker(chat_model, examples, templated=plan.chat_template)
    return askers


def _as_asked(question: Question) -> str:
    return shown(question.stem, question.options)
