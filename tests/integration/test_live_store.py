"""One data folder, several processes. A second store of the same folder shares nothing in memory with the first, so it
stands for another process where a real one would only make the test slow."""

import gc
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from chromadb.errors import InternalError
from langchain_core.documents import Document

from errors import EmptyStoreError, StoreBusyError, StoreError
from rag.library import Library, open_library
from rag.retrieval import Retriever
from settings import ROOT, Settings
from ui.library_events import changes
from ui.startup import Startup
from vector_db.chroma import Snapshot, chroma_client
from vector_db.embedding_prompts import Prompts
from vector_db.embeddings import SentenceTransformerEmbeddings
from vector_db.entries import Replacement
from vector_db.lexical import LexicalIndex
from vector_db.opened import Opened
from vector_db.registry import PENDING
from vector_db.sharing import SharedFolder
from vector_db.store import CourseStore

LOCKS = "# 死锁\n\n银行家算法用来避免死锁，它检查系统是否处于安全状态。\n"
ROUNDS = "# 调度\n\n时间片轮转调度适用于分时系统，它是公平的。\n"
SYNCED = 1000
"""Chroma writes a collection's vectors out when as many have changed."""


class NumberEmbeddings(SentenceTransformerEmbeddings):
    """A direction per text, known without a model."""

    def __init__(self) -> None:
        super().__init__("numbers")
        self.__dict__["identity"] = "numbers-0000"

    @property
    def _prompts(self) -> Prompts:
        return Prompts("", "")

    def _encode(self, texts: list[str], prompt: str = "") -> list[list[float]]:
        generators = [random.Random(text) for text in texts]
        return [[generator.gauss(0, 1) for _ in range(16)] for generator in generators]


def numbers(settings: Settings) -> CourseStore:
    return CourseStore(chroma_client(settings), NumberEmbeddings(), LexicalIndex(settings.vector_db_dir / "lexical"))


def chunks(source: str, count: int) -> list[Document]:
    meta = {"source": source, "document": "00", "page": 1, "section": "", "previous": "", "next": "", "boxes": "[]"}
    return [Document(id=f"{source}-{i}", page_content=f"{source} 第{i}段", metadata=meta | {"position": i}) for i in range(count)]


def nearest(store: CourseStore, chunk: Document) -> str:
    """Whose vector is the nearest to a chunk's own."""
    return next((hit.chunk_id for hit in store.search_dense(f"\n{chunk.page_content}".strip(), ["os"], 1)), "")


@pytest.fixture
def other(settings: Settings, library: Library, store: CourseStore, embeddings: SentenceTransformerEmbeddings) -> Library:
    """The library of another process. It shares only the embedding model, so as not to load it twice."""
    second = open_library(settings)
    second._store._embeddings = embeddings
    return second


def sources(store: CourseStore, query: str) -> tuple[set[str], set[str]]:
    """Where the vectors and where the words find a query."""
    dense, lexical = store.search_dense(query, ["os"], 5), store.search_lexical(query, ["os"], 5)
    return _sources(store, dense), _sources(store, lexical)


def _sources(store: CourseStore, hits: list[Any]) -> set[str]:
    return {chunk.metadata["source"] for chunk in store.get([hit.chunk_id for hit in hits], ["os"]).values()}


@contextmanager
def asking(retriever: Retriever, question: str, threads: int) -> Iterator[list[object]]:
    """Threads that ask all the time; what came back, a list of chunks or an error, is yielded."""
    done, results = threading.Event(), []

    def ask() -> None:
        while not done.is_set():
            try:
                results.append([chunk.metadata["source"] for chunk, _ in retriever.search(question)])
            except Exception as error:  # noqa: BLE001 - whatever a request of the page would fail with
                results.append(error)

    running = [threading.Thread(target=ask) for _ in range(threads)]
    for thread in running:
        thread.start()
    try:
        yield results
    finally:
        done.set()
        for thread in running:
            thread.join()


