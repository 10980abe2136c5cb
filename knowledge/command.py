"""What every command does at its edge: Chinese messages instead of tracebacks, and the exit status.

It stands in the lowest package, because all have commands.
"""

from __future__ import annotations

import argparse
import errno
import io
import os
import re
import sys
from collections.abc import Callable
from typing import NoReturn

from errors import TutorError, UsageError
from knowledge.printable import printable

__all__ = ["Parser", "guarded"]


class Parser(argparse.ArgumentParser):
    """A parser whose complaint about the arguments is Chinese; exit status 2."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and where to look."""
        told = message
        for pattern, chinese in _COMPLAINTS:
            told = re.sub(pattern, chinese, told)
        self.exit(2, f"用法有误：{told}。用 {self.prog} --help 查看用法。\n")


_COMPLAINTS = (
    (r"the following arguments are required: (.*)", r"缺少 \1"),
    (r"unrecognized arguments: (.*)", r"不认识 \1"),
    (r"argument (\S+): expected one argument", r"\1 后面缺少内容"),
    (r"argument (\S+): invalid choice: (\S+) \(choose from (.*)\)", r"\1 不能是 \2，可选 \3"),
    (r"argument (\S+): invalid int value: (\S+)", r"\1 应是整数，而不是 \2"),
    (r"argument (\S+): invalid _positive value: (\S+)", r"\1 应是正整数，而不是 \2"),
    (r"argument (\S+): expected at least one argument", r"\1 后面缺少内容"),
    (r"argument (\S+): (应是.*)", r"\1 \2"),
)


def guarded(command: Callable[[], int]) -> int:
    """Run a command; return 1 for an error of ours or a full disk, 2 for wrong usage, 130 for Ctrl-C, each with its message."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a GBK console lacks •, and file names may hold bytes that are no text
    try:
        return command()
    except TutorError as error:
        print(printable(str(error)), file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except KeyboardInterrupt:
        print("已中断。报告过已完成的部分都在。", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output (head, less) has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if error.errno not in _FULL:
            raise
        print("磁盘已满，或超出了磁盘配额：结果没有写完。请腾出空间，再运行同一条命令（训练要加 --resume）。", file=sys.stderr)
        return 1


_FULL = (errno.ENOSPC, errno.EDQUOT)
