from pathlib import Path

import pytest

from errors import UnknownSubjectError
from knowledge.subjects import (
    SUBJECTS,
    detect_subject,
    occurrences,
    subject_label,
    subject_told,
    term_votes,
    terms_of,
    validate_subject,
)


def test_points_sum_to_the_paper() -> None:
    assert sum(s.points for s in SUBJECTS.values()) == 150


@pytest.mark.parametrize(
    ("path", "subject"),
    [
        ("操作系统讲义.pdf", "os"),
        ("corpus/cn/HTTP.md", "cn"),
        ("notes/co/7-assembler.md", "co"),
        ("408/数据结构/第1章.docx", "ds"),
        ("course/一流课程申报书.docx", "policy"),
        ("positions.md", "policy"),
    ],
)
def test_subject_from_the_path(path: str, subject: str) -> None:
    assert detect_subject(Path(path)) == subject


def test_subject_from_the_text_when_the_path_is_silent() -> None:
    text = "进程调度与死锁：银行家算法避免死锁，信号量实现进程同步，缺页中断由操作系统处理。"
    assert detect_subject(Path("第三讲.pdf"), text) == "os"
    assert detect_subject(Path("第三讲.pdf"), "今天的会议讨论了食堂与宿舍。") == "policy"


def test_unknown_subject_lists_the_known() -> None:
    with pytest.raises(UnknownSubjectError, match="数据结构"):
        validate_subject("math")
    assert validate_subject("auto") == "auto" and subject_label("auto") == "自动"


@pytest.mark.parametrize("subject", ["ds", "co", "os", "cn"])
def test_terms_are_clean(subject: str) -> None:
    groups = terms_of(subject)
    assert len(groups) >= 80
    assert all(group and all(term == term.strip() and term for term in group) for group in groups)


def test_term_votes_follow_the_terms() -> None:
    votes = term_votes("TCP 的拥塞控制与流量控制")
    assert max(votes, key=lambda s: votes[s]) == "cn"


@pytest.mark.parametrize(
    ("word", "text", "times"),
    [
        ("rom", "from rom", 1),
        ("10", "10.0.0.1 与 10 台", 1),
        ("5", "0.5", 0),
        ("5", "得5.", 1),
        ("c", "c++语言", 0),
        ("c", "c语言", 1),
    ],
)
def test_a_latin_word_or_number_is_whole(word: str, text: str, times: int) -> None:
    assert occurrences(word, text) == times


def test_the_latin_end_of_a_term_is_whole_too() -> None:
    assert occurrences("ip地址", "vip地址") == 0 and occurrences("ip地址", "其ip地址") == 1 and occurrences("内存", "主内存") == 1


def test_a_subject_that_was_found_is_told_with_how_surely() -> None:
    assert subject_told("os", 1.0) == "操作系统" and subject_told("os", 0.87) == "操作系统（自动判断，把握 87%）"
    assert subject_told("auto", 0.0) == "自动"
