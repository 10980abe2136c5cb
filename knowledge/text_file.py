"""Reading a text file, whatever Chinese encoding it has."""

from __future__ import annotations

import re
from pathlib import Path

from errors import DamagedDocumentError, EmptyDocumentError

__all__ = ["INVISIBLE", "read_text"]

_ENCODINGS = ("utf-8-sig", "gb18030")
INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0b\x0c\x0e-\x1f]")


def read_text(path: Path) -> str:
    """Text of a file in UTF-8, UTF-16 with a byte order mark, or GB18030 (GBK, GB2312).

    Raises:
        DamagedDocumentError: it is in none of these, or is not text.
        EmptyDocumentError: nothing but white space.
    """
    data = path.read_bytes()
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else _ENCODINGS
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            break
    else:
        raise DamagedDocumentError("文件不是文本，或编码无法识别。请另存为 UTF-8 或 GB18030 编码的文本后再试。")
    if not text.strip():
        raise EmptyDocumentError("文件里没有文字。请检查是否选对了文件。")
    return INVISIBLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
