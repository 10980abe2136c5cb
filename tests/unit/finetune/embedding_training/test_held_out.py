import random

import pytest
from langchain_core.documents import Document

from errors import ContentError
from finetune.embedding_training.corpus import corpus_of
from finetune.embedding_training.held_out import Parts, held_passages, parted
from finetune.embedding_training.pairs import Pair, plain


def text(rng: random.Random) -> str:
    return "".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(60))


def pairs_of(documents: int, pages: int, named: bool = True) -> list[Pair]:
    rng = random.Random(7)
    found = []
    for document in range(documents):
        for page in range(1, pages + 1):
            passage = text(rng)
            name, number = (f"{document}.pdf", page) if named else ("", None)
            found += [Pair(f"{text(rng)[:8]}？", passage, name, number) for _ in range(2)]
    return found


def sides(pairs: list[Pair], share: float = 0.2, seed: int = 1) -> Parts:
    return parted(pairs, corpus_of(pairs, [])[1], share, seed)


@pytest.mark.parametrize(("documents", "pages", "by"), [(10, 3, "documents"), (3, 10, "pages"), (1, 8, "pages"), (5, 2, "pages")])
def test_no_group_is_on_two_sides(documents: int, pages: int, by: str) -> None:
    pairs = pairs_of(documents, pages)
    parts = sides(pairs)
    assert parts.by == by
    held = [set(numbers) for numbers in (parts.train, parts.development, parts.test)]
    assert all(held) and sorted(i for numbers in held for i in numbers) == list(range(len(pairs)))
    groups = [
        {pairs[i].document if by == "documents" else (pairs[i].document, pairs[i].page) for i in numbers} for numbers in held
    ]
    assert not (groups[0] & groups[1] or groups[0] & groups[2] or groups[1] & groups[2])
    assert 0.1 <= len(parts.test) / len(pairs) <= 0.4


def test_what_shares_a_question_or_a_passage_stays_together() -> None:
    pairs = pairs_of(10, 2)
    pairs.append(Pair(pairs[0].question, text(random.Random(9)), "99.pdf", 1))
    pairs.append(Pair("另问？", pairs[5].passage, "98.pdf", 1))
    for seed in range(20):
        parts = sides(pairs, seed=seed)
        side = {i: name for name in ("train", "development", "test") for i in getattr(parts, name)}
        for i, one in enumerate(pairs):
            for j, other in enumerate(pairs):
                if plain(one.question) == plain(other.question) or one.passage == other.passage:
                    assert side[i] == side[j]


def test_without_documents_passages_are_kept_apart() -> None:
    parts = sides(pairs_of(1, 9, named=False))
    assert parts.by == "passages" and parts.test and parts.train


def test_the_seed_decides() -> None:
    pairs = pairs_of(12, 2)
    assert sides(pairs) == sides(pairs) and sides(pairs).test != sides(pairs, seed=2).test


def test_two_groups_are_enough_and_one_is_not() -> None:
    two = sides(pairs_of(1, 2))
    assert two.train and two.test and not two.development
    with pytest.raises(ContentError, match="同一段原文"):
        sides(pairs_of(1, 1))


def test_one_huge_document_does_not_take_the_whole_test() -> None:
    pairs = [*pairs_of(8, 1), *(Pair(f"问{i}？", text(random.Random(100 + i)), "0.pdf", i) for i in range(100))]
    for seed in range(10):
        parts = sides(pairs, seed=seed)
        assert len(parts.test) < len(pairs) / 2 and parts.train


@pytest.mark.parametrize(("documents", "pages"), [(10, 3), (3, 10)])
def test_training_sees_nothing_of_what_is_held_out(documents: int, pages: int) -> None:
    pairs = pairs_of(documents, pages)
    rng = random.Random(8)
    metadata = [{"source": f"{d}.pdf", "page": p, "section": ""} for d in range(documents) for p in range(1, pages + 1)]
    chunks = [Document(id=f"c{i}", page_content=text(rng), metadata=one) for i, one in enumerate(metadata)]
    placed, corpus = corpus_of(pairs, chunks)
    parts = parted(placed, corpus, 0.2, 1)
    held = held_passages(parts, placed, corpus)
    by_document = parts.by == "documents"
    kept = {(placed[i].document, None if by_document else placed[i].page) for i in (*parts.test, *parts.development)}
    assert held == {i for i, p in enumerate(corpus.passages) if (p.document, None if by_document else p.page) in kept}
    assert any(corpus.passages[i].id.startswith("c") for i in held)  # passages of the store beside the answers, too
    assert not held & {place for i in parts.train for place in corpus.answers[i]}


def test_without_documents_the_answers_are_what_is_held_out() -> None:
    pairs = pairs_of(4, 3, named=False)
    placed, corpus = corpus_of(pairs, [])
    parts = parted(placed, corpus, 0.2, 1)
    assert held_passages(parts, placed, corpus) == {a for i in (*parts.test, *parts.development) for a in corpus.answers[i]}
