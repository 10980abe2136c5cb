"""The command refuses before it loads anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.lineage import Lineage, Made, made_of, write_lineage
from finetune.merge import main
from finetune.merging.chain import Part
from finetune.merging.table import lineage_table
from tests.unit.finetune.merging.test_given import adapter_of, base_of


def test_a_bad_chain_is_refused_with_the_table_of_lineages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base, a = base_of(tmp_path / "base"), adapter_of(tmp_path / "a")
    write_lineage(a, Lineage("adapter", Made("other", "0" * 16)))
    assert main([str(base), "--adapter", str(a), "--check-only"]) == 2
    shown = capsys.readouterr()
    assert "训练于 other（0000000000000000）" in shown.out
    assert "它的底座是“other”" in shown.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--weight", "1", "--weight", "1"], "1 个 --adapter，却有 2 个 --weight"),
        (["--weight", "0"], "--weight 应是不为 0 的数，而不是 0"),
        (["--weight", "nan"], "应是不为 0 的数"),
        (["--shard-size", "5 apples"], "--shard-size 应是整数加单位"),
        (["--shard-size", "0GB"], "应是整数加单位"),
        (["--method", "linear"], "--method 不能是 'linear'"),
        (["--out", "."], "已经有内容，不会覆盖"),
    ],
)
def test_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str) -> None:
    base, a = base_of(tmp_path / "base"), adapter_of(tmp_path / "a")
    try:
        status = main([str(base), "--adapter", str(a), *arguments])
    except SystemExit as stopped:  # argparse's own
        status = int(stopped.code or 0)
    assert status == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("changes", [{"use_dora": True}, {"modules_to_save": ["lm_head"]}, {"lora_bias": True}])
def test_only_plain_matrices_are_joined(tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, object]) -> None:
    base, a, b = base_of(tmp_path / "base"), adapter_of(tmp_path / "a"), adapter_of(tmp_path / "b", **changes)
    assert main([str(base), "--adapter", str(a), "--adapter", str(b), "--method", "cat"]) == 2
    assert "不能用 cat 合并" in capsys.readouterr().err


def test_columns_of_the_table_are_aligned(tmp_path: Path) -> None:
    base = Part(Made("底座模型", "1" * 16), Lineage("merged", Made("root", "2" * 16), (Made("a", "3" * 16, 0.5),)), "p")
    more = Lineage("adapter", base.made, (Made("早先", "4" * 16),), under=(Made("root", "2" * 16), Made("a", "3" * 16, 0.5)))
    lines = lineage_table(base, [Part(Made("more", "5" * 16, 2.0), more, "p"), Part(Made("x", "6" * 16), None, "p")]).split("\n")
    assert lines[1] == "底座      底座模型  1111111111111111  root + 0.5×a 合并而成"
    assert lines[2] == "适配器 1  more      5555555555555555  训练于 root + 0.5×a（1111111111111111），接着 早先 训练  2"
    assert lines[3].split() == ["适配器", "2", "x", "6" * 16, "不明（没有", "lineage.json）", "1"]


def test_a_base_is_known_wherever_it_lies(tmp_path: Path) -> None:
    first, second = base_of(tmp_path / "first"), base_of(tmp_path / "second")
    assert made_of(first).digest == made_of(second).digest
