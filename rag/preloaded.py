"""What each process that reads documents needs: loaded once, by the server process that they are forked from."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress

import markdown_it
import numpy
import pypdfium2

from knowledge.subjects import term_votes
from rag import reading, workers
from rag.pieces import count_tokens

__all__ = ["LIBRARIES"]

LIBRARIES = (markdown_it, numpy, pypdfium2, reading, workers)
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Of glibc's malloc.h."""

count_tokens("预备")  # reads the tokenizer's file
term_votes("预备")  # and the lists of terms


def _keep_freed_memory() -> None:
    """Let glibc reuse the large buffers that each page needs: given back and asked for anew, they cost a page fault every 4 KiB."""
    with suppress(AttributeError, OSError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, 32 << 20)
        mallopt(_M_TRIM_THRESHOLD, 128 << 20)


_keep_freed_memory()
gc.collect()
gc.freeze()  # a collection in a worker would look through all this each time, and copy the memory that is shared till then
