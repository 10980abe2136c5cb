"""Log-probability choices against lm-eval's. Run as: python -m bench.lm_eval_oracle --ceval-dir DIR [--model PATH] [--shots 0 5]

Asks every question of a C-Eval folder twice, by eval.exams.logprob and by lm-evaluation-harness (https://github.com/EleutherAI/
lm-evaluation-harness, a task of our own in YAML over the same CSV files), with one model on the CPU in float32, and prints
for each task how many prompts and chosen letters are equal and the largest difference of a log-probability. Without
--model, tiny models with random weights and three kinds of tokenizers take its place. Ends with 1 on any difference.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from eval.exams.categories import SUBJECT_OF
from eval.exams.ceval import ceval_exam
from eval.exams.exam_set import ExamSet
from eval.exams.logprob import LogprobAsker
from eval.exams.prompts import letter_prompt
from eval.exams.samples import LOGPROB, Sample
from finetune.tiny_models import KINDS, build_tiny
from knowledge.questions import LETTERS, Question
from knowledge.subjects import SUBJECTS
from rag.prompts_exam import ANSWER_CUE, EXAM_HEAD
from settings import Settings

__all__ = ["Choice", "Comparison", "compare", "main"]

_TEXT = "{{question.strip()}}\n" + "".join(f"{x}. {{{{{x}}}}}\n" for x in LETTERS) + ANSWER_CUE
"""A question in lm-eval's own template language: C-Eval's form, to which `letter_prompt` must come from the other side."""


@dataclass(frozen=True)
class Choice:
    """What one side made of a question: the prompt, the letters' log-probabilities in nats, the letter chosen."""

    prompt: str
    scores: tuple[float, ...]
    letter: str


@dataclass(frozen=True)
class Comparison:
    """Both sides over one task: questions, equal prompts, equal letters, largest difference in nats, our letters."""

    task: str
    shots: int
    n: int
    prompts: int
    letters: int
    difference: float
    chosen: Counter[str]

    @property
    def equal(self) -> bool:
        """Whether there is nothing that differs."""
        return self.n == self.prompts == self.letters

    def __str__(self) -> str:
        histogram = " ".join(f"{letter}{self.chosen[letter]}" for letter in LETTERS)
        return (
            f"{self.task:24}{self.shots} 例 {self.n:4} 题  提示词相同 {self.prompts:4}  选项相同 {self.letters:4}  "
            f"最大差 {self.difference:.1e}  {histogram}"
        )


def compare(model: Path, folder: Path, shots: int, work: Path) -> list[Comparison]:
    """Both sides over all tasks of a C-Eval folder.

    Args:
        model: folder of a model and its tokenizer.
        shots: 0, or 5 for the examples of `dev` (fewer where a task has fewer).
        work: an empty folder for lm-eval's task files and data.
    """
    exam = ceval_exam(folder, (), shots)
    tasks = sorted(path.stem.removesuffix("_val") for path in (folder / "val").glob("*.csv"))
    mine = _ours(model, exam)
    other = _theirs(model, folder, {task: _examples(exam, task) for task in tasks}, set(mine), work)
    assert mine.keys() == other.keys(), "both must ask the same questions"
    return [_compared(task, len(_examples(exam, task)), mine, other) for task in tasks]


def _examples(exam: ExamSet, task: str) -> Sequence[Question]:
    return exam.examples.get(SUBJECT_OF.get(task, task), ())


def _compared(task: str, shots: int, mine: dict[str, Choice], other: dict[str, Choice]) -> Comparison:
    pairs = [(choice, other[key]) for key, choice in mine.items() if key.startswith(f"{task}_val-")]
    return Comparison(
        task,
        shots,
        len(pairs),
        prompts=sum(a.prompt == b.prompt for a, b in pairs),
        letters=sum(a.letter == b.letter for a, b in pairs),
        difference=max(abs(x - y) for a, b in pairs for x, y in zip(a.scores, b.scores, strict=True)),
        chosen=Counter(a.letter for a, _ in pairs),
    )


def _ours(model: Path, exam: ExamSet) -> dict[str, Choice]:
    from rag.chat_models.local import LocalChatModel

    settings = Settings(_env_file=None, chat_model=f"local:{model}", chat_dtype="float32", chat_device_map="cpu")

    def examples(sample: Sample) -> Sequence[Question]:
        return exam.examples.get(sample.question.subject, ())

    asker = LogprobAsker(LocalChatModel.from_settings(settings, str(model)), examples)
    choices = {}
    for question in exam.questions:
        sample = Sample(question, mode=LOGPROB)
        reply = asker.ask(sample, ())
        scores = tuple(score for score in reply.scores.values() if score is not None)
        choices[question.id] = Choice(letter_prompt(sample, examples(sample)), scores, reply.letter or "")
    return choices


