"""How much memory a process took."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from finetune.training.hardware import Hardware, peak_memory_mb
from settings import ROOT

CPU = Hardware("cpu", "CPU", "fp32")
LARGE = 300 * 2**20


def test_what_was_given_back_counts() -> None:
    before = peak_memory_mb(CPU)
    held = b"1" * LARGE
    del held
    assert peak_memory_mb(CPU) >= max(before, 300)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux")
def test_what_the_program_held_that_started_this_one_does_not() -> None:
    held = b"1" * LARGE
    asked = "from finetune.training.hardware import *; print(peak_memory_mb(Hardware('cpu', '', 'fp32')))"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert 5 < float(done.stdout) < 200 and len(held) == LARGE
