"""The tabs 评测 and 训练 in a real browser: an exam ordered, watched and read; two compared; a training run with its losses and card."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Page, expect

from eval.exams.run_folder import config_hash
from eval.reporting.report import write_report
from finetune.train import main as train
from tests.e2e.conftest import Served
from tests.integration.finetune.conftest import one_thread, workshop  # noqa: F401 - the tiny model and its data
from tests.unit.eval.run_folders import CONFIG, write_run
from tests.unit.eval.sample_exams import question, record

OpenTab = Callable[[str], Page]
HOSTILE = (
    "</script><script>top.hacked=window.hacked=1</script><img src='http://203.0.113.9/x.png' onerror='window.hacked=1'>\" onload=\"hacked=1"
    "<svg onload='window.hacked=1'>[点我](javascript:window.hacked=1)![图](http://203.0.113.9/y.png) ${window.hacked=1} {{7*7}} `<b>`"
)
FORGED = (
    "<!DOCTYPE html><html><body><h1>伪造的报告</h1><script>top.hacked=window.hacked=1;document.title=1</script></body></html>"
)
ASKED = [question(n, "os", stem=f"{HOSTILE} 第 {n} 题") for n in range(8)]


def write_hostile_run(root: Path, name: str, right: int) -> Path:
    """A finished run whose every text is hostile; the first `right` answers are right."""
    answers = [
        replace(record(one, None if n < right else "D"), raw=HOSTILE, reason=HOSTILE, config=config_hash(CONFIG))
        for n, one in enumerate(ASKED)
    ]
    folder = write_run(root / "exam" / name, ASKED, answers, run={"model": HOSTILE, "source": HOSTILE})
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(
        json.dumps(config | {"model": HOSTILE, "source": HOSTILE, "created": "2026-03-02T09:14:33+08:00"})
    )
    write_report(folder)
    return folder


@pytest.fixture(scope="module")
def hostile_runs(served: Served) -> list[Path]:
    return [write_hostile_run(served.settings.eval_dir, name, right) for name, right in (("before", 1), ("after", 7))]


@pytest.fixture
def inert(page: Page) -> Iterator[None]:
    """No script of theirs runs and nothing is fetched (the page's fixture sees to that)."""
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    yield
    assert page.evaluate("window.hacked") is None and dialogs == []


def choose(page: Page, box: str, text: str) -> None:
    """Choose what contains `text` from a list."""
    page.locator(f"{box} input").click()
    page.get_by_role("option").filter(has_text=text).first.click()


def test_an_evaluation_is_ordered_watched_and_its_report_read(open_tab: OpenTab) -> None:
    page = open_tab("评测")
    page.locator("#evaluation-new button").first.click()
    command = page.locator("#evaluation-command")
    expect(command).to_contain_text("检索基线")
    for box, wrong, told in (("limit", "0", "题数应在 1 到"), ("seed", "-1", "随机种子应是 0 到")):
        page.locator(f"#evaluation-{box} input").fill(wrong)
        expect(command).to_contain_text(told)
        page.locator(f"#evaluation-{box} input").fill("408")
        expect(command).to_contain_text("python -m eval.exam")
    expect(page.locator(".toast-body")).to_have_count(0)
    page.locator("#evaluation-limit input").fill("3")
    expect(command).to_contain_text("python -m eval.exam --limit 3 --kb own")
    page.locator("#evaluation-start").click()
    card = page.locator("#evaluation-card .run-card")
    expect(card).to_have_attribute("data-state", "running")
    expect(page.locator("#evaluation-stop")).to_be_visible()
    expect(card).to_have_attribute("data-state", "finished", timeout=150_000)
    expect(card).to_contain_text("检索基线（不是模型的成绩）")
    expect(card).to_contain_text("已答 3 / 3 次")
    expect(card).to_contain_text("95% 区间")
    expect(page.locator("#evaluation-stop")).to_be_hidden()
    expect(page.locator("#evaluation-runs")).to_contain_text("已完成")
    page.locator("#evaluation-open").click()
    frame = page.frame_locator("#evaluation-report iframe")
    expect(frame.get_by_text("这不是模型的成绩").first).to_be_visible()
    with page.expect_download() as download:
        page.locator("#evaluation-download").click()
    assert (
        download.value.suggested_filename.endswith(".html")
        and "Content-Security-Policy" in Path(download.value.path()).read_text()
    )


def test_a_hostile_report_is_read_behind_bars(hostile_runs: list[Path], open_tab: OpenTab, inert: None) -> None:
    page = open_tab("评测")
    choose(page, "#evaluation-run", "2026-03-02")
    expect(page.locator("#evaluation-card")).to_contain_text("<img src=")
    page.locator("#evaluation-open").click()
    frame = page.frame_locator("#evaluation-report iframe")
    expect(frame.locator(".entry").first).to_contain_text("</script>")  # our own script shows the wrong answers
    inside = page.locator("#evaluation-report iframe").element_handle().content_frame()
    assert inside and inside.evaluate("self.origin") == "null" and inside.evaluate("window.hacked") is None
    with pytest.raises(Exception, match="sandboxed"):
        inside.evaluate("document.cookie")
    assert inside.evaluate("(() => { try { return top.document.title } catch { return 'barred' } })()") == "barred"


def test_a_forged_report_runs_no_script(served: Served, open_tab: OpenTab, inert: None) -> None:
    folder = write_hostile_run(served.settings.eval_dir, "forged", 2)
    (folder / "report.html").write_text(FORGED)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"created": "2025-01-01T00:00:00+08:00"}))
    page = open_tab("评测")
    choose(page, "#evaluation-run", "2025-01-01")
    page.locator("#evaluation-open").click()
    expect(page.frame_locator("#evaluation-report iframe").get_by_text("伪造的报告")).to_be_visible()
    assert page.locator("#evaluation-report iframe").get_attribute("sandbox") == ""


