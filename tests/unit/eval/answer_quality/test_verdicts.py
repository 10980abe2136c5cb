from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from eval.answer_quality.asking import Asked, ask
from eval.answer_quality.claims_judge import JudgeChecker
from eval.answer_quality.claims_rule import RuleChecker
from eval.answer_quality.figures import counts, figures, ratio
from eval.answer_quality.pages import OriginalPages, Place, holds, place_of, plain
from eval.answer_quality.questions import POINT, TutorQuestion, in_turn, tutor_questions
from eval.answer_quality.records import TutorRecord
from eval.answer_quality.verdicts import judged
from eval.gold import GoldQuestion, Judgement
from knowledge.subjects import SUBJECTS
from rag.citations import resolve
from rag.events import Answer
from rag.library import open_library
from rag.prompts import REFUSAL
from rag.retrieval import Passage, Retrieval
from rag.speaker import Speaker
from rag.tutor import Tutor
from settings import Settings

ONE = "死锁是指多个进程互相等待。死锁的必要条件有四个。"
TWO = "银行家算法避免死锁，时间复杂度为 O(n²m)。"
PAGES = {1: plain("操作系统讲义"), 2: plain(f"{ONE}\n本页到"), 3: plain(f"此为止。\n{TWO}"), 4: ""}


def passage(text: str, page: int = 2) -> Passage:
    return Passage(f"c{page}", "os.pdf", "00ff", page, "死锁", "os", text, 0.5)


class OnPages(OriginalPages):
    """Pages that are given rather than read."""

    def __init__(self, texts: dict[int, str]) -> None:
        self._given = texts

    def place(self, citation: Any) -> Place:
        return place_of(citation.quote, citation.page, self._given)

    def boxed(self, citation: Any, place: Place) -> None:
        return None


def even(tokens: Iterable[str]) -> dict[str, float]:
    return dict.fromkeys(tokens, 1.0)


GOLD = GoldQuestion("os-1", "os", "死锁？", (Judgement("死锁的必要条件有四个", 2, "a"), Judgement("多个进程互相等待", 1, "b")))
QUESTION = TutorQuestion("os-1", "os", "死锁？", POINT, True, GOLD)


def record(text: str, passages: Sequence[Passage], question: TutorQuestion = QUESTION, checker: Any = None) -> TutorRecord:
    cited = resolve(text, passages)
    answer = Answer(cited.text, "os", "模型", cited.citations, cited.marks)
    return judged(question, Asked(answer, tuple(passages), 0.25), OnPages(PAGES), checker or RuleChecker(even))


@pytest.mark.parametrize(
    ("quote", "page", "standing", "found"),
    [
        ("死锁是指多个\n进程 互相等待。", 2, "page", 2),
        ("死锁的必要条件有四个。本页到此为止。", 2, "runs_on", 2),
        ("死锁的必要条件有四个。本页到此为止。", 3, "elsewhere", 2),  # most of it is on the page before
        ("死锁是指多个进程互相等待。", 3, "elsewhere", 2),
        ("死锁是指多个进程互相等待。", 9, "elsewhere", 2),
        ("死锁是指单个进程等待。", 2, "nowhere", None),
        ("死锁的必要条件有四个。\n死锁是指多个进程互相等待。", 2, "lines", 2),
        ("死锁的必要条件有四个。\n没有的一行。", 2, "nowhere", None),
        ("银行家算法避免死锁，时间复杂度为O(n²m)。\n此为止。\n本页到", 2, "nowhere", None),  # most lines stand on the next page
        ("任何话", 4, "unread", None),
        ("", 2, "nowhere", None),
    ],
)
def test_where_a_quote_stands(quote: str, page: int, standing: str, found: int | None) -> None:
    place = place_of(quote, page, PAGES)
    assert (place.standing, place.page) == (standing, found)


def test_of_a_quote_that_runs_on_the_part_on_its_page_is_told() -> None:
    assert place_of("死锁的必要条件有四个。本页到此为止。", 2, PAGES).part == "死锁的必要条件有四个。本页到"


def test_width_and_brackets_of_marks_make_no_difference() -> None:
    assert place_of("ＴＣＰ［1］序号", 1, {1: plain("TCP〔1〕 序 号")}).standing == "page"
    assert place_of("任何话", 1, {}).standing == "unread", "the original is not there any more"


def test_boxes_hold_a_quote_but_for_a_sign() -> None:
    text = "一二三四五六七八九十" * 3
    assert holds(f"前{text}后", text) and holds(text.replace("五", "伍", 1), text)
    assert not holds(text[:20], text) and not holds("", text)


def test_a_quote_on_its_page_that_bears_out_its_sentence() -> None:
    found = record("死锁是指多个进程互相等待。[1]\n\n死锁有四个必要条件。[1]", [passage(ONE)])
    assert [q.standing for q in found.citations] == ["page", "page"]
    assert [(m.verdict, m.by) for m in found.marks] == [("supported", "literal"), ("supported", "quote")]
    assert (found.sentences, found.cited, found.point) == (2, 2, "quoted") and found.seconds == 0.25
    assert [c.verdict for c in found.claims or ()] == ["supported", "supported"] and found.passages == ("c2",)


def test_a_quote_on_another_page_than_the_cited_one() -> None:
    found = record("死锁是指多个进程互相等待。[1]", [passage(ONE, page=3)])
    assert [(q.page, q.standing, q.found) for q in found.citations] == [(3, "elsewhere", 2)]
    assert figures([found])["all"]["citation_exists"].mean == 0.0


