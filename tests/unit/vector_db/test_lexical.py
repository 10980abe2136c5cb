from collections.abc import Iterator
from pathlib import Path

import pytest
import tantivy

from errors import StoreBusyError, StoreError
from knowledge.subjects import SUBJECTS
from vector_db.chunk import Copy
from vector_db.lexical import Entry, LexicalIndex

ROWS = [
    ("a", "死锁产生的四个必要条件是互斥", "死锁", ""),
    ("b", "分页存储管理把内存划分成页框", "内存管理", "一本书拆成很多页怎么放"),
]


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    index = LexicalIndex(tmp_path / "lexical")
    index.replace("os.pdf", "os", ROWS)
    index.replace("cn.pdf", "cn", [("c", "连接建立时的死锁", "传输层", "")])
    return index


def test_best_first_and_only_of_the_subjects(index: LexicalIndex) -> None:
    assert [i for i, _ in index.search("死锁的必要条件", ["os", "cn"], 5)] == ["a", "c"]
    assert [i for i, _ in index.search("死锁的必要条件", ["cn"], 5)] == ["c"]
    assert index.search("", ["os"], 5) == []


def test_of_all_subjects_it_is_the_same_without_looking_at_them(index: LexicalIndex) -> None:
    assert index.search("死锁的必要条件", list(SUBJECTS), 5) == index.search("死锁的必要条件", ["os", "cn"], 5)


def test_copies_are_those_of_the_last_writing(index: LexicalIndex) -> None:
    first, second = Copy(b"m", b"{}", b"\x00\xff"), Copy(b"m", b"{1}", b"")
    index.replace("os.pdf", "os", [(*ROWS[0], first), (*ROWS[1], None)])
    assert index.copies(["a", "b", "c", "z"]) == {"a": first} and index.copies([]) == {}
    index.replace("os.pdf", "os", [(*ROWS[0], second)])
    assert index.copies(["b", "a"]) == {"a": second}
    damaged(index.folder, "meta.json", 3)
    index.refresh()
    assert index.damaged and index.copies(["a"]) == {}


def test_heading_finds_too(index: LexicalIndex) -> None:
    assert index.search("传输层", ["cn"], 5)[0][0] == "c"


def test_a_question_that_was_asked_finds_its_passage(index: LexicalIndex) -> None:
    assert [i for i, _ in index.search("怎么拆一本书", ["os"], 5)] == ["b"]


def test_a_term_finds_what_is_said_under_its_other_name(index: LexicalIndex) -> None:
    index.replace("names.md", "os", [("n1", "FCFS 对长作业有利。", "", ""), ("n2", "先来先服务对长作业有利。", "", "")])
    assert [i for i, _ in index.search("先来先服务", ["os"], 5)] == ["n2", "n1"]


def test_replace_is_whole_and_seen_by_another_reader(index: LexicalIndex, tmp_path: Path) -> None:
    index.replace("os.pdf", "os", ROWS[1:])
    other = LexicalIndex(tmp_path / "lexical")
    assert [i for i, _ in other.search("死锁 分页", ["os"], 5)] == ["b"]


def test_idf_is_greatest_for_the_unknown(index: LexicalIndex) -> None:
    idf = index.idf(["死锁", "分页", "苹果"])
    assert idf["死锁"] < idf["分页"] < idf["苹果"]


def test_a_second_writer_is_told_to_wait(index: LexicalIndex, tmp_path: Path) -> None:
    held = index._writer(index._index)
    with pytest.raises(StoreBusyError, match="另一个入库任务"):
        LexicalIndex(tmp_path / "lexical").replace("x", "os", [])
    del held


