"""A judging: every system answers every task once, then the judge scores the answers, or compares them two by two."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel

from eval.identity import fingerprint
from eval.judging.asking import answers_of
from eval.judging.folder import ANSWERS, JUDGEMENTS, Answered, Judged, Rows, digest, open_judging
from eval.judging.kept import KeptAnswers
from eval.judging.ruling import Judge, rubric_order
from eval.judging.systems import System
from eval.judging.tasks import Task, read_tasks
from rag.chat_models import model_label
from rag.jobs import done
from rag.prompts_judge import JUDGE_FORM, JUDGE_ROLE, NO_REPLY, PAIR_FORM, PAIR_ROLE
from rag.prompts_modes import JSON_REPAIR
from settings import Settings

__all__ = ["JUDGE", "Fault", "Judging", "Step", "configuration"]

Load = Callable[[Settings], BaseChatModel]
Clock = Callable[[], float]
JUDGE = "评委模型"
"""Who it is that failed, in a `Fault`."""


@dataclass(frozen=True)
class Fault:
    """Something that the chat model did not answer; it stays pending."""

    who: str
    task: str
    message: str


@dataclass(frozen=True)
class Step:
    """Progress: one of the `total` things that `stage` is about is done, or failed."""

    stage: str
    total: int
    fault: Fault | None = None


@dataclass(frozen=True)
class _Ask:
    """What the judge is asked: to score one system, or to compare two shown in this order."""

    systems: tuple[str, ...]
    task: Task
    repeat: int
    config: str


def configuration(systems: Sequence[System], judge: System) -> dict[str, Any]:
    """All that the answers and judgements depend on.

    Raises:
        ModelLoadError: the folder of a local model is not there.
    """
    return {
        "systems": {one.name: _model(one) for one in systems},
        "judge": _model(judge),
        "tasks": digest([task.to_json() for task in read_tasks()]),
        "prompts": digest(JUDGE_ROLE, JUDGE_FORM, PAIR_ROLE, PAIR_FORM, NO_REPLY, JSON_REPAIR),
        "max_tokens": judge.settings.chat_max_tokens,
    }


class Judging:
    """One folder of answers and judgements.

    Args:
        config: their `configuration`.
        load: makes the chat model that settings name; each is loaded only if it has something left to do, and let go then.
        kept: answers of other runs: what stands there is not asked again, and what is asked goes there too.
        concurrency: questions that an endpoint is asked at once; a model of this machine answers one at a time.

    Attributes:
        adopted: the systems of the answers that came from other runs, each with the day on which it was given.
    """

    def __init__(
        self,
        folder: Path,
        config: Mapping[str, Any],
        systems: Sequence[System],
        judge: System,
        tasks: Sequence[Task],
        load: Load,
        kept: KeptAnswers,
        concurrency: int = 4,
        clock: Clock = time.perf_counter,
    ) -> None:
        """Open the folder.

        Raises:
            UsageError: it belongs to another configuration.
            ContentError: a line of its files is damaged.
        """
        open_judging(folder, config)
        self.folder, self.config = folder, config
        self.systems, self.tasks = systems, tasks
        self.adopted: list[tuple[str, date]] = []
        self._judge, self._load, self._kept, self._concurrency, self._clock = judge, load, kept, concurrency, clock
        self._answers = Rows(folder / ANSWERS, Answered)
        self._judged = Rows(folder / JUDGEMENTS, Judged)

    def answer(self) -> Iterator[Step]:
        """Have every system answer what it has not answered yet, in this run or another.

        Raises:
            ModelLoadError: a model can't be loaded.
            UsageError: answers can't be kept.
        """
        for system in self.systems:
            self._adopt(system.name)
            left = [task for task in self.tasks if not self.answered(system.name, task)]
            if not left:
                continue
            with self._loaded(system) as chat_model:
                ask = partial(self._answer, chat_model, system.name)
                for job, answer, fault in done(left, ask, self._at_once(system)):
                    if answer:
                        self._kept.add(answer)  # first: what is there can be adopted, whenever the process is killed
                        self._answers.add(answer)
                    yield Step(f"{system.name} 作答", len(left), Fault(system.name, job.id, fault) if fault else None)
            del ask, chat_model
            if not _is_endpoint(system):
                gc.collect()  # the next model may need the memory

    def judge(self, pairwise: bool, repeats: int) -> Iterator[Step]:
        """Have the judge decide what it has not decided yet, as far as there are answers.

        Raises:
            ModelLoadError: the judge can't be loaded.
        """
        asks = [*self._scores(repeats), *(self._pairs() if pairwise else ())]
        left = [ask for ask in asks if not self._judged.get(ask.systems, ask.task.id, ask.config, ask.repeat)]
        if not left:
            return
        with self._loaded(self._judge) as chat_model:
            decide = partial(self._decide, Judge(chat_model))
            for job, judgement, fault in done(left, decide, self._at_once(self._judge)):
                if judgement:
                    self._judged.add(judgement)
                yield Step(f"{JUDGE}评判", len(left), Fault(JUDGE, job.task.id, fault) if fault else None)

    def answered(self, system: str, task: Task) -> Answered | None:
        """The answer of a system to a task."""
        return self._answers.get(system, task.id, self._answer_config(system, task))

    def judged(self, systems: tuple[str, ...], task: Task, repeat: int = 0) -> Judged | None:
        """The judgement on the answers of one system, or of two in this order."""
        config = self._config_of(systems, task, repeat)
        return self._judged.get(systems, task.id, config, repeat) if config else None

    @cached_property
    def _judge_config(self) -> str:
        return digest(self.config["judge"], self.config["prompts"], self.config["max_tokens"])

    def _answer_config(self, system: str, task: Task) -> str:
        return digest(self.config["systems"][system], self.config["max_tokens"], task.turns)

    def _config_of(self, systems: tuple[str, ...], task: Task, repeat: int = 0) -> str:
        """Of a judgement on these answers; '' where one is missing."""
        found = [self.answered(system, task) for system in systems]
        replies = [one.replies for one in found if one]
        order = rubric_order(len(task.rubric), repeat)
        return digest(self._judge_config, task.to_json(), replies, order) if len(replies) == len(systems) else ""

    def _adopt(self, system: str) -> None:
        """Take over what the system has answered in other runs."""
        for task in self.tasks:
            config = self._answer_config(system, task)
            if not self.answered(system, task) and (found := self._kept.get(config, system)):
                self._answers.add(replace(found, task=task.id))
                self.adopted.append((system, self._kept.since(config)))

    def _scores(self, repeats: int) -> Iterator[_Ask]:
        for system in self.systems:
            for task in self.tasks:
                for repeat in range(repeats):
                    if config := self._config_of((system.name,), task, repeat):
                        yield _Ask((system.name,), task, repeat, config)

    def _pairs(self) -> Iterator[_Ask]:
        for pair in combinations([system.name for system in self.systems], 2):
            for task in self.tasks:
                for order in permutations(pair):
                    if config := self._config_of(order, task):
                        yield _Ask(order, task, 0, config)

    def _answer(self, chat_model: BaseChatModel, system: str, task: Task) -> Answered:
        begun = self._clock()
        said = answers_of(chat_model, task)
        seconds = round(self._clock() - begun, 3)
        return Answered(
            system, task.id, self._answer_config(system, task), said.replies, said.output_tokens, said.finish_reason, seconds
        )

    def _decide(self, judge: Judge, ask: _Ask) -> Judged:
        begun = self._clock()
        replies = [one.replies for one in (self.answered(system, ask.task) for system in ask.systems) if one]
        score, winner = None, None
        if len(ask.systems) == 1:
            scored = judge.score(ask.task, replies[0], ask.repeat)
            reason, score = scored.value or ("", None)
            problem, raw = scored.problem, scored.raw
        else:
            compared = judge.compare(ask.task, *replies)
            reason, told = compared.value or ("", None)
            winner = {"1": ask.systems[0], "2": ask.systems[1], "平": ""}[told] if told else None
            problem, raw = compared.problem, compared.raw
        seconds = round(self._clock() - begun, 3)
        return Judged(ask.systems, ask.task.id, ask.config, ask.repeat, score, winner, reason, problem, raw, seconds)

    @contextmanager
    def _loaded(self, who: System) -> Iterator[BaseChatModel]:
        """The chat model; the connections of an endpoint are closed behind it (it shares them with no other)."""
        chat_model = self._load(who.settings)
        try:
            yield chat_model
        finally:
            if client := getattr(chat_model, "root_client", None):
                client.close()

    def _at_once(self, who: System) -> int:
        return self._concurrency if _is_endpoint(who) else 1


def _is_endpoint(who: System) -> bool:
    """Whether it is asked over a connection, and takes no memory here."""
    return who.settings.chat_model.startswith("openai:")


def _model(who: System) -> dict[str, str]:
    return {"model": model_label(who.settings), "fingerprint": fingerprint(who.settings)}
