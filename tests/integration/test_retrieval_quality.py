"""What is published about retrieval still holds: floors a little under the figures in the README, over the shipped documents."""

from collections.abc import Sequence
from functools import cache

import pytest

from eval.gold import GOLD, read_gold
from eval.refusal import read_refusals, refusal_figures
from eval.retrieval import measure, read_shipped
from knowledge.subjects import SUBJECTS
from rag.rerank import headed
from rag.retrieval import Retriever
from settings import Settings
from vector_db.store import CourseStore, open_store


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> CourseStore:
    settings = Settings(data_dir=tmp_path_factory.mktemp("shipped"))
    read_shipped(settings)
    return open_store(settings)


def test_the_gold_passages_are_found_and_reranking_is_no_worse_than_a_leg(shipped: CourseStore) -> None:
    questions = read_gold(sorted(GOLD.glob("retrieval.*.jsonl")))
    retriever = Retriever(shipped)
    retriever.ranked = cache(retriever.ranked)  # type: ignore[method-assign] # what both measures begin with is computed once

    def dense(question: str) -> Sequence[str]:
        ids = [hit.chunk_id for hit in shipped.search_dense(question, list(SUBJECTS), 10)]
        found = shipped.get(ids, list(SUBJECTS))
        return [headed(found[i]) for i in ids]

    passages = measure(questions, lambda question: [p.text for p in retriever.retrieve(question, k=10).passages])
    reranked = measure(questions, lambda question: [headed(c) for c, _ in retriever.search(question, k=10)])
    legs = measure(questions, dense)
    assert passages["all"]["Success@5"].mean >= 0.91 and passages["all"]["RR@10"].mean >= 0.77
    assert reranked["all"]["Success@5"].mean >= 0.90 and reranked["all"]["RR@10"].mean >= 0.76
    assert all(reranked[subject]["RR@10"].mean >= legs[subject]["RR@10"].mean for subject in legs)


def test_it_knows_when_not_to_answer(shipped: CourseStore) -> None:
    figures = refusal_figures(read_refusals(), Retriever(shipped))
    assert figures["f1"] >= 0.84 and figures["wrongly_refused"] <= 0.085
