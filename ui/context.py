"""What the tabs of the page work with, and who is sitting before it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import gradio as gr

from rag.connection import Connection
from rag.library import Library
from rag.tutor import Tutor
from settings import Settings
from tutoring.accounts import Accounts
from tutoring.clock import Clock
from tutoring.coverage import Coverage
from tutoring.database import Database
from tutoring.mastery_cache import LearnersMastery
from tutoring.storage import LOCAL
from ui.startup import Startup
from ui.uploads import Uploads

__all__ = ["QUIET", "PageContext", "may_manage", "owner_of"]

QUIET: dict[str, Any] = {"show_progress": "hidden", "show_progress_on": [], "api_visibility": "private"}
"""How an event is connected that shows no progress of Gradio's. The empty list is for the browser's sake: at each status of each event it
marks every component that any event so far may show progress on, and searches the whole page for each, also where that is hidden. That
was half of the time that the page took to open."""


@dataclass(frozen=True)
class PageContext:
    """The parts of the application that the tabs reach. `clock` tells the time; a test lets days go by with it."""

    settings: Settings
    tutor: Tutor
    library: Library
    startup: Startup
    database: Database
    clock: Clock

    @cached_property
    def connection(self) -> Connection:
        """Which model answers; one for all tabs and all who use the page."""
        return Connection(self.settings, self.tutor)

    @cached_property
    def coverage(self) -> Coverage:
        """Which pages treat which points of the syllabus; one for all tabs and all who use the page."""
        return Coverage(self.tutor.retriever, self.library.documents, self.settings.vector_db_dir, self.startup.done)

    @cached_property
    def mastery(self) -> LearnersMastery:
        """What is believed of each learner; one for all tabs and all who use the page."""
        return LearnersMastery(self.database, self.clock)

    @cached_property
    def uploads(self) -> Uploads:
        """The documents on their way into the library; one for all who use the page."""
        return Uploads(self.library, self.settings.vector_db_dir / "incoming", self.startup.done)


def owner_of(request: gr.Request) -> str:
    """Whose conversations, attempts and exams a request may see: what the server found out about who sent it."""
    return request.username or LOCAL


def may_manage(context: PageContext, owner: str) -> bool:
    """Whether someone may change what all share: documents, the model.

    Raises:
        StorageError: the accounts can't be read.
    """
    return Accounts(context.database, context.clock).may_manage(owner)
