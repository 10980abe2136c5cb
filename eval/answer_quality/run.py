"""A run: every question that has no record yet is asked and judged; what the model fails at stays pending."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from errors import ChatModelError, EndpointRefusedError
from eval.answer_quality.asking import ask
from eval.answer_quality.claims import Checker
from eval.answer_quality.claims_judge import JudgeChecker
from eval.answer_quality.claims_rule import RULE, RuleChecker
from eval.answer_quality.figures import counts, figures
from eval.answer_quality.pages import OriginalPages
from eval.answer_quality.questions import TutorQuestion
from eval.answer_quality.records import TutorRecord, TutorRecords
from eval.answer_quality.verdicts import judged
from eval.gold import GOLD
from eval.identity import fingerprint, knowledge_fingerprint
from rag.chat_models import is_generative, load_chat_model, model_label
from rag.library import open_library
from rag.retrieval import open_retriever
from rag.speaker import load_speaker
from rag.tutor import Tutor
from settings import ROOT, Settings
from vector_db.store import open_store

__all__ = ["answer_all", "config_of", "summary_of"]

_METHOD = (
    "eval/answer_quality/claims.py eval/answer_quality/claims_rule.py rag/support.py eval/answer_quality/claims_judge.py eval/answer_quality/pages.py eval/answer_quality/verdicts.py rag/prompts_claims.py"
).split()
"""What decides the verdicts: another version of it makes another run."""
_FAULTS_IN_A_ROW = 10
"""After so many, the endpoint is taken to be down: going on would only fail faster."""


def config_of(settings: Settings, judge: Settings | None) -> dict[str, str]:
    """What the records of a run depend on.

    Raises:
        ModelLoadError: a model's folder is not there.
    """
    return {
        "label": model_label(settings),
        "judge_label": model_label(judge) if judge else RULE,
        "extractive": "" if is_generative(settings) else "yes",
        "model": fingerprint(settings),
        "knowledge": knowledge_fingerprint(settings),
        "judge": fingerprint(judge) if judge else "rule",
        "tokens": f"{settings.chat_max_tokens}/{settings.chat_window_tokens}",
        "measure": _digest([*(ROOT / name for name in _METHOD), *sorted(GOLD.glob("*.jsonl"))]),
    }


def answer_all(
    questions: Sequence[TutorQuestion], records: TutorRecords, settings: Settings, judge: Settings | None
) -> dict[str, str]:
    """Ask what is not in the records yet, each record written at once; the questions that stay pending, by id, and why.

    Raises:
        SettingsError, ModelLoadError, StoreError: nothing can be asked at all.
    """
    left = [question for question in questions if question.id not in records.done]
    pending: dict[str, str] = {}
    if not left:
        return pending
    from tqdm import tqdm

    with tqdm(total=len(questions), initial=len(questions) - len(left), desc="答疑", unit="题", file=sys.stderr) as bar:
        for question, outcome in _outcomes(left, settings, judge):
            if isinstance(outcome, TutorRecord):
                records.add(outcome)
                bar.update()
            else:
                pending[question.id] = str(outcome)
                bar.write(f"{question.id}：{outcome}", file=sys.stderr)
    return pending | {question.id: "没有问到" for question in left if question.id not in records.done | pending}


def _outcomes(
    questions: Sequence[TutorQuestion], settings: Settings, judge: Settings | None
) -> Iterator[tuple[TutorQuestion, TutorRecord | ChatModelError]]:
    """The record of each question, or why there is none; it ends early where the key is refused or nothing answers any more."""
    store = open_store(settings)
    tutor = Tutor(open_retriever(settings, store), load_speaker(settings), settings.max_question_chars)
    checker: Checker = JudgeChecker(load_chat_model(judge), model_label(judge)) if judge else RuleChecker(store.idf)
    pages, row = OriginalPages(open_library(settings), settings), 0
    for question in questions:
        try:
            outcome: TutorRecord | ChatModelError = judged(
                question, ask(tutor, question.question, time.perf_counter), pages, checker
            )
        except ChatModelError as error:
            outcome = error
        row = row + 1 if isinstance(outcome, ChatModelError) else 0
        yield question, outcome
        if isinstance(outcome, EndpointRefusedError) or row >= _FAULTS_IN_A_ROW:
            return


def summary_of(records: Sequence[TutorRecord], config: Mapping[str, str], pending: Mapping[str, str]) -> dict[str, Any]:
    """What summary.json holds: the figures by group, the counts beside them, and what is pending."""
    return {
        "config": dict(config),
        "figures": {group: {name: asdict(figure) for name, figure in found.items()} for group, found in figures(records).items()},
        "counts": counts(records),
        "pending": dict(pending),
    }


def _digest(paths: Sequence[Path]) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in paths)).hexdigest()[:16]
