"""What the workshop's tests share: a tiny model that can learn, pairs for it, configurations."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from finetune.tiny_models import Size, build_tiny

PAIRS = (
    ("什么是死锁？", "多个进程互相等待对方占有的资源，都不能前进。"),
    ("栈的特点是什么？", "后进先出。"),
    ("TCP 提供什么服务？", "面向连接的可靠字节流。"),
    ("什么是虚拟内存？", "用外存扩充内存，让进程有连续的地址空间。"),
    ("流水线为什么会冒险？", "相邻指令争用部件，或者要用还没算出的结果。"),
    ("快速排序平均多快？", "时间复杂度是 O(n log n)。"),
    ("什么是缓存？", "放在处理器和内存之间的高速小存储器。"),
    ("子网掩码做什么？", "把地址分成网络号和主机号。"),
    ("什么是信号量？", "一个用来同步进程的整数，只能用 P 和 V 操作。"),
    ("B+树用在哪里？", "数据库和文件系统的索引。"),
    ("什么是补码？", "让减法变成加法的一种整数表示。"),
    ("DNS 做什么？", "把域名变成地址。"),
)
"""Questions and answers that a tiny model learns by heart."""


@pytest.fixture(scope="session")
def one_thread() -> Iterator[None]:
    """A tiny model computes faster on one thread, and the same each time."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory, one_thread: None) -> Path:
    """A folder with a tiny model `base` and the data `pairs.jsonl`, `first.jsonl`, `second.jsonl`."""
    folder = tmp_path_factory.mktemp("workshop")
    build_tiny(folder / "base", "qwen3", [text for pair in PAIRS for text in pair] * 3, 1, Size(spread=0.2))
    for name, pairs in (("pairs", PAIRS), ("first", PAIRS[:6]), ("second", PAIRS[6:])):
        write_pairs(folder / f"{name}.jsonl", pairs)
    return folder


def write_pairs(file: Path, pairs: Any) -> Path:
    """A file of conversations of one question and answer each."""
    turns = [[{"role": "user", "content": asked}, {"role": "assistant", "content": said}] for asked, said in pairs]
    file.write_text("".join(json.dumps({"messages": one}, ensure_ascii=False) + "\n" for one in turns), encoding="utf-8")
    return file


@pytest.fixture
def configured(workshop: Path, tmp_path: Path) -> Callable[..., str]:
    """A writer of configurations of short runs on the tiny model: `configured(epochs=3, train="first")`."""

    def make(name: str = "c", **changes: Any) -> str:
        train = changes.pop("train", "pairs")
        content: dict[str, Any] = {
            "model": str(workshop / "base"), "epochs": 4, "batch_size": 6, "accumulation": 1, "learning_rate": 0.01,
            "lora": {"r": 16, "alpha": 32, "dropout": 0.05}, "gradient_checkpointing": False, "device": "cpu",
            "tensorboard": False, **({"train": str(workshop / f"{train}.jsonl")} if train else {}), **changes,
        }  # fmt: skip
        file = tmp_path / f"{name}.yaml"
        file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return str(file)

    return make
