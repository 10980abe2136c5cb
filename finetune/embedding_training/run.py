"""The road of a fine-tuned embedding: pairs → corpus → parts → negatives → training → figures → a folder that can be used."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from errors import UsageError
from finetune.embedding_training.base_model import chosen_device, load_base
from finetune.embedding_training.card import Report
from finetune.embedding_training.corpus import Corpus, corpus_of
from finetune.embedding_training.held_out import Parts, held_passages, parted
from finetune.embedding_training.measuring import Retrieved, ranks_of
from finetune.embedding_training.negatives import Mined, both_legs, mine
from finetune.embedding_training.pairs import Pair
from finetune.embedding_training.plan import Example, Plan, Task, chosen_plan
from finetune.embedding_training.searching import lexical_index, lexical_places, vectors_of
from finetune.embedding_training.seen import seen_by_shipped
from finetune.embedding_training.tuning import tune
from finetune.embedding_training.work_folder import begun, check_free, held, unwritable, work_folder, write_text
from finetune.lineage import Lineage, Made, write_lineage
from rag.chat_models.model_folder import folder_digest
from settings import SHIPPED_EMBEDDING
from vector_db.embedding_prompts import Prompts, prompts_of

if TYPE_CHECKING:
    from langchain_core.documents import Document
    from sentence_transformers import SentenceTransformer

__all__ = ["Choices", "Run"]

_EXAMPLES = "examples.jsonl"
_WATCHED = 2000
_PACKAGES = ("sentence-transformers", "transformers", "torch")


@dataclass(frozen=True)
class Choices:
    """What the user chose; None: what suits the model."""

    base: str
    out: Path
    held_out: float = 0.2
    negatives: int = 3
    margin: float = 0.05
    epochs: float | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    patience: int = 2
    seed: int = 408
    device: str = "auto"


class Run:
    """One fine-tuning.

    Args:
        data: digests of the files that the pairs are from.
        tell: gets a line of Chinese at each step.
    """

    def __init__(self, choices: Choices, data: Sequence[Made], tell: Callable[[str], None]) -> None:
        self._choices, self._data, self._tell = choices, tuple(data), tell
        self._work = work_folder(choices.out)

    def go(self, pairs: Sequence[Pair], chunks: Sequence[Document], resume: bool) -> Report:
        """Train, measure and write the folder.

        Raises:
            ContentError: there are too few pairs or passages, or a resumed run had others.
            ModelLoadError: the base can't be loaded.
            UsageError: there is no GPU, memory ran out, a folder is in the way, or there is nothing to resume.
        """
        device = chosen_device(self._choices.device)
        model = load_base(self._choices.base, device)
        prompts = self._prompts(model)
        placed, corpus = corpus_of(pairs, chunks)
        parts = parted(placed, corpus, self._choices.held_out, self._choices.seed)
        plan = self._plan(model)
        with held(self._work):
            check_free(self._choices.out)  # another process may have made it while the model was loaded
            checkpoint = begun(self._work, self._identity(placed, corpus, plan), resume)
            self._tell(
                f"{len(placed)} 对问答，{len(corpus.passages)} 段原文；训练 {len(parts.train)}，选优 {len(parts.development)}，留出 {len(parts.test)}。"
            )
            before = self._measured(model, prompts, placed, corpus, parts.test)
            examples, counts = self._examples(model, prompts, placed, corpus, parts)
            watched = self._watched(prompts, placed, corpus, parts.development)
            self._tell(f"在 {device} 上训练，最多 {plan.epochs:g} 轮……" if not checkpoint else f"从 {checkpoint.name} 接着训练……")
            training = tune(model, examples, Task(plan, prompts, self._work, device, watched, self._tell), checkpoint)
            after = self._measured(model, prompts, placed, corpus, parts.test)
            counts |= {"pairs": len(placed), "passages": len(corpus.passages)}
            counts |= {"train": len(parts.train), "development": len(parts.development)}
            report = Report(
                self._choices.out.name, _named(self._choices.base), plan, counts, parts.by, before, after, training, prompts.query,
                self._caution(placed), {name: version(name) for name in _PACKAGES},
            )  # fmt: skip
            self._write(model, prompts, report)
        shutil.rmtree(self._work)
        return report

    def _prompts(self, model: SentenceTransformer) -> Prompts:
        """Those of the base. The result states them in its folder, where an empty one can't be told from none.

        Raises:
            UsageError: by the name of the result the tutor would put another one before a question.
        """
        prompts, out = prompts_of(model.prompts or {}, self._choices.base), self._choices.out
        if prompts_of(prompts._asdict(), str(out)) != prompts:
            raise UsageError(
                f"--out 的名字（{out}）像 BGE 的中文模型，使用时会在问题前加上 BGE 的提示语，而底座不用它。请换一个名字。"
            )
        return prompts

    def _caution(self, pairs: Sequence[Pair]) -> str:
        base = Path(self._choices.base).expanduser()
        shipped = base.is_dir() and folder_digest(base) == folder_digest(SHIPPED_EMBEDDING)
        if not shipped or not (seen := seen_by_shipped(pairs)):
            return ""
        return (
            f"底座是自带的模型，它就是用自带的资料、笔记和提问训练的，这里有 {seen} 对出自其中：这些题上微调前的数值偏高，"
            "留出的也不算没见过。要看真实效果，请用 --pairs 给它没见过的问答。"
        )

    def _plan(self, model: SentenceTransformer) -> Plan:
        c = self._choices
        return chosen_plan(model, c.epochs, c.batch_size, c.learning_rate, c.patience, c.seed)

    def _identity(self, pairs: Sequence[Pair], corpus: Corpus, plan: Plan) -> dict[str, Any]:
        """What must be the same where a run goes on."""
        told = json.dumps([asdict(pair) for pair in pairs], ensure_ascii=False)
        c, base = self._choices, Path(self._choices.base).expanduser()
        return {
            "base": folder_digest(base) if base.is_dir() else c.base,
            "pairs": hashlib.sha256(told.encode()).hexdigest()[:16], "corpus": corpus.digest,
            "held_out": c.held_out, "negatives": c.negatives, "margin": c.margin, **asdict(plan),
        }  # fmt: skip

    def _measured(
        self, model: SentenceTransformer, prompts: Prompts, pairs: Sequence[Pair], corpus: Corpus, numbers: Sequence[int]
    ) -> Retrieved:
        questions = vectors_of(model, [pairs[i].question for i in numbers], prompts.query)
        passages = vectors_of(model, [passage.text for passage in corpus.passages], prompts.document)
        return ranks_of(questions, passages, [corpus.answers[i] for i in numbers])

    def _examples(
        self, model: SentenceTransformer, prompts: Prompts, pairs: Sequence[Pair], corpus: Corpus, parts: Parts
    ) -> tuple[list[Example], dict[str, int]]:
        """The examples with their negatives. They are kept for a resumed run: mined again they might be others."""
        file = self._work / _EXAMPLES
        if file.is_file():
            head, *lines = file.read_text(encoding="utf-8").split("\n")[:-1]
            return [Example(row[0], row[1], tuple(row[2])) for row in map(json.loads, lines)], json.loads(head)
        mined = self._mined(model, prompts, pairs, corpus, parts)
        examples = [
            Example(pairs[i].question, pairs[i].passage, tuple(corpus.passages[place].text for place in places))
            for i, places in zip(parts.train, mined.places, strict=True)
        ]
        counts = {"negatives": self._choices.negatives, "mined": mined.found, "filled": mined.filled, "near": mined.near}
        rows = [[one.question, one.passage, list(one.negatives)] for one in examples]
        write_text(file, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in (counts, *rows)))
        return examples, counts

    def _mined(self, model: SentenceTransformer, prompts: Prompts, pairs: Sequence[Pair], corpus: Corpus, parts: Parts) -> Mined:
        self._tell("正在挖掘难负例……")
        c = self._choices
        questions = vectors_of(model, [pair.question for pair in pairs], prompts.query)
        passages = vectors_of(model, [passage.text for passage in corpus.passages], prompts.document)
        with lexical_index(corpus.passages) as index:
            legs = both_legs(pairs, questions, passages, lambda question, k: lexical_places(index, question, k))
            barred = held_passages(parts, pairs, corpus)
            return mine(pairs, parts.train, corpus, legs, c.negatives, random.Random(c.seed), c.margin, barred)

    def _watched(
        self, prompts: Prompts, pairs: Sequence[Pair], corpus: Corpus, numbers: Sequence[int]
    ) -> Callable[[SentenceTransformer], float] | None:
        """The score that the best state is chosen by: MRR among the answers and at most `_WATCHED` other passages."""
        if not numbers:
            return None
        held = sorted({place for i in numbers for place in corpus.answers[i]})
        others = sorted(set(range(len(corpus.passages))) - set(held))
        random.Random(self._choices.seed).shuffle(others)
        places = [*held, *others[:_WATCHED]]
        at = {place: i for i, place in enumerate(places)}
        small = Corpus(
            tuple(corpus.passages[place] for place in places),
            tuple(frozenset(at[place] for place in answers if place in at) for answers in corpus.answers),
        )
        return lambda model: self._measured(model, prompts, pairs, small, numbers).mrr().mean

    def _write(self, model: SentenceTransformer, prompts: Prompts, report: Report) -> None:
        """The folder, whole or not at all."""
        out, base = self._choices.out, Path(self._choices.base).expanduser()
        from safetensors import SafetensorError

        draft = out.with_name(f".{out.name}.{os.getpid()}")
        model.prompts = {**(model.prompts or {}), "query": prompts.query, "document": prompts.document}
        made = Made(_named(self._choices.base), folder_digest(base) if base.is_dir() else "")
        try:
            draft.mkdir(parents=True)
            model.save_pretrained(str(draft), create_model_card=False, safe_serialization=True)
            write_text(draft / "README.md", report.markdown())
            write_text(draft / "metrics.json", json.dumps(report.to_json(), ensure_ascii=False, indent=2) + "\n")
            write_lineage(draft, Lineage("full", made, data=self._data))
            if out.is_dir():
                out.rmdir()
            draft.replace(out)
        except (OSError, SafetensorError) as error:
            raise unwritable(out, getattr(error, "strerror", None)) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def _named(base: str) -> str:
    """The name of a base, without the place where a folder lies."""
    folder = Path(base).expanduser()
    return folder.resolve().name if folder.is_dir() else base
