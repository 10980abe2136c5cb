"""The page as after a fresh clone: start app.py on an empty folder, ask, read the streamed answer, open its page."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from settings import ROOT
from tests.e2e.asking import ask
from tests.e2e.conftest import new_page
from tests.integration.server.conftest import free_port

FIRST_START_SECONDS = 120


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app in a process of its own, on an empty data folder."""
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


def test_a_fresh_clone_answers_with_the_page_and_says_who_answers(browser: Browser, address: str) -> None:
    strangers: list[str] = []
    page = new_page(browser)
    page.on("request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else strangers.append(r.url))
    page.goto(address)
    expect(page.locator("#model-state")).to_contain_text("摘录式")
    ask(page, "死锁产生的四个必要条件是什么？")
    page.locator("#chat a[href*='#cite-']").first.wait_for()
    answer = page.locator("#chat").inner_text()
    assert all(word in answer for word in ("互斥", "剥夺", "请求并保持", "循环等待")) and "摘录式" in answer
    page.locator("#chat a[href*='#cite-']", has_text="操作系统讲义").first.click()
    image = page.locator("#citation-page img")
    image.wait_for()
    expect(page.locator("#citation-caption")).to_contain_text("操作系统讲义.pdf")
    assert image.evaluate("i => i.decode().then(() => i.naturalWidth)") == 1000
    assert marked_pixels(page) > 5000, "the quoted lines are highlighted on the page"
    for tab in page.locator("#tabs [role=tab]").all():
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
    page.context.close()
    assert strangers == []


def marked_pixels(page: Page) -> int:
    """Pixels of the page image in the colour of the highlighter."""
    script = """i => { const c = document.createElement('canvas'); c.width = i.naturalWidth; c.height = i.naturalHeight;
      const x = c.getContext('2d'); x.drawImage(i, 0, 0); const d = x.getImageData(0, 0, c.width, c.height).data; let n = 0;
      for (let k = 0; k < d.length; k += 4) if (d[k] > 230 && d[k+1] > 200 && d[k+2] < 190) n++; return n; }"""
    return int(page.locator("#citation-page img").evaluate(script))
