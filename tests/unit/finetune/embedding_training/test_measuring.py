import numpy as np
import pytest

from finetune.embedding_training.measuring import Retrieved, bootstrapped, ranks_of


def test_the_rank_of_the_first_answer() -> None:
    questions = np.asarray([[1.0, 0.0], [0.0, 1.0]], dtype=np.float32)
    passages = np.asarray([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]], dtype=np.float32)
    found = ranks_of(questions, passages, [frozenset({1}), frozenset({0, 2})])
    assert found.ranks == (2, 1)
    assert found.recall(1).mean == 0.5 and found.recall(5).mean == 1.0 and found.mrr().mean == 0.75


def test_a_model_that_tells_nothing_apart_gets_no_credit() -> None:
    same = np.ones((4, 2), dtype=np.float32)
    assert ranks_of(same[:1], same, [frozenset({0})]).ranks == (4,)
    assert ranks_of(same[:1], same, [frozenset({0, 1})]).ranks == (3,)  # an answer does not stand before an answer


def test_many_questions_are_taken_in_blocks() -> None:
    rng = np.random.default_rng(1)
    vectors = rng.standard_normal((700, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert set(ranks_of(vectors, vectors, [frozenset({i}) for i in range(700)]).ranks) == {1}


def test_intervals_can_be_repeated_and_hold_the_mean() -> None:
    one = bootstrapped([0.0, 1.0] * 20)
    assert one == bootstrapped([0.0, 1.0] * 20) and one.low < one.mean == 0.5 < one.high
    assert str(bootstrapped([1.0])) == "1.000 [1.000, 1.000]"
    with pytest.raises(ValueError, match="not 0"):
        bootstrapped([])


def test_figures_as_json() -> None:
    assert set(Retrieved((1, 2)).to_json()) == {"recall@1", "recall@5", "recall@10", "mrr"}
