"""What every command does at its edge: Chinese messages instead of tracebacks, and the exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from errors import TutorError, UsageError

__all__ = ["guarded"]


def guarded(command: Callable[[], int]) -> int:
    """Run a command; return 1 for an error of ours, 2 for wrong usage, 130 for Ctrl-C, each with its message."""
    try:
        return command()
    except TutorError as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except KeyboardInterrupt:
        print("已中断。已经完成的部分都保存了。", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output (head, less) has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
