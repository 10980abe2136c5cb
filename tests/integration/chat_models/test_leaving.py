"""A program that is interrupted while a model of its own computes ends as it should, not by an abort."""

from __future__ import annotations

import subprocess
import sys
import time

from rag.chat_models.pump import _EXIT_SECONDS
from settings import ROOT

TIMES = 10
_PROGRAM = """
import os, signal, sys, time
import torch
from rag.chat_models.pump import pumped

def compute(put, halt):  # as a model does: long in compiled code, a look at `halt` now and then
    one = torch.ones(900, 900)
    while not halt.is_set():
        put(1)
        for _ in range(4):
            one @ one

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is born deaf to it
torch.set_num_threads(1)
torch.ones(900, 900) @ torch.ones(900, 900)  # the first product also reads its code from the disk: not the children, within their seconds
ends = []
for n in range(int(sys.argv[1])):
    read, write = os.pipe()
    child = os.fork()
    if not child:
        break
    os.read(read, 1)
    time.sleep(0.01 * n)
    os.kill(child, signal.SIGINT)
    ends.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
else:
    print(*ends)
    sys.exit()

items = pumped(compute, computes=True)
try:
    for item in items:
        if item:
            os.write(write, b"1")
except KeyboardInterrupt:
    sys.exit(130)
"""


def test_an_interrupted_program_ends_with_its_own_status() -> None:
    run = subprocess.run([sys.executable, "-c", _PROGRAM, str(TIMES)], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert run.stdout.split() == ["130"] * TIMES, run.stderr
    assert "terminate called" not in run.stderr


_HANGING = """
import sys, threading
from rag.chat_models.pump import pumped

items = pumped(lambda put, halt: threading.Event().wait())
next(items)
print("leaving", flush=True)
sys.exit(7)
"""


def test_nobody_waits_for_a_server_that_hangs() -> None:
    with subprocess.Popen([sys.executable, "-c", _HANGING], cwd=ROOT, stdout=subprocess.PIPE) as run:
        assert run.stdout and run.stdout.readline()
        begun = time.monotonic()
        assert run.wait(20) == 7 and time.monotonic() - begun < _EXIT_SECONDS
