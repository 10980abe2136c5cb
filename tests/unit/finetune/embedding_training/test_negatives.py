import random
from collections.abc import Sequence

import pytest

from errors import ContentError
from finetune.embedding_training.corpus import Corpus, Passage
from finetune.embedding_training.negatives import Mined, fused, mine
from finetune.embedding_training.pairs import Pair

BASE = "死锁的四个必要条件是互斥条件、请求并保持条件、不可剥夺条件和循环等待条件。"


def text(seed: int) -> str:
    rng = random.Random(seed)
    return "".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(60))


def passages() -> list[Passage]:
    """The answer (0), what must never be a negative (1 to 4), and what may (from 5)."""
    texts = [
        (BASE, "os.pdf", 3),
        (BASE.replace("。", "；"), "copy.pdf", 1),
        (f"上一节讲过：{BASE}下一节再讲。", "copy.pdf", 2),
        (text(1), "os.pdf", 3),
        (f"{text(2)}循环 等待条件{text(3)}", "other.pdf", 5),
        *((text(i), "other.pdf", i) for i in range(10, 16)),
    ]
    return [Passage(str(i), body, body, document, page) for i, (body, document, page) in enumerate(texts)]


PAIR = Pair("死锁的条件？", BASE, "os.pdf", 3, "循环等待条件")
CORPUS = Corpus(tuple(passages()), (frozenset({0}),))


def mined(similarities: Sequence[float], candidates: Sequence[int], count: int = 3, seed: int = 1, margin: float = 0.05) -> Mined:
    return mine([PAIR], [0], CORPUS, lambda _: (candidates, similarities), count, random.Random(seed), margin)


def test_negatives_are_other_passages() -> None:
    found = mined([0.9, *[0.5] * 10], range(11), count=6)
    assert found.places == ((5, 6, 7, 8, 9, 10),) and (found.found, found.near, found.filled) == (6, 0, 0)


def test_none_is_ever_the_answer_whatever_is_drawn() -> None:
    for seed in range(30):
        found = mined([0.9, *[0.5] * 10], [], seed=seed, count=6)
        assert set(found.places[0]) == {5, 6, 7, 8, 9, 10} and found.filled == 6


def test_what_is_as_near_as_the_answer_may_be_one() -> None:
    similarities = [0.8, *[0.1] * 4, 0.77, 0.75, 0.9, 0.3, 0.2, 0.1]
    found = mined(similarities, range(11))
    assert found.places[0] == (6, 8, 9) and found.near == 2
    assert mined(similarities, range(11), margin=0.0).places[0] == (5, 6, 8)
    below = mined([-0.5, *[0.1] * 4, -0.51, -0.6, 0.2, 0.2, 0.2, 0.2], range(11), count=1)
    assert below.places[0] == (6,)  # the margin goes downwards from a negative similarity, too


def test_each_thing_that_makes_a_passage_an_answer_is_enough() -> None:
    def allowed(pair: Pair, passages: list[Passage], answers: set[int]) -> tuple[int, ...]:
        corpus = Corpus(tuple(passages), (frozenset(answers),))
        legs = (range(len(passages)), [0.9, *[0.5] * len(passages)])
        return mine([pair], [0], corpus, lambda _: legs, 1, random.Random(1)).places[0]

    held, far = CORPUS.passages[0], CORPUS.passages[5]
    bare = Pair("死锁的条件？", BASE, "os.pdf", 3)
    for duplicate in CORPUS.passages[1:3]:
        assert allowed(bare, [held, duplicate, far], {0}) == (2,)
    assert allowed(bare, [held, CORPUS.passages[3], far], {0}) == (2,)  # of the answer's page
    other = Passage("o", text(30), text(30), "third.pdf", 9)
    beside = Passage("b", text(31), text(31), "third.pdf", 9)
    assert allowed(bare, [held, other, beside, far], {0, 1}) == (3,)  # of the page of another answer
    assert allowed(PAIR, [held, CORPUS.passages[4], far], {0}) == (2,)  # holds the quote
    assert allowed(bare, [held, CORPUS.passages[4], far], {0}) == (1,)
    nameless = Passage("n", text(32), text(32))
    assert allowed(Pair("问", BASE), [Passage("h", BASE, BASE), nameless], {0}) == (1,)  # no document is no common page


def test_two_negatives_are_not_the_same_text() -> None:
    double = Passage("11", CORPUS.passages[5].body, CORPUS.passages[5].body, "third.pdf", 1)
    corpus = Corpus((*CORPUS.passages, double), CORPUS.answers)
    found = mine([PAIR], [0], corpus, lambda _: ([5, 11, 6], [0.9, *[0.5] * 11]), 2, random.Random(1))
    assert found.places[0] == (5, 6)


def test_the_same_for_the_same_seed() -> None:
    assert mined([0.9, *[0.5] * 10], [5]) == mined([0.9, *[0.5] * 10], [5])


def test_a_corpus_that_is_too_small_is_told() -> None:
    with pytest.raises(ContentError, match="--negatives"):
        mined([0.9, *[0.5] * 10], range(11), count=7)


def test_both_legs_count() -> None:
    assert fused([1, 2, 3], [3, 4, 1])[:2] == [1, 3] and set(fused([1], [2])) == {1, 2}


def test_what_tells_the_quote_in_other_words_is_none() -> None:
    quote = "各盘面上编号相同的磁道组成柱面"
    pair, held = Pair("什么是柱面？", f"{text(40)}{quote}", "co.pdf", 1, quote), Passage("0", text(40), text(40), "co.pdf", 1)
    other = [f"{text(41)}记录面上半径相同的磁道组成柱面", f"{text(42)}磁道组成扇区{text(43)}"]
    corpus = Corpus((held, *(Passage(t, t, t, "os.pdf", i) for i, t in enumerate(other))), (frozenset({0}),))
    assert mine([pair], [0], corpus, lambda _: ([1, 2], [0.9, 0.5, 0.5]), 1, random.Random(1)).places == ((2,),)


def test_what_is_barred_is_neither_found_nor_drawn() -> None:
    barred = frozenset({6, 8})
    legs = ([5, 6, 7], [0.9, *[0.5] * 10])
    for seed in range(20):
        found = mine([PAIR], [0], CORPUS, lambda _: legs, 4, random.Random(seed), barred=barred)
        assert set(found.places[0]) == {5, 7, 9, 10}
    with pytest.raises(ContentError, match="--negatives"):
        mine([PAIR], [0], CORPUS, lambda _: legs, 1, random.Random(1), barred=frozenset(range(11)))
