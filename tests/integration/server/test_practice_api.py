"""Practice for programs: the endpoints of the page, called by Gradio's own client and by raw HTTP with nonsense."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from gradio_client import Client
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.chat_models.extractive import ExtractiveChatModel
from rag.speaker import Speaker
from rag.tutor import Tutor
from settings import Settings
from tests.integration.server.conftest import SOON, Course, Ready, listening
from tutoring.attempts import Attempts
from tutoring.clock import utc_now
from tutoring.database import Database, open_database
from ui.context import PageContext
from ui.page import mount_page

ANN, BOB = "user:1", "user:2"


class AsTold:
    """The gate's part: who a request is from, here as its header says."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", ()))
        await self._app({**scope, "owner": headers.get(b"x-owner", b"").decode() or None}, receive, send)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = open_database(Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("practice")))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def url(course: Course, database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("page"))
    tutor = Tutor(course.retriever, Speaker(ExtractiveChatModel(), "测试模型", False), settings.max_question_chars)
    context = PageContext(settings, tutor, course.library, Ready(), database, utc_now)  # type: ignore[arg-type]
    with listening(AsTold(asyncio.run(mounted(context)))) as address:
        yield address


async def mounted(context: PageContext) -> FastAPI:
    """The page alone, built inside a loop: outside of one Gradio makes loops that nobody closes."""
    page = FastAPI()
    mount_page(page, context, "127.0.0.1", 7860)
    return page


def client(url: str, owner: str) -> Client:
    return Client(url, headers={"x-owner": owner}, verbose=False, analytics_enabled=False, httpx_kwargs={"trust_env": False})


def told(url: str, name: str, body: bytes, owner: str = ANN) -> Any:
    """What an endpoint answers to a raw body; the client would not send every nonsense."""
    headers = {"x-owner": owner, "content-type": "application/json"}
    with httpx.Client(base_url=f"{url}/gradio_api/call/{name}", headers=headers, timeout=SOON, trust_env=False) as http:
        event = http.post("", content=body).json()["event_id"]
        lines = http.get(f"/{event}").text.splitlines()
    assert lines[0] == "event: complete", lines
    return json.loads(lines[1].removeprefix("data: "))[0]


def test_a_question_is_asked_and_answered_once_and_nobody_else_sees_it(url: str, database: Database) -> None:
    ann, bob = client(url, ANN), client(url, BOB)
    asked = ann.predict("os", 2, "", api_name="/practice_next")
    assert asked["question"].startswith("os") and set(asked["options"]) == set("ABCD") and "key" not in asked
    assert bob.predict(asked["token"], "A", api_name="/practice_answer") == {"token": ""}
    answered = ann.predict(asked["token"], "A", api_name="/practice_answer")
    assert answered["chosen"] == "A" and answered["right"] == (answered["key"] == "A")
    assert ann.predict(asked["token"], answered["key"], api_name="/practice_answer") == answered, "once"
    assert Attempts(database).count(ANN) == 1 and Attempts(database).count(BOB) == 0
    nothing = bob.predict("os", 0, "wrong", api_name="/practice_next")
    assert nothing == {"token": ""}, "Bob has no wrong ones"


@pytest.mark.parametrize(
    "body",
    [
        b'[["os"], [1], {"a": 1}]', b'[{"a": 1}, "x", null]', b"[null, null, null]", b'["\\ud800", 1e300, "\\u0000"]', b"[true, true, true]",
        json.dumps(["x" * 300_000, -7, "y" * 300_000]).encode(),
    ],
    ids=["lists", "objects", "nulls", "no-text", "booleans", "huge"],
)  # fmt: skip
def test_nonsense_is_no_filter(url: str, body: bytes) -> None:
    assert told(url, "practice_next", b'{"data": ' + body + b"}")["token"]


@pytest.mark.parametrize(
    "token",
    [b'""', b"null", b'["a"]', b'{"a": 1}', b"12345", b'"\\ud800"', b'"a\\u0000b"', json.dumps("x" * 900_000).encode()],
    ids=["empty", "null", "list", "object", "number", "surrogate", "nul", "huge"],
)
def test_nonsense_answers_nothing(url: str, database: Database, token: bytes) -> None:
    asked = told(url, "practice_next", b'{"data": ["", 0, ""]}')
    count = Attempts(database).count(ANN)
    assert told(url, "practice_answer", b'{"data": [' + token + b', "A"]}') == asked
    assert Attempts(database).count(ANN) == count


@pytest.mark.parametrize("letter", [b'["A"]', b"null", b"7", b'"AB"', b'"\\ud800"'])
def test_what_is_no_letter_is_not_known(url: str, letter: bytes) -> None:
    asked = told(url, "practice_next", b'{"data": ["cn", 0, ""]}')
    answered = told(url, "practice_answer", b'{"data": ["' + asked["token"].encode() + b'", ' + letter + b"]}")
    assert answered["chosen"] == "" and answered["key"] in "ABCD" and not answered["right"]