def test_two_runs_are_compared(hostile_runs: list[Path], open_tab: OpenTab, inert: None) -> None:
    page = open_tab("评测")
    expect(page.locator("#evaluation-runs")).to_contain_text(
        "2026-03-02"
    )  # a list that opens while the page grows hangs where it was
    page.locator("#evaluation-compare button").first.click()
    for box, number in (("#evaluation-first", 1), ("#evaluation-second", 0)):
        page.locator(f"{box} input").click()
        page.get_by_role("option").filter(has_text="2026-03-02").nth(number).click()
    page.locator("#evaluation-do-compare").click()
    difference = page.locator("#evaluation-difference")
    expect(difference).to_contain_text("McNemar")
    expect(difference).to_contain_text("显著")
    expect(difference.locator("summary").first).to_have_text("错→对：6 题")
    difference.locator("summary").first.click()
    expect(difference).to_contain_text("<script>")


def test_a_training_run_shows_losses_card_and_origin(
    served: Served,
    workshop: Path,  # noqa: F811
    page: Page,
    open_tab: OpenTab,
    inert: None,  # noqa: F811
) -> None:
    config = {
        "model": str(workshop / "base"), "train": str(workshop / "pairs.jsonl"), "epochs": 3, "batch_size": 6, "accumulation": 1,
        "learning_rate": 0.01, "lora": {"r": 4, "alpha": 8, "dropout": 0}, "gradient_checkpointing": False, "device": "cpu",
        "tensorboard": False,
    }  # fmt: skip
    (workshop / "tiny.yaml").write_text(yaml.safe_dump(config, allow_unicode=True))
    out = served.settings.finetune_dir / "runs" / "tiny"
    assert train([str(workshop / "tiny.yaml"), "--out", str(out)]) == 0
    card = out / "README.md"
    card.write_text(f"{card.read_text()}\n\n{HOSTILE}\n")
    open_tab("训练")
    expect(page.locator("#training-card .training-card")).to_have_attribute("data-state", "finished")
    expect(page.locator("#training-losses svg.plot")).to_be_visible()
    expect(page.locator("#training-losses svg.plot .curve").first).to_have_css("fill", "none")
    for part in ("#training-origin", "#training-record"):
        page.locator(f"{part} button").first.click()
    expect(page.locator("#training-lineage")).to_contain_text("底座")
    expect(page.locator("#training-readme")).to_contain_text("训练记录：tiny")
    expect(page.locator("#training-readme")).to_contain_text("<img src=")
    assert page.locator("#training-readme img, #training-readme script, #training-readme a[href^=javascript]").count() == 0
    (out / "run.json").write_text(json.dumps(json.loads((out / "run.json").read_text()) | {"state": "running"}))
    page.reload()
    open_tab("训练")
    expect(page.locator("#training-card .training-card")).to_have_attribute("data-state", "interrupted")
    expect(page.locator("#training-card .command code")).to_contain_text("--resume --out")
