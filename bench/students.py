"""Thirty students who use the page for ten minutes: how long they wait, and whether the program's memory grows.

Run as: python -m bench.students [--students 30] [--minutes 10] [--think 6] [--single] [--documents DATA] [--url URL --pid PID] [--seed 408]

The application runs as a process of its own on a temporary data folder with the bundled documents, and an account for each
student (`--single`: without accounts, all are the one user of the machine, as the page is used at home). Each student opens the
page and goes on by real HTTP as a browser does (bench/browser.py): four times out of five a question of 练习, thought about,
answered, its explanation and the page of the book read; one time out of five a question in 答疑, answered by the extractive model.
Nobody waits for the others. The students share the machine with the application: their own work is part of all times.

Goals: no error, 95 % of the questions and answers of 练习 within a second, of the answers in 答疑 within two; memory flat: after the
first third, the straight line through the resident memory rises by less than `MOST_MB_AN_HOUR`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

import httpx
import numpy as np
import psutil

from bench.browser import Browser, Failed
from bench.serve import wait_until_ready
from knowledge.asked import read_asked
from settings import ROOT

GOALS = {"practice next": 1.0, "practice answer": 1.0, "ask whole": 2.0}
"""Seconds within which 95 % have to be."""
MOST_MB_AN_HOUR = 60.0
_SAMPLE_SECONDS = 2.0
_START_SECONDS = 600.0
_ASKS = 0.2
_LETTERS = "ABCD"


@dataclass
class Diary:
    """What all students together have seen: seconds by kind, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Student:
    """Who takes part; without a password nobody has to log in."""

    name: str
    password: str
    random: random.Random


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; exit status 1 if a goal was missed."""
    options = _parser().parse_args(argv)
    draw = random.Random(options.seed)
    students = [
        Student(f"学员{n:03d}", "" if options.single else f"bench-{n:03d}-password", random.Random(draw.random()))
        for n in range(options.students)
    ]
    if options.url:
        return asyncio.run(run(options, students, options.url, options.pid))
    with tempfile.TemporaryDirectory() as folder, application(Path(folder), students, options.documents) as (url, pid):
        return asyncio.run(run(options, students, url, pid))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.students")
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--think", type=float, default=6.0, help="mean seconds of thought before each action")
    parser.add_argument("--single", action="store_true", help="no accounts: all are the one user of the machine")
    parser.add_argument(
        "--documents", type=Path, metavar="DATA", help="a data folder whose knowledge base is used (a copy of it)"
    )
    parser.add_argument("--url", help="an application that runs already")
    parser.add_argument("--pid", type=int, help="its process, for memory and CPU")
    parser.add_argument("--seed", type=int, default=408)
    return parser


async def run(options: argparse.Namespace, students: Sequence[Student], url: str, pid: int | None) -> int:
    """All students at once, and the watch over the process."""
    diary, watch = Diary(), Watch(pid)
    until = time.monotonic() + options.minutes * 60
    watching = asyncio.create_task(watch.run(until))
    questions = [one.question for one in read_asked()]
    await asyncio.gather(*(study(one, url, until, options.think, questions, diary) for one in students))
    await watching
    return report(diary, watch, options)


async def study(
    student: Student, url: str, until: float, think: float, questions: Sequence[str], diary: Diary
) -> None:  # fmt: skip
    """One student, from opening the page to the end."""
    draw = student.random
    await asyncio.sleep(draw.uniform(0, think * 2))  # nobody is the first of thirty in the same second
    async with Browser(url) as browser:
        try:
            began = time.perf_counter()
            if student.password:
                await browser.login(student.name, student.password)
                diary.seconds["log in"].append(time.perf_counter() - began)
                began = time.perf_counter()
            await browser.open()
            diary.seconds["open the page"].append(time.perf_counter() - began)
        except (Failed, httpx.HTTPError) as error:
            diary.errors.append(f"open: {type(error).__name__} {error}")
            return
        while time.monotonic() < until:
            try:
                await (ask(browser, draw, questions, diary) if draw.random() < _ASKS else practise(browser, draw, think, diary))
            except (Failed, httpx.HTTPError) as error:
                diary.errors.append(f"{type(error).__name__} {error}")
            await asyncio.sleep(min(draw.expovariate(1 / think), think * 5))


async def practise(browser: Browser, draw: random.Random, think: float, diary: Diary) -> None:
    """The next question, some thought, an answer, and the page of the book beside its explanation."""
    came = await browser.do("practice-next", "click", chained=False)
    diary.seconds["practice next"].append(came.whole)
    if not browser.value("practice-token") or "data-pick" not in str(browser.value("practice-options")):
        raise Failed("no question came")
    await browser.after("practice-next", "click")
    await asyncio.sleep(min(draw.expovariate(1 / think), think * 5))
    came = await browser.do("practice-options", "click", {"pick": draw.choice(_LETTERS), "act": "answer"}, chained=False)
    diary.seconds["practice answer"].append(came.whole)
    if not browser.value("practice-verdict"):
        raise Failed("no verdict came")
    diary.seconds["page of the book"].append((await browser.after("practice-options", "click")).whole)


async def ask(browser: Browser, draw: random.Random, questions: Sequence[str], diary: Diary) -> None:
    """A question in 答疑."""
    browser.put("question", draw.choice(questions))
    came = await browser.do("question", "submit")
    diary.seconds["ask first"].append(came.first)
    diary.seconds["ask whole"].append(came.whole)


class Watch:
    """Memory and CPU of a process and its children over time."""

    def __init__(self, pid: int | None) -> None:
        self._process = psutil.Process(pid) if pid else None
        self.samples: list[tuple[float, float]] = []
        self.cpu = 0.0

    async def run(self, until: float) -> None:
        """Look every two seconds."""
        if self._process is None:
            return
        began, used = time.monotonic(), self._used()
        while time.monotonic() < until:
            self.samples.append((time.monotonic() - began, self._resident()))
            await asyncio.sleep(_SAMPLE_SECONDS)
        self.cpu = (self._used() - used) / (time.monotonic() - began)

    def slope(self) -> float:
        """MB an hour that the memory grows by after the first third, by least squares."""
        late = [one for one in self.samples if one[0] > self.samples[-1][0] / 3] if self.samples else []
        if len(late) < 3:
            return 0.0
        seconds, megabytes = np.array(late).T
        return float(np.polyfit(seconds / 3600, megabytes, 1)[0])

    def _all(self) -> Iterator[psutil.Process]:
        assert self._process is not None
        yield self._process
        yield from self._process.children(recursive=True)

    def _resident(self) -> float:
        return float(sum(one.memory_info().rss for one in self._all())) / 2**20

    def _used(self) -> float:
        return float(sum(one.cpu_times().user + one.cpu_times().system for one in self._all()))


def report(diary: Diary, watch: Watch, options: argparse.Namespace) -> int:
    """Print the figures; 1 if a goal was missed."""
    actions = sum(len(seconds) for kind, seconds in diary.seconds.items() if kind in GOALS)
    minutes = options.minutes
    print(f"{options.students} students, {minutes:g} minutes, {actions} actions ({actions / minutes / 60:.1f} a second)")
    print(f"  {'kind':<18}{'n':>7}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}  goal")
    missed = [f"{len(diary.errors)} errors"] if diary.errors else []
    for kind, seconds in diary.seconds.items():
        middle, late = _quantile(seconds, 50), _quantile(seconds, 95)
        goal = GOALS.get(kind)
        met = "" if goal is None else f"p95 < {goal:g} s: {'met' if late < goal else 'MISSED'}"
        missed += [f"{kind} p95 {late:.2f} s"] if goal is not None and late >= goal else []
        print(f"  {kind:<18}{len(seconds):>7}{middle * 1000:>9.0f}{late * 1000:>9.0f}{max(seconds) * 1000:>9.0f}  {met}")
    print(f"  errors: {len(diary.errors)}" + "".join(f"\n    {error}" for error in sorted(set(diary.errors))[:10]))
    if watch.samples:
        sizes = [size for _, size in watch.samples]
        slope = watch.slope()
        flat = "flat" if slope < MOST_MB_AN_HOUR else "GROWS"
        missed += [f"memory {slope:+.0f} MB an hour"] if slope >= MOST_MB_AN_HOUR else []
        print(
            f"  memory: {sizes[0]:.0f} → {sizes[-1]:.0f} MB, most {max(sizes):.0f}; after the first third {slope:+.0f} MB an hour: {flat}"
        )
        every = max(len(watch.samples) // 12, 1)
        print("    " + " ".join(f"{seconds / 60:.1f}′ {size:.0f}" for seconds, size in watch.samples[::every]))
        print(f"  CPU of the application: {watch.cpu:.0%} of one core")
    print("  all goals met" if not missed else f"  missed: {'; '.join(missed)}")
    return 1 if missed else 0


def _quantile(seconds: Sequence[float], percent: int) -> float:
    return quantiles(seconds, n=100, method="inclusive")[percent - 1] if len(seconds) > 1 else seconds[0]


@contextmanager
def application(data: Path, students: Sequence[Student], documents: Path | None = None) -> Iterator[tuple[str, int]]:
    """`app.py` in a process, with an account for each student that has a password, when it is ready; its address and process.

    Args:
        documents: a data folder with a knowledge base; without it the application reads the bundled documents first.
    """
    if documents:
        shutil.copytree(documents / "vector_db", data / "data" / "vector_db")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TUTOR_")}
    environment |= {"TUTOR_DATA_DIR": str(data / "data"), "HF_HUB_OFFLINE": "1"}
    named = [f"{one.name}:{one.password}:学员" for one in students if one.password]
    if named:
        (data / "users.txt").write_text("\n".join([*named, "管理:bench-admin-password:管理员"]), encoding="utf-8")
        environment["TUTOR_USERS"] = f"@{data / 'users.txt'}"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    running = subprocess.Popen(
        [sys.executable, "app.py", "--port", str(port)], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
    )
    try:
        wait_until_ready(url, running, _START_SECONDS)
        yield url, running.pid
    finally:
        running.terminate()
        running.wait()


if __name__ == "__main__":
    raise SystemExit(main())