def _theirs(model: Path, folder: Path, examples: dict[str, Sequence[Question]], asked: set[str], work: Path) -> dict[str, Choice]:
    from lm_eval import evaluate
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    for task, shown in examples.items():
        _write_task(folder, task, len(shown), asked, work)
    tasks = TaskManager(include_path=str(work), include_defaults=False)
    found = evaluate(  # not simple_evaluate, which starts a dozen processes to describe this machine
        HFLM(pretrained=str(model), dtype="float32", device="cpu", batch_size=1),
        tasks.load([f"oracle_{task}" for task in examples]),
        bootstrap_iters=0,
    )
    samples = [sample for group in found["samples"].values() for sample in group]
    return {sample["doc"]["key"]: _choice(sample) for sample in samples}


def _choice(sample: dict[str, Any]) -> Choice:
    """The letter is the one that lm-eval's own accuracy goes by: the first of the largest."""
    scores = tuple(float(score) for score, _ in sample["filtered_resps"])
    letter = LETTERS[scores.index(max(scores))]
    assert sample["acc"] == (letter == sample["doc"]["answer"]), "lm-eval chose otherwise"
    return Choice(sample["arguments"][0][0], scores, letter)


def _write_task(folder: Path, task: str, shots: int, asked: set[str], work: Path) -> None:
    """lm-eval's configuration of one task, over the rows of the CSV files as they stand there."""
    subject = SUBJECT_OF.get(task, task)
    head = EXAM_HEAD.format(subject=SUBJECTS[subject].name if subject in SUBJECTS else subject)
    files = {"val": [row for row in _rows(folder, task, "val") if row["key"] in asked]}
    files |= {"dev": _rows(folder, task, "dev")} if shots else {}
    for split, rows in files.items():
        _path(work, task, split).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    config: dict[str, Any] = {
        "task": f"oracle_{task}",
        "dataset_path": "json",
        "dataset_kwargs": {
            "data_files": {split: str(_path(work, task, split)) for split in files},
            "cache_dir": str(work / "cache"),
        },
        "test_split": "val",
        "output_type": "multiple_choice",
        "num_fewshot": shots,
        "description": f"{head}\n\n",
        "doc_to_text": _TEXT,
        "doc_to_choice": list(LETTERS),
        "doc_to_target": "{{'ABCD'.index(answer)}}",
        "target_delimiter": "",
        "fewshot_delimiter": "\n\n",
        "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
    }
    if shots:
        config |= {"fewshot_split": "dev", "fewshot_config": {"sampler": "first_n"}}
    (work / f"{task}.yaml").write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), "utf-8")


def _rows(folder: Path, task: str, split: str) -> list[dict[str, str]]:
    with (folder / split / f"{task}_{split}.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        {"key": f"{task}_{split}-{row['id']}", **{name: row[name] for name in ("question", *LETTERS, "answer")}} for row in rows
    ]


def _path(work: Path, task: str, split: str) -> Path:
    return work / f"{task}_{split}.jsonl"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.lm_eval_oracle", description="与 lm-eval 逐题比对选项概率。")
    parser.add_argument("--ceval-dir", type=Path, required=True, help="C-Eval 文件夹：dev/、val/，每科一个 CSV")
    parser.add_argument("--model", type=Path, help="模型目录；不给则用三个随机权重的小模型")
    parser.add_argument("--shots", type=int, nargs="+", choices=(0, 5), default=[0, 5])
    options = parser.parse_args(argv)
    results = []
    with TemporaryDirectory() as work:
        for name, model in _models(options.model, options.ceval_dir, Path(work)):
            print(f"— {name}")
            for shots in options.shots:
                place = Path(work) / f"{name}-{shots}"
                place.mkdir()
                found = compare(model, options.ceval_dir, shots, place)
                print(*found, sep="\n", flush=True)
                results += found
    different = sum(one.n - min(one.prompts, one.letters) for one in results)
    print(f"共 {sum(one.n for one in results)} 题次，{different or '没有'}{' 题次' if different else ''}不同。")
    return 1 if different else 0


def _models(model: Path | None, folder: Path, work: Path) -> list[tuple[str, Path]]:
    if model:
        return [(model.resolve().name, model)]
    texts = [letter_prompt(Sample(question), ()) for question in ceval_exam(folder, (), 0).questions]
    return [(kind, build_tiny(work / kind, kind, texts)) for kind in KINDS]


if __name__ == "__main__":
    sys.exit(main())
