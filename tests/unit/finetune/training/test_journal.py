"""What a step leaves in the record."""

from __future__ import annotations

from pathlib import Path

from finetune.training.journal import Journal
from finetune.training.rows import append_row, read_rows
from finetune.training.run_folder import RunFolder


def test_tokens_and_seconds_go_on_where_the_record_ends_and_no_step_is_so_slow_that_it_stands_still(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    append_row(run.metrics, {"stage": "f1", "step": 1, "loss": 2.0, "tokens": 1000, "seconds": 50.0})
    now = [100.0]
    journal = Journal(run, "f1", lambda: 7.25, lambda: now[0], None)
    journal.begin(3, 1, "f1")
    for step, tokens, seconds in ((2, 100, 2.0), (3, 110, 10_000.0)):  # the second while the machine slept
        journal.step_begun()
        now[0] += seconds
        journal.trained(step, 1.0, {"loss": 1.0, "num_tokens": tokens})
    journal.close()
    [_, second, third] = read_rows(run.metrics)
    assert (second["tokens"], second["tokens_per_second"], second["seconds"]) == (1100, 50.0, 52.0)
    assert (third["tokens"], third["tokens_per_second"], third["peak_memory_mb"]) == (1110, 0.001, 7.2)
