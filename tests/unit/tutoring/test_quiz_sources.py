import random
from dataclasses import replace

from rag.chat_models.extractive import ExtractiveChatModel
from rag.retrieval import Passage, Retrieval
from rag.speaker import Speaker
from rag.tutor import Tutor
from tutoring.quiz_form import BY_BANK, BY_CODE
from tutoring.quiz_sources import from_bank, pages_about, points_for

OURS = Passage("c1", "docs/操作系统讲义.pdf", "00", 3, "死锁", "os", "死锁是指多个进程互相等待。", 0.5)
OTHER = replace(OURS, chunk_id="c2", source="docs/网络讲义.pdf", subject="cn")


class FakeRetriever:
    def __init__(self, confidence: float = 1.0) -> None:
        self.confidence, self.asked = confidence, []

    def retrieve(self, query: str, subject: str = "auto", k: int = 6) -> Retrieval:
        self.asked.append((query, subject))
        return Retrieval(query, "os", (OURS, OTHER), self.confidence)


def tutor(retriever: FakeRetriever) -> Tutor:
    return Tutor(retriever, Speaker(ExtractiveChatModel(), "摘录", False))


def rng() -> random.Random:
    return random.Random(1)


def test_points_of_topics_and_subjects() -> None:
    assert [p.id for p in points_for("死锁", "auto")][0].startswith("os.3")
    assert {p.subject for p in points_for("计网", "auto")} == {"cn"}
    assert {p.subject for p in points_for("", "os")} == {"os"} and len({p.subject for p in points_for("", "auto")}) == 4
    assert points_for("红烧肉", "auto") == []
    assert [p.name for p in points_for("子网划分", "auto")] == ["子网划分与子网掩码"]


def test_computed_ones_come_first_and_what_names_the_topic() -> None:
    points = points_for("LRU", "os")
    items = from_bank(points, "LRU", 4, 3, frozenset(), rng())
    assert items[0].id.startswith("os-") and "LRU" in items[0].stem and items[0].verification == BY_CODE
    assert {item.verification for item in items} == {BY_CODE, BY_BANK} and len({item.id for item in items}) == 4
    again = from_bank(points, "LRU", 4, 3, frozenset(item.id for item in items), rng())
    assert not {i.id for i in again} & {i.id for i in items}


def test_of_a_whole_subject_about_half_are_written() -> None:
    items = from_bank(points_for("操作系统", "auto"), "操作系统", 6, 3, frozenset(), rng())
    assert [item.verification for item in items] == [BY_CODE] * 3 + [BY_BANK] * 3


def test_the_written_ones_are_near_to_the_difficulty() -> None:
    assert all(i.difficulty >= 4 for i in from_bank(points_for("银行家算法", "os"), "银行家算法", 5, 5, frozenset(), rng()))
    hard = from_bank(points_for("红黑树", "auto"), "红黑树", 1, 5, frozenset(), rng())[0]
    easy = from_bank(points_for("红黑树", "auto"), "红黑树", 1, 1, frozenset(), rng())[0]
    assert hard.difficulty >= easy.difficulty


def test_pages_on_a_topic_or_none() -> None:
    assert len(pages_about("死锁", "auto", tutor(FakeRetriever()), rng())[1]) == 2
    assert pages_about("红烧肉", "auto", tutor(FakeRetriever(0.1)), rng())[1] == []


def test_a_document_that_is_named_is_the_only_source_and_is_asked_about_its_subject() -> None:
    retriever = FakeRetriever(0.1)
    passages = pages_about("操作系统讲义", "auto", tutor(retriever), rng())[1]
    assert {p.source for p in passages} == {OURS.source} and len(retriever.asked) == 5
    assert len({query for query, _ in retriever.asked}) == 5


def test_a_subject_is_asked_about_its_points() -> None:
    retriever = FakeRetriever(0.1)
    pages_about("计网", "auto", tutor(retriever), rng())
    assert {subject for _, subject in retriever.asked} == {"cn"}
