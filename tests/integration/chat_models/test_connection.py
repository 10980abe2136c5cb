"""A model that is chosen while the app runs, tried at a real HTTP server."""

from __future__ import annotations

import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from errors import ChatModelError, EndpointFaultError, EndpointRefusedError, EndpointUnreachableError, StorageError, UsageError
from rag.connection import Connection, Endpoint, try_endpoint
from rag.retrieval import Retrieval
from rag.speaker import load_speaker
from rag.tutor import Tutor
from settings import Settings
from tests.integration.chat_models.endpoint_server import EndpointServer


class NoRetriever:
    def retrieve(self, query: str, subject: str = "auto", k: int = 6) -> Retrieval:
        return Retrieval(query, subject)


@pytest.fixture
def server() -> Iterator[EndpointServer]:
    with EndpointServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.released.set()
        server.shutdown()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path)


def tutor(settings: Settings) -> Tutor:
    return Tutor(NoRetriever(), load_speaker(settings))


def endpoint(server: EndpointServer, key: str = "k") -> Endpoint:
    return Endpoint(server.url, "m-1", SecretStr(key))


def test_a_trial_is_a_real_small_request(server: EndpointServer, settings: Settings) -> None:
    trial = try_endpoint(endpoint(server), settings)
    assert 0 < trial.seconds < 20 and trial.models == (), "this server lists no models"
    assert server.bodies[0]["model"] == "m-1" and server.bodies[0]["max_tokens"] <= 32


@pytest.mark.parametrize(
    ("key", "error"), [("401", EndpointRefusedError), ("500", EndpointFaultError), ("page", EndpointFaultError)]
)
def test_what_goes_wrong_in_a_trial_is_told_apart(
    server: EndpointServer, settings: Settings, key: str, error: type[ChatModelError]
) -> None:
    with pytest.raises(error):
        try_endpoint(endpoint(server, key), settings)


def test_nobody_listens(settings: Settings) -> None:
    with pytest.raises(EndpointUnreachableError):
        try_endpoint(Endpoint("http://127.0.0.1:9/v1", "m"), settings)


@pytest.mark.parametrize(("url", "name", "key"), [("ftp://x", "m", ""), ("http://x/v1", " ", ""), ("http://x/v1", "m", "密钥")])
def test_what_can_be_no_endpoint_is_refused_before_anything_is_sent(settings: Settings, url: str, name: str, key: str) -> None:
    with pytest.raises(UsageError):
        try_endpoint(Endpoint(url, name, SecretStr(key)), settings)


def test_it_answers_from_the_next_question_on_and_can_be_left(server: EndpointServer, settings: Settings) -> None:
    teacher = tutor(settings)
    connection = Connection(settings, teacher)
    connection.connect(endpoint(server), remember=False)
    assert teacher.label == "openai:m-1" and teacher.speaker.generative and not connection.remembered
    assert connection.settings.chat_model == "openai:m-1" and not list(settings.tutoring_dir.glob("*"))
    connection.disconnect()
    assert "摘录式" in teacher.label and connection.settings.chat_model == "extractive"


def test_it_is_remembered_for_this_user_only_until_it_is_left(server: EndpointServer, settings: Settings) -> None:
    Connection(settings, tutor(settings)).connect(endpoint(server, "secret"), remember=True)
    file = settings.tutoring_dir / "endpoint.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    teacher = tutor(settings)
    again = Connection(settings, teacher)
    assert teacher.label == "openai:m-1" and again.endpoint == endpoint(server, "secret")
    again.disconnect()
    assert not file.exists() and "摘录式" in teacher.label


def test_the_environment_goes_before_what_is_remembered(server: EndpointServer, settings: Settings) -> None:
    Connection(settings, tutor(settings)).connect(endpoint(server), remember=True)
    named = settings.model_copy(update={"chat_model": "openai:other", "chat_base_url": server.url})
    teacher = tutor(named)
    assert Connection(named, teacher).endpoint is None and teacher.label == "openai:other"


def test_a_damaged_file_is_as_none(settings: Settings) -> None:
    settings.tutoring_dir.mkdir(parents=True)
    for text in ("{", "[]", '{"url": "nonsense", "name": "m", "key": ""}'):
        (settings.tutoring_dir / "endpoint.json").write_text(text)
        assert Connection(settings, tutor(settings)).endpoint is None


def test_a_key_goes_to_no_other_address(server: EndpointServer, settings: Settings) -> None:
    connection = Connection(settings, tutor(settings))
    connection.connect(endpoint(server, "secret"), remember=False)
    assert connection.key_for(server.url, "").get_secret_value() == "secret"
    assert connection.key_for("http://elsewhere/v1", "").get_secret_value() == ""


def test_it_is_used_though_it_can_not_be_remembered(server: EndpointServer, settings: Settings) -> None:
    settings.tutoring_dir.parent.mkdir(parents=True, exist_ok=True)
    settings.tutoring_dir.write_text("a file, where the folder should be")
    teacher = tutor(settings)
    with pytest.raises(StorageError, match="已经启用"):
        Connection(settings, teacher).connect(endpoint(server), remember=True)
    assert teacher.label == "openai:m-1"
