"""A pickle is read as data only: nothing in it runs, and a small one can't stand for something endless."""

from __future__ import annotations

import os
import pickle
import struct
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest

from errors import ContentError
from finetune.conversations import pickled
from finetune.conversations.pickled import pickled_rows, restricted

SAMPLES = [[{"instruction": "问", "input": "", "output": "答", "more": [1, 2**70, -1.5, True, False, None]}], ["问", "答"]]
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


class Calls:
    """Calls a function when it is unpickled."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self._told = (function, arguments)

    def __reduce__(self) -> Any:
        return self._told


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_plain_data_are_read(protocol: int) -> None:
    assert restricted(pickle.dumps(SAMPLES, protocol), "a.pkl") == SAMPLES


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("hidden", ["bare", "nested", "twice"])
def test_nothing_runs(protocol: int, hidden: str, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    for call in (Calls(os.system, f"touch {mark}"), Calls(eval, f"open({str(mark)!r}, 'w')"), Calls(os.mkdir, str(mark))):
        content = {"bare": call, "nested": [[{"instruction": "问", "output": call}]], "twice": Calls(list, [call])}[hidden]
        with pytest.raises(ContentError, match="会在读取时运行的代码，没有读取，也没有运行"):
            restricted(pickle.dumps(content, protocol), "a.pkl")
        assert not mark.exists()


@pytest.mark.parametrize(
    "data",
    [
        b"cos\nsystem\n.",  # GLOBAL
        b"(ios\nsystem\n.",  # INST
        b"\x80\x04\x8c\x02os\x8c\x06system\x93.",  # STACK_GLOBAL
        b"\x80\x02\x82\x01.",  # EXT1
        b"P123\n.",  # PERSID
        b"\x80\x02X\x01\x00\x00\x00aQ.",  # BINPERSID
    ],
)
def test_names_and_persistent_ids_are_refused(data: bytes) -> None:
    with pytest.raises(ContentError, match="会在读取时运行的代码"):
        restricted(data, "a.pkl")


def test_the_unpickler_refuses_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pickled, "_inspect", lambda data, name: 1)
    mark = tmp_path / "ran"
    for data in (pickle.dumps(Calls(os.mkdir, str(mark))), b"P123\n."):
        with pytest.raises(ContentError):
            restricted(data, "a.pkl")
    assert not mark.exists()


@pytest.mark.parametrize("content", [{1, 2}, (1, 2), b"bytes", bytearray(b"x"), OrderedDict(a=1), 1 + 2j, range(3), Path("x")])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_other_kinds_of_values_are_refused(content: Any, protocol: int) -> None:
    with pytest.raises(ContentError, match="没有读取"):
        restricted(pickle.dumps([content], protocol), "a.pkl")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a pickle",
        pickle.dumps(SAMPLES)[:-9],
        b"\x80\x04X\xff\xff\xff\x7fabc.",  # BINUNICODE of 2 GB
        b"\x80\x04\x8d" + struct.pack("<Q", 2**62) + b"abc.",  # BINUNICODE8
        b"\x80\x04\x95" + struct.pack("<Q", 2**62) + b"].",  # FRAME
        b"]r" + struct.pack("<I", 3_000_000) + b".",  # LONG_BINPUT far off: the memo would be made that long
        b"]p3000000\n.",
        b"h\x05.",  # a part that there is not
        b"e.",
        b"]e.",
        b"(.",
        b"](]}u.",
        b"X\x01\x00\x00\x00aX\x01\x00\x00\x00ba.",  # append to a text
        b"}]]s.",  # a list as a key
        b"Ixyz\n.",
        b"L" + b"9" * 5000 + b"L\n.",
        b"S'text'\n.",
        b"\x80\x09].",
    ],
)
def test_damaged_ones_are_told(data: bytes) -> None:
    with pytest.raises(ContentError, match="a.pkl：(不是完好的|里面有)"):
        restricted(data, "a.pkl")


def test_what_follows_the_data_is_told() -> None:
    with pytest.raises(ContentError, match="数据结束之后还有内容"):
        restricted(pickle.dumps(SAMPLES) + pickle.dumps(SAMPLES), "a.pkl")


def _doubling(levels: int) -> bytes:
    """Lists that hold the one before twice: 2 ** levels parts in a few bytes each level."""
    return b"]q\x00" + b"".join(b"](h%ch%ceq%c" % (n, n, n + 1) for n in range(levels)) + b"."


@pytest.mark.parametrize(
    "data",
    [
        _doubling(200),
        b"]q\x00h\x00a.",  # a list in itself
        b"]" * 500 + b"a" * 499 + b".",
        b"](X" + struct.pack("<I", 2**20) + b"a" * 2**20 + b"q\x00" + b"h\x00" * 2**9 + b"e.",  # a text named 512 times
        b"](" + b"](" + b"K\x01" * 2000 + b"eq\x00" + b"h\x00" * 2000 + b"e.",  # a long list named 2000 times
    ],
)
def test_bombs_are_refused(data: bytes) -> None:
    with pytest.raises(ContentError, match="太大、嵌套太深或首尾相连"):
        restricted(data, "a.pkl")


def test_keys_have_to_be_text() -> None:
    with pytest.raises(ContentError, match="不是文字的字段名"):
        restricted(pickle.dumps([{1: "a"}]), "a.pkl")


def test_large_files_and_other_things_than_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps({"a": "b"}))
    with pytest.raises(ContentError, match="里面不是列表"):
        list(pickled_rows(path))
    monkeypatch.setattr(pickled, "MOST_BYTES", 3)
    with pytest.raises(ContentError, match="不作为 pickle 读取"):
        list(pickled_rows(path))
