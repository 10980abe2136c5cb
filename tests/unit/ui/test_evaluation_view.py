"""The tabs 评测 and 训练 as HTML: nothing of others becomes markup, and a baseline is never shown as a model."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from eval.launching import Launch
from eval.metrics import Proportion
from eval.reporting.report import is_bound, write_report
from eval.runs import ExamRun, exam_runs
from finetune.runs import TrainingRun
from tests.unit.eval.run_folders import write_run
from tests.unit.eval.sample_exams import question, record
from ui.evaluation_comparison import choices_of
from ui.evaluation_view import STATES, progress_html, report_frame, run_label, runs_table
from ui.training_view import STATES as TRAINING_STATES
from ui.training_view import losses, run_html, runs_html

HOSTILE = "<script>hacked=1</script>\"'><img src=x onerror=hacked=1>\u202e\x1b[31m"
NOW = datetime(2026, 3, 2, 4, 5, tzinfo=UTC)


@pytest.fixture
def run(tmp_path: Path) -> ExamRun:
    asked = [question(n, "os") for n in range(3)]
    write_run(tmp_path / "exam" / "one", asked, [record(one) for one in asked])
    return exam_runs(tmp_path)[0]


def hostile(run: ExamRun) -> ExamRun:
    config = {"model": HOSTILE, "source": HOSTILE, "created": HOSTILE}
    return ExamRun(run.folder, run.name, config, run.summary, HOSTILE)


def test_no_text_of_others_becomes_markup(run: ExamRun) -> None:
    launch = Launch((HOSTILE,), HOSTILE, HOSTILE)
    pages = [
        runs_table([(hostile(run), "finished")]),
        *(progress_html(hostile(run), state, launch, 1, 3, {HOSTILE: Proportion(1, 1)}, HOSTILE, NOW) for state in STATES),
    ]
    for page in pages:
        assert "<script" not in page and "<img" not in page and "\x1b" not in page and "\u202e" not in page
        assert "&lt;script&gt;" in page


def test_a_baseline_is_named_as_one_everywhere(run: ExamRun) -> None:
    base = ExamRun(run.folder, run.name, {"model": "摘录式", "baseline": True}, run.summary)
    assert all(
        "不是模型的成绩" in told
        for told in (runs_table([(base, "finished")]), run_label(base), progress_html(base, "finished", None, 3, 3, {}, "", NOW))
    )
    assert "不是模型的成绩" in choices_of([base])[0][0]


def test_progress_is_told_with_its_interval_and_time(run: ExamRun) -> None:
    launch = Launch((), "m", (NOW - timedelta(seconds=75)).isoformat())
    told = progress_html(run, "running", launch, 30, 40, {"生成 · 不检索": Proportion(15, 30)}, "", NOW)
    assert "max='40' value='30'" in told and "50.0%" in told and "33.2%–66.8%" in told and "1 分 15 秒" in told
    assert "做完后给出" in progress_html(run, "running", launch, 3, 4, {"生成 · 不检索": None}, "", NOW)
    backwards = progress_html(run, "running", launch, 3, 4, {}, "", NOW - timedelta(days=1))
    assert "0 分 00 秒" in backwards
    assert "正在准备" in progress_html(run, "running", launch, 0, 0, {}, "", NOW)


def test_only_a_report_that_begins_as_ours_may_run_its_script(run: ExamRun, tmp_path: Path) -> None:
    report = write_report(run.folder)
    assert is_bound(report.read_text()) and "sandbox='allow-scripts'" in report_frame(report)
    changed = report.read_text()
    for old, new in (
        ("script-src 'sha256-", "script-src 'unsafe-inline' 'sha256-"), ("default-src 'none'", "default-src *"),
        ("<meta charset", "<script>1</script><meta charset"), ("<!DOCTYPE html>", "<!DOCTYPE html><!-- -->"),
    ):  # fmt: skip
        assert old in changed
        (tmp_path / "forged.html").write_text(changed.replace(old, new, 1))
        assert "sandbox=''" in report_frame(tmp_path / "forged.html")


def test_the_frame_holds_the_report_as_an_attribute_that_nothing_ends(tmp_path: Path) -> None:
    (tmp_path / "r.html").write_text(f'<p>\'{HOSTILE}" onload="x</p>')
    frame = report_frame(tmp_path / "r.html")
    assert frame.count('"') == 2 and "<script" not in frame and "allow-same-origin" not in frame


def test_a_huge_report_is_left_to_the_download(tmp_path: Path) -> None:
    (tmp_path / "r.html").write_text("x" * (13 << 20))
    assert "下载报告" in report_frame(tmp_path / "r.html") and len(report_frame(tmp_path / "r.html")) < 500


def test_training_runs_of_others_are_shown_as_text(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "metrics.jsonl").write_text(json.dumps({"stage": HOSTILE, "step": 1, "loss": 2.5, "tokens": HOSTILE}) + "\n")
    (folder / "samples.jsonl").write_text(json.dumps({"stage": "a", "step": 1, "question": HOSTILE, "text": HOSTILE}) + "\n")
    record = {"started": HOSTILE, "method": HOSTILE, "base": {"name": HOSTILE}, "identity": {"parent": "x"}, "seconds": HOSTILE}
    for state in TRAINING_STATES:
        run = TrainingRun(folder, HOSTILE, record, state)
        for page in (runs_html([run]), run_html(run), losses(run)):
            assert "<script" not in page and "<img" not in page
    assert "<svg" in losses(TrainingRun(folder, "one", record, "running"))
    assert "还没有训练记录" in runs_html([])


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), "x", None])
def test_one_strange_record_hides_no_other_run(tmp_path: Path, seconds: object) -> None:
    runs = [TrainingRun(tmp_path, "strange", {"seconds": seconds}, "finished"), TrainingRun(tmp_path, "whole", {}, "finished")]
    assert "strange" in runs_html(runs) and "whole" in runs_html(runs)
