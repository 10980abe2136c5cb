"""Marking behind the page: by the program, by a model that is checked, and on after a restart."""

import json
from typing import Any

import pytest

from errors import EndpointUnreachableError, StoreUnreachableError
from rag.chat_models.extractive import ExtractiveChatModel
from rag.speaker import Speaker
from tests.unit.tutoring.mock_exam.samples import Clock, paper
from tutoring.database import Database
from tutoring.mock_exam.exam import DONE, MARKING
from tutoring.mock_exam.exams import Exams
from tutoring.mock_exam.marker import MOST_PAGES, Marker, marked
from tutoring.mock_exam.marks import Page, band_of

QUOTING = Speaker(ExtractiveChatModel(), "摘录", False)
PAGE = Page(source="讲义.pdf", page=3, label="《讲义》 第 3 页")


def handed_in(database: Database, clock: Clock) -> tuple[Exams, str]:
    """An exam whose first problem is answered with the model answers."""
    exams = Exams(database, clock)
    begun = exams.start("a", "1", paper())
    for n, part in enumerate(paper().problems[0].parts, 1):
        exams.answer("a", begun.id, f"41.{n}", part.answer, "w", 1)
    exams.hand_in("a", begun.id)
    return exams, begun.id


def test_the_program_marks_and_finds_the_pages(sqlite_database: Database) -> None:
    exams, exam = handed_in(sqlite_database, Clock())
    marker = Marker(exams, lambda: QUOTING, lambda point, questions: PAGE)
    marker.ensure("a", exam)
    marker.ensure("a", exam)
    marker.wait(exam, 60)
    done = exams.look("a", exam)
    assert done.state == DONE and set(done.marking.problems) == set(range(41, 48))
    low, high = band_of(done.marking.problems[41])
    assert high == paper().problems[0].score and low > 0, "a model answer earns its marks"
    assert band_of(done.marking.problems[42]) == (0, 0), "nothing was written"
    assert list(done.marking.pages.values()) == [PAGE] * MOST_PAGES and "没有接入语言模型" in done.marking.notice


def test_it_goes_on_where_it_was(sqlite_database: Database) -> None:
    exams, exam = handed_in(sqlite_database, Clock())
    asked: list[str] = []

    def dies(point: str, questions: Any) -> Page:
        asked.append(point)
        if len(asked) == 3:
            raise SystemExit
        return PAGE

    with pytest.raises(SystemExit):
        Marker(exams, lambda: QUOTING, dies).mark("a", exam)
    assert exams.look("a", exam).state == MARKING and exams.pending("a") == [exam]
    again: list[str] = []
    Marker(exams, lambda: QUOTING, lambda point, questions: again.append(point) or PAGE).mark("a", exam)  # type: ignore[func-returns-value]
    assert exams.look("a", exam).state == DONE and not set(again) & set(asked[:2]) and again[0] == asked[2]
    Marker(exams, lambda: QUOTING, dies).mark("a", exam)
    assert len(asked) == 3, "what is done is not done again"


def test_without_the_knowledge_base_the_report_does_without_pages(sqlite_database: Database) -> None:
    exams, exam = handed_in(sqlite_database, Clock())

    def away(point: str, questions: Any) -> Page:
        raise StoreUnreachableError("知识库连不上。")

    Marker(exams, lambda: QUOTING, away).mark("a", exam)
    done = exams.look("a", exam)
    assert done.state == DONE and set(done.marking.pages.values()) == {None}


def test_an_exam_that_is_deleted_meanwhile_ends_the_marking(sqlite_database: Database) -> None:
    exams, exam = handed_in(sqlite_database, Clock())
    marker = Marker(exams, lambda: QUOTING, lambda point, questions: exams.delete("a", exam) and PAGE or None)
    marker.ensure("a", exam)
    marker.wait(exam, 60)
    assert exams.all("a") == []


def test_a_model_marks_and_is_checked(recording: Any) -> None:
    problem = paper().problems[0]
    words = [part.answer for part in problem.parts]
    criteria = [c for part in problem.parts for c in part.marking]
    forged = [
        {"criterion": n, "verdict": "得分", "score": c.score, "quote": "学生没有写过的话", "comment": ""}
        for n, c in enumerate(criteria, 1)
    ]
    marks, notice = marked(
        problem, words, Speaker(recording(json.dumps({"marks": forged}, ensure_ascii=False)), "模型", True), 41
    )
    assert notice == "" and len(marks) == len(criteria)
    assert all(mark.low == 0 or mark.giver == "program" for mark in marks), "a forged quote earns nothing"
    quotes = [next(p.answer for p in problem.parts if c in p.marking)[:12] for c in criteria]
    honest = [
        {"criterion": n, "verdict": "得分", "score": c.score, "quote": q, "comment": ""} for n, (c, q) in enumerate(zip(criteria, quotes, strict=True), 1)
    ]  # fmt: skip
    marks, _ = marked(problem, words, Speaker(recording(json.dumps({"marks": honest}, ensure_ascii=False)), "模型", True), 41)
    assert band_of(marks)[0] > band_of(marked(problem, words, QUOTING, 41)[0])[0] or band_of(marks)[0] == problem.score
    assert {mark.giver for mark in marks} <= {"model", "program"}


def test_a_model_that_fails_leaves_it_to_the_program(recording: Any) -> None:
    problem = paper().problems[0]
    words = ["平衡"] + [""] * (len(problem.parts) - 1)
    failing = recording(error=EndpointUnreachableError("连不上模型。"))
    marks, notice = marked(problem, words, Speaker(failing, "模型", True), 41)
    assert "连不上模型" in notice and "第 41 题" in notice and {mark.giver for mark in marks} == {"program"}
    unreadable, notice = marked(problem, words, Speaker(recording("不知道", "还是不知道"), "模型", True), 41)
    assert notice and {mark.giver for mark in unreadable} == {"program"}
    nothing, notice = marked(problem, [""] * len(problem.parts), Speaker(failing, "模型", True), 41)
    assert notice == "" and band_of(nothing) == (0, 0), "nobody is asked about nothing"
