"""Two accounts in two browsers: each sees its own; what is a teacher's is closed to a learner, however it is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.asking import ask
from tests.e2e.conftest import PATIENCE, Served, new_page
from tutoring.accounts import Accounts
from tutoring.attempts import Attempts
from tutoring.bank import every_question
from tutoring.database import Database, open_database
from tutoring.practice.remarks import Remarks
from tutoring.storage import LOCAL, Storage

WORDS = {"管理": "guanli-2026", "王老师": "laoshi-2026", "小明": "xiaoming-2026", "小红": "xiaohong-2026"}
USERS = "管理:guanli-2026:管理员;王老师:laoshi-2026:教师:一班;小明:xiaoming-2026:学员:一班;小红:xiaohong-2026:学员:二班"


@pytest.fixture(scope="module")
def served(serve: Callable[..., Served]) -> Served:
    return serve(users=USERS)


@pytest.fixture(scope="module")
def database(served: Served) -> Iterator[Database]:
    opened = open_database(served.settings)
    yield opened
    opened.close()


@pytest.fixture
def enter(browser: Browser, served: Served) -> Iterator[Callable[[str], Page]]:
    """Log in by the page, each name in a browser of its own."""
    contexts = []

    def go(name: str) -> Page:
        page = new_page(browser)
        contexts.append(page.context)
        page.goto(served.url)
        expect(page).to_have_url(f"{served.url}/login")
        page.fill("#name", name)
        page.fill("#password", WORDS[name])
        page.get_by_role("button", name="登录").click()
        expect(page.locator("#account")).to_contain_text(name, timeout=2 * PATIENCE)
        return page

    yield go
    for context in contexts:
        context.close()


def owner(database: Database, name: str) -> str:
    return Accounts(database).named(name).owner


def test_each_sees_only_their_own(enter: Callable[[str], Page], database: Database) -> None:
    first = enter("小明")
    ask(first, "什么是死锁？")
    expect(first.locator("#history-list")).to_contain_text("什么是死锁")
    first.get_by_role("tab", name="练习", exact=True).click()
    first.locator("#practice-next").click()
    first.locator("#practice-options button").first.click()
    expect(first.locator("#practice-verdict .q-verdict")).to_be_visible()
    mine = owner(database, "小明")
    assert len(Storage(database).sessions(mine)) == 1 and Attempts(database).count(mine) == 1

    second = enter("小红")
    expect(second.locator("#history-list")).to_be_attached()
    expect(second.locator("body")).not_to_contain_text("什么是死锁？", use_inner_text=True)
    his = owner(database, "小红")
    for someone in (his, LOCAL):
        assert Storage(database).sessions(someone) == [] and Attempts(database).count(someone) == 0
    first.reload()
    expect(first.locator("#history-list")).to_contain_text("什么是死锁")


def test_a_teacher_sees_the_own_class_and_settles_a_report(enter: Callable[[str], Page], database: Database) -> None:
    question = every_question()[0]
    for name, text in (("小明", "B 也对 <img src=x onerror=alert(1)>"), ("小红", "题干不清楚")):
        Remarks(database).report(owner(database, name), question, text)
    Attempts(database).add(owner(database, "小明"), question, question.key, 12, "practice")
    page = enter("王老师")
    page.get_by_role("tab", name="班级", exact=True).click()
    table = page.locator("#class-learners")
    expect(table).to_contain_text("小明")
    expect(table).not_to_contain_text("小红")
    page.locator("#class-report input").click()
    expect(page.get_by_role("option", name="题干不清楚")).to_have_count(0)
    page.get_by_role("option", name="B 也对").click()
    expect(page.locator("#class-report-text")).to_contain_text("<img src=x")
    page.locator("#class-settle").click()
    expect(page.locator("#class-report")).to_contain_text("没有未处理的报错")


def test_a_learner_has_no_class_tab_and_its_events_tell_nothing(enter: Callable[[str], Page], served: Served) -> None:
    page = enter("小红")
    expect(page.get_by_role("tab", name="练习", exact=True)).to_be_visible()
    expect(page.get_by_role("tab", name="班级", exact=True)).to_have_count(0)
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    with httpx.Client(base_url=served.url, headers={"cookie": cookie}, trust_env=False, timeout=30) as client:
        config = client.get("/config").json()
        shown = {c["id"] for c in config["components"] if (c["props"].get("elem_id") or "").startswith("class-")}
        events = [one for one in config["dependencies"] if shown & set(one["outputs"])]
        assert len(events) >= 5
        for n, event in enumerate(events):
            told = called(client, event, f"direct{n}")
            assert "小明" not in told and "xiaoming" not in told, event


def test_only_a_teacher_is_offered_the_models_settings_and_the_uploads(enter: Callable[[str], Page]) -> None:
    for name, may in (("王老师", True), ("小红", False)):
        page = enter(name)
        expect(page.locator("#model-state")).to_contain_text("就绪")
        expect(page.get_by_role("button", name="模型设置")).to_be_visible(visible=may)
        page.evaluate("document.body.classList.add('model-open')")
        expect(page.locator("#model-url")).to_be_visible(visible=may)
        page.get_by_role("tab", name="资料", exact=True).click()
        expect(page.locator("#documents")).to_contain_text("操作系统讲义.pdf")
        expect(page.locator("#upload-card")).to_be_visible(visible=may)
        expect(page.get_by_role("button", name="删除").first).to_be_visible(visible=may)


def called(client: httpx.Client, event: dict[str, object], session: str) -> str:
    """What an event answers to who calls it directly, with 一班 or the first report where it wants something."""
    values = ["一班", 1][: len(event["inputs"])]  # type: ignore[arg-type]
    body = {"fn_index": event["id"], "data": values, "session_hash": session}
    assert client.post("/gradio_api/queue/join", json=body).status_code == 200
    told = ""
    with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
        for line in stream.iter_lines():
            told += line
            if line.startswith("data:") and json.loads(line[5:])["msg"] == "process_completed":
                return told
    raise AssertionError(told)


def test_logging_out_closes_what_was_open(enter: Callable[[str], Page], served: Served) -> None:
    page = enter("小明")
    page.locator("#account").get_by_role("button", name="退出").click()
    expect(page).to_have_url(f"{served.url}/login")
    page.goto(f"{served.url}/")
    expect(page).to_have_url(f"{served.url}/login")


@pytest.mark.parametrize(
    "path", ["/", "/config", "/gradio_api/info", "/gradio_api/upload_progress?upload_id=x", "/gradio_api/startup-events"]
)
def test_without_a_login_gradio_is_closed(served: Served, path: str) -> None:
    assert httpx.get(served.url + path, trust_env=False).status_code == 401
    assert httpx.post(f"{served.url}/gradio_api/upload", files={"files": b"x"}, trust_env=False).status_code == 401
