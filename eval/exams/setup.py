"""What an exam runs with: the ways of asking that fit the model, the configuration that tells runs apart, the askers."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from errors import UsageError
from eval.exams.asking import Asker
from eval.exams.exam_set import ExamSet
from eval.exams.run_folder import config_hash
from eval.exams.runner import Setup
from eval.exams.samples import EVIDENCE, GENERATION, LOGPROB, Sample, question_hash, samples_of
from knowledge.problems import Problem
from knowledge.questions import LETTERS, Question
from knowledge.subjects import AUTO, SUBJECTS
from rag.chat_models.label import is_generative, model_label
from rag.prompts_exam import LETTER_ONLY
from settings import ROOT, Settings

if TYPE_CHECKING:
    from rag.retrieval import Passage

__all__ = ["Plan", "check_model", "concurrency_of", "config_of", "knowledge_base", "planned", "problem_passages", "set_up"]

_MODES = {"gen": [GENERATION], "logprob": [LOGPROB], "both": [GENERATION, LOGPROB]}
_RAG = {"off": [False], "on": [True], "both": [False, True]}
_PASSAGES = 5
_CODE = {
    EVIDENCE: ("eval/exams/evidence.py", "eval/exams/evidence_claims.py"),
    GENERATION: (
        "eval/exams/generation.py",
        "eval/extraction/*.py",
        "eval/exams/prompts.py",
        "rag/prompts.py",
        "rag/prompts_exam.py",
    ),
    LOGPROB: (
        "eval/exams/logprob.py",
        "eval/exams/prompts.py",
        "rag/prompts_exam.py",
        "rag/chat_models/letters.py",
        "rag/chat_models/thoughts.py",
    ),
}
_RETRIEVING = tuple(
    f"{name}.py"
    for name in "rag/fence rag/retrieval rag/rerank rag/query rag/stems rag/expansion rag/confidence rag/diversity"
    " vector_db/lexical vector_db/segmentation".split()
)
"""What decides how an answer comes about and how it is read: another version of it makes another run."""


@dataclass(frozen=True)
class Plan:
    """How every question is asked: in each mode, with and without passages, in each rotation of its options."""

    modes: tuple[str, ...]
    rag: tuple[bool, ...]
    rotations: tuple[int, ...]
    shots: int
    chat_template: bool = False

    def samples(self, questions: Sequence[Question]) -> list[Sample]:
        """All askings, those of one question together."""
        return list(samples_of(questions, self.modes, self.rag, self.rotations))


def check_model(settings: Settings) -> None:
    """Make sure that the settings name a model, before anything is read or written for it; a local one is loaded later.

    Raises:
        SettingsError: they don't.
    """
    if settings.chat_model.partition(":")[0] not in ("local", "lmdeploy"):
        from rag.chat_models import load_chat_model

        load_chat_model(settings)


def concurrency_of(settings: Settings) -> int:
    """Endpoints answer many at once; a model of this machine answers one at a time, and retrieval fills two cores with two."""
    if not is_generative(settings):
        return 2
    return 16 if settings.chat_model.startswith("openai:") else 1


def planned(settings: Settings, mode: str | None, rag: str | None, shots: int, shuffle: bool, chat_template: bool) -> Plan:
    """The plan that the command's options name; without them, `gen` without retrieval for a model.

    Raises:
        UsageError: the extractive default, which is no model, was asked for what only a model can do.
    """
    rotations = tuple(range(len(LETTERS))) if shuffle else (0,)
    if is_generative(settings):
        return Plan(tuple(_MODES[mode or "gen"]), tuple(_RAG[rag or "off"]), rotations, shots, chat_template)
    if mode or rag in ("off", "both") or shots or chat_template:
        raise UsageError(
            "现在没有接入语言模型（TUTOR_CHAT_MODEL=extractive），只能测检索基线：它按检索到的原文给选项打分，"
            "没有 --mode、--shots、--chat-template，也不能关掉检索。请去掉这些选项，或设置 TUTOR_CHAT_MODEL 后再测。"
        )
    return Plan((EVIDENCE,), (True,), rotations, 0)


def config_of(settings: Settings, plan: Plan, exam: ExamSet, knowledge: Settings | None) -> dict[str, Any]:
    """Everything that the answers depend on.

    Raises:
        ModelLoadError: the model's folder is not there.
    """
    from eval.identity import fingerprint, knowledge_fingerprint

    examples = [question_hash(one) for s in sorted(exam.examples) for one in exam.examples[s]] if plan.shots else []
    return {
        "model": model_label(settings),
        "baseline": not is_generative(settings),
        "fingerprint": fingerprint(settings),
        "source": exam.source,
        "questions": _digest([question_hash(q) + q.id for q in exam.questions]),
        "modes": list(plan.modes),
        "rag": list(plan.rag),
        "shots": plan.shots,
        "rotations": list(plan.rotations),
        "examples": _digest(examples),
        "max_tokens": settings.chat_max_tokens,
        "chat_template": plan.chat_template,
        "method": _digest([_digest_of_file(path) for name in _code_of(plan) for path in sorted(ROOT.glob(name))]),
        "knowledge": knowledge_fingerprint(knowledge) if knowledge else "",
    } | _shown(settings, plan, exam)


def _code_of(plan: Plan) -> list[str]:
    turning = ("eval/exams/rotation.py",) if len(plan.rotations) > 1 else ()
    return [*(name for mode in plan.modes for name in _CODE[mode]), *(_RETRIEVING if any(plan.rag) else ()), *turning]


def _shown(settings: Settings, plan: Plan, exam: ExamSet) -> dict[str, Any]:
    """What a reader wants to know besides: it decides nothing that the other fields don't."""
    from eval.exams.prompts import generation_messages, letter_prompt

    shown: dict[str, Any] = {
        "endpoint": _endpoint(settings),
        "temperature": 0.0,
        "retries": settings.chat_retries,
        "version": _version(),
    }
    if not exam.questions or EVIDENCE in plan.modes:
        return shown
    sample = Sample(exam.questions[0])
    examples = exam.examples.get(sample.question.subject, [])[: plan.shots]
    if GENERATION in plan.modes:
        shown["prompt"] = [{"role": m.type, "text": m.text} for m in generation_messages(sample, examples)]
    if LOGPROB in plan.modes:
        spoken = plan.chat_template or settings.chat_model.startswith("openai:")
        shown["letter_prompt"] = letter_prompt(sample, examples) + (LETTER_ONLY if spoken else "")
    return shown


def _endpoint(settings: Settings) -> str:
    """The address of an endpoint without what may be a secret: name, password, query."""
    if not settings.chat_model.startswith("openai:"):
        return ""
    parts = urlsplit(settings.chat_base_url or "")
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def _version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


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
    from eval.exams.prompts import shown

    return shown(question.stem, question.options)


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16] if parts else ""


def _digest_of_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
