"""The letters that log-probability chooses are lm-eval's, item by item, with three kinds of tokenizers, 0 and 5 shots."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.lm_eval_oracle import compare
from eval.exams.categories import SUBJECT_OF
from eval.exams.prompts import letter_prompt
from eval.exams.samples import Sample
from finetune.tiny_models import KINDS, build_tiny
from knowledge.bank import BANK, read_bank
from knowledge.questions import LETTERS, Question

ITEMS, EXAMPLES = 8, 5
ROUNDING = 2e-5
"""Nats; float32 with another order of summation."""


@pytest.fixture(scope="module")
def questions() -> dict[str, list[Question]]:
    """Of each of C-Eval's four tasks in computer science as many of our own questions as are needed."""
    bank = read_bank(BANK).questions
    return {task: [q for q in bank if q.subject == subject][: ITEMS + EXAMPLES] for task, subject in SUBJECT_OF.items()}


@pytest.fixture(scope="module")
def folder(questions: dict[str, list[Question]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our questions in the form of C-Eval."""
    root = tmp_path_factory.mktemp("ceval")
    for task, group in questions.items():
        _write(root / "val" / f"{task}_val.csv", group[:ITEMS])
        _write(root / "dev" / f"{task}_dev.csv", group[ITEMS:])
    return root


def _write(path: Path, questions: Sequence[Question]) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "question", *LETTERS, "answer", "explanation"])
        rows.writerows([n, one.stem, *one.options, one.key, one.explanation] for n, one in enumerate(questions))


@pytest.mark.parametrize("kind", KINDS)
def test_each_item_gets_lm_evals_letter(kind: str, folder: Path, questions: dict[str, list[Question]], tmp_path: Path) -> None:
    texts = [letter_prompt(Sample(one), ()) for group in questions.values() for one in group]
    model = build_tiny(tmp_path / kind, kind, texts)
    for shots in (0, EXAMPLES):
        work = tmp_path / f"work-{shots}"
        work.mkdir()
        results = compare(model, folder, shots, work)
        assert [(one.task, one.shots, one.n) for one in results] == [(task, shots, ITEMS) for task in sorted(SUBJECT_OF)]
        assert all(one.equal and one.difference < ROUNDING for one in results), "\n".join(map(str, results))
        chosen = {letter for one in results for letter in one.chosen}
        assert len(chosen) > 2, "a model that always says the same proves nothing"
