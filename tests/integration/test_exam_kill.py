"""SIGKILL to a program in the middle of exams: what it had confirmed is there, and a hand-in has happened wholly or not at all."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from settings import ROOT
from tutoring.attempts import Attempts
from tutoring.database import Database
from tutoring.mock_exam.exam import MARKING
from tutoring.mock_exam.exams import Exams

SIT = """
import random, sys
from tests.unit.tutoring.mock_exam.samples import short
from tutoring.database import Database
from tutoring.mock_exam.exams import Exams
exams = Exams(Database(sys.argv[1]))
for n in range(10_000):
    begun = exams.start("a", f"小测 {n}", short())
    for number in range(1, 4):
        exams.answer("a", begun.id, str(number), "ABCD"[(n + number) % 4], "w", 1)
        print(begun.id, number, "ABCD"[(n + number) % 4], flush=True)
    exams.hand_in("a", begun.id)
    print(begun.id, "handed in", flush=True)
"""
SEVERAL = 12
"""Lines that the program has printed when it is killed: it is well within its work."""


def killed(url: str, after: int, log: Path) -> list[list[str]]:
    """What the program had confirmed when it was killed."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with log.open("w") as out:
        process = subprocess.Popen([sys.executable, "-c", SIT, url], cwd=ROOT, env=environment, stdout=out)
        deadline = time.monotonic() + 90
        while log.read_text().count("\n") < after and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait(20)
    whole = log.read_text().rpartition("\n")[0]
    return [line.split(" ", 2) for line in whole.splitlines()]


def test_what_was_confirmed_is_there_and_hand_ins_are_whole(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/exams.sqlite3"
    confirmed: list[list[str]] = []
    for turn in range(2):
        confirmed += killed(url, SEVERAL + turn, tmp_path / f"{turn}.log")
        database = Database(url)
        exams = Exams(database)
        for exam in exams.all("a"):
            if exam.unfinished:
                exams.abandon("a", exam.id)
        kept = {exam.id: exam for exam in exams.all("a")}
        for identifier, what, value in (row if len(row) == 3 else [*row, ""] for row in confirmed):
            if what == "handed":
                assert kept[identifier].state == MARKING
            else:
                assert kept[identifier].chosen(int(what)) == value
        handed_in = sum(exam.state == MARKING for exam in kept.values())
        found = Attempts(database).of("a")
        tried = sum(sum(bool(e.chosen(n)) for n in e.paper.numbers) for e in kept.values() if e.state == MARKING)
        assert handed_in and len(found) == tried, "each hand-in has its attempts, each once"
        assert Counter(attempt.source for attempt in found) == {"exam": tried}
        database.close()
    assert len(confirmed) >= 2 * SEVERAL
