"""The model that is quantized: what its folder says, and whether it can be quantized at all."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import ModelLoadError, UsageError
from finetune.lineage import read_lineage
from finetune.quantizing.job import Job
from rag.chat_models.model_folder import quantization_of, window_of

__all__ = ["Source", "check_source", "read_source"]

_IN_LAYER = re.compile(r"\.(layers|h|blocks|block)\.\d+\..*weight$")
"""Weights of decoder layers; embeddings and the head stay as they are."""
_PACKED = 8
"""Weights of 4 bits in an int32; the outputs of a matrix are packed by that."""
_BITS = {"F64": 64, "F32": 32, "I32": 32, "F16": 16, "BF16": 16, "I16": 16, "I8": 8, "U8": 8, "F8_E4M3": 8, "F8_E5M2": 8}


@dataclass(frozen=True)
class Source:
    """A folder with safetensors.

    Attributes:
        shapes: of each tensor, by name.
        size: bytes of the weights as they are stored.
        size16: bytes that they take at 16 bits.
    """

    folder: Path
    config: dict[str, Any]
    shapes: dict[str, tuple[int, ...]]
    size: int
    size16: int

    @property
    def quantized(self) -> str | None:
        """How it is quantized already."""
        return quantization_of(self.config)


def read_source(folder: Path) -> Source:
    """What a model's folder says of itself; headers are read, weights are not.

    Raises:
        UsageError: there is no such folder.
        ModelLoadError: it is no model's, an adapter's, damaged, or its weights are no safetensors.
    """
    if not folder.is_dir():
        raise UsageError(f"模型目录 {folder} 不存在。请检查路径；要量化的是合并好的完整模型。")
    if (folder / "adapter_config.json").is_file() and not (folder / "config.json").is_file():
        raise ModelLoadError(f"{folder} 是 LoRA 适配器，不能直接量化。请先合并：python -m finetune.merge --help。")
    config = _config(folder / "config.json")
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        pickled = any(folder.glob("*.bin")) or any(folder.glob("*.pt"))
        what = "的权重是 .bin 或 .pt（加载时可能运行其中的代码），只接受 safetensors" if pickled else "里没有 safetensors 权重"
        raise ModelLoadError(f"{folder} {what}。请换用 safetensors 版本，或重新合并、下载。")
    headers = {name: entry for file in files for name, entry in _header(file).items()}
    shapes = {name: tuple(entry["shape"]) for name, entry in headers.items()}
    size = sum(entry["data_offsets"][1] - entry["data_offsets"][0] for entry in headers.values())
    size16 = sum(_bytes16(entry) for entry in headers.values())
    return Source(folder, config, shapes, size, size16)


def check_source(source: Source, job: Job) -> None:
    """Refuse a model that can't be quantized as the job wants, before anything is loaded.

    Raises:
        ModelLoadError: it is quantized already, or the sizes of its matrices don't fit.
        UsageError: the windows are longer than the model's.
    """
    lineage = read_lineage(source.folder)
    if source.quantized or (lineage and lineage.kind == "quantized"):
        how = source.quantized or "见 lineage.json"
        raise ModelLoadError(f"{source.folder} 已经量化过（{how}），不能再量化一次。请用量化前的 16 位模型。")
    if "vision_config" in source.config:
        raise ModelLoadError(f"{source.folder} 是图文模型，这里只量化语言模型。")
    window = window_of(source.config)
    if window and job.seqlen > window:
        raise UsageError(f"--seqlen {job.seqlen} 超过了模型的窗口 {window}。请用不超过 {window} 的值。")
    _check_sizes(source, job.group_size)


def _check_sizes(source: Source, group: int) -> None:
    matrices = {name: shape for name, shape in source.shapes.items() if _IN_LAYER.search(name) and len(shape) == 2}
    for name, (outputs, inputs) in matrices.items():
        if inputs % group or outputs % _PACKED:
            raise ModelLoadError(
                f"不能量化 {source.folder}：矩阵 {name} 的大小是 {outputs}×{inputs}，输入维数应是每组 {group} 的倍数、"
                f"输出维数应是 {_PACKED} 的倍数。请换一个 hidden_size 与 intermediate_size 都是 {group} 的倍数的模型，"
                "或用 --backend llm-compressor 和更小的 --group-size。"
            )
    if not matrices:
        raise ModelLoadError(f"在 {source.folder} 里没有找到解码层的权重，看不出怎样量化它。请换一个常见结构的语言模型。")


def _config(file: Path) -> dict[str, Any]:
    try:
        config = json.loads(file.read_bytes())
    except FileNotFoundError as error:
        raise ModelLoadError(f"{file.parent} 不是模型目录：缺少 config.json。请指向合并好的模型目录。") from error
    except ValueError as error:
        raise ModelLoadError(f"{file} 不是有效的 JSON，可能没有写完。请重新合并或下载。") from error
    if not isinstance(config, dict):
        raise ModelLoadError(f"{file} 不是模型的配置。请重新合并或下载。")
    return config


def _header(file: Path) -> dict[str, Any]:
    """Names, types and shapes; the format begins with the header's length (8 bytes, little endian) and the header as JSON."""
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        room = file.stat().st_size - 8
        try:
            header = json.loads(stream.read(length)) if length <= room else {}
            header.pop("__metadata__", None)
            end = max(entry["data_offsets"][1] for entry in header.values())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelLoadError(f"{file} 已损坏，或没有下载完整。请重新合并或下载。") from error
    if end != room - length:
        raise ModelLoadError(f"{file} 不完整：应有 {end + length + 8} 字节，只有 {room + 8}。请重新合并或下载。")
    return dict(header)


def _bytes16(entry: dict[str, Any]) -> int:
    begin, end = entry["data_offsets"]
    bits = _BITS.get(entry["dtype"], 16)
    return int((end - begin) * 16 / bits) if bits > 16 else int(end - begin)
