"""Logging in over real HTTP: cookies, refusals, other sites, guessing, another password."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import Request

from rag.chat_models.extractive import ExtractiveChatModel
from rag.conversation import Session
from rag.speaker import Speaker
from rag.tutor import Tutor
from server.answering import Answering
from server.api import build_api
from server.gate import COOKIE, Gate, open_gate
from settings import Settings
from tests.integration.server.conftest import SOON, Course, Ready, listening
from tutoring.accounts import Account, Accounts
from tutoring.database import Database, open_database
from tutoring.logins import LASTS, Logins
from tutoring.passwords import Passwords
from tutoring.storage import LOCAL, Storage

PASSWORD = "correct horse 408"
BROWSER = {"accept": "text/html,application/xhtml+xml"}


class Clock:
    """The real time, put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Site:
    """An API that listens, with a page that says who asks."""

    url: str
    database: Database
    accounts: Accounts
    clock: Clock

    def browser(self, **headers: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=SOON, trust_env=False, headers=headers)

    def login(self, name: str, password: str = PASSWORD, **headers: str) -> httpx.Client:
        client = self.browser(**headers)
        answer = client.post("/login", data={"name": name, "password": password})
        assert answer.status_code == 303, answer.text
        return client


def _site(course: Course, folder: Path, keys: str | None) -> tuple[object, Database, Accounts, Clock]:
    settings, clock = Settings(_env_file=None, data_dir=folder / "data", api_keys=keys), Clock()
    database = open_database(settings)
    accounts = Accounts(database, clock, Passwords(PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)))
    gate = Gate(accounts, Logins(database, clock), clock)
    tutor = Tutor(course.retriever, Speaker(ExtractiveChatModel(), "测试模型", False), settings.max_question_chars)
    storage, answering = Storage(database, clock), Answering(2, 8)
    app = build_api(settings, tutor, storage, course.embeddings, Ready(), lambda: 2, answering, clock, gate)

    @app.get("/")
    @app.post("/")
    @app.get("/gradio_api/{rest:path}")
    @app.post("/gradio_api/{rest:path}")
    async def page(request: Request) -> dict[str, str | None]:
        sent = (await request.body()).decode()
        return {"owner": request.scope["owner"], "sent": sent}

    return app, database, accounts, clock


@pytest.fixture
def site(course: Course, tmp_path: Path) -> Iterator[Site]:
    app, database, accounts, clock = _site(course, tmp_path, None)
    with listening(app) as url:
        yield Site(url, database, accounts, clock)
    database.close()


@pytest.fixture
def ann(site: Site) -> Account:
    return site.accounts.create("安", PASSWORD, "admin")


def owner(client: httpx.Client) -> str | None:
    answer = client.get("/")
    return answer.json()["owner"] if answer.status_code == 200 else None


def test_without_accounts_nobody_logs_in(site: Site) -> None:
    client = site.browser(**BROWSER)
    assert owner(client) == LOCAL
    assert client.get("/login").headers["location"] == "./"


def test_the_first_account_closes_the_page_while_it_runs(site: Site) -> None:
    client = site.browser(**BROWSER)
    assert owner(client) == LOCAL
    site.accounts.create("安", PASSWORD, "admin")
    site.clock.ahead += timedelta(seconds=3)
    assert client.get("/").headers["location"] == "/login"
    site.accounts.remove(site.accounts.named("安"))
    site.clock.ahead += timedelta(hours=1)
    assert client.get("/").status_code == 303, "to remove the last account opens nothing before a restart"


@pytest.mark.usefixtures("ann")
@pytest.mark.parametrize(
    "path",
    ["/", "/config", "/password", "/gradio_api/info", "/gradio_api/queue/data?session_hash=x", "/gradio_api/file=/etc/passwd",
     "/gradio_api/heartbeat/x", "/assets/index.js", "/theme.css", "/v1/models", "/metrics", "/api/chat", "//login", "/login/", "/LOGIN"],
)  # fmt: skip
def test_without_a_login_everything_is_closed(site: Site, path: str) -> None:
    for cookie in ("", "x", "é" * 43):
        answer = httpx.get(site.url + path, headers={"cookie": f"{COOKIE}={cookie}".encode()}, trust_env=False)
        assert answer.status_code == 401 and "登录" in answer.text
    posted = httpx.post(site.url + path, json={}, trust_env=False)
    assert posted.status_code == 401


@pytest.mark.usefixtures("ann")
def test_who_is_not_logged_in_may_see_that_the_server_runs(site: Site) -> None:
    assert site.browser().get("/healthz").status_code == 200


