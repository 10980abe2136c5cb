"""What libraries raise comes out as a message of ours."""

from __future__ import annotations

import errno

import pytest

from errors import ModelLoadError, UsageError
from finetune.quantizing.failures import explained


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("CUDA out of memory. Tried to allocate 20 MiB"), "--samples"),
        (MemoryError(), "--device cpu"),
        (ModuleNotFoundError("No module named 'mmengine'"), "缺少软件包：No module named 'mmengine'"),
        (AssertionError(), "NaN"),
        (ValueError("... set `trust_remote_code=True`"), "TUTOR_CHAT_TRUST_REMOTE_CODE=1"),
        (RuntimeError("I/O error: File too large (os error 27)"), "文件大小"),
        (KeyError("model.norm"), "KeyError"),
    ],
)
def test_errors_of_libraries(error: Exception, said: str) -> None:
    with pytest.raises(ModelLoadError, match="^量化 m ") as caught, explained("量化 m "):
        raise error
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "told",
    [
        "Error while serializing: I/O error: No space left on device (os error 28)",
        "[enforce fail at inline_container.cc:672] . unexpected pos 64 vs 0",
    ],
)
def test_a_full_disk(told: str) -> None:
    with pytest.raises(OSError, match="No space") as caught, explained("量化"):
        raise RuntimeError(told)
    assert caught.value.errno == errno.ENOSPC


def test_ours_stay_as_they_are() -> None:
    with pytest.raises(UsageError, match="^太短$"), explained("量化"):
        raise UsageError("太短")
