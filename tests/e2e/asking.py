"""What the tests of the page do again and again: a new conversation, a question, a look at what the page did meanwhile."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

__all__ = ["answered", "ask", "new_conversation"]


def ask(page: Page, question: str) -> None:
    """Type and send a question; once more if the answer before was not quite at its end: then nothing is sent, and the words stay."""
    box = page.locator("#question textarea")
    box.fill(question)
    for _ in range(20):
        if not box.input_value():
            return
        box.press("Enter")  # does nothing while the one before is on its way
        try:
            expect(box).to_have_value("", timeout=3000)
            return
        except AssertionError:
            continue
    raise AssertionError(f"{question} 没有发出去")


def answered(page: Page, answers: int = 1) -> None:
    """Wait until so many answers stand there and nothing more is coming."""
    expect(page.locator("#chat sub")).to_have_count(answers)
    expect(page.locator("body")).not_to_have_class("answering")


def new_conversation(page: Page) -> None:
    """Leave the conversation that was there, and its mode."""
    expect(page.locator("#history-list")).to_contain_text(re.compile("轮|还没有对话"))  # the page is filled
    page.locator("#history-new").click()
    expect(page.locator("#chat .user")).to_have_count(0)
    mode = page.locator("#mode input")
    if mode.input_value() != "答疑":
        mode.click()
        page.get_by_role("option", name="答疑", exact=True).click()
        expect(page.locator("#about")).to_contain_text("从资料里找答案")
