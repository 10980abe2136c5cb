"""Prints the table of what each chat model was seen to do, whether one process ran the tests or several (pytest-xdist).

A process that runs tests is not the one that reports them, so what a test proves travels with its report.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.chat_models.table import Table

TABLE = Table()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "backend(name, *abilities): 这条测试证明某个对话模型的哪些能力，见测试结束时的表")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[Any]:
    report = yield
    report.backends = [list(mark.args) for mark in item.iter_markers("backend")]
    for name, *abilities in report.backends:
        TABLE.check(name, tuple(abilities))
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" or not report.passed:
        reason = report.longrepr[2] if report.skipped and isinstance(report.longrepr, tuple) else ""
        for name, *abilities in getattr(report, "backends", ()):
            TABLE.note(name, tuple(abilities), report.outcome, reason.removeprefix("Skipped: "))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if TABLE.filled:
        terminalreporter.section("对话模型")
        for line in TABLE.lines():
            terminalreporter.write_line(line)
