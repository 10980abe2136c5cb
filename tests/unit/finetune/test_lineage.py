"""Lineages are kept as they were written, and those of an older form can still be read."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from errors import ContentError
from finetune.lineage import FILE, Lineage, Made, made_of, read_lineage, under_of, write_lineage

BASE, A, B = (Made(name, name * 16) for name in "bxy")


def test_is_read_as_it_was_written(tmp_path: Path) -> None:
    whole = Lineage("merged", BASE, (A, Made("b", "2" * 16, 0.5, known=False)), (A,), "run", (BASE, A), (B,), 1e-6)
    write_lineage(tmp_path, whole)
    assert read_lineage(tmp_path) == whole
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_none_is_no_error(tmp_path: Path) -> None:
    assert read_lineage(tmp_path) is None


def test_fields_that_came_later_may_be_missing(tmp_path: Path) -> None:
    row = asdict(Lineage("adapter", BASE, (A,)))
    for name in ("under", "earlier", "difference"):
        del row[name]
    row["base"] = {"name": BASE.name, "digest": BASE.digest}
    (tmp_path / FILE).write_text(json.dumps(row))
    assert read_lineage(tmp_path) == Lineage("adapter", BASE, (A,))


@pytest.mark.parametrize(
    "content", ["{", "[]", "{}", '{"kind": "what", "base": {"name": "a", "digest": "b"}, "contains": [], "data": [], "run": ""}']
)
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    with pytest.raises(ContentError, match=r"lineage\.json 已损坏.*请重新训练"):
        read_lineage(tmp_path)


def test_a_folder_with_a_generic_name_is_called_by_its_run(tmp_path: Path) -> None:
    for place in ("stage/adapter", "lora"):
        (tmp_path / place).mkdir(parents=True)
    assert made_of(tmp_path / "stage" / "adapter").name == "stage/adapter"
    assert made_of(tmp_path / "lora").name == "lora"


def test_what_an_adapter_is_made_of_is_told_by_its_files(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    before = made_of(tmp_path)
    write_lineage(tmp_path, Lineage("adapter", BASE))
    assert made_of(tmp_path) == before
    (tmp_path / "adapter_config.json").write_text('{"r": 8}')
    assert made_of(tmp_path).digest != before.digest


def test_only_a_merged_model_is_made_of_parts(tmp_path: Path) -> None:
    assert under_of(tmp_path) == ()
    write_lineage(tmp_path, Lineage("full", BASE))
    assert under_of(tmp_path) == ()
    write_lineage(tmp_path, Lineage("merged", BASE, (A, B)))
    assert under_of(tmp_path) == (BASE, A, B)
