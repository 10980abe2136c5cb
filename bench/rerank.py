"""The weights of rag/rerank.py. Run as: python -m bench.rerank --data FOLDER [--answers-data FOLDER --answers QUESTIONS.jsonl ...]

FOLDER holds the shipped handouts and notes. The weights are sought by a seeded random walk on the gold questions with odd
numbers (Success@5 + RR@10) and, if given, on the questions with answers (within 1,000 and 2,000 characters of --answers-data);
the even ones tell what they are worth. Success@5 and RR@10 of the chunks; answers on 76 public examination questions over 222
notes of others. Recorded (2 cores, a minute):

    by hand                    odd 0.949 0.825   even 0.904 0.778   answers 0.513 0.632
    found                      odd 0.949 0.829   even 0.897 0.770   answers 0.592 0.671
    rounded: shipped           odd 0.949 0.829   even 0.897 0.767   answers 0.579 0.658

On 312 further examination questions of our own writing over the same notes, on which no weight was chosen, both the shipped ones and
those by hand have the answer within 2,000 characters in 0.822, plain BM25 over pieces of 500 characters in 0.744. Weights twice as
large or half as large make no difference that is more than chance.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eval.answers import AnswerQuestion, document_texts, plain, read_answers, standing
from eval.gold import GOLD, GoldQuestion, found_in, read_gold
from knowledge.subjects import AUTO
from rag.library import open_library
from rag.rerank import PARTS, WEIGHTS, brevity, headed
from rag.retrieval import Retriever
from settings import Settings
from vector_db.store import open_store

_STEPS, _SEED = 1500, 408
_BUDGETS = (1000, 2000)
Found = tuple[np.ndarray, np.ndarray]
"""Of one question: parts times brevity (candidates, len(PARTS)), and which candidates are relevant."""
Held = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Of one question: parts times brevity, lengths in characters, and how far into each text the answer ends (or -1)."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.rerank", description="选择重排的权重。")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--answers-data", type=Path)
    parser.add_argument("--answers", type=Path, nargs="*", default=[])
    options = parser.parse_args()
    retriever = Retriever(open_store(Settings(data_dir=options.data)))
    gold = read_gold(sorted(GOLD.glob("retrieval.*.jsonl")))
    odd, even = ([_found(retriever, q) for q in gold if int(q.id.rpartition("-")[2]) % 2 == rest] for rest in (1, 0))
    held = _answers(options.answers, Settings(data_dir=options.answers_data)) if options.answers_data else []

    def told(weights: np.ndarray) -> str:
        return (
            f"奇数题 {_gold(odd, weights)}  偶数题 {_gold(even, weights)}  答案 {[_within(held, weights, b) for b in _BUDGETS]}"
        )

    def worth(weights: np.ndarray) -> float:
        return sum(_gold(odd, weights)) + 0.75 * sum(_within(held, weights, budget) for budget in _BUDGETS)

    weights = np.array([WEIGHTS[part] for part in PARTS])
    print("现在", told(weights))
    rng, best = np.random.default_rng(_SEED), worth(weights)
    for _ in range(_STEPS):
        changed = weights.copy()
        which = rng.integers(0, len(PARTS), rng.integers(1, 3))
        changed[which] = np.clip(changed[which] * np.exp(rng.normal(0, 0.5, len(which))) + rng.normal(0, 0.1, len(which)), 0, 3)
        if (value := worth(changed)) >= best:
            weights, best = changed, value
    print("找到", told(weights))
    print({part: round(float(weight / weights.max()), 2) for part, weight in zip(PARTS, weights, strict=True)})


def _parts(retriever: Retriever, question: str) -> tuple[np.ndarray, list[str]]:
    ranked = retriever.ranked(question, AUTO, 10)
    parts = np.array([[one.parts[part] * brevity(one.chunk) for part in PARTS] for one in ranked])
    return parts, [headed(one.chunk) for one in ranked]


def _found(retriever: Retriever, question: GoldQuestion) -> Found:
    parts, texts = _parts(retriever, question.question)
    return parts, np.array([bool(found_in(text, question)) for text in texts])


def _answers(paths: Sequence[Path], settings: Settings) -> list[Held]:
    retriever = Retriever(open_store(settings))
    questions = standing(read_answers(paths), document_texts(open_library(settings), settings))
    return [_held(retriever, question) for question in questions]


def _held(retriever: Retriever, question: AnswerQuestion) -> Held:
    parts, texts = _parts(retriever, question.question)
    return parts, np.array([len(text) for text in texts]), np.array([_end(text, question.plain) for text in texts])


def _end(text: str, answer: str) -> int:
    """The least number of characters at the head of a text that hold the answer, by halving; -1 if it is not there."""
    if answer not in plain(text):
        return -1
    low, high = 0, len(text)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if answer in plain(text[:middle]) else (middle, high)
    return high


def _gold(questions: Sequence[Found], weights: np.ndarray) -> tuple[float, float]:
    """Success@5 and RR@10."""
    ranks = [next(iter(np.flatnonzero(good[_order(parts, weights)][:10])), 10) for parts, good in questions]
    return round(float(np.mean([r < 5 for r in ranks])), 3), round(
        float(np.mean([1 / (r + 1) if r < 10 else 0 for r in ranks])), 3
    )


def _within(questions: Sequence[Held], weights: np.ndarray, budget: int) -> float:
    """Share of the questions whose answer stands within so many characters."""
    if not questions:
        return 0.0
    hits = 0
    for parts, lengths, ends in questions:
        order = _order(parts, weights)
        left = budget - np.concatenate([[0], np.cumsum(lengths[order])[:-1]])
        hits += bool(np.any((ends[order] >= 0) & (ends[order] <= left)))
    return round(hits / len(questions), 3)


def _order(parts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.argsort(-(parts @ weights), kind="stable")


if __name__ == "__main__":
    main()
