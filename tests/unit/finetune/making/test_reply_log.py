"""Replies that outlive the process."""

from __future__ import annotations

from pathlib import Path

import pytest

from errors import ContentError, UsageError
from finetune.making.reply_log import Reply, ReplyLog, digest

ONE, TWO = Reply("1", "甲", ("回答",)), Reply("2", "乙", ("读不出", "还是读不出"), "没有 JSON")


def test_what_was_added_is_there_for_this_and_the_next_process(tmp_path: Path) -> None:
    log = ReplyLog(tmp_path / "r.jsonl")
    log.add(ONE)
    log.add(TWO)
    for seen in (log, ReplyLog(tmp_path / "r.jsonl")):
        assert (seen.get("1"), seen.get("2"), seen.get("3")) == (ONE, TWO, None)


def test_half_a_line_is_cut_off_even_in_the_middle_of_a_character(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    ReplyLog(path).add(ONE)
    whole = path.read_bytes()
    path.write_bytes(whole + '{"key": "2", "about": "乙'.encode()[:-1])
    log = ReplyLog(path)
    assert path.read_bytes() == whole and log.get("2") is None
    log.add(TWO)
    assert ReplyLog(path).get("2") == TWO


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text('{"key": "1"}\n', encoding="utf-8")
    with pytest.raises(ContentError, match="第 1 行已损坏"):
        ReplyLog(tmp_path / "r.jsonl")


def test_half_a_character_of_a_model_is_the_same_now_and_when_read_again(tmp_path: Path) -> None:
    log = ReplyLog(tmp_path / "r.jsonl")
    log.add(Reply("1", "甲", ("一半\ud83d",)))
    assert log.get("1") == ReplyLog(tmp_path / "r.jsonl").get("1") == Reply("1", "甲", ("一半?",))


def test_a_line_separator_inside_a_reply_ends_no_line(tmp_path: Path) -> None:
    odd = Reply("1", "甲", ("一\u2028二\x85三\r\n四",))
    ReplyLog(tmp_path / "r.jsonl").add(odd)
    assert ReplyLog(tmp_path / "r.jsonl").get("1") == odd


def test_a_file_that_can_t_be_written_is_told(tmp_path: Path) -> None:
    log = ReplyLog(tmp_path / "folder" / "r.jsonl")
    with pytest.raises(UsageError, match="再运行同一条命令"):
        log.add(ONE)


def test_digests_tell_apart_what_was_asked() -> None:
    assert digest("a", 1) == digest("a", 1) != digest("a", 2) and digest("ab") != digest("a", "b")
