"""What torch raises when memory or the disk's space runs out, as a message."""

from __future__ import annotations

from errors import TutorError, UsageError

__all__ = ["shortage"]


def shortage(error: Exception) -> TutorError | None:
    """What ran out; None of any other error: it is a fault of the program."""
    told = str(error)
    if isinstance(error, MemoryError) or "out of memory" in told or "can't allocate memory" in told:
        return UsageError(
            "内存或显存不够。请减小 --batch-size（例如减半）或 --negatives，或换较小的模型，并删去训练目录重新开始。"
        )
    if "PytorchStreamWriter" in told or "No space left" in told:
        return UsageError("检查点写不进去：磁盘可能已满。请腾出空间，再加 --resume 接着训练。")
    return None
