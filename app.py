"""The web tutor. Run as: python app.py [--host 127.0.0.1] [--port 7860]"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from socket import socket

from knowledge.command import Parser, guarded
from settings import ROOT, Settings, load_settings

BUNDLED = (ROOT / "docs", ROOT / "knowledge" / "notes")
"""What the first start reads into an empty knowledge base."""


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
        UsageError: the address would open the page to others, or can't be listened on.
    """
    from server.serving import reserve

    with reserve(host, port) as bound:
        print("正在启动……", file=sys.stderr)
        return _serve(settings, bound)


def _serve(settings: Settings, bound: socket) -> int:
    import gradio as gr

    from rag.library import Library
    from rag.retrieval import open_retriever
    from rag.speaker import load_speaker
    from rag.tutor import Tutor
    from rag.web import open_web_search
    from server.api import build_api
    from server.serving import address_of, serve
    from tutoring.storage import open_storage
    from ui.page import LOOK, build_page
    from ui.startup import Startup
    from vector_db.embeddings import load_embeddings
    from vector_db.registry import Registry
    from vector_db.store import open_store

    embeddings = load_embeddings(settings)
    store = open_store(settings, embeddings)
    retriever = open_retriever(settings, store)
    library = Library(settings, store, Registry(settings.vector_db_dir / "registry.sqlite3"))
    tutor = Tutor(retriever, load_speaker(settings), settings.max_question_chars, open_web_search(settings))
    storage = open_storage(settings)
    startup = Startup(library, retriever, BUNDLED)
    api = build_api(settings, tutor, storage, embeddings, startup, lambda: len(library.documents()))
    host, port = bound.getsockname()[:2]
    gr.mount_gradio_app(
        api, build_page(tutor, library, startup, storage), path="/", server_name=host, server_port=port,
        max_file_size=settings.max_file_mb << 20, show_error=False, ssr_mode=False, mcp_server=False, pwa=False,
        enable_monitoring=False, run_history=False, footer_links=[], **LOOK,
    )  # fmt: skip
    startup.start()
    print(f"网页：{address_of(bound)}　接口：{address_of(bound)}/v1　（按 Ctrl-C 停止）", file=sys.stderr)
    try:
        serve(api, bound)
    finally:
        storage.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
