"""What goes wrong while training, in words: memory, disk, numbers, and messages of the loaders that name other settings."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from errors import ModelLoadError, TrainingError

__all__ = ["explained_memory", "in_config_words", "saving_failed"]

_DISK = ("No space left", "File too large", "PytorchStreamWriter", "unexpected pos", "basic_ios", "enforce fail", "quota")
"""What safetensors and torch say of a disk that takes no more; neither raises an OSError."""
_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "bad allocation")
_WORDS = {
    "设置 TUTOR_CHAT_TRUST_REMOTE_CODE=1 再启动": "在配置里写 trust_remote_code: true",
    "把 TUTOR_CHAT_MODEL 设为 local:模型目录": "在配置的 model 里写它的目录，或加 --set model=模型目录（用 --resume 时，各个 --set 要与第一次相同）",
    "请用 TUTOR_CHAT_ADAPTER 指定它，用 TUTOR_CHAT_MODEL 指定它的底座": "请用 --from-adapter 指定它，在配置的 model 里写它的底座",
    "；也请检查 TUTOR_CHAT_DEVICE_MAP 与 TUTOR_CHAT_DTYPE": "",
    "让 TUTOR_CHAT_MODEL 指向它的底座，或更换 TUTOR_CHAT_ADAPTER": "在配置的 model 里写它的底座，或更换 --from-adapter",
    "TUTOR_CHAT_MODEL": "配置里的 model",
    "TUTOR_CHAT_ADAPTER": "--from-adapter",
}


@contextmanager
def in_config_words() -> Generator[None]:
    """What the loaders say about TUTOR_CHAT_… said about the keys of a configuration.

    Raises:
        ModelLoadError: in place of one that names a setting.
    """
    try:
        yield
    except ModelLoadError as error:
        told = str(error)
        for theirs, ours in _WORDS.items():
            told = told.replace(theirs, ours)
        raise ModelLoadError(told) from error


@contextmanager
def explained_memory() -> Generator[None]:
    """Say what to lower when the memory, of the card or of the machine, is used up.

    Raises:
        TrainingError: it is.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:  # torch.OutOfMemoryError is a RuntimeError
        if not isinstance(error, MemoryError) and not any(sign in str(error) for sign in _MEMORY):
            raise
        raise TrainingError(
            "显存或内存不足，训练停下了；已存的检查点都在。请减小 batch_size（同时加大 accumulation，效果不变）或 max_length，"
            "打开 gradient_checkpointing，减小 lora.r，或改用 method: qlora、较小的底座，再训练。"
        ) from error


def saving_failed(error: Exception, folder: Path) -> TrainingError | None:
    """The message if this error is of a disk that is full or can't be written; None if it is another."""
    if isinstance(error, OSError) or any(sign in str(error) for sign in _DISK):
        return TrainingError(
            f"存不下 {folder}：磁盘已满、超出配额或没有权限。没写完的部分已删去，之前完整的检查点都在。"
            "请腾出空间（可减小 keep_checkpoints），再用 --resume 接着训练。"
        )
    return None
