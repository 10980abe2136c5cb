"""Training runs as they are looked at from outside."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from errors import UsageError
from finetune.lineage import Lineage, Made, write_lineage
from finetune.runs import ancestry, curves, find_training, resume_command, training_runs
from finetune.training.run_folder import Identity

IDENTITY = asdict(Identity({}, "b", "", {}, 1))


def run_in(root: Path, name: str, state: str = "finished", config: str = "parallel: none\n", **record: Any) -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    told = {"name": folder.name, "state": state, "started": "2026-01-01", "method": "lora", "identity": IDENTITY} | record
    (folder / "run.json").write_text(json.dumps(told))
    (folder / "config.yaml").write_text(config)
    return folder


def states(root: Path) -> dict[str, str]:
    return {run.name: run.state for run in training_runs(root)}


def test_runs_are_listed_the_latest_first_with_their_state(tmp_path: Path) -> None:
    run_in(tmp_path, "runs/done")
    going = run_in(tmp_path, "runs/going", "running", started="2026-02-01")
    run_in(tmp_path, "demo/run", "running", started="2026-03-01")
    (run_in(tmp_path, "runs/hurt") / "run.json").write_text("{")
    (tmp_path / "embedding").mkdir()
    (tmp_path / "embedding" / "run.json").write_text("{}")  # another command's
    with FileLock(going.parent / ".going.lock", is_singleton=False):
        assert states(tmp_path) == {
            "demo/run": "interrupted",
            "runs/going": "running",
            "runs/done": "finished",
            "runs/hurt": "damaged",
        }
        assert [run.name for run in training_runs(tmp_path)][:2] == ["demo/run", "runs/going"]
    assert states(tmp_path)["runs/going"] == "interrupted"
    assert training_runs(tmp_path / "nowhere") == []


@pytest.mark.parametrize("name", ["../secret", "/etc", "", None, "runs"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str | None) -> None:
    run_in(tmp_path, "secret")
    run_in(tmp_path / "finetune", "runs/one")
    with pytest.raises(UsageError, match="没有选中"):
        find_training(tmp_path / "finetune", name)


def test_the_losses_are_counted_through_the_stages(tmp_path: Path) -> None:
    folder = run_in(tmp_path, "one")
    rows = [
        {"stage": "a", "step": 1, "loss": 4.0}, {"stage": "a", "step": 2, "loss": 3.0}, {"stage": "a", "step": 2, "eval_loss": 3.5},
        {"stage": "b", "step": 1, "loss": 2.0}, {"stage": "b", "step": 1, "eval_loss": "?"},
    ]  # fmt: skip
    (folder / "metrics.jsonl").write_text("\n".join(map(json.dumps, rows)) + '\n[]\n{"stage": "b", "st')
    run = find_training(tmp_path, "one")
    assert curves(run.rows) == {"loss": [(1, 4.0), (2, 3.0), (3, 2.0)], "eval_loss": [(2, 3.5)]}


def test_only_the_last_answers_are_given(tmp_path: Path) -> None:
    folder = run_in(tmp_path, "one")
    rows = [{"stage": "a", "step": n, "question": "问", "text": str(n)} for n in (5, 5, 10)]
    (folder / "samples.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert [row["text"] for row in find_training(tmp_path, "one").answers] == ["10"]
    assert find_training(tmp_path, "one").rows == []


def test_the_command_that_goes_on_is_the_one_that_the_run_was_started_with(tmp_path: Path) -> None:
    run_in(tmp_path, "my run", "running")
    told = resume_command(find_training(tmp_path, "my run"))
    assert told == f"python -m finetune.train '{tmp_path}/my run/config.yaml' --resume --out '{tmp_path}/my run'"
    run_in(tmp_path, "many", "running", "parallel: zero3\n", identity=IDENTITY | {"processes": 4, "parent": "p"})
    told = resume_command(find_training(tmp_path, "many"))
    assert (
        told.startswith("accelerate launch") and "--num_processes 4" in told and told.endswith("--from-adapter 原来的适配器目录")
    )
    run_in(tmp_path, "strange", "running", "- [}\n")
    assert "--resume" in resume_command(find_training(tmp_path, "strange"))


def test_the_origin_is_told_from_the_oldest_on(tmp_path: Path) -> None:
    lineage = Lineage(
        "adapter",
        Made("merged", "3"),
        (Made("first", "4"),),
        (Made("pairs.jsonl", "5"),),
        "run",
        (Made("base", "1"), Made("old", "2")),
    )
    folder = run_in(tmp_path, "one")
    (folder / "adapter").mkdir()
    write_lineage(folder / "adapter", lineage)
    run = find_training(tmp_path, "one")
    assert run.lineage == lineage
    assert [made.name for _, made in ancestry(lineage)] == ["base", "old", "merged", "first", "pairs.jsonl"]
    (folder / "adapter" / "lineage.json").write_text("{")
    assert find_training(tmp_path, "one").lineage is None


def test_numbers_that_are_none_spoil_no_curve(tmp_path: Path) -> None:
    folder = run_in(tmp_path, "runs/one")
    (folder / "metrics.jsonl").write_text(
        '{"stage": "a", "step": 1, "loss": 3.5}\n{"stage": "a", "step": 1e400, "loss": 1}\n{"stage": "a", "step": NaN}\n'
        '{"stage": "a", "step": 2, "loss": 2.5}\n'
    )
    assert curves(training_runs(tmp_path)[0].rows)["loss"] == [(1.0, 3.5), (2.0, 2.5)]
