"""How an exam is asked: the ways that fit the model, as the command's options name them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from errors import UsageError
from eval.exams.samples import EVIDENCE, GENERATION, LOGPROB, Sample, samples_of
from knowledge.questions import LETTERS, Question
from rag.chat_models.label import is_generative
from settings import Settings

__all__ = ["Plan", "check_model", "concurrency_of", "planned"]

_MODES = {"gen": [GENERATION], "logprob": [LOGPROB], "both": [GENERATION, LOGPROB]}
_RAG = {"off": [False], "on": [True], "both": [False, True]}


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