def test_a_login_opens_the_page_and_a_logout_closes_it(site: Site, ann: Account) -> None:
    client = site.login("安", **BROWSER)
    assert owner(client) == ann.owner and owner(site.browser()) is None
    token = client.cookies[COOKIE]
    assert client.get("/login").headers["location"] == "./"
    answer = client.post("/logout")
    assert answer.headers["location"] == "login" and "Max-Age=0" in answer.headers["set-cookie"]
    assert owner(client) is None and owner(site.browser(cookie=f"{COOKIE}={token}")) is None


def test_the_cookie(site: Site, ann: Account) -> None:
    sent = site.browser().post("/login", data={"name": "安", "password": PASSWORD}).headers["set-cookie"]
    assert "HttpOnly" in sent and "SameSite=Lax" in sent and "Path=/" in sent and "Secure" not in sent
    proxied = {"x-forwarded-proto": "https", "host": "tutor.example", "origin": "https://tutor.example"}
    sent = site.browser(**proxied).post("/login", data={"name": "安", "password": PASSWORD}).headers["set-cookie"]
    assert "Secure" in sent


def test_behind_a_proxy_that_changes_the_host_the_browser_says_where_it_is(site: Site, ann: Account) -> None:
    proxied = {"origin": "https://tutor.example", "sec-fetch-site": "same-origin"}
    entered = site.browser(**proxied).post("/login", data={"name": "安", "password": PASSWORD})
    client = site.browser(**proxied, cookie=entered.headers["set-cookie"].partition(";")[0])
    assert client.post("/", json={}).status_code == 200
    assert client.post("/", json={}, headers={"sec-fetch-site": "cross-site"}).status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1"])
def test_another_sites_form_does_nothing(site: Site, ann: Account, origin: str) -> None:
    client = site.login("安")
    for path, form in (("/login", {"name": "安", "password": PASSWORD}), ("/logout", {}), ("/password", {}), ("/", {})):
        assert client.post(path, data=form, headers={"origin": origin}).status_code == 403
    assert owner(client) == ann.owner
    assert client.post("/", headers={"origin": site.url}).status_code == 200


def test_a_name_that_was_pointed_here_has_no_login(site: Site, ann: Account) -> None:
    rebound = {"host": "evil.example", "origin": "http://evil.example"}
    assert site.browser(**rebound).post("/").status_code == 401


def test_guessing_gets_slower_and_ends_with_the_right_password(site: Site, ann: Account) -> None:
    client, wrong = site.browser(), {"name": "安", "password": "wrong password"}
    assert [client.post("/login", data=wrong).status_code for _ in range(5)] == [401] * 5
    refused = client.post("/login", data={"name": " 安 ", "password": PASSWORD})
    assert refused.status_code == 429 and "请等 2 秒" in refused.text
    assert client.post("/login", data={"name": "波", "password": PASSWORD}).status_code == 401, "another name need not wait"
    site.clock.ahead += timedelta(seconds=3)
    assert client.post("/login", data=wrong).status_code == 401
    assert "请等 4 秒" in client.post("/login", data=wrong).text
    site.clock.ahead += timedelta(seconds=5)
    assert owner(site.login("安")) == ann.owner
    assert client.post("/login", data=wrong).status_code == 401


def test_guessing_at_many_names_gets_slower_too(site: Site, ann: Account) -> None:
    client = site.browser()
    told = [client.post("/login", data={"name": f"学员{n}", "password": "wrong password"}).status_code for n in range(21)]
    assert told == [401] * 20 + [429]


def test_a_name_comes_back_escaped_and_a_huge_form_is_refused(site: Site, ann: Account) -> None:
    client = site.browser()
    answer = client.post("/login", data={"name": '"><script>alert(1)</script>', "password": "x"})
    assert answer.status_code == 401 and "<script>" not in answer.text
    assert client.post("/login", content=b"name=" + b"x" * 20000).status_code == 413
    assert client.post("/login", content=b"\xff\xfe%zz=&&&name").status_code == 401


def test_another_password_ends_the_other_browsers(site: Site, ann: Account) -> None:
    here, there = site.login("安"), site.login("安")
    form = {"old": PASSWORD, "new": "another horse 408", "again": "another horse 408"}
    for wrong, status in (({"old": "wrong password"}, 401), ({"again": "x"}, 400), ({"new": "short", "again": "short"}, 400)):
        assert here.post("/password", data=form | wrong).status_code == status
    assert owner(there) == ann.owner
    assert here.post("/password", data=form).status_code == 303
    assert owner(here) == ann.owner and owner(there) is None
    assert site.accounts.check("安", "another horse 408")


