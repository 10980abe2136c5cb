"""The web tutor. Run as: python app.py [--host 127.0.0.1] [--port 7860]"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from knowledge.command import Parser, guarded
from settings import Settings, load_settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C."""
    parser = Parser(prog="python app.py", description="启动网页与 HTTP 接口。")
    parser.add_argument("--host", default="127.0.0.1", help="监听地址（默认只有本机能访问）")
    parser.add_argument("--port", type=int, default=7860, help="端口（默认 7860）")
    options = parser.parse_args(argv)
    return guarded(lambda: run(load_settings(), options.host, options.port))


def run(settings: Settings, host: str, port: int) -> int:
    """Address → store → library and tutor → page and API, on one port.

    Raises:
        UsageError: the address would open the page to others who need not log in, or can't be listened on.
    """
    from server.memory import share_arenas
    from server.serving import address_of, reserve, serve
    from tutoring.given_users import has_accounts

    share_arenas()
    with reserve(host, port, lambda: has_accounts(settings)) as bound:
        print("正在启动……", file=sys.stderr)
        with opened(settings, *bound.getsockname()[:2]) as app:
            print(f"网页：{address_of(bound)}　接口：{address_of(bound)}/v1　（按 Ctrl-C 停止）", file=sys.stderr)
            serve(app, bound)
    return 0


@contextmanager
def opened(settings: Settings, host: str, port: int, clock: Callable[[], datetime] | None = None) -> Iterator[ASGIApp]:
    """Page and API as one application that has begun to prepare; `clock` tells the time, the real one if it is not given."""
    from rag.library import open_library
    from rag.tutor import open_tutor
    from server.api import build_api
    from server.gate import open_gate
    from tutoring.clock import utc_now
    from tutoring.database import open_database
    from tutoring.storage import Storage
    from ui.context import PageContext
    from ui.page import mount_page
    from ui.startup import Startup
    from vector_db.embeddings import load_embeddings
    from vector_db.store import open_store

    clock = clock or utc_now
    embeddings = load_embeddings(settings)
    store = open_store(settings, embeddings)
    library, tutor = open_library(settings, store), open_tutor(settings, store)
    with closing(open_database(settings)) as database:
        gate = open_gate(settings, database, clock)
        startup = Startup(library, tutor.retriever)
        storage = Storage(database, clock)
        api = build_api(settings, tutor, storage, embeddings, startup, lambda: len(library.documents()), clock=clock, gate=gate)
        mount_page(api, PageContext(settings, tutor, library, startup, database, clock), host, port)
        startup.start()
        yield api


if __name__ == "__main__":
    raise SystemExit(main())
