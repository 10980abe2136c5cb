"""The API over real HTTP on this machine: uvicorn, Chroma, SQLite; the chat model is the extractive one, or a scripted one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from openai import OpenAI

from rag.chat_models.extractive import ExtractiveChatModel
from rag.library import Library
from rag.retrieval import Retriever
from rag.speaker import Speaker
from rag.tutor import Tutor
from server.answering import Answering
from server.api import build_api
from server.serving import reserve
from settings import Settings
from tutoring.database import open_database
from tutoring.storage import Storage
from vector_db.embeddings import SentenceTransformerEmbeddings
from vector_db.lexical import LexicalIndex
from vector_db.registry import Registry
from vector_db.store import CourseStore, chroma_client

LOCKS = (
    "# 死锁\n\n死锁是指多个进程因竞争资源而互相等待的僵局。死锁产生的四个必要条件是互斥条件、不可剥夺条件、请求并保持条件和循环等待条件。\n\n"
    "# 银行家算法\n\n银行家算法用来避免死锁，它在分配资源之前检查系统是否处于安全状态。\n"
)
HANDSHAKE = "# TCP\n\nTCP 用三次握手建立连接，目的是让双方确认彼此的初始序号，并防止失效的连接请求突然到达服务器。\n"
SOON = 10.0


class ScriptedChatModel(BaseChatModel):
    """Says its words one by one, each when it may; fails where it is told to."""

    words: list[str] = ["银行家算法", "避免死锁。", "[1]"]
    fails_after: int | None = None
    error: Any = None
    may: Any = None
    said: Any = None
    closed: Any = None
    prompts: list[list[BaseMessage]] = []

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(self, messages: list[BaseMessage], stop: list[str] | None = None, *_: Any, **__: Any) -> ChatResult:
        text = "".join(str(chunk.message.content) for chunk in self._stream(messages))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        self.prompts.append(messages)
        try:
            for n, word in enumerate(self.words):
                if self.fails_after == n:
                    raise self.error
                if self.may is not None:
                    assert self.may.acquire(timeout=SOON)
                if self.said is not None:
                    self.said.release()
                yield ChatGenerationChunk(message=AIMessageChunk(content=word))
        finally:
            if self.closed is not None:
                self.closed.set()


@dataclass
class Ready:
    """An application that has nothing to prepare."""

    done: threading.Event = field(default_factory=threading.Event)
    status: str = ""

    def __post_init__(self) -> None:
        self.done.set()


@dataclass
class Course:
    """A filled store, for all tests."""

    settings: Settings
    library: Library
    retriever: Retriever
    embeddings: SentenceTransformerEmbeddings


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory, embeddings: SentenceTransformerEmbeddings) -> Course:
    folder = tmp_path_factory.mktemp("course")
    settings = Settings(_env_file=None, data_dir=folder / "data")
    store = CourseStore(chroma_client(settings), embeddings, LexicalIndex(settings.vector_db_dir / "lexical"))
    library = Library(settings, store, Registry(settings.vector_db_dir / "registry.sqlite3"))
    for name, text, subject in (("死锁.md", LOCKS, "os"), ("握手.md", HANDSHAKE, "cn")):
        path = folder / name
        path.write_text(text, encoding="utf-8")
        library.add(path, name, subject)
    return Course(settings, library, Retriever(store), embeddings)


@dataclass
class Served:
    """An API that listens."""

    url: str
    storage: Storage
    tutor: Tutor
    preparation: Ready

    def post(self, path: str, body: Any, **options: Any) -> httpx.Response:
        return httpx.post(self.url + path, json=body, timeout=SOON, trust_env=False, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return httpx.get(self.url + path, timeout=SOON, trust_env=False, **options)


@pytest.fixture
def serve(course: Course, tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """A maker of APIs: `serve(model=None, keys=None, retriever=None, running=8, waiting=64)`."""
    with ExitStack() as stack:

        def make(model: BaseChatModel | None = None, keys: str | None = None, retriever: Any = None, **limits: int) -> Served:
            speaker = Speaker(model or ExtractiveChatModel(), "测试模型", model is not None)
            settings = Settings(_env_file=None, data_dir=tmp_path / "data", api_keys=keys)
            tutor = Tutor(retriever or course.retriever, speaker, settings.max_question_chars)
            database, ready = open_database(settings), Ready()
            stack.callback(database.close)
            storage = Storage(database)
            count = course.library.documents
            answering = Answering(**{"running": 8, "waiting": 64, **limits})
            app = build_api(settings, tutor, storage, course.embeddings, ready, lambda: len(count()), answering)
            return Served(stack.enter_context(listening(app)), storage, tutor, ready)

        yield make


@pytest.fixture
def client() -> Iterator[Callable[[Served], OpenAI]]:
    """The official client, without retries: a test looks at the first answer."""
    made: list[OpenAI] = []

    def make(served: Served, key: str = "none") -> OpenAI:
        http = httpx.Client(trust_env=False)
        made.append(OpenAI(base_url=f"{served.url}/v1", api_key=key, max_retries=0, timeout=SOON, http_client=http))
        return made[-1]

    yield make
    for one in made:
        one.close()


class listening:  # noqa: N801 - reads like a function
    """Serve an application in a thread; gives its address."""

    def __init__(self, app: Any) -> None:
        self.server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        self.bound = reserve("127.0.0.1", free_port())
        self.thread = threading.Thread(target=self.server.run, args=([self.bound],), daemon=True)

    def __enter__(self) -> str:
        self.bound.listen()  # connections wait from here on
        self.thread.start()
        return f"http://127.0.0.1:{self.bound.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(SOON)
        self.bound.close()


def free_port() -> int:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
