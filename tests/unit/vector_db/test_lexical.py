from pathlib import Path

import pytest

from errors import StoreBusyError
from vector_db.lexical import LexicalIndex

ROWS = [("a", "死锁产生的四个必要条件是互斥", "死锁"), ("b", "分页存储管理把内存划分成页框", "内存管理")]


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    index = LexicalIndex(tmp_path / "lexical")
    index.replace("os.pdf", "os", ROWS)
    index.replace("cn.pdf", "cn", [("c", "连接建立时的死锁", "传输层")])
    return index


def test_best_first_and_only_of_the_subjects(index: LexicalIndex) -> None:
    assert [i for i, _ in index.search("死锁的必要条件", ["os", "cn"], 5)] == ["a", "c"]
    assert [i for i, _ in index.search("死锁的必要条件", ["cn"], 5)] == ["c"]
    assert index.search("", ["os"], 5) == []


def test_heading_finds_too(index: LexicalIndex) -> None:
    assert index.search("传输层", ["cn"], 5)[0][0] == "c"


def test_replace_is_whole_and_seen_by_another_reader(index: LexicalIndex, tmp_path: Path) -> None:
    index.replace("os.pdf", "os", ROWS[1:])
    other = LexicalIndex(tmp_path / "lexical")
    assert [i for i, _ in other.search("死锁 分页", ["os"], 5)] == ["b"]


def test_idf_is_greatest_for_the_unknown(index: LexicalIndex) -> None:
    idf = index.idf(["死锁", "分页", "苹果"])
    assert idf["死锁"] < idf["分页"] < idf["苹果"]


def test_a_second_writer_is_told_to_wait(index: LexicalIndex, tmp_path: Path) -> None:
    held = index._writer()
    with pytest.raises(StoreBusyError, match="另一个入库任务"):
        LexicalIndex(tmp_path / "lexical").replace("x", "os", [])
    del held
