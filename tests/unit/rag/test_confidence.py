from langchain_core.documents import Document

from rag.confidence import ANSWERABLE, confidence_of
from rag.rerank import PARTS, WEIGHTS, Ranked


def ranked(**parts: float) -> Ranked:
    held = dict.fromkeys(PARTS, 0.0) | parts
    return Ranked(Document(id="a", page_content=""), sum(WEIGHTS[name] * value for name, value in held.items()), held)


def test_nothing_found_is_no_answer() -> None:
    assert confidence_of([], 1.0, True) == 0.0


def test_more_in_common_is_more_certain() -> None:
    poor, fair, rich = (confidence_of([ranked(body=x, cover=x, pairs=x, dense=x, alike=x)], x, True) for x in (0.1, 0.45, 0.8))
    assert 0 <= poor < ANSWERABLE and poor < fair < rich <= 1 and rich > 0.9


def test_a_text_that_nobody_asked_about_can_answer_too() -> None:
    said = ranked(body=0.7, heading=0.5, cover=0.9, pairs=0.6, dense=0.6)
    assert confidence_of([said], 0.95, True) >= ANSWERABLE
    assert confidence_of([said], 0.95, True) < confidence_of([ranked(**dict(said.parts) | {"alike": 0.9})], 0.95, True)


def test_the_best_candidate_counts_wherever_it_stands() -> None:
    poor, rich = ranked(body=0.1, dense=0.1), ranked(body=0.8, cover=1.0, pairs=0.8, dense=0.7, alike=0.9)
    assert confidence_of([poor, rich], 0.8, True) == confidence_of([rich, poor], 0.8, True) > 0.9


def test_with_another_embedding_coverage_alone_decides() -> None:
    rich = [ranked(dense=0.9, alike=0.9)]
    assert confidence_of(rich, 0.5, False) < ANSWERABLE <= confidence_of(rich, 0.6, False) <= 1.0
    assert confidence_of(rich, 2.0, False) == 1.0
