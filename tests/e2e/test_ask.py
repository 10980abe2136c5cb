"""The tab 答疑 in a real browser: answers, citations, conversations of before, the keyboard, a phone, a model that is connected."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.asking import answered, ask, new_conversation
from tests.e2e.conftest import Served, new_page
from tests.integration.chat_models import endpoint_server
from tests.integration.chat_models.endpoint_server import EndpointServer

SHIFTS = """() => { window.shift = 0; new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) window.shift += e.value; })
  .observe({type: 'layout-shift', buffered: false}); }"""
SHIFTS_FROM_THE_START = f"({SHIFTS})()"


def test_a_note_opens_as_its_text_and_a_page_can_be_turned(page: Page) -> None:
    new_conversation(page)
    ask(page, "什么是双端队列？")
    page.locator("#chat a[href*='#cite-']", has_text="栈、队列").first.click()
    page.locator("#citation-text mark", has_text="双端队列").first.wait_for()
    expect(page.locator("#citation-text")).not_to_contain_text("**")  # a note is shown as its Markdown means it
    expect(page.locator("#citation-page img")).to_have_count(0)
    answered(page)
    ask(page, "死锁产生的四个必要条件是什么？")
    page.locator("#chat a[href*='#cite-']", has_text="操作系统讲义 9 页").first.click()
    caption = page.locator("#citation-caption")
    expect(caption).to_contain_text("第 9 / 16 页")
    page.locator("#citation-on").click()
    expect(caption).to_contain_text("第 10 / 16 页")
    expect(caption).to_contain_text("引用在第 9 页")
    page.locator("#citation-quote").click()
    expect(caption).to_contain_text("第 9 / 16 页")


def test_no_answer_an_empty_question_and_an_example(page: Page) -> None:
    new_conversation(page)
    page.get_by_text("TCP 为什么要三次握手？").click()
    answered(page)
    expect(page.locator("#chat")).to_contain_text("原因")
    chip = page.locator("#follow-ups button").first
    suggested = chip.inner_text()
    chip.click()
    expect(page.locator("#chat .user").last).to_contain_text(suggested)
    answered(page, 2)
    ask(page, "红烧肉应该怎么做？")
    expect(page.locator("#chat")).to_contain_text("资料中没有找到这个问题的答案")
    ask(page, "   ")
    expect(page.locator("#chat")).to_contain_text("问题是空的")


def test_nothing_jumps_while_an_answer_comes_and_what_is_typed_stays(page: Page) -> None:
    new_conversation(page)
    expect(page.locator("#model-state")).to_contain_text("就绪")
    page.evaluate(SHIFTS)
    ask(page, "什么是死锁？")
    page.locator("#question textarea").fill("什么是饥饿？")
    answered(page)
    expect(page.locator("#follow-ups button").first).to_be_visible()
    expect(page.locator("#question textarea")).to_have_value("什么是饥饿？")
    assert page.evaluate("window.shift") < 0.05


def test_one_reads_an_answer_from_its_beginning_and_the_suggestions_come_back(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 700})
    new_conversation(page)
    for number, question in enumerate(("死锁产生的四个必要条件是什么？", "TCP 拥塞控制有哪几个算法，分别怎么工作？"), 1):
        ask(page, question)
        answered(page, number)
    below_the_edge = """() => { const chat = document.querySelector('#chat [role=log]'), asked = [...chat.querySelectorAll('.user-row')].at(-1);
      return asked.getBoundingClientRect().top - chat.getBoundingClientRect().top; }"""
    page.wait_for_function(f"Math.abs(({below_the_edge})() - 8) < 2")
    page.locator("#chat").hover()
    page.mouse.wheel(0, -100)
    page.wait_for_function(f"({below_the_edge})() > 50")  # who scrolls is left alone
    suggested = page.locator("#follow-ups .chip").all_inner_texts()
    page.reload()
    expect(page.locator("#follow-ups .chip")).to_have_text(suggested)
    page.wait_for_function(f"Math.abs(({below_the_edge})() - 8) < 2")


def test_the_form_of_the_model_lies_over_the_page_and_esc_closes_it(page: Page) -> None:
    where = page.locator("#chat").bounding_box()
    page.locator("#model-toggle button").click()
    expect(page.locator("#model-url input, #model-url textarea").first).to_be_visible()
    assert page.locator("#chat").bounding_box() == where
    page.keyboard.press("Escape")
    expect(page.locator("#model-form")).to_be_hidden()


def test_a_reload_brings_the_conversation_back_and_a_mode_goes_on(page: Page) -> None:
    new_conversation(page)
    page.locator("#mode input").click()
    page.get_by_role("option", name="出题").click()
    expect(page.locator("#about")).to_contain_text("出题")
    chat = page.locator("#chat")
    ask(page, "出 1 道页面置换的题")
    expect(chat).to_contain_text("已验证")
    answered(page)
    page.reload()
    expect(chat).to_contain_text("已验证")
    expect(page.locator("#mode input")).to_have_value("出题")
    ask(page, "不会")
    expect(chat).to_contain_text("解析")
    answered(page, 2)
    with page.expect_download() as download:
        page.locator("#history-export").click()
    assert "页面置换" in download.value.path().read_text(encoding="utf-8")


def test_a_conversation_is_renamed_found_and_deleted_only_after_a_question(page: Page) -> None:
    new_conversation(page)
    ask(page, "什么是循环队列？")
    answered(page)
    entry = page.locator("#history-list li", has_text="什么是循环队列")
    entry.locator("[data-act=rename]").click()
    page.locator("#history-name input, #history-name textarea").fill("队列 <b>复习</b>")
    page.locator("#history-save").click()
    renamed = page.locator("#history-list li", has_text="队列 <b>复习</b>")
    expect(renamed).to_be_visible()
    page.locator("#history-search input, #history-search textarea").press_sequentially("复习")
    expect(page.locator("#history-list li")).to_have_count(1)
    page.locator("#history-new").click()
    expect(page.locator("#chat .user")).to_have_count(0)
    renamed.locator("[data-act=open]").click()
    expect(page.locator("#chat")).to_contain_text("循环队列")
    renamed.locator("[data-act=delete]").click()
    expect(page.locator("#history-confirm").first).to_contain_text("删除后找不回来")
    page.locator("#history-delete").click()
    expect(page.locator("#chat")).not_to_contain_text("循环队列")
    expect(page.locator("#history-list")).to_contain_text("没有标题里有这些字的对话")


def test_a_question_is_edited_in_its_place(page: Page) -> None:
    new_conversation(page)
    ask(page, "什么是栈？")
    answered(page)
    page.locator("#chat .user").first.hover()
    page.locator("#chat").get_by_role("button", name="编辑").first.click()
    page.locator("#chat textarea").fill("什么是双端队列？")
    page.locator("#chat").get_by_role("button", name="发送").click()
    expect(page.locator("#chat")).to_contain_text("两端")
    expect(page.locator("#chat")).not_to_contain_text("什么是栈？")


def test_buttons_have_chinese_names_and_can_be_touched(browser: Browser, served: Served) -> None:
    page = new_page(browser, viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto(served.url)
    expect(page.locator("#model-state")).to_contain_text("就绪")
    ask(page, "死锁产生的四个必要条件是什么？")
    answered(page, page.locator("#chat .user").count())
    expect(page.get_by_role("button", name="复制").first).to_be_visible()
    page.locator("#chat a[href*='#cite-']", has_text="操作系统讲义").last.click()
    expect(page.get_by_role("button", name="全屏")).to_be_visible()
    said = "es => es.flatMap(e => [e.title, e.ariaLabel]).filter(name => /^[a-z][a-z ]+$/i.test(name || ''))"
    assert page.locator("#ask [title], #ask [aria-label], #upload [aria-label]").evaluate_all(said) == []
    small = """es => es.map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()]).filter(([, r]) => r.width && (r.width < 39.5 || r.height < 39))
      .map(([html, r]) => html + r.width + '×' + r.height)"""
    assert page.locator("#chat .icon-button, #chat a[href*='#cite-'], #ask button").evaluate_all(small) == []
    page.context.close()


def test_a_message_has_a_chinese_heading(page: Page, served: Served) -> None:
    expect(page.locator("#model-state")).to_contain_text("就绪")
    refuse = {"status": 500, "content_type": "application/json", "body": '{"detail": "数据库用不了"}'}
    page.route("**/gradio_api/queue/join*", lambda route: route.fulfill(**refuse))
    page.locator("#question textarea").fill("什么是死锁？")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast-title").first).to_contain_text("出错了")
    expect(page.locator(".toast-body").first).to_contain_text("数据库用不了")
    expect(page.locator("#question textarea")).to_have_value("什么是死锁？")


def test_a_page_that_is_opened_later_does_not_begin_with_words_of_the_start(page: Page, served: Served) -> None:
    expect(page.locator("#model-state")).to_contain_text("就绪")
    stale = httpx.get(f"{served.url}/config", trust_env=False).text
    assert "正在启动" not in stale and "准备中" not in stale
    opening = page.context.new_page()
    opening.add_init_script(SHIFTS_FROM_THE_START)
    opening.set_viewport_size({"width": 390, "height": 844})
    opening.goto(served.url)
    expect(opening.locator("#model-state")).to_contain_text("就绪")
    assert opening.evaluate("window.shift") < 0.05


def test_the_address_names_the_tab(page: Page) -> None:
    page.get_by_role("tab", name="资料", exact=True).click()
    page.reload()
    expect(page.get_by_role("tab", name="资料", exact=True)).to_have_attribute("aria-selected", "true")
    expect(page.locator("#documents")).to_contain_text("操作系统讲义.pdf")


def test_on_a_phone_the_page_is_a_drawer_over_the_chat(browser: Browser, served: Served) -> None:
    page = new_page(browser, viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto(served.url)
    expect(page.locator("#model-state")).to_contain_text("就绪")
    ask(page, "死锁产生的四个必要条件是什么？")
    answered(page, page.locator("#chat .user").count())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("#chat a[href*='#cite-']", has_text="操作系统讲义").last.click()
    drawer = page.locator("#ask-page")
    expect(drawer).to_be_visible()
    page.locator("#citation-page img").wait_for()
    assert drawer.bounding_box()["width"] == 390
    drawer.get_by_role("button", name="关闭").click()
    expect(drawer).not_to_be_visible()
    page.get_by_role("button", name="☰ 历史").click()
    expect(page.locator("#history-list li").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#ask-history")).not_to_be_visible()
    page.context.close()


@pytest.fixture
def endpoint() -> Iterator[EndpointServer]:
    with EndpointServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.released.set()
        server.shutdown()


def connect(page: Page, url: str, key: str) -> None:
    for field, text in (("url", url), ("name", "m-1"), ("key", key)):
        page.locator(f"#model-{field} input, #model-{field} textarea").fill(text)


def test_a_model_is_tried_connected_stopped_and_left(page: Page, served: Served, endpoint: EndpointServer) -> None:
    new_conversation(page)
    page.get_by_role("button", name="模型设置").click()
    said = page.locator("#model-said")
    connect(page, "http://127.0.0.1:9/v1", "secret-key")
    page.locator("#model-test").click()
    expect(said).to_contain_text("连不上")
    page.locator("#model-use").click()
    expect(said).to_contain_text("没有启用，仍由“摘录式")
    expect(page.locator("#model-state")).to_contain_text("就绪 · 摘录式")
    connect(page, endpoint.url, "endless")
    page.locator("#model-test").click()
    expect(said).to_contain_text("可以用")
    page.locator("#model-use").click()
    expect(page.locator("#model-state")).to_contain_text("openai:m-1")
    expect(page.locator("#model-key input")).to_have_value("")
    assert not (served.settings.tutoring_dir / "endpoint.json").exists()
    ask(page, "怎样避免死锁？")
    expect(page.locator("#chat .bot")).to_contain_text("银行家算法")
    page.keyboard.press("Escape")
    assert endpoint.left.wait(20), "the model is told to stop"
    expect(page.locator("#question textarea")).to_have_value("怎样避免死锁？")
    page.reload()
    expect(page.locator("#question textarea")).to_have_value("怎样避免死锁？")
    page.get_by_role("button", name="模型设置").click()
    expect(page.locator("#model-url input, #model-url textarea")).to_have_value(endpoint.url)
    page.locator("#model-back").click()
    expect(page.locator("#model-state")).to_contain_text("摘录式")
    assert "endless" not in page.content()


def test_what_a_hostile_model_writes_is_only_text(page: Page, endpoint: EndpointServer, monkeypatch: pytest.MonkeyPatch) -> None:
    evil = [
        "<img src=x onerror='window.__pwned=1'><script>window.__pwned=2</script>",
        "![x](http://127.0.0.1:9/leak) [点我](javascript:window.__pwned=3) ${window.__pwned=4} {{value}}",
        "<iframe srcdoc='<script>parent.__pwned=5</script>'></iframe>[1]",
    ]
    monkeypatch.setattr(endpoint_server, "PIECES", evil)
    page.on("dialog", lambda dialog: pytest.fail("a dialog opened"))
    new_conversation(page)
    page.get_by_role("button", name="模型设置").click()
    connect(page, endpoint.url, "k")
    page.locator("#model-use").click()
    expect(page.locator("#model-state")).to_contain_text("openai:m-1")
    ask(page, "怎样避免死锁？")
    answered(page)
    expect(page.locator("#chat")).to_contain_text("onerror=")
    new_conversation(page)
    ask(page, "<img src=x onerror='window.__pwned=6'>${window.__pwned=7}{{value}}")
    expect(page.locator("#chat .user").last).to_contain_text("window.__pwned=7")
    expect(page.locator("#chat")).to_contain_text("onerror=")
    expect(page.locator("#history-list")).to_contain_text("onerror=")
    link = page.locator("#chat a", has_text="点我")
    if link.count():
        link.first.click()
    page.locator("#model-back").click()
    expect(page.locator("#model-state")).to_contain_text("摘录式")
    assert page.evaluate("window.__pwned") is None and page.locator("#chat iframe, #chat img[src='x']").count() == 0
