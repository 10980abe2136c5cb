"""What each process that reads documents needs: loaded once, by the server process that they are forked from."""

from __future__ import annotations

import markdown_it
import numpy
import pypdfium2

from rag import reading
from rag.pieces import count_tokens

__all__ = ["LIBRARIES"]

LIBRARIES = (markdown_it, numpy, pypdfium2, reading)

count_tokens("预备")  # reads the tokenizer's file