def run_ingest(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"TUTOR_DATA_DIR": str(settings.data_dir), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-m", "rag.ingest", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


def test_the_command_is_seen_while_questions_are_answered(
    library: Library, store: CourseStore, retriever: Retriever, settings: Settings, write
) -> None:
    library.add(write("a.md", LOCKS), "a.md", "os")
    with asking(retriever, "银行家算法", threads=1) as results:
        assert run_ingest(settings, str(write("b.md", ROUNDS)), "--subject", "os").returncode == 0
        assert "b.md" in sources(store, "时间片轮转调度")[0] & sources(store, "时间片轮转调度")[1]
        assert {r.source for r in library.documents()} == {"a.md", "b.md"}
        assert run_ingest(settings, "--delete", "b.md").returncode == 0
        assert sources(store, "时间片轮转调度") == ({"a.md"}, set())
    bad = [found for found in results if not (isinstance(found, list) and found and found[0] == "a.md")]
    assert len(results) > 10 and bad == []


def test_add_update_and_delete_are_seen_by_vectors_and_words(other: Library, store: CourseStore, write) -> None:
    path = write("a.md", LOCKS)
    with other.writing():
        assert sources(store, "银行家算法") == (set(), set()), "the first look is before the first document"
        other.add(path, "a.md", "os")
    assert sources(store, "银行家算法") == ({"a.md"}, {"a.md"})
    path.write_text(ROUNDS, encoding="utf-8")
    with other.writing():
        other.add(path, "a.md", "os")
    (hit,) = store.search_dense("时间片轮转调度", ["os"], 5)
    assert "时间片" in store.get([hit.chunk_id], ["os"])[hit.chunk_id].page_content
    assert sources(store, "银行家算法")[1] == set()
    with other.writing():
        other.delete("a.md")
    assert store.search_dense("时间片轮转调度", ["os"], 5) == [] and store.count() == 0


def test_one_search_reads_the_generation_once(store: CourseStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.search_dense("死锁", ["os"], 1)
    reads: list[int] = []
    monkeypatch.setattr(SharedFolder, "generation", lambda self: reads.append(1) or store._open.seen)
    store.search_dense("死锁", ["os"], 1)
    assert reads == [1]


def test_a_writer_keeps_what_another_process_wrote_before_it(settings: Settings) -> None:
    first, second = numbers(settings), numbers(settings)
    mine, theirs = chunks("mine", SYNCED + 100), chunks("theirs", SYNCED + 100)
    first.replace("seed", "os", chunks("seed", 10))
    second.refresh()
    second.replace("theirs", "os", theirs)
    first.refresh()
    first.replace("mine", "os", mine)
    fresh = numbers(settings)
    for store in (fresh, first, second):
        wanted = [*theirs[::100], *mine[::100]]
        assert [nearest(store, chunk) for chunk in wanted] == [chunk.id for chunk in wanted]


def test_the_right_to_write_comes_with_what_a_killed_process_wrote(
    library: Library, other: Library, store: CourseStore, write, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    assert store.count() == 0
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(LexicalIndex, "replace_all", die)
        other.add(write("a.md", LOCKS), "a.md", "os")
    assert store.search_dense("死锁", ["os"], 1) == [], "nothing was announced"
    with library.writing():
        assert len(store.search_dense("死锁", ["os"], 1)) == 1
        assert [record.state for record in library.reconcile()] == [PENDING]


def test_a_search_during_another_processs_batch_answers_from_before(
    library: Library, store: CourseStore, settings: Settings, write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vector_db.opened._PATIENCE_SECONDS", 0.05)
    library.add(write("a.md", LOCKS), "a.md", "os")
    folder = SharedFolder(settings.vector_db_dir)
    with folder.exclusive(1):
        folder.announce()
        assert sources(store, "银行家算法") == ({"a.md"}, {"a.md"}) and store._open.seen != folder.generation()
    assert sources(store, "银行家算法")[0] == {"a.md"} and store._open.seen == folder.generation()


def test_what_another_process_deleted_is_not_read_while_it_goes_on_writing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vector_db.opened._PATIENCE_SECONDS", 0.05)
    first, second = numbers(settings), numbers(settings)
    second.replace("a", "os", chunks("a", 2))
    assert len(first.search_lexical("段", ["os"], 9)) == 2
    second.delete("a")
    with SharedFolder(settings.vector_db_dir).exclusive(1):
        assert first.search_lexical("段", ["os"], 9) == [] and first.get(["a-0"], ["os"]) == {}
        assert first._open.seen != SharedFolder(settings.vector_db_dir).generation(), "the vectors are still those of before"


def test_settled_chunks_are_read_without_asking_for_each(
    library: Library, retriever: Retriever, store: CourseStore, write, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.add(write("a.md", LOCKS), "a.md", "os")
    before = retriever.search("银行家算法")
    monkeypatch.setattr("vector_db.store.with_vectors", lambda *_: pytest.fail("Chroma was asked"))
    monkeypatch.setattr("vector_db.store.documents", lambda *_: pytest.fail("Chroma was asked"))
    store._open._kept = store._open.snapshot, {}
    assert retriever.search("银行家算法") == before != []
    assert store.get([str(before[0][0].id)], ["os"]) == {before[0][0].id: before[0][0]}


def test_what_is_changed_while_a_search_reads_its_words_is_not_kept_as_it_was(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, (chunk,) = numbers(settings), chunks("a", 1)
    store.replace(
        "a", "os", [Document(id=chunk.id, page_content=chunk.page_content, metadata=chunk.metadata | {"subject": "os"})]
    )
    find = store._lexical.find

    def overtaken(*args: Any) -> list[Any]:
        found = find(*args)
        chunk.metadata["subject"] = "ds"
        store.replace("a", "ds", [chunk])
        return found

    monkeypatch.setattr(store._lexical, "find", overtaken)
    assert [hit.chunk_id for hit in store.search_lexical("段", ["os", "ds"], 9)] == [chunk.id]
    assert [found for found, _ in store.candidates("段", [str(chunk.id)], ["os", "ds"])] == [chunk]
    assert [found for found, _ in store.candidates("段", [str(chunk.id)], ["ds"])] == [chunk]


@pytest.mark.parametrize("local", [True, False])
def test_a_servers_answer_is_waited_for_by_the_question_alone_and_an_error_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, local: bool
) -> None:
    monkeypatch.setattr(Snapshot, "is_local", local)
    store, names = numbers(settings), list[str]()
    store.replace("a", "os", chunks("a", 2))

    def failing(*_: Any) -> list[Any]:
        names.append(threading.current_thread().name)
        raise InternalError

    monkeypatch.setattr("vector_db.store.nearest", failing)
    hits = store.begin_dense("x", ["os"], 9)
    with pytest.raises(StoreError):
        hits()
    assert (names != [threading.current_thread().name]) == local and len(names) == 1


def test_chunks_that_are_not_settled_yet_are_read_from_the_vectors(store: CourseStore) -> None:
    (chunk,) = chunks("a", 1)
    chunk.metadata["subject"] = "os"
    store.upsert("os", [chunk])
    (found,) = store.candidates("第0段", [str(chunk.id)], ["os"])
    assert found[0] == chunk and store.get([str(chunk.id)], ["os"]) == {chunk.id: chunk}
    store.settle([Replacement("a", "os", [chunk])])
    assert store.candidates("第0段", [str(chunk.id)], ["os"]) == [(chunk, pytest.approx(found[1]))]


def test_a_search_in_flight_ends_on_what_it_began_with_and_is_closed_after(settings: Settings) -> None:
    first, second = numbers(settings), numbers(settings)
    first.replace("a", "os", chunks("a", 3))
    before = first._open.current()
    second.replace("b", "os", chunks("b", 3))
    assert len(first.search_dense("x", ["os"], 9)) == 6 and first._open.current() is not before
    collection = before.existing(first._name("os"))
    assert collection and len(collection.query(query_embeddings=[[0.1] * 16], n_results=9, include=[])["ids"][0]) == 3
    del before
    with pytest.raises(AttributeError):  # its client is closed
        collection.count()


def test_all_chunks_can_be_read_while_another_process_writes(settings: Settings) -> None:
    first, second = numbers(settings), numbers(settings)
    first.replace("a", "os", chunks("a", 3))
    first.replace("c", "cn", chunks("c", 2))
    reading = first.chunks(["os", "cn"])
    assert next(reading)
    second.refresh()
    second.replace("b", "os", chunks("b", 3))
    assert len(first.search_dense("x", ["os"], 9)) == 6, "the state being read is left behind"
    gc.collect()
    assert len(list(reading)) == 4


def test_opening_again_and_again_keeps_no_files_open(settings: Settings) -> None:
    first, folder = numbers(settings), SharedFolder(settings.vector_db_dir)
    first.replace("a", "os", chunks("a", 3))
    gc.collect()
    gc.disable()  # what is only freed by the collector of cycles would be freed by chance
    try:
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(20):
            folder.announce()
            first.search_dense("x", ["os"], 1)
        assert len(os.listdir("/proc/self/fd")) < before + 20
    finally:
        gc.enable()


def test_what_a_process_writes_itself_is_not_loaded_anew(settings: Settings) -> None:
    store = numbers(settings)
    store.replace("a", "os", chunks("a", 3))
    snapshot = store._open.snapshot
    store.replace("a", "os", chunks("a", 2))
    assert len(store.search_dense("x", ["os"], 9)) == 2 and store._open.snapshot is snapshot


@pytest.mark.parametrize("action", ["update", "delete"])
def test_at_no_moment_of_a_change_is_an_answer_wrong(
    other: Library, retriever: Retriever, write, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    path = write("a.md", LOCKS)
    with other.writing():
        other.add(path, "a.md", "os")
    looks: list[object] = []

    def look() -> None:
        try:
            looks.append([chunk.page_content for chunk, _ in retriever.search("银行家算法")])
        except EmptyStoreError as error:
            looks.append(error)

    for owner, step in ((CourseStore, "_delete_others"), (Opened, "announce")):
        monkeypatch.setattr(owner, step, _between(getattr(owner, step), look))
    path.write_text(LOCKS.replace("银行家算法", "银行家算法（Dijkstra）"), encoding="utf-8")
    with other.writing():
        other.delete("a.md") if action == "delete" else other.add(path, "a.md", "os")
    assert len(looks) >= 4
    if action == "update":
        assert all(isinstance(found, list) and found and "银行家" in found[0] for found in looks)
        assert "Dijkstra" in looks[-1][0]
    else:
        assert isinstance(looks[-1], EmptyStoreError), "another error (a foreign embedding) would have ended the test"


def _between(method: Any, look: Any) -> Any:
    def call(*args: Any) -> Any:
        look()
        result = method(*args)
        look()
        return result

    return call


def test_requests_of_the_page_do_not_trip_over_each_other(other: Library, library: Library, retriever: Retriever, write) -> None:
    library.add(write("a.md", LOCKS), "a.md", "os")
    retriever.search("银行家算法")  # the first question loads the shipped notes, as long as all the writing below may take
    with asking(retriever, "银行家算法", threads=3) as results:
        for i in range(8):
            with other.writing():
                other.add(write(f"{i}.md", f"{ROUNDS}\n第 {i} 份。\n"), f"{i}.md", "os")
        for i in range(8):
            with other.writing():
                other.delete(f"{i}.md")
    bad = [found for found in results if not (isinstance(found, list) and found and found[0] == "a.md")]
    assert len(results) > 10 and bad == []


def test_a_second_ingest_waits_for_the_first(library: Library, other: Library, write) -> None:
    entered, left = threading.Event(), []

    def second() -> None:
        entered.set()
        with other.writing():
            left.append(len(library.documents()))

    thread = threading.Thread(target=second)
    with library.writing():
        thread.start()
        assert entered.wait(10)
        library.add(write("a.md", LOCKS), "a.md", "os")
    thread.join(20)
    assert left == [1]


def test_the_page_lists_what_another_process_did(other: Library, library: Library, write) -> None:
    table, seen = changes(library, "")
    assert "还没有资料" in table
    with other.writing():
        other.add(write("a.md", LOCKS), "a.md", "os")
    table, now = changes(library, seen)
    assert "a.md" in table and "操作系统" in table and "已入库" in table and now != seen
    with other.writing():
        other.add(write("b.md", ROUNDS), "b.md", "os")
    table, now = changes(library, now)
    assert "b.md" in table
    assert changes(library, now)[1] == now and not isinstance(changes(library, now)[0], str), (
        "nothing moves while nothing changed"
    )
    with other.writing():
        other.delete("a.md")
    assert "a.md" not in changes(library, now)[0]


def test_the_page_answers_while_the_start_waits_for_another_ingest(
    library: Library, other: Library, retriever: Retriever, write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.library._LOCK_WAIT_SECONDS", 0.05)
    startup, ended = Startup(library, retriever, [write("b.md", ROUNDS)]), threading.Event()
    monkeypatch.setattr(startup, "_run", lambda run=startup._run: (run(), ended.set()))
    with other.writing():
        startup.start()
        assert startup.done.wait(20) and "另一个入库任务" in startup.status
        with pytest.raises(StoreBusyError), library.writing():
            pass
    assert ended.wait(60) and startup.status == "" and [r.source for r in library.documents()] == ["b.md"]


def test_words_are_found_at_once(settings: Settings) -> None:
    """The lexical index would notice by itself, but only half a second later."""
    first, second = numbers(settings), numbers(settings)
    for i in range(8):
        second.replace(f"s{i}", "os", chunks(f"s{i}", 1))
        assert len(first.search_lexical("段", ["os"], 20)) == i + 1


def test_a_request_does_not_wait_while_another_loads(settings: Settings) -> None:
    store = numbers(settings)
    store.replace("a", "os", chunks("a", 3))
    found: list[int] = []
    search = threading.Thread(target=lambda: found.append(len(store.search_dense("x", ["os"], 9))), daemon=True)
    with store._open._loading:
        SharedFolder(settings.vector_db_dir).announce()
        search.start()
        search.join(20)
        assert found == [3]
