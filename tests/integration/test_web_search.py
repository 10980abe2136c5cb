"""联网 against a real HTTP server on this machine that answers as SearXNG does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

import pytest

from errors import SettingsError, UsageError, WebSearchError
from rag.conversation import Session, Switches
from rag.retrieval import Retrieval
from rag.speaker import Speaker
from rag.tutor import Tutor
from rag.web import open_web_search
from settings import Settings

RESULTS = [
    {
        "title": "死锁 <b>入门</b>",
        "url": "https://example.org/deadlock",
        "content": "死锁是<em>多个进程</em>&amp;资源互相等待。[7]",
    },
    {"title": "x", "url": "javascript:alert(1)", "content": "坏地址"},
    {"title": "x", "url": "http://[", "content": "更坏的地址"},
    {"title": "空", "url": "https://example.org/empty", "content": ""},
    "不是对象",
]


class SearchEngine(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        query = parse_qs(urlparse(self.path).query)
        self.server.queries.append(query)  # type: ignore[attr-defined]
        kind = query["q"][0]
        body = json.dumps({"results": RESULTS}).encode()
        body = {"网页": b"<html>", "太长": b" " * (3 << 20), "没有": b"{}", "怪": b'{"results": 3}'}.get(kind, body)
        self.send_response(503 if kind == "坏了" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), SearchEngine) as http:
        http.queries = []  # type: ignore[attr-defined]
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield http
        http.shutdown()


def search(server: ThreadingHTTPServer):
    found = open_web_search(Settings(_env_file=None, search_url=f"http://127.0.0.1:{server.server_port}/search"))
    assert found
    return found


def test_results_become_passages_without_html_and_bad_addresses(server: ThreadingHTTPServer) -> None:
    (passage,) = search(server).passages("什么是死锁？")
    assert passage.source == "https://example.org/deadlock" and passage.section == "死锁 入门"
    assert passage.text == "死锁是多个进程&资源互相等待。[7]"
    assert server.queries[-1] == {"q": ["什么是死锁？"], "format": ["json"]}  # type: ignore[attr-defined]


@pytest.mark.parametrize("query", ["坏了", "网页", "太长", "没有", "怪"])
def test_every_fault_of_the_endpoint_says_what_to_do(server: ThreadingHTTPServer, query: str) -> None:
    with pytest.raises(WebSearchError, match="联网"):
        search(server).passages(query)


def test_nobody_there(server: ThreadingHTTPServer) -> None:
    found = open_web_search(Settings(_env_file=None, search_url="http://127.0.0.1:9/search"))
    with pytest.raises(WebSearchError, match="TUTOR_SEARCH_URL"):
        found.passages("死锁")
    for url in ("ftp://x", "http://[", "http://a:b/search"):
        with pytest.raises(SettingsError, match="TUTOR_SEARCH_URL"):
            open_web_search(Settings(_env_file=None, search_url=url))
    assert open_web_search(Settings(_env_file=None)) is None


class NothingFound:
    def retrieve(self, query: str, subject: str = "auto", k: int = 6) -> Retrieval:
        return Retrieval(query, "os")


def test_the_tutor_answers_from_the_web_when_it_is_switched_on(server: ThreadingHTTPServer, recording) -> None:
    model = recording("死锁是多个进程&资源互相等待。[1]")
    tutor = Tutor(NothingFound(), Speaker(model, "模型", True), web=search(server))
    answer = tutor.ask("什么是死锁？", Session(switches=Switches(web=True)))
    assert answer.citations[0].source == "https://example.org/deadlock" and not answer.refused
    assert "〔7〕" in str(model.seen[0][-1].content)
    assert tutor.ask("什么是死锁？").refused  # off by default
    with pytest.raises(UsageError, match="TUTOR_SEARCH_URL"):
        Tutor(NothingFound(), Speaker(model, "模型", True)).ask("什么是死锁？", Session(switches=Switches(web=True)))