def test_a_mark_whose_passage_says_something_else_and_a_sentence_without_one() -> None:
    found = record("银行家算法避免死锁。[1] 磁盘调度减少寻道时间。", [passage(ONE), passage(TWO, 3)])
    assert [(m.words, m.verdict, m.by) for m in found.marks] == [("银行家算法避免死锁。", "unsupported", "")]
    assert (found.sentences, found.cited) == (2, 1)
    assert [c.verdict for c in found.claims or ()] == ["supported", "unsupported"], "the other passage bears it out"
    shown = figures([found])["all"]
    assert shown["citation_supports"].mean == 0.0 and shown["citation_recall"].mean == 0.5
    assert shown["faithful"].mean == 0.5


def test_a_claim_with_another_number() -> None:
    found = record("死锁的必要条件有五个。[1]", [passage(ONE)])
    assert [m.verdict for m in found.marks] == ["unsupported"] and "5" in found.marks[0].reason
    assert [c.verdict for c in found.claims or ()] == ["unsupported"]


def test_the_passage_may_bear_out_what_the_quote_alone_does_not() -> None:
    text = "进程互相等待资源。银行家算法检查安全状态。资源分配图用于检测。抖动是频繁换页。"
    found = record("进程互相等待资源，银行家算法检查安全状态，资源分配图用于检测，抖动即频繁换页。[1]", [passage(text)])
    assert [(m.verdict, m.by) for m in found.marks] == [("supported", "passage")]


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("死锁的必要条件有四个。[1]", "quoted"),
        ("死锁有四个必要条件。", "worded"),
        ("多个进程互相等待。[1]", "partly"),
        ("银行家算法避免死锁。[2]", "missed"),
    ],
)
def test_whether_an_answer_comes_to_the_point(text: str, point: str) -> None:
    assert record(text, [passage(ONE), passage(TWO, 3)]).point == point


def test_a_refusal_has_no_citations_and_misses_the_point(recording: Any) -> None:
    answer, unasked = Answer(REFUSAL, "os", "模型", refused=True), JudgeChecker(recording(), "评判")
    found = judged(QUESTION, Asked(answer, (), 0.1), OnPages(PAGES), unasked)
    assert found.refused and found.point == "missed" and not (found.marks or found.citations or found.claims)
    shown = figures([found])["all"]
    assert shown["wrongly_refused_point"].mean == 1.0 and "citation_exists" not in shown and "faithful" not in shown


def test_a_judge_decides_and_what_it_does_not_say_counts_for_nothing(recording: Any) -> None:
    model = recording(
        '{"claims": ["甲", "乙", "丙"]}',
        '{"checked": [{"n": 1, "reason": "没写", "verdict": "不支持"}]}',  # the mark, against its quote
        '{"checked": [{"n": 1, "reason": "没写", "verdict": "不支持"}]}',  # and against the passage
        '{"checked": [{"n": 1, "reason": "", "verdict": "支持"}, {"n": 2, "reason": "", "verdict": "矛盾"}]}',
    )
    question = replace(QUESTION, gold=None)
    found = record("死锁有五个条件。[1]", [passage(ONE)], question, JudgeChecker(model, "评判"))
    assert [m.verdict for m in found.marks] == ["unsupported"] and found.point == ""
    assert [c.verdict for c in found.claims or ()] == ["supported", "contradicted", "unscored"]
    shown = figures([found])["all"]
    assert shown["faithful"].n == 2 and shown["faithful"].mean == 0.5 and shown["contradicted"].mean == 0.5
    assert counts([found])["unscored_claims"] == 1 and "point" not in shown


def test_a_point_that_the_judge_does_not_tell_is_not_missed(recording: Any) -> None:
    found = record("死锁有五个条件。", [passage(ONE)], QUESTION, JudgeChecker(recording(*["不知道"] * 20), "评委"))
    assert found.point == "unscored"
    shown = figures([found])["all"]
    assert "point" not in shown and "point_partly" not in shown and counts([found])["unscored_points"] == 1


def test_asking_keeps_what_the_model_was_shown(recording: Any) -> None:
    class Found:
        def __init__(self, confidence: float) -> None:
            self.confidence = confidence

        def retrieve(self, query: str, subject: str = "auto", k: int = 6) -> Retrieval:
            return Retrieval(query, "os", (passage(ONE),), self.confidence)

    times = iter([1.0, 3.5, 5.0, 6.0])
    asked = ask(Tutor(Found(1.0), Speaker(recording(ONE + "[1]"), "模型", True)), "死锁？", lambda: next(times))  # type: ignore[arg-type]
    assert asked.passages == (passage(ONE),) and asked.seconds == 2.5 and asked.answer.citations[0].literal
    refused = ask(Tutor(Found(0.0), Speaker(recording(), "模型", True)), "红烧肉？", lambda: next(times))  # type: ignore[arg-type]
    assert refused.answer.refused and refused.passages == ()


def test_the_gold_questions_and_a_part_of_them_of_all_sorts() -> None:
    questions = tutor_questions()
    assert len({q.id for q in questions}) == len(questions) > 700 and {q.subject for q in questions} <= set(SUBJECTS)
    assert all(q.gold is not None and q.answerable for q in questions if q.kind == POINT)
    part = in_turn(questions, 12)
    assert len({(q.kind, q.answerable, q.subject) for q in part}) == 12 and in_turn(questions, 12) == part
    assert sorted(q.id for q in in_turn(questions)) == sorted(q.id for q in questions)


def test_an_original_that_is_gone_is_not_looked_up(settings: Settings) -> None:
    citation = resolve("死锁是指多个进程互相等待。[1]", [passage(ONE)]).citations[0]
    place = OriginalPages(open_library(settings), settings).place(citation)
    assert place.standing == "unread" and ratio([(0, 0)]) is None
