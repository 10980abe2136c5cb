"""Text and Markdown: encodings, what is no text, and what takes parsers a square of its length."""

from __future__ import annotations

import codecs
import random

from tests.integration.hostile.case import Case

__all__ = ["CASES"]

_CHINESE = "信号量是一种用来同步进程的变量，P 操作使它减一，V 操作使它加一。"
_MB = 1 << 20


def _lines(sign: str) -> bytes:
    return "\n".join(f"{sign} the semaphore of process {i}" for i in range(500)).encode()


CASES = (
    Case("gb18030.txt", lambda: (_CHINESE + "𠮷").encode("gb18030"), words="信号量"),
    Case("gbk.md", lambda: f"# 进程\n\n{_CHINESE}".encode("gbk"), words="信号量"),
    Case("utf-16.txt", lambda: _CHINESE.encode("utf-16"), words="信号量"),
    Case("utf-16-be.md", lambda: codecs.BOM_UTF16_BE + _CHINESE.encode("utf-16-be"), words="信号量"),
    Case("utf-8 with mark.txt", lambda: codecs.BOM_UTF8 + _CHINESE.encode(), words="信号量"),
    Case(
        "big5.txt", lambda: "號誌是一種變數，用來同步程序，它的值表示資源的數量。semaphore".encode("big5"), words="號誌是一種變數"
    ),
    Case("utf-16 without mark.txt", lambda: _CHINESE.encode("utf-16-le"), words="信号量"),
    Case("NUL bytes.txt", lambda: bytes(4096), "不是文本"),
    Case("white space.txt", lambda: b" \n\t\r\n\xe3\x80\x80" * 99, "没有文字"),
    Case("empty.md", lambda: b"", "0 字节"),
    Case("only images.md", lambda: b"![](a.png)\n" * 9, "只有图片"),
    Case("binary.md", lambda: random.Random(1).randbytes(9999), "不是文本"),
    Case("program.txt", lambda: b"\x7fELF\x02\x01\x01\0" + random.Random(2).randbytes(9999), "不是文本"),
    Case("line of 20 MB.txt", lambda: b"semaphore " * (2 * _MB), "TUTOR_MAX_LINE_KB"),
    Case("line of 20 MB.md", lambda: b"semaphore " * (2 * _MB), "TUTOR_MAX_LINE_KB"),
    Case("40 MB.txt", lambda: b"semaphore\n" * (4 * _MB), "TUTOR_MAX_TEXT_MB"),
    Case("word of 270 KB.txt", lambda: b"semaphore" * 30_000),
    Case("deep quotation.md", lambda: b">" * 5000 + b" semaphore", "TUTOR_MAX_NESTING"),
    Case("deep list.md", lambda: b"- " * 5000 + b"semaphore", "TUTOR_MAX_NESTING"),
    Case("stairs.md", lambda: "".join(f"{'  ' * i}- step\n" for i in range(500)).encode(), "TUTOR_MAX_NESTING"),
    Case("list of 10000.md", lambda: b"- item\n" * 10_000 + b"- semaphore\n"),
    Case("unclosed fence.md", lambda: b"# A\n\n```c\nint semaphore;\n"),
    Case("unclosed comment.md", lambda: b"the semaphore guards\n\n<!-- never closed\n" + b"x\n" * 99),
    Case("comments.md", lambda: b"semaphore\n\n" + b"<!--" * 50_000),
    Case("brackets.md", lambda: b"semaphore\n\n" + b"![[" * 300_000),
    Case("stars.md", lambda: b"semaphore\n\n" + b"*a **b " * 20_000),
    Case("backticks.md", lambda: b"semaphore\n\n" + b" ".join(b"`" * i for i in range(2000))),
    Case("table of 500 columns.md", lambda: b"|semaphore" * 500 + b"\n" + b"|-" * 500 + b"\n" + b"|a\n" * 1000),
    Case("references.md", lambda: b"semaphore\n\n" + b"".join(b"[a%d]: x\n" % i for i in range(20_000))),
    Case("heading of a megabyte.md", lambda: b"# " + b"semaphore " * 100_000 + b"\n\n" + b"text of it\n\n" * 1000),
    Case("header without end.md", lambda: b"---\n" + b"semaphore: 1\n" * 9999),
    Case("bidi override.md", lambda: "the sem\u202eaph\u2066ore\u202c guards".encode()),
    Case("zero width.txt", lambda: "the sem\u200baph\ufeffore\u2060 guards".encode()),
    Case("control characters.txt", lambda: b"the sem\x07aph\x1bore \x08guards"),
    Case("combining.txt", lambda: b"semaphore " + "e\u0301".encode() * 20_000),
    Case("numbered.txt", lambda: _lines("1.1.1.1")),
    Case("brackets.txt", lambda: b"semaphore " + b"(" * 50_000 + b")" * 50_000),
    Case("full stops.txt", lambda: b"semaphore " + "。".encode() * 50_000),
    Case("blanks in a line.txt", lambda: b"semaphore" + b" " * 1_000_000 + b"end"),
    Case("html in text.txt", lambda: b"<script>alert('semaphore')</script>"),
)
