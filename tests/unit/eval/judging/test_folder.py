from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from errors import ContentError, UsageError
from eval.judging.folder import Answered, Judged, Rows, digest, open_judging


def answered(task: str = "code-01", **values: Any) -> Answered:
    return Answered(**{"system": "甲", "task": task, "config": "c", "replies": ("一", "二"), "output_tokens": 3,
                       "finish_reason": "stop", "seconds": 0.1, **values})  # fmt: skip


def config(**values: Any) -> dict[str, Any]:
    return {
        "systems": {"甲": {"model": "openai:a", "fingerprint": "1"}},
        "judge": {"model": "openai:j", "fingerprint": "2"},
        "tasks": "t", "prompts": "p", "max_tokens": 1024, **values,
    }  # fmt: skip


def test_lines_come_back_as_they_were_written(tmp_path: Path) -> None:
    rows = Rows(tmp_path / "answers.jsonl", Answered)
    rows.add(answered())
    again = Rows(tmp_path / "answers.jsonl", Answered)
    assert again.get("甲", "code-01", "c") == answered() and again.get("甲", "code-01", "other") is None
    judged = Judged(("甲", "乙"), "code-01", "c", 0, None, "", "理由", "", ("raw\u2028x",), 0.1)
    judgements = Rows(tmp_path / "judgements.jsonl", Judged)
    judgements.add(judged)
    assert Rows(tmp_path / "judgements.jsonl", Judged).get(("甲", "乙"), "code-01", "c", 0) == judged


def test_half_a_line_of_a_killed_process_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    rows = Rows(path, Answered)
    rows.add(answered())
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:41])  # in the middle of a character
    rows = Rows(path, Answered)
    assert path.read_bytes() == whole and rows.get("甲", "code-01", "c")
    rows.add(answered("code-02"))
    assert path.read_bytes().count(b"\n") == 2


def test_half_a_character_of_a_model_can_be_written(tmp_path: Path) -> None:
    rows = Rows(tmp_path / "judgements.jsonl", Judged)
    rows.add(Judged(("甲",), "code-01", "c", 0, None, None, "", "缺少 score", ("好\ud83d",), 0.1))
    again = Rows(tmp_path / "judgements.jsonl", Judged).get(("甲",), "code-01", "c", 0)
    assert again and again.raw == ("好?",)


def test_a_disk_that_takes_no_more_says_what_to_do(tmp_path: Path) -> None:
    rows = Rows(tmp_path / "gone" / "answers.jsonl", Answered)
    with pytest.raises(UsageError, match="写不了 .*answers.jsonl.*接着做"):
        rows.add(answered())


@pytest.mark.parametrize("line", ["{", "[1]", '{"system": "甲"}', '{"other": 1}'])
def test_a_damaged_line_elsewhere_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(ContentError, match="answers.jsonl 第 1 行已损坏"):
        Rows(path, Answered)


def test_of_two_lines_about_the_same_the_first_counts(tmp_path: Path) -> None:
    rows = Rows(tmp_path / "answers.jsonl", Answered)
    rows.add(answered())
    rows.add(answered(replies=("改了",)))
    found = Rows(tmp_path / "answers.jsonl", Answered).get("甲", "code-01", "c")
    assert found and found.replies == ("一", "二") and rows.get("甲", "code-01", "c") == found


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"judge": {"model": "openai:k", "fingerprint": "3"}}, "评委模型（原来是 openai:j，现在是 openai:k）"),
        ({"systems": {"甲": {"model": "openai:b", "fingerprint": "9"}}}, "系统 甲（原来是 openai:a，现在是 openai:b）"),
        ({"systems": {"甲": {"model": "openai:a", "fingerprint": "9"}}}, "系统 甲"),
        ({"tasks": "u"}, "评测题"),
        ({"prompts": "q"}, "评分的提示词"),
        ({"max_tokens": 8}, "TUTOR_CHAT_MAX_TOKENS"),
    ],
)
def test_a_folder_of_another_configuration_says_what_differs(values: dict[str, Any], told: str, tmp_path: Path) -> None:
    open_judging(tmp_path / "out", config())
    before = (tmp_path / "out" / "config.json").read_bytes()
    with pytest.raises(UsageError) as caught:
        open_judging(tmp_path / "out", config(**values))
    assert told in str(caught.value) and "--out" in str(caught.value)
    assert (tmp_path / "out" / "config.json").read_bytes() == before


def test_a_system_may_be_added_but_not_smuggled_in_later_as_another(tmp_path: Path) -> None:
    open_judging(tmp_path, config())
    open_judging(tmp_path, config(systems={"乙": {"model": "openai:b", "fingerprint": "3"}}))
    with pytest.raises(UsageError, match="系统 甲"):
        open_judging(tmp_path, config(systems={"甲": {"model": "openai:b", "fingerprint": "3"}}))


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(UsageError, match="已有别的文件（notes.txt）"):
        open_judging(tmp_path, config())
    with pytest.raises(UsageError, match="写不了"):
        open_judging(tmp_path / "notes.txt" / "out", config())


def test_digests_tell_apart() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1}) != digest({"a": 1, "b": 3})
    assert digest("a", "b") != digest("ab") and len(digest()) == 16
