"""Which checkpoints are whole, and which go."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.training.checkpoints import checkpoint, complete, half, mark, newest, prune


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    for step in (9, 10, 100, 20):
        checkpoint(tmp_path, step).mkdir()
        (checkpoint(tmp_path, step) / "weights").touch()
        mark(checkpoint(tmp_path, step))
    (tmp_path / "adapter").mkdir()
    return tmp_path


def test_steps_are_numbers_not_texts(stage: Path) -> None:
    assert complete(stage) == [9, 10, 20, 100]
    assert newest(stage) == checkpoint(stage, 100)


def test_one_without_its_mark_is_not_gone_on_from(stage: Path) -> None:
    checkpoint(stage, 300).mkdir()
    assert newest(stage) == checkpoint(stage, 100)
    assert half(stage) == [checkpoint(stage, 300)]


def test_the_best_is_kept_beside_the_last(stage: Path) -> None:
    prune(stage, 1, best=10)
    assert complete(stage) == [10, 100]
    assert not checkpoint(stage, 9).exists() and (stage / "adapter").exists()


def test_half_ones_are_not_counted_among_the_kept(stage: Path) -> None:
    checkpoint(stage, 300).mkdir()
    prune(stage, 2, best=None)
    assert complete(stage) == [20, 100] and checkpoint(stage, 300).exists()


def test_a_stage_that_has_not_begun_has_none(tmp_path: Path) -> None:
    assert newest(tmp_path / "none") is None and half(tmp_path / "none") == []
