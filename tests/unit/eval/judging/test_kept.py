from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from errors import UsageError
from eval.judging.folder import Answered
from eval.judging.kept import KeptAnswers

ANSWER = Answered("甲", "code-01", "c0ffee", ("一", "二"), 3, "stop", 0.1)


def test_an_answer_comes_back_under_the_name_that_the_run_gives(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path / "answers")
    assert kept.get("c0ffee", "甲") is None and not (tmp_path / "answers").exists()
    kept.add(ANSWER)
    found = KeptAnswers(tmp_path / "answers").get("c0ffee", "乙")
    assert found == Answered("乙", "code-01", "c0ffee", ("一", "二"), 3, "stop", 0.1)
    assert kept.get("another", "甲") is None
    assert abs((kept.since("c0ffee") - datetime.now(UTC).astimezone().date()).days) <= 1


def test_fresh_passes_over_what_is_there_and_replaces_it(tmp_path: Path) -> None:
    KeptAnswers(tmp_path).add(ANSWER)
    fresh = KeptAnswers(tmp_path, fresh=True)
    assert fresh.get("c0ffee", "甲") is None
    fresh.add(Answered("甲", "code-01", "c0ffee", ("新",), 1, "stop", 0.1))
    found = KeptAnswers(tmp_path).get("c0ffee", "甲")
    assert found and found.replies == ("新",)


@pytest.mark.parametrize("damaged", [b"", b'{"system": "\xe7', b"[]", b'{"replies": 3}', b'{"replies": ["x"], "other": 1}'])
def test_a_damaged_file_is_no_answer(damaged: bytes, tmp_path: Path) -> None:
    (tmp_path / "c0ffee.json").write_bytes(damaged)
    assert KeptAnswers(tmp_path).get("c0ffee", "甲") is None


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="写不了"):
        KeptAnswers(tmp_path / "file" / "answers").add(ANSWER)
