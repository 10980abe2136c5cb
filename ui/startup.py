"""What happens behind the page when the app starts: the first ingestion, and loading the embedding model."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from errors import StoreBusyError, TutorError
from rag.ingest import find_documents, ingest, reindex
from rag.library import Library, Step
from rag.retrieval import Retriever
from settings import ROOT

__all__ = ["BUNDLED", "Startup"]

BUNDLED = (ROOT / "docs", ROOT / "knowledge" / "notes")
"""What the first start reads into an empty knowledge base."""


class Startup:
    """Prepares the knowledge base in a thread; `status` is what the page says of it, `done` is set at the end."""

    def __init__(self, library: Library, retriever: Retriever, bundled: Sequence[Path] = BUNDLED) -> None:
        self.done = threading.Event()
        self.status = "正在启动……"
        self._library = library
        self._retriever = retriever
        self._bundled = [path for path in bundled if path.exists()]

    def start(self) -> None:
        """Begin; returns at once."""
        threading.Thread(target=self._run, name="startup", daemon=True).start()

    def _run(self) -> None:
        failures: list[str] = []
        unfinished = "准备没有完成。请看终端里的信息，改正后重新启动。"
        try:
            for step in self._steps():
                if step.outcome and step.outcome.error:
                    failures.append(f"{Path(step.path).name}：{step.outcome.error}")
                pace = f"（{step.told()}）" if step.told() else ""
                self.status = f"正在准备资料 {step.done}/{step.total}{pace}：{Path(step.path).name}"
            self.status = "正在加载向量模型……"
            self._retriever.search("准备", k=1)
            unfinished = "；".join(f"未能入库：{failure}" for failure in failures)
        except TutorError as error:
            unfinished = str(error)
        finally:
            self.status = unfinished
            self.done.set()

    def _steps(self) -> Iterator[Step]:
        """What there is to prepare. While another process adds documents the page answers already, and this waits."""
        while True:
            try:
                yield from self._preparation()
                return
            except StoreBusyError:
                self.status = "另一个入库任务正在运行，等它结束后继续准备；已入库的资料可以提问。"
                self.done.set()

    def _preparation(self) -> Iterator[Step]:
        """The first start reads the bundled documents; a later one finishes or rebuilds what is not whole."""
        if self._library.documents():
            yield from reindex(self._library)
        else:
            documents, _ = find_documents(self._bundled)
            yield from ingest(self._library, documents)