def test_many_sources_are_one_commit(index: LexicalIndex, tmp_path: Path) -> None:
    reader, seen = LexicalIndex(tmp_path / "lexical"), []

    def entries() -> Iterator[Entry]:
        yield "os.pdf", "os", iter(ROWS[1:])
        yield "ds.pdf", "ds", iter([("d", "死锁与栈", "", "")])
        reader.refresh()
        seen.extend(reader.search("死锁", ["os", "cn", "ds"], 5))

    index.replace_all(entries())
    assert {i for i, _ in seen} == {"a", "c"}, "until the commit a reader finds what was there"
    reader.refresh()
    assert {i for i, _ in reader.search("死锁", ["os", "cn", "ds"], 5)} == {"c", "d"} and len(reader) == 3


def test_an_error_among_the_entries_leaves_what_was_there_and_the_lock_free(index: LexicalIndex) -> None:
    def entries() -> Iterator[Entry]:
        yield "os.pdf", "os", []
        raise OSError("the source of the rows failed")

    for change in (index.replace_all, index.rebuild):
        with pytest.raises(OSError, match="failed") as caught:
            change(entries())
        assert len(index) == 3 and caught.tb, "whose frames hold the writer"
    index.replace("os.pdf", "os", [])
    assert len(index) == 1


def test_rebuild_leaves_nothing_else(index: LexicalIndex) -> None:
    index.rebuild([("x.pdf", "os", ROWS[:1])])
    assert len(index) == 1 and index.search("分页", ["os"], 5) == []
    index.clear()
    assert len(index) == 0


def damaged(folder: Path, name: str, kept: int | None) -> None:
    """Leave of each file of that name only the first bytes, or nothing of it."""
    for path in folder.glob(name):
        data = path.read_bytes()
        path.unlink()
        if kept is not None:
            path.write_bytes(data[:kept])


@pytest.mark.parametrize("kept", [None, 0, 40])
@pytest.mark.parametrize("name", ["*.store", "*.idx", "*.term", "*.pos", "*.fast", "*.fieldnorm", "meta.json", ".managed.json"])
def test_damage_is_found_at_opening_and_mended_by_the_next_writing(
    index: LexicalIndex, tmp_path: Path, name: str, kept: int | None
) -> None:
    folder = tmp_path / "lexical"
    damaged(folder, name, kept)
    found = LexicalIndex(folder)
    if name == ".managed.json" and kept is None:
        assert len(found) == 3, "tantivy needs that list only for tidying up"
        return
    assert len(found) == 0 and found.damaged == (name != "meta.json" or kept is not None)
    if found.damaged:
        with pytest.raises(StoreError, match="--reindex"):
            found.search("死锁", ["os"], 5)
        with pytest.raises(StoreError, match="--reindex"):
            found.idf(["死锁"])
    reader = LexicalIndex(folder)
    found.rebuild([("os.pdf", "os", ROWS)])
    reader.refresh()
    for mended in (found, reader, LexicalIndex(folder)):
        assert [i for i, _ in mended.search("死锁", ["os"], 5)] == ["a"] and len(mended) == 2 and not mended.damaged
    assert not [path for path in tmp_path.iterdir() if path != folder], "nothing is left beside it"


def test_an_index_with_the_tokens_of_before_counts_as_damaged(tmp_path: Path) -> None:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("body", stored=True)
    (tmp_path / "lexical").mkdir()
    tantivy.Index(builder.build(), path=str(tmp_path / "lexical"))
    index = LexicalIndex(tmp_path / "lexical")
    assert index.damaged
    index.replace("os.pdf", "os", ROWS)
    assert len(index) == 2 and len(LexicalIndex(tmp_path / "lexical")) == 2


def test_damage_that_comes_while_it_is_open_is_a_message_and_mended(index: LexicalIndex) -> None:
    (index.folder / "meta.json").write_text("{")
    index.refresh()
    assert index.damaged and len(index) == 0
    index.replace("os.pdf", "os", ROWS)
    assert len(index) == 2


def test_a_folder_that_cannot_be_used_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="目录权限"):
        LexicalIndex(tmp_path / "file" / "lexical")
