"""Documents through their whole life in a real store."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from errors import EmbeddingMismatchError, EmptyStoreError, ModelLoadError, StoreBusyError, StoreError, UsageError
from rag.arrivals import Arrivals
from rag.ingest import ingest, reindex
from rag.library import ADDED, FAILED, UNCHANGED, UPDATED, Library
from rag.originals import Originals
from rag.retrieval import Retriever
from settings import SHIPPED_EMBEDDING, Settings
from tests.conftest import DOCS, blank_pdf
from vector_db.embeddings import SentenceTransformerEmbeddings
from vector_db.lexical import LexicalIndex
from vector_db.registry import INDEXED, PENDING, Registry
from vector_db.store import CourseStore, chroma_client

OS_PDF = DOCS / "操作系统讲义.pdf"
LOCKS = "# 死锁\n\n银行家算法用来避免死锁，它检查系统是否处于安全状态。\n"


def texts(retriever: Retriever, query: str) -> list[str]:
    return [chunk.page_content for chunk, _ in retriever.search(query, k=5)]


def test_a_pdf_is_added_once_and_found_on_its_page(library: Library, store: CourseStore, retriever: Retriever) -> None:
    outcome = library.add(OS_PDF, "操作系统讲义.pdf")
    assert outcome.state == ADDED and outcome.record and outcome.record.subject == "os" and outcome.record.pages >= 8
    count = store.count()
    assert count == outcome.record.chunks > 30
    assert library.add(OS_PDF, "操作系统讲义.pdf").state == UNCHANGED and store.count() == count
    best, _ = retriever.search("银行家算法", k=1)[0]
    assert "银行家" in best.page_content + best.metadata["section"] and best.metadata["boxes"] != "[]"


def test_a_changed_file_replaces_its_chunks(library: Library, retriever: Retriever, store: CourseStore, write) -> None:
    path = write("a.md", LOCKS)
    library.add(path, "a.md", "os")
    path.write_text("# 调度\n\n时间片轮转调度适用于分时系统，它是公平的。\n", encoding="utf-8")
    outcome = library.add(path, "a.md", "os")
    assert outcome.state == UPDATED and store.count() == 1
    assert "时间片轮转" in texts(retriever, "时间片轮转")[0]
    assert store.search_lexical("银行家算法", ["os"], 5) == []


def test_a_file_that_became_unreadable_keeps_its_old_chunks(library: Library, retriever: Retriever, write) -> None:
    path = write("a.pdf", OS_PDF.read_bytes())
    library.add(path, "a.pdf")
    path.write_bytes(b"<html>not found</html>")
    outcome = library.add(path, "a.pdf")
    assert outcome.state == FAILED and "上一次成功" in outcome.error
    assert texts(retriever, "银行家算法")
    path.write_bytes(OS_PDF.read_bytes())
    assert library.add(path, "a.pdf").state == UPDATED, "a failed document is tried again even if its bytes are the old ones"


def test_delete_removes_chunks_record_and_original(
    library: Library, store: CourseStore, retriever: Retriever, settings: Settings
) -> None:
    record = library.add(OS_PDF, "os.pdf").record
    assert record and library.original(record.sha256, ".pdf").exists()
    library.delete("os.pdf")
    assert store.count() == 0 and library.documents() == []
    with pytest.raises(EmptyStoreError, match="rag.ingest docs/"):
        retriever.search("死锁")
    assert not library.original(record.sha256, ".pdf").exists()
    with pytest.raises(UsageError, match="--list"):
        library.delete("os.pdf")


def test_the_same_content_under_two_names(library: Library, store: CourseStore, retriever: Retriever, write) -> None:
    library.add(write("a.md", LOCKS), "a.md", "os")
    library.add(write("b.md", LOCKS), "b.md", "os")
    assert store.count() == 2 and len(library.documents()) == 2
    library.delete("a.md")
    ((chunk, _),) = retriever.search("银行家算法")
    assert chunk.metadata["source"] == "b.md", "each keeps its own chunks"


def test_two_files_of_one_name_get_two_sources(library: Library, write) -> None:
    library.add(write("os/0-summary.md", LOCKS), "0-summary.md", "os")
    outcome = library.add(write("cn/0-summary.md", "# 传输层\n\nTCP 用滑动窗口做流量控制。\n"), "0-summary.md", "cn")
    assert outcome.record and outcome.record.source == "cn/0-summary.md" and len(library.documents()) == 2


@pytest.mark.parametrize("killed_in", ["keep_original", "upsert", "lexical", "record"])
def test_a_kill_at_any_point_is_repaired_by_the_next_run(
    library: Library, store: CourseStore, registry: Registry, write, monkeypatch: pytest.MonkeyPatch, killed_in: str
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    path = write("a.md", LOCKS)
    with monkeypatch.context() as patch:
        targets = {
            "keep_original": (Originals, "keep"),
            "upsert": (CourseStore, "upsert"),
            "lexical": (LexicalIndex, "replace_all"),
            "record": (Arrivals, "indexed"),
        }
        patch.setattr(*targets[killed_in], die)
        with pytest.raises(Killed):
            library.add(path, "a.md", "os")
    assert registry.all()[0].state == PENDING
    assert library.add(path, "a.md", "os").state == ADDED and store.count() == 1 and registry.all()[0].state == INDEXED


def test_another_embedding_is_a_message_and_a_reindex_away(
    library: Library, settings: Settings, registry: Registry, embeddings: SentenceTransformerEmbeddings, write
) -> None:
    library.add(write("a.md", LOCKS), "a.md", "os")
    other = SentenceTransformerEmbeddings(embeddings.model)
    other.__dict__["identity"] = "another-model-0000"
    store = CourseStore(chroma_client(settings), other, LexicalIndex(settings.vector_db_dir / "lexical"))
    again = Library(settings, store, registry)
    with pytest.raises(EmbeddingMismatchError, match="--reindex"):
        Retriever(store).search("银行家算法")
    (tmp := write("a.md", LOCKS)).unlink()
    steps = list(reindex(again))
    assert not tmp.exists() and steps[-1].outcome and steps[-1].outcome.state == UPDATED
    assert Retriever(store).search("银行家算法") and again.reconcile() == []


def test_one_bad_file_never_ends_the_run(library: Library, write, tmp_path: Path) -> None:
    files = [
        (write("empty.pdf", b""), "0 字节"),
        (write("scan.pdf", blank_pdf(2)), "全部 2 页都没有读到文字"),
        (write("page.pdf", "<html></html>"), "不是 PDF"),
        (write("broken.docx", b"PK\x03\x04 broken"), "损坏"),
        (write("archive.zip", "x"), "不支持 .zip"),
        (tmp_path / "missing" / "x.pdf", "不存在"),
        (tmp_path / ("长" * 300 + ".pdf"), "文件名有 904 字节"),
        (write("good.txt", "死锁是指进程互相等待。".encode("gb18030")), ""),
    ]
    steps = [s for s in ingest(library, [(p, p.name[:40]) for p, _ in files]) if s.outcome]
    assert [s.done for s in steps] == list(range(1, len(files) + 1))
    errors = {s.outcome.path: s.outcome.error for s in steps if s.outcome}
    for path, reason in files:
        assert reason in errors[str(path)] if reason else not errors[str(path)], path.name
    states = {Path(r.source).suffix: r.state for r in library.documents()}
    assert states[".txt"] == "indexed" and states[".docx"] == "failed"
    assert ".zip" not in states and len(states) == 3, "what could never be read is reported, not remembered"


def test_two_ingests_at_once_fail_clearly(library: Library, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.library._LOCK_WAIT_SECONDS", 0.1)
    other = Library(settings, library._store, library._registry)
    with library.writing(), pytest.raises(StoreBusyError, match="等它结束"), other.writing():
        pass


def test_records_survive_a_new_process_object(library: Library, registry: Registry) -> None:
    library.add(OS_PDF, "os.pdf")
    assert replace(Registry(registry.path).all()[0]) == library.documents()[0]


def test_a_lost_lexical_index_is_rebuilt_from_the_vectors(
    library: Library, settings: Settings, store: CourseStore, embeddings: SentenceTransformerEmbeddings, write
) -> None:
    library.add(write("a.md", LOCKS), "a.md", "os")
    fresh = CourseStore(chroma_client(settings), embeddings, LexicalIndex(settings.vector_db_dir / "lexical2"))
    assert fresh.search_lexical("银行家算法", ["os"], 5) == []
    assert fresh.repair() and not fresh.repair()
    assert fresh.search_lexical("银行家算法", ["os"], 5) == store.search_lexical("银行家算法", ["os"], 5) != []


def test_a_moved_folder_is_the_same_documents(library: Library, write, tmp_path: Path) -> None:
    first = write("old/a.md", LOCKS)
    library.add(first, "docs/a.md", "os")
    (tmp_path / "new").mkdir()
    moved = first.rename(tmp_path / "new" / "a.md")
    assert library.add(moved, "docs/a.md", "os").state == UNCHANGED and len(library.documents()) == 1


def test_damaged_files_of_the_store_say_what_to_do(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "registry.sqlite3").write_bytes(b"not a database, but long enough to be read as one" * 50)
    with pytest.raises(StoreError, match="登记表"):
        Registry(tmp_path / "registry.sqlite3").all()
    (tmp_path / "lexical").mkdir()
    (tmp_path / "lexical" / "meta.json").write_text("{}")
    with pytest.raises(StoreError, match="--reindex"):
        LexicalIndex(tmp_path / "lexical").search("死锁", ["os"], 1)


def test_what_was_lost_is_found_missing_and_read_again(library: Library, store: CourseStore, registry: Registry, write) -> None:
    for name in ("a.md", "b.md"):
        library.add(write(name, f"{LOCKS}\n{name} 的补充说明。\n"), name, "os")
    store.delete("a.md")  # as when the vectors are lost behind the registry's back
    assert [r.source for r in library.reconcile()] == ["a.md"]
    assert [s.outcome.state for s in reindex(library) if s.outcome] == [UPDATED] and store.count() == 2


def test_files_of_a_killed_run_are_finished_by_the_next(library: Library, write, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    files = [(write(f"{i}.md", f"{LOCKS}\n第 {i} 份。\n"), f"{i}.md") for i in range(3)]
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(CourseStore, "upsert", die)
        list(ingest(library, files, "os"))
    assert [r.state for r in library.documents()] == [PENDING] * 3
    assert [s.outcome.state for s in reindex(library) if s.outcome] == [ADDED] * 3


def test_changing_one_of_two_equal_files_leaves_the_other(library: Library, retriever: Retriever, write) -> None:
    first, second = write("a.md", LOCKS), write("b.txt", LOCKS)
    list(ingest(library, [(first, "a.md"), (second, "b.txt")], "os"))
    first.write_text("# 调度\n\n时间片轮转调度适用于分时系统。\n", encoding="utf-8")
    list(ingest(library, [(first, "a.md"), (second, "b.txt")], "os"))
    assert {c.metadata["source"] for c, _ in retriever.search("银行家算法", k=1)} == {"b.txt"}
    record = next(r for r in library.documents() if r.source == "b.txt")
    assert library.original(record.sha256, ".txt").exists()


def test_pipes_folders_and_names_in_gbk(library: Library, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "folder.pdf").mkdir()
    named = tmp_path / os.fsdecode("操作系统.md".encode("gbk"))
    named.write_text(LOCKS, encoding="utf-8")
    outcomes = [library.add(p, p.name) for p in (tmp_path / "pipe.md", tmp_path / "folder.pdf", named)]
    assert all("不是普通文件" in o.error for o in outcomes[:2])
    assert outcomes[2].record and outcomes[2].record.source == "操作系统.md" and outcomes[2].record.subject == "os"


def test_collections_of_others_on_a_shared_server_are_left_alone(library: Library, settings: Settings, write) -> None:
    foreign = chroma_client(settings).create_collection("someone-elses", embedding_function=None)
    foreign.add(ids=["x"], documents=["y"], metadatas=[{"source": "a.md"}], embeddings=[[0.0, 1.0]])
    library.add(write("a.md", LOCKS), "a.md", "os")
    library.delete("a.md")
    assert foreign.count() == 1


def test_a_broken_model_is_not_blamed_on_the_document(settings: Settings, registry: Registry, tmp_path: Path, write) -> None:
    model = shutil.copytree(SHIPPED_EMBEDDING, tmp_path / "模型")
    (model / "model.safetensors").write_bytes((model / "model.safetensors").read_bytes()[:1000])
    broken = SentenceTransformerEmbeddings(str(model))
    store = CourseStore(chroma_client(settings), broken, LexicalIndex(settings.vector_db_dir / "lexical"))
    with pytest.raises(ModelLoadError, match="TUTOR_EMBEDDING_MODEL"):
        Library(settings, store, registry).add(write("a.md", LOCKS), "a.md", "os")
    assert registry.all()[0].state == PENDING
