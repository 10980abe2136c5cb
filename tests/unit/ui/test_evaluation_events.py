"""Who may start, stop and continue an evaluation; and what the events give back when there is nothing, or nothing good."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from settings import Settings
from tests.unit.eval.run_folders import write_run
from tests.unit.eval.sample_exams import question, record
from tutoring.accounts import Accounts
from tutoring.database import Database
from ui.context import PageContext
from ui.evaluation_events import LISTS, SHOWN, Evaluations

FIELDS = ["bank", ["ds"], 3, 408, "off", "gen", 0, False, "own"]
NOW = datetime(2026, 3, 2, tzinfo=UTC)


class NoTutor:
    speaker = None


@pytest.fixture
def events(database: Database, tmp_path: Path) -> Evaluations:
    settings = Settings(_env_file=None, data_dir=tmp_path)
    return Evaluations(PageContext(settings, NoTutor(), None, None, database, lambda: NOW))  # type: ignore[arg-type]


@pytest.fixture
def learner(database: Database) -> gr.Request:
    account = Accounts(database, lambda: NOW).create("小明", "a good long password")
    return gr.Request(username=account.owner)


def shown(values: list[Any]) -> tuple[str, bool, bool, bool]:
    card, resume, stop, timer = values[-SHOWN:]
    return card, resume["visible"], stop["visible"], timer.active


def test_a_learner_sees_the_figures_and_starts_nothing(events: Evaluations, learner: gr.Request, tmp_path: Path) -> None:
    asked = [question(n) for n in range(2)]
    write_run(tmp_path / "eval" / "exam" / "one", asked, [record(one) for one in asked])
    form, _, command, notice, *rest = events.enter(None, learner, *FIELDS)
    assert (form["visible"], command) == (False, "") and "教师或管理员" in notice
    assert "100.0%" in rest[1] and rest[0]["value"] == "exam/one"
    for do in (
        lambda: events.begin(learner, *FIELDS),
        lambda: events.resume("exam/one", learner),
        lambda: events.stop("exam/one", learner),
    ):
        with pytest.warns(UserWarning, match="教师或管理员"):
            do()
    assert events._launches.running is None and [path.name for path in (tmp_path / "eval" / "exam").iterdir()] == ["one"]


def test_the_single_user_has_the_form(events: Evaluations) -> None:
    form, ways, command, notice, *_ = events.enter(None, gr.Request(), *FIELDS)
    assert (
        form["visible"] and not ways["visible"] and notice == "" and "knowledge/questions/ds.jsonl --limit 3 --kb own" in command
    )


def test_nothing_is_shown_of_what_is_not_there(events: Evaluations) -> None:
    assert shown(events.listed(None)) == ("", False, False, False)
    with pytest.warns(UserWarning, match="没有选中"):
        assert shown(events.look("../../etc")) == ("", False, False, False)
    with pytest.warns(UserWarning, match="没有选中"):
        assert events.report("x") == "" and events.taken("x") is None
    with pytest.warns(UserWarning, match="两次评测"):
        assert events.difference(None, None) == ""


def test_what_can_not_be_ordered_starts_nothing(events: Evaluations) -> None:
    for wrong in (["bank", [], "x", 408, "off", "gen", 0, False, "own"], ["bank", [], 0, 408, "off", "gen", 0, False, "own"]):
        with pytest.warns(UserWarning, match="[一-龥]"):
            assert len(events.begin(gr.Request(), *wrong)) == LISTS + SHOWN
    assert events._launches.running is None


def test_a_run_from_a_terminal_can_not_be_continued_here(events: Evaluations, tmp_path: Path) -> None:
    asked = [question(n) for n in range(2)]
    write_run(tmp_path / "eval" / "exam" / "one", asked, [record(asked[0])], run={"pending": 1})
    card, resume, stop, active = shown(events.look("exam/one"))
    assert (resume, stop, active) == (False, False, False) and "没有答完" in card and "终端" in card
    with pytest.warns(UserWarning, match="用命令启动"):
        events.resume("exam/one", gr.Request())
