"""What tells the runs of an exam apart: everything that the answers depend on, and what a reader wants to know besides."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from eval.exams.exam_set import ExamSet
from eval.exams.plan import Plan
from eval.exams.samples import EVIDENCE, GENERATION, LOGPROB, Sample
from rag.chat_models.label import is_generative, model_label
from rag.contamination import question_hash
from rag.prompts_exam import LETTER_ONLY
from settings import ROOT, Settings

__all__ = ["config_of"]

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


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16] if parts else ""


def _digest_of_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
