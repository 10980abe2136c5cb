"""The weight of the dense leg. Run as: python -m bench.fusion QUESTIONS... (over the knowledge base of TUTOR_DATA_DIR)

A question counts if the text of its right option (three letters or more) stands in some chunk that either leg finds in its
first 50; a hit at k means that it stands in one of the first k chunks after fusion.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.questions import letters, read_questions
from knowledge.subjects import SUBJECTS
from rag.retrieval import fuse
from settings import load_settings
from vector_db.store import Hit, open_store

WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.5, 1.0)
CUTS = (1, 5, 10, 50)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fusion", description="测量两路检索融合的权重。")
    parser.add_argument("questions", nargs="+", type=Path)
    questions = [q for q in read_questions(parser.parse_args().questions) if q["subject"] in SUBJECTS]
    store, subjects = open_store(load_settings()), list(SUBJECTS)
    rankings: list[tuple[str, list[Hit], list[Hit]]] = []
    texts: dict[str, str] = {}
    for question in questions:
        answer = letters(question["options"][question["answer"]])
        if len(answer) < 3 or answer.isdigit():
            continue
        lexical = store.search_lexical(question["question"], subjects, 50)
        dense = store.search_dense(question["question"], subjects, 50)
        ids = [hit.chunk_id for hit in (*lexical, *dense)]
        texts |= {i: letters(c.page_content) for i, c in store.get([i for i in ids if i not in texts], subjects).items()}
        if any(answer in texts[i] for i in ids):
            rankings.append((answer, lexical, dense))
    print(f"{len(rankings)} 道题的答案在前 50 个片段里")
    for weight in WEIGHTS:
        print(f"稠密权重 {weight}：{_hits(rankings, texts, weight)}")


def _hits(rankings: list[tuple[str, list[Hit], list[Hit]]], texts: dict[str, str], weight: float) -> dict[str, float]:
    ranks = []
    for answer, lexical, dense in rankings:
        fused = fuse([(lexical, 1.0), (dense, weight)] if weight else [(lexical, 1.0)])
        ranks.append(next((rank for rank, hit in enumerate(fused, 1) if answer in texts[hit.chunk_id]), 10**9))
    return {f"hit@{k}": round(sum(rank <= k for rank in ranks) / len(ranks), 3) for k in CUTS}


if __name__ == "__main__":
    main()
