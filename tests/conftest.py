"""Fixtures: settings in a temporary folder, documents of our own, recording fakes for chat models."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

os.environ["HF_HUB_OFFLINE"] = "1"
# Every HTTP client reads all authorities of the system (0.05 s, hundreds of times); no test speaks TLS, so one that is nobody's will do.
os.environ["SSL_CERT_FILE"] = str(Path(__file__).with_name("authority.pem"))
for name in [name for name in os.environ if name.startswith("TUTOR_")]:
    del os.environ[name]

from rag.parsing.ocr import set_threads  # noqa: E402 - the environment is cleared first
from settings import ROOT, Settings  # noqa: E402
from vector_db.embeddings import SentenceTransformerEmbeddings, load_embeddings  # noqa: E402

pytest_plugins = ["tests.integration.chat_models.table_plugin", "tests.databases", "tests.scheduling"]
set_threads(1)  # a second thread for so little work waits more than it computes

DOCS = ROOT / "docs"
T = TypeVar("T")


class RecordingChatModel(BaseChatModel):
    """Answers what it was told to and keeps the messages that it was given."""

    answers: list[str]
    error: Exception | None = None
    seen: list[list[BaseMessage]] = []

    @property
    def _llm_type(self) -> str:
        return "recording"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = "".join(str(chunk.message.content) for chunk in self._stream(messages))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        self.seen.append(messages)
        if self.error:
            raise self.error
        for piece in self.answers.pop(0):
            yield ChatGenerationChunk(message=AIMessageChunk(content=piece))


@pytest.fixture
def recording() -> Any:
    """A maker of recording chat models: `recording("answer one", "answer two")`."""

    def make(*answers: str, error: Exception | None = None) -> RecordingChatModel:
        return RecordingChatModel(answers=list(answers), error=error, seen=[])

    return make


def returned(work: Generator[Any, None, T]) -> T:
    """What a generator returns, whatever it yields before."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Default settings with all data in a temporary folder."""
    return Settings(_env_file=None, data_dir=tmp_path / "data")


@pytest.fixture(scope="session")
def embeddings() -> SentenceTransformerEmbeddings:
    """The shipped embedding model, loaded once."""
    return load_embeddings(Settings(_env_file=None))


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """A writer of files into a temporary folder: `write("a.md", "text")`, bytes or text."""

    def make(name: str, content: str | bytes) -> Path:
        path = tmp_path / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make


def blank_pdf(pages: int) -> bytes:
    """A PDF with empty pages, written by hand so that zero pages are possible too."""
    kids = " ".join(f"{i + 3} 0 R" for i in range(pages))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>"]
    objects += ["<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 400] >>"] * pages
    return assemble_pdf(objects)


def assemble_pdf(objects: Sequence[str]) -> bytes:
    """A PDF file of these objects, the first being its catalog."""
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    tail = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + tail.encode()


def archive(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return file.getvalue()
