import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from server.access import Access, keys_of, owner_of
from server.origin import is_loopback
from settings import Settings
from tutoring.storage import LOCAL


def ask(
    keys: tuple[str, ...] = (),
    path: str = "/v1/models",
    client: str | None = "127.0.0.1",
    host: str = "127.0.0.1:7860",
    **headers: str,
) -> tuple[int, str | None]:
    """Status (200 for let through) and owner of one request."""
    seen: dict[str, Any] = {"status": 200, "owner": "nobody"}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen["owner"] = scope["owner"]

    async def send(message: Any) -> None:
        seen["status"] = message.get("status", seen["status"])

    raw = [(b"host", host.encode()), *((k.encode(), v.encode("latin-1")) for k, v in headers.items())]
    scope = {"type": "http", "path": path, "client": (client, 5) if client else None, "headers": raw, "method": "GET"}
    asyncio.run(Access(app, keys, lambda: datetime.now(UTC))(scope, None, send))  # type: ignore[arg-type]
    return seen["status"], seen["owner"]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1:80", "localhost:7860", "LOCALHOST", "localhost.", "[::1]:7860"])
@pytest.mark.parametrize("client", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_without_keys_this_machine_is_served(host: str, client: str) -> None:
    assert ask(host=host, client=client) == (200, LOCAL)


@pytest.mark.parametrize("client", ["192.168.1.5", "8.8.8.8", "2001:db8::1", None, "localhost.evil.example"])
def test_without_keys_another_machine_is_refused(client: str | None) -> None:
    assert ask(client=client)[0] == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", "localhost@evil.example", "", "[::1", "192.168.1.5"]
)
@pytest.mark.parametrize("path", ["/", "/v1/models", "/api/chat", "/healthz", "/metrics", "/gradio_api/upload"])
def test_a_name_that_was_pointed_here_is_refused(host: str, path: str) -> None:
    assert ask(path=path, host=host)[0] == 403


@pytest.mark.parametrize(("origin", "status"), [("http://evil.example", 403), ("null", 403), ("http://127.0.0.1:7860", 200)])
def test_a_script_of_another_site_is_refused(origin: str, status: int) -> None:
    assert ask(origin=origin)[0] == status


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer wrong", "Basic one", "one", "Bearer one,two", "Bearer on", "Bearer onee", "Bearer \xe9"],
)
def test_a_wrong_key_is_refused(authorization: str) -> None:
    assert ask(("one", "two"), authorization=authorization) == (401, "nobody")


def test_each_key_is_an_owner_of_its_own() -> None:
    owners = {ask(("one", "two"), authorization=f"Bearer {key}") for key in ("one", "two")}
    assert owners == {(200, owner_of("one")), (200, owner_of("two"))} and "one" not in owner_of("one")


def test_with_keys_the_api_may_be_asked_from_elsewhere_but_the_page_may_not() -> None:
    far = {"client": "8.8.8.8", "host": "tutor.example"}
    assert ask(("one",), authorization="Bearer one", **far) == (200, owner_of("one"))
    assert ask(("one",), authorization="bearer  one ", **far) == (200, owner_of("one"))
    assert ask(("one",), path="/", authorization="Bearer one", **far)[0] == 403
    assert ask(("one",), path="/") == (200, LOCAL)


def test_with_keys_whoever_looks_after_the_server_may_see_that_it_runs() -> None:
    assert ask(("one",), path="/healthz", client="8.8.8.8", host="x.example") == (200, None)
    assert ask(("one",), path="/metrics")[0] == 401


def test_no_path_slips_between_api_and_page() -> None:
    for path in ("/v1", "/v1/", "/api", "/api/", "/v1/anything"):
        assert ask(("one",), path=path)[0] == 401
    for path in ("//v1/models", "/V1/models", "/x/../v1/models"):
        assert ask(("one",), path=path, client="8.8.8.8")[0] == 403


def test_keys_of_the_settings() -> None:
    assert keys_of(Settings(_env_file=None, api_keys=" a , b,, ")) == ("a", "b")
    assert keys_of(Settings(_env_file=None, api_keys=" , ")) == keys_of(Settings(_env_file=None)) == ()


def test_names_and_addresses() -> None:
    assert (
        is_loopback("127.0.0.1") and not is_loopback("0.0.0.0") and not is_loopback("") and not is_loopback("localhost.example")
    )


def test_a_key_in_chinese_is_compared_as_it_is_sent() -> None:
    assert ask(("密钥",), authorization="Bearer " + "密钥".encode().decode("latin-1")) == (200, owner_of("密钥"))
