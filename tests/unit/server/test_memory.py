"""How the program asks the system for memory."""

import subprocess
import sys

import pytest

from server.memory import share_arenas

THREADS = """
import ctypes, re, sys, threading
from server.memory import share_arenas
if {shared}:
    assert share_arenas()
libc, go, there = ctypes.CDLL(None), threading.Event(), threading.Barrier(9)
libc.malloc.restype = ctypes.c_void_p
def hold():
    libc.malloc(1000)
    there.wait()
    go.wait()
threads = [threading.Thread(target=hold) for _ in range(8)]
[one.start() for one in threads]
there.wait()
libc.malloc_stats()
go.set()
"""


def arenas(shared: bool) -> int:
    """How many arenas eight threads of a new program have that ask for memory at the same time."""
    done = subprocess.run([sys.executable, "-c", THREADS.format(shared=shared)], capture_output=True, text=True, check=True)
    return done.stderr.count("Arena ")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc")
def test_threads_share_two_arenas() -> None:
    assert arenas(shared=False) > 2
    assert arenas(shared=True) == 2


def test_elsewhere_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not share_arenas()
