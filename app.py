"""The web tutor. Run as: python app.py [--host 127.0.0.1] [--port 7860]"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from ipaddress import ip_address

from errors import UsageError
from knowledge.command import Parser, guarded
from settings import ROOT, Settings, load_settings

BUNDLED = (ROOT / "docs", ROOT / "knowledge" / "notes")
"""What the first start reads into an empty knowledge base."""


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C."""
    parser = Parser(prog="python app.py", description="启动网页。")
    parser.add_argument("--host", default="127.0.0.1", help="监听地址（默认只有本机能访问）")
    parser.add_argument("--port", type=int, default=7860, help="端口（默认 7860）")
    options = parser.parse_args(argv)
    return guarded(lambda: serve(load_settings(), options.host, options.port))


def serve(settings: Settings, host: str, port: int) -> int:
    """Settings → store → library and tutor → page.

    Raises:
        UsageError: the address would open the page to others, or can't be listened on.
    """
    if not _is_loopback(host):
        raise UsageError(f"拒绝监听 {host}：页面还没有登录保护，只能监听本机地址（127.0.0.1）。")
    if not 0 < port < 65536:
        raise UsageError(f"端口 {port} 不可用。请用 --port 指定 1 到 65535 之间的端口。")
    print("正在启动……", file=sys.stderr)
    from rag.library import Library
    from rag.retrieval import open_retriever
    from rag.speaker import load_speaker
    from rag.tutor import Tutor
    from ui.page import LOOK, build_page
    from ui.startup import Startup
    from vector_db.registry import Registry
    from vector_db.store import open_store

    store = open_store(settings)
    retriever = open_retriever(settings, store)
    library = Library(settings, store, Registry(settings.vector_db_dir / "registry.sqlite3"))
    tutor = Tutor(retriever, load_speaker(settings), settings.max_question_chars)
    startup = Startup(library, retriever, BUNDLED)
    startup.start()
    page = build_page(tutor, library, startup)
    try:
        page.launch(server_name=host, server_port=port, share=False, max_file_size=settings.max_file_mb << 20, **LOOK)
    except OSError as error:
        raise UsageError(f"端口 {port} 已被占用。请用 --port 换一个端口，或关掉占用它的程序。") from error
    return 0


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


if __name__ == "__main__":
    raise SystemExit(main())
