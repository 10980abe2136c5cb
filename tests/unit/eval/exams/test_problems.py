from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from errors import ContentError
from eval.exams.exam_run import Run
from eval.exams.exam_set import paper_exam
from eval.exams.plan import Plan
from eval.exams.problems import PROBLEM_ANSWERS, mark_problems, paper_points_of
from eval.exams.samples import EVIDENCE, GENERATION, LOGPROB
from settings import Settings
from tests.integration.eval.choosing_server import ChoosingServer


def _condition(mode: str = GENERATION, rag: bool = False, right: int = 5, pending: int = 0) -> dict[str, Any]:
    subjects = {s: {"correct": right} for s in ("ds", "co", "os", "cn")}
    return {"name": "x", "mode": mode, "rag": rag, "table": {"all": {"pending": pending}} | subjects}


def _problems(rag: bool = False, left_out: int = 0, score: int | None = 6) -> dict[str, Any]:
    subjects = ["ds", "ds", "co", "co", "os", "os", "cn"][left_out:]
    return {"rag": rag, "marks": [{"subject": s, "score": score, "full": 12} for s in subjects]}


def test_half_of_the_problems_is_half_of_their_points_in_the_paper() -> None:
    [paper] = paper_points_of([_condition()], [_problems()])
    assert (paper["choices"], paper["problems"], paper["total"]) == (40, 35.0, 75.0)


@pytest.mark.parametrize(("condition", "problems"), [
    (_condition(), None),
    (_condition(), [_problems(left_out=1)]),
    (_condition(), [_problems(score=None)]),
    (_condition(rag=True), [_problems(rag=False)]),
    (_condition(LOGPROB), [_problems()]),
    (_condition(EVIDENCE, rag=True), None),
    (_condition(pending=3), [_problems()]),
])  # fmt: skip
def test_what_was_not_wholly_answered_and_marked_has_no_total(condition: dict[str, Any], problems: Any) -> None:
    [paper] = paper_points_of([condition], problems)
    assert paper["total"] is None


def test_each_retrieval_setting_has_its_own_answers_and_marks() -> None:
    papers = paper_points_of([_condition(), _condition(rag=True)], [_problems(), _problems(rag=True, score=12)])
    assert [paper["problems"] for paper in papers] == [35.0, 70.0]


def _run(folder: Path, url: str) -> Run:
    settings = Settings(_env_file=None, chat_model="openai:m", chat_base_url=url, data_dir=folder)
    return Run(settings, Plan((GENERATION,), (False,), (0,), 0), paper_exam([], 5, 0), None, {}, folder, 1)


def test_another_judge_marks_the_same_answers_again(tmp_path: Path) -> None:
    with ChoosingServer() as server:
        run = _run(tmp_path, server.url)
        judges = [run.settings.model_copy(update={"chat_model": f"openai:judge{n}"}) for n in (1, 2)]
        [first] = mark_problems(run, judges[0])
        assert server.asked == 14 and len(first["marks"]) == 7
        answers = (tmp_path / PROBLEM_ANSWERS).read_text(encoding="utf-8")
        [again] = mark_problems(run, judges[0])
        assert server.asked == 14 and again == first
        mark_problems(run, judges[1])
        assert server.asked == 21 and (tmp_path / PROBLEM_ANSWERS).read_text(encoding="utf-8") == answers


def test_a_mark_tells_its_criteria_and_reasons(tmp_path: Path) -> None:
    with ChoosingServer() as server:
        run = _run(tmp_path, server.url)
        [told] = mark_problems(run, run.settings.model_copy(update={"chat_model": "openai:judge"}))
    mark = told["marks"][0]
    assert mark["score"] == sum(one["score"] for one in mark["marks"]) and mark["answer"] and mark["reference"]
    assert all(one["criterion"] and one["reason"] == "对照评分点" for one in mark["marks"])
    assert json.loads(json.dumps(told)) == told


def test_a_judge_that_is_down_leaves_the_problems_pending(tmp_path: Path) -> None:
    with ChoosingServer(dies_at=11) as server:
        run = _run(tmp_path, server.url)
        [told] = mark_problems(run, run.settings.model_copy(update={"chat_model": "openai:judge", "chat_retries": 0}))
        assert (len(told["marks"]), told["pending"], told["unscored"]) == (3, 4, 0)


@pytest.mark.parametrize("line", ["5", "{", "null", '{"id": 1, "rag": true}', '{"id": "x"}'])
def test_a_damaged_file_is_told(tmp_path: Path, line: str) -> None:
    run = _run(tmp_path, "http://127.0.0.1:9/v1")
    (tmp_path / PROBLEM_ANSWERS).write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(ContentError, match="problem_answers.*损坏"):
        mark_problems(run, run.settings.model_copy(update={"chat_model": "openai:judge"}))
