"""The page in a real browser: start app.py, ask, read the streamed answer, open a citation, look after documents."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from settings import ROOT
from tests.conftest import blank_pdf

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
FIRST_START_SECONDS = 90
PATIENCE = 30_000
"""Milliseconds that a page may take to show what is expected of it, on a machine with other work as well."""

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not CHROMIUM, reason="需要 chromium（Debian：apt-get install chromium fonts-noto-cjk）"),
]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app on an empty data folder, as after a fresh clone."""
    port, log = free_port(), tmp_path_factory.mktemp("log") / "app.log"
    environment = os.environ | {"TUTOR_DATA_DIR": str(tmp_path_factory.mktemp("data")), "HF_HUB_OFFLINE": "1"}
    with log.open("w") as out:
        app = subprocess.Popen([sys.executable, "app.py", "--port", str(port)], cwd=ROOT, env=environment, stdout=out, stderr=out)
        try:
            wait_for_port(app, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            app.terminate()
            app.wait(timeout=20)
    assert "Traceback" not in log.read_text()


def wait_for_port(app: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + FIRST_START_SECONDS
    while time.monotonic() < deadline and app.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail("app.py 没有启动")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The opened page; nothing on it may ask another host for anything."""
    strangers: list[str] = []
    context = browser.new_context(locale="zh-CN", viewport={"width": 1400, "height": 950})
    opened = context.new_page()
    opened.on("request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else strangers.append(r.url))
    opened.goto(address)
    opened.set_default_timeout(FIRST_START_SECONDS * 1000)
    yield opened
    context.close()
    assert strangers == []


def ask(page: Page, question: str) -> None:
    """Type and send a question; once more if the answer before was not quite at its end: then nothing is sent, and the words stay."""
    box = page.locator("#question textarea")
    box.fill(question)
    for _ in range(10):
        page.keyboard.press("Enter")
        try:
            expect(box).to_have_value("", timeout=3000)
            return
        except AssertionError:
            expect(box).to_have_value(question, timeout=1)
    raise AssertionError(f"{question} 没有发出去")


def test_ask_read_the_answer_and_open_its_page(page: Page) -> None:
    ask(page, "死锁产生的四个必要条件是什么？")
    mark = page.locator("#chat a[href*='#cite-']")
    mark.first.wait_for()
    answer = page.locator("#chat").inner_text()
    assert all(word in answer for word in ("互斥", "剥夺", "请求并保持", "循环等待")) and "摘录式" in answer
    page.locator("#chat a[href*='#cite-']", has_text="操作系统讲义.pdf").first.click()
    image = page.locator("#citation-page img")
    image.wait_for()
    expect(page.locator("#citation-caption")).to_contain_text("操作系统讲义.pdf")
    assert image.evaluate("i => i.decode().then(() => i.naturalWidth)") == 1000
    assert marked_pixels(page) > 5000, "the quoted lines are highlighted on the page"


def test_a_note_opens_as_its_text(page: Page) -> None:
    ask(page, "什么是双端队列？")
    page.locator("#chat a[href*='#cite-']", has_text="栈、队列和数组.md").first.click()
    expect(page.locator("#citation-text mark")).to_contain_text("双端队列")
    expect(page.locator("#citation-page img")).to_have_count(0)
    assert page.locator("#citation-text").inner_text().count("\n") > 1, "the words around it are shown too"


def marked_pixels(page: Page) -> int:
    """Pixels of the page image in the colour of the highlighter."""
    script = """i => { const c = document.createElement('canvas'); c.width = i.naturalWidth; c.height = i.naturalHeight;
      const x = c.getContext('2d'); x.drawImage(i, 0, 0); const d = x.getImageData(0, 0, c.width, c.height).data; let n = 0;
      for (let k = 0; k < d.length; k += 4) if (d[k] > 230 && d[k+1] > 200 && d[k+2] < 190) n++; return n; }"""
    return int(page.locator("#citation-page img").evaluate(script))


def test_a_question_without_an_answer_and_a_bad_one(page: Page) -> None:
    ask(page, "红烧肉应该怎么做？")
    expect(page.locator("#chat")).to_contain_text("资料中没有找到这个问题的答案")
    ask(page, "   ")
    expect(page.locator("#chat")).to_contain_text("问题是空的")
    page.locator("#clear").click()
    expect(page.locator("#chat")).not_to_contain_text("红烧肉")
    assert page.locator("#chat a[href*='#cite-']").count() == 0


def test_an_example_question_answers(page: Page) -> None:
    page.get_by_text("TCP 为什么要三次握手？").click()
    page.locator("#chat a[href*='#cite-']").first.wait_for()
    assert "原因" in page.locator("#chat").inner_text()


def test_what_is_typed_while_an_answer_comes_stays(page: Page) -> None:
    ask(page, "什么是死锁？")
    box = page.locator("#question textarea")
    box.fill("什么是饥饿？")
    page.locator("#chat a[href*='#cite-']").first.wait_for()
    expect(page.locator("#chat")).to_contain_text("回答者")
    expect(box).to_have_value("什么是饥饿？")


def test_a_mode_is_chosen_and_the_conversation_comes_back_from_the_history(page: Page) -> None:
    page.locator("#mode input").click()
    page.get_by_role("option", name="出题").click()
    expect(page.locator("#about")).to_contain_text("出题")
    ask(page, "出 1 道页面置换的题")
    chat = page.locator("#chat")
    expect(chat).to_contain_text("已验证", timeout=FIRST_START_SECONDS * 1000)
    expect(chat).to_contain_text("D.")
    ask(page, "不会")
    expect(chat).to_contain_text("解析")
    page.reload()
    expect(chat).not_to_contain_text("已验证")
    page.get_by_text("历史对话").click()
    page.locator("#history-choice input").click()
    page.get_by_role("option", name="出 1 道页面置换的题").first.click()
    page.locator("#history-open").click()
    expect(chat).to_contain_text("解析")
    with page.expect_download() as download:
        page.locator("#history-export").click()
    assert "页面置换" in download.value.path().read_text(encoding="utf-8")


def test_an_export_is_of_now_and_a_deleted_conversation_is_gone(page: Page) -> None:
    chat = page.locator("#chat")
    page.get_by_text("历史对话").click()
    for question in ("什么是双端队列？", "什么是循环队列？"):
        ask(page, question)
        expect(chat.locator("a[href*='#cite-']").last).to_be_visible()
        expect(chat).to_contain_text(question)
        expect(chat.locator("sub")).to_have_count(1 if "双端" in question else 2)
        with page.expect_download() as download:
            page.locator("#history-export").click()
        assert question in download.value.path().read_text(encoding="utf-8")
    page.reload()
    page.get_by_text("历史对话").click()
    for button in ("#history-open", "#history-delete"):
        page.locator("#history-choice input").click()
        page.get_by_role("option", name="什么是双端队列").first.click()
        page.locator(button).click()
        (expect(chat).to_contain_text if "open" in button else expect(chat).not_to_contain_text)("什么是循环队列？")
    ask(page, "什么是栈？")
    expect(chat.locator("sub")).to_have_count(1)


def test_a_question_is_edited_in_its_place(page: Page) -> None:
    ask(page, "什么是栈？")
    page.locator("#chat a[href*='#cite-']").first.wait_for()
    page.locator("#chat .user").first.hover()
    page.locator("#chat").get_by_role("button", name="编辑").first.click()
    page.locator("#chat textarea").fill("什么是双端队列？")
    page.locator("#chat").get_by_role("button", name="发送").click()
    expect(page.locator("#chat")).to_contain_text("两端")
    expect(page.locator("#chat")).not_to_contain_text("什么是栈？")


def test_documents_can_be_added_fail_with_a_reason_and_be_deleted(page: Page, tmp_path: Path) -> None:
    good, bad = tmp_path / "临时.txt", tmp_path / "扫描.pdf"
    good.write_text("哲学家就餐问题是经典的进程同步问题，可以用信号量解决。", encoding="gb18030")
    bad.write_bytes(blank_pdf(2))
    page.get_by_role("tab", name="资料").click()
    table = page.locator("#documents")
    expect(table).to_contain_text("notes/os/")
    page.locator("#upload input[type=file]").set_input_files([good, bad])
    expect(page.locator("#upload")).to_contain_text("扫描")
    page.locator("#add").click()
    message = page.locator("#library-message")
    expect(message).to_contain_text("全部 2 页都没有读到文字")
    expect(message).to_contain_text("临时.txt")
    expect(table).to_contain_text("失败")
    page.locator("#delete-source input").click()
    page.get_by_role("option", name="临时.txt").click()
    page.locator("#delete").click()
    expect(message).to_contain_text("已删除：临时.txt")
    expect(table).not_to_contain_text("临时.txt")
    assert "已入库" in table.inner_text()
