"""The coefficients of rag/confidence.py. Run as: python -m bench.confidence --data FOLDER (which holds the shipped handouts and notes)

Fits logistic regressions (scikit-learn, C = 10) on the questions of eval/gold/refusal.*.jsonl, on those of bench/refusal.py, and on
one in five of the bank, with its options, which the notes answer. Tells by ten-fold cross-validation over the first, repeated five
times, what refusing is worth at each threshold: F1 of refusing, and the share of the answerable questions that are refused; and
how many of the other questions of the bank would be refused.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import RepeatedStratifiedKFold

from bench.refusal import INSIDE, OUTSIDE
from eval.refusal import read_refusals
from knowledge.bank import BANK, read_banks
from knowledge.questions import LETTERS
from knowledge.subjects import AUTO
from rag.confidence import PLAIN_DISCOUNT, Evidence, evidence_of
from rag.retrieval import Retriever
from settings import Settings
from vector_db.store import open_store

_NAMES = tuple(field.name for field in fields(Evidence))
_MODELS = {
    "ASKED": ("words", "dense", "alike", "alike_too", "named", "unknown"),
    "PLAIN": ("words", "dense", "named", "unknown"),
    "WORDS": ("words", "named", "unknown"),
}
_THRESHOLDS = np.arange(0.2, 0.61, 0.05)
_FOLDS, _REPEATS, _SEED = 10, 5, 408


def main() -> None:
    """Fit, and print coefficients and figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.confidence", description="拟合拒答的置信度。")
    parser.add_argument("--data", type=Path, required=True)
    store = open_store(Settings(data_dir=parser.parse_args().data))
    retriever = Retriever(store)

    def row(question: str) -> list[float]:
        return list(asdict(evidence_of(question, retriever.ranked(question, AUTO, 6), store.idf)).values())

    questions = read_refusals()
    x, y = np.array([row(q.question) for q in questions]), np.array([q.answerable for q in questions])
    bank = [row(question) for question in _bank()]
    plain = np.array([row(q) for q in INSIDE + OUTSIDE] + bank[::5])
    known = np.array([q in INSIDE for q in INSIDE + OUTSIDE] + [True] * len(bank[::5]))
    others = np.array([one for number, one in enumerate(bank) if number % 5])
    guesses = {name: _cross_validated(name, x, y, plain, known) for name in _MODELS}
    guesses["ASKED 与 PLAIN"] = np.maximum(guesses["ASKED"], guesses["PLAIN"] - PLAIN_DISCOUNT)
    for name, guess in guesses.items():
        print(f"{name}：AUC {np.mean([roc_auc_score(y, one) for one in guess]):.3f}")
        print("  " + "  ".join(f"{t:.2f}: {_f1(guess < t, y):.3f} {np.mean(guess[:, y] < t):.3f}" for t in _THRESHOLDS))
    for name in _MODELS:
        model = _fitted(name, np.concatenate([x, plain]), np.concatenate([y, known]))
        coefficients = dict(zip(_MODELS[name], model.coef_[0], strict=True)) | {"bias": model.intercept_[0]}
        print(name, {key: round(float(value), 2) for key, value in coefficients.items()})
        sure = model.predict_proba(_columns(name, others))[:, 1]
        print("  题库里被拒的  " + "  ".join(f"{t:.2f}: {np.mean(sure < t):.3f}" for t in _THRESHOLDS))


def _bank() -> list[str]:
    """Questions as they are pasted, with their options."""
    questions = read_banks([BANK]).questions
    return [
        f"{q.stem}\n" + "\n".join(f"{letter}. {text}" for letter, text in zip(LETTERS, q.options, strict=True)) for q in questions
    ]


def _fitted(name: str, x: np.ndarray, y: np.ndarray) -> LogisticRegression:
    return LogisticRegression(C=10, max_iter=2000).fit(_columns(name, x), y)


def _columns(name: str, x: np.ndarray) -> np.ndarray:
    return x[:, [_NAMES.index(column) for column in _MODELS[name]]]


def _cross_validated(name: str, x: np.ndarray, y: np.ndarray, more_x: np.ndarray, more_y: np.ndarray) -> np.ndarray:
    """Probabilities of questions that the model had not seen, shape (repeats, questions)."""
    guesses = np.zeros((_REPEATS, len(y)))
    folds = RepeatedStratifiedKFold(n_splits=_FOLDS, n_repeats=_REPEATS, random_state=_SEED)
    for number, (train, test) in enumerate(folds.split(x, y)):
        model = _fitted(name, np.concatenate([x[train], more_x]), np.concatenate([y[train], more_y]))
        guesses[number // _FOLDS, test] = model.predict_proba(_columns(name, x[test]))[:, 1]
    return guesses


def _f1(refused: np.ndarray, answerable: np.ndarray) -> float:
    right = refused[:, ~answerable].sum()
    return float(2 * right / (refused.sum() + len(refused) * (~answerable).sum()))


if __name__ == "__main__":
    main()
