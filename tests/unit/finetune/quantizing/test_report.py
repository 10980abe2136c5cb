"""The card says what was done, and no more than was measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from finetune.lineage import Made
from finetune.quantizing.check import Checked
from finetune.quantizing.job import Job
from finetune.quantizing.report import Calibration, Report, card, summary

REPORT = Report(
    Job(Path("outputs/merged")), Made("merged", "a" * 16), 4_000_000_000, 2_000_000_000, 600_000_000, 61.2,
    Calibration((Made("val|1.jsonl", "b" * 16),), 128, 2048), {"backend": "lmdeploy 0.18.0", "torch": "2.13.0"},
)  # fmt: skip


def test_the_card() -> None:
    told = card(REPORT, "merged-awq")
    for said in (
        "# merged-awq", "merged（aaaaaaaaaaaaaaaa）", "AWQ W4A16 g128，lmdeploy 0.18.0，在 cpu 上", "4.00 GB（按 16 位存储是 2.00 GB）",
        "0.60 GB，是 16 位的 30.0%", "61 秒", "val∣1.jsonl（bbbbbbbbbbbbbbbb）", "128 段 × 2048 token", "没有测", "torch 2.13.0",
    ):  # fmt: skip
        assert said in told, said


def test_the_measured_perplexity() -> None:
    checked = replace(REPORT, checked=Checked(8.0, 8.4, 12_857, 56))
    assert "量化前 8.000，量化后 8.400（+5.0%），56 段" in card(checked, "x") and "没有测" not in card(checked, "x")
    assert "量化前 8.000" in summary(checked) and "困惑度" not in summary(REPORT)
    told = checked.to_json()
    assert told["percent_of_16bit"] == 30.0 and told["check"]["after"] == 8.4 and REPORT.to_json()["check"] is None


def test_small_models_are_told_in_megabytes() -> None:
    assert "1.21 MB（16 位）→ 0.77 MB（63.8%）" in summary(replace(REPORT, size16=1_205_760, after=769_152))


def test_the_card_names_a_server_that_loads_it() -> None:
    packed = replace(REPORT, job=replace(REPORT.job, backend="llm-compressor", bits=8))
    assert "lmdeploy serve" in card(REPORT, "x") and "vllm" not in card(REPORT, "x")
    assert "vllm serve" in card(packed, "x") and "lmdeploy" not in card(replace(packed, versions={"backend": "b"}), "x")
