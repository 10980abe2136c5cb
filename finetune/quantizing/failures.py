"""What a library's error while quantizing or loading means, in words that say what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from errors import ModelLoadError, TutorError

__all__ = ["explained"]

_FULL = ("no space left", "os error 28", "disk quota", "inline_container")
"""In what safetensors (Rust) and torch.save say when the disk is full; neither raises an OSError."""
_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn what libraries raise into an error of ours.

    Args:
        what: was being done, such as `量化 merged`.

    Raises:
        OSError: the disk is full.
        ModelLoadError: anything else that is not ours.
    """
    try:
        yield
    except TutorError:
        raise
    except Exception as error:  # noqa: BLE001 - back ends, safetensors, CUDA and a model's own code raise whatever they like
        told = " ".join(str(error).split())[:200]
        if (isinstance(error, OSError) and error.errno == errno.ENOSPC) or any(sign in told.lower() for sign in _FULL):
            raise OSError(errno.ENOSPC, "No space left on device") from error
        raise ModelLoadError(_message(error, what, told)) from error


def _message(error: Exception, what: str, told: str) -> str:
    if isinstance(error, MemoryError) or any(sign in told.lower() for sign in _MEMORY):
        return f"{what}时内存或显存不够。请减小 --seqlen 与 --samples，或用 --device cpu，或换一台内存更大的机器。"
    if isinstance(error, ImportError):
        return f"{what}还缺少软件包：{told}。请按 requirements-train.txt 装好训练环境后重试。"
    if "file too large" in told.lower():
        return f"{what}时一个文件写不下：文件系统（如 FAT32）或 ulimit -f 限制了文件大小。请换一个目录，或放宽限制。"
    if "trust_remote_code" in told:
        return f"{what}要运行模型目录里自带的代码。确认来源可信后，设置 TUTOR_CHAT_TRUST_REMOTE_CODE=1 再运行。"
    if isinstance(error, AssertionError):
        return f"{what}失败：权重或激活值里出现了非数（NaN）或溢出。请先确认模型能正常回答，再换一批校准文本重试。"
    return f"{what}失败（{type(error).__name__}：{told}）。请检查模型目录是否完整、库的版本是否符合 requirements-train.txt。"