def test_a_disabled_account_is_out_at_once(site: Site, ann: Account) -> None:
    client = site.login("安")
    assert owner(client) == ann.owner
    site.accounts.set_disabled(ann, True)
    site.clock.ahead += timedelta(seconds=3)
    assert owner(client) is None
    assert site.browser().post("/login", data={"name": "安", "password": PASSWORD}).status_code == 401


def test_a_login_lasts_while_it_is_used(site: Site, ann: Account) -> None:
    client = site.login("安")
    site.clock.ahead += timedelta(days=20)
    assert f"Max-Age={int(LASTS.total_seconds())}" in client.get("/").headers["set-cookie"]
    assert "set-cookie" not in client.get("/").headers
    site.clock.ahead += timedelta(days=31)
    assert owner(client) is None


def test_a_session_of_the_page_belongs_to_who_opened_it(site: Site, ann: Account) -> None:
    bob = site.accounts.create("波", PASSWORD)
    mine, his = site.login("安"), site.login("波")
    body = {"session_hash": "abc", "data": ["死锁"]}
    assert mine.post("/gradio_api/queue/join", json=body).json() == {
        "owner": ann.owner,
        "sent": '{"session_hash":"abc","data":["死锁"]}',
    }
    for refused in (
        his.post("/gradio_api/queue/join", json=body),
        his.post("/gradio_api/cancel", content=b'{"session_hash": "x", "session_hash": "abc"}'),
        his.get("/gradio_api/queue/data", params={"session_hash": "abc"}),
        his.get("/gradio_api/heartbeat/abc"),
    ):
        assert refused.status_code == 403 and "刷新" in refused.text
    assert his.get("/gradio_api/heartbeat/def").json()["owner"] == bob.owner
    assert mine.get("/gradio_api/heartbeat/abc").status_code == 200


def test_a_learner_puts_no_file_on_the_disk(site: Site, ann: Account) -> None:
    site.accounts.create("波", PASSWORD)
    refused = site.login("波").post("/gradio_api/upload", files={"files": b"x"})
    assert refused.status_code == 403 and "教师或管理员" in refused.text
    assert site.login("安").post("/gradio_api/upload", files={"files": b"x"}).status_code == 200


@pytest.mark.parametrize(("roles", "told"), [(["学员"], True), (["学员", "教师"], False), (["管理员"], False), ([], False)])
def test_a_start_without_anybody_who_may_add_documents_says_so(
    roles: list[str], told: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    users = ";".join(f"甲{role}:{PASSWORD}:{role}" for role in roles)
    settings = Settings(_env_file=None, data_dir=tmp_path, users=users or None)
    database = open_database(settings)
    open_gate(settings, database, Clock())
    database.close()
    assert ("没有管理员，也没有教师" in caplog.text) is told


def test_conversations_over_the_api_are_the_accounts_own(site: Site, ann: Account) -> None:
    site.accounts.create("波", PASSWORD)
    mine, his = site.login("安"), site.login("波")
    uid = mine.post("/api/chat", json={"prompt": "死锁产生的四个必要条件是什么？"}).json()["uid"]
    assert mine.post("/api/chat", json={"prompt": "银行家算法呢？", "uid": uid}).status_code == 200
    assert his.post("/api/chat", json={"prompt": "银行家算法呢？", "uid": uid}).status_code == 404
    assert len(Storage(site.database).sessions(ann.owner)) == 1


def test_keys_go_on_beside_accounts(course: Course, tmp_path: Path) -> None:
    app, database, accounts, _ = _site(course, tmp_path, "one")
    ann = accounts.create("安", PASSWORD)
    Storage(database).create(ann.owner, Session())
    with listening(app) as url:
        with_key = {"authorization": "Bearer one"}
        assert httpx.get(f"{url}/v1/models", headers=with_key, trust_env=False).status_code == 200
        assert httpx.get(f"{url}/v1/models", headers={"authorization": "Bearer x"}, trust_env=False).status_code == 401
        assert httpx.get(f"{url}/", headers=with_key, trust_env=False).status_code == 401, "a key opens no page"
        assert httpx.get(f"{url}/v1/models", trust_env=False).status_code == 401
    database.close()


def test_a_database_that_cannot_be_read_lets_nobody_in(site: Site, tmp_path: Path) -> None:
    for file in (tmp_path / "data" / "tutoring").glob("*"):
        file.unlink()
    (tmp_path / "data" / "tutoring").mkdir(parents=True, exist_ok=True)
    (tmp_path / "data" / "tutoring" / "sessions.sqlite3").write_bytes(b"no database" * 1000)
    answer = site.browser(**BROWSER).get("/")
    assert answer.status_code == 503 and "已损坏" in answer.text and "Traceback" not in answer.text
