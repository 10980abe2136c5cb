"""A summary of another version is told by what it lacks, not by a traceback half-way through the page."""

import json
from pathlib import Path
from typing import Any

import pytest

from errors import ContentError
from eval.reporting.report import write_report
from eval.reporting.summary_file import read_summary
from tests.unit.eval.run_folders import marked, write_run
from tests.unit.eval.sample_exams import question, record

OVERLAP = {"sources": [], "training": False, "knowledge": True, "questions": 1, "seen": []}
UNREAD = {"place": "卷.docx", "reason": "有五个选项。", "kind": "unreadable"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    one = question(1)
    return write_run(
        tmp_path / "run", [one], [record(one)], paper=True, problems=[marked(["os"])], contamination=OVERLAP, unread=[UNREAD]
    )


def test_a_whole_one_is_read(folder: Path) -> None:
    assert read_summary(folder / "summary.json")["run"]["model"] == "openai:a-model"


@pytest.mark.parametrize(
    "place",
    [
        ("run", "wall_seconds"), ("run", "unread"), ("run", "unread", "skipped"), ("unread", 0, "kind"),
        ("contamination", "training"), ("conditions", 0, "by_chapter"), ("conditions", 0, "failed"), ("conditions", 0, "table"),
        ("conditions", 0, "table", "os", "truncated_unparsed"), ("paper", 0, "note"), ("problems", 0, "rag"),
        ("problems", 0, "marks"), ("problems", 0, "marks", 0, "answer"), ("problems", 0, "marks", 0, "marks", 0, "criterion"),
    ],
)  # fmt: skip
def test_what_is_lacking_at_any_depth_is_named(folder: Path, place: tuple[Any, ...]) -> None:
    path = folder / "summary.json"
    summary = json.loads(path.read_text(encoding="utf-8"))
    within = summary
    for step in place[:-1]:
        within = within[step]
    del within[place[-1]]
    path.write_text(json.dumps(summary), encoding="utf-8")
    with pytest.raises(ContentError, match=f"缺少 .*{place[-1]}.*再运行一次"):
        write_report(folder)
