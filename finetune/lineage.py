"""What an adapter or a model was made from: written beside its weights, read before anything is merged.

The digests are sampled (see `rag.chat_models.model_folder.folder_digest`): they tell weights apart, wherever they lie.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from errors import ContentError

__all__ = ["FILE", "Kind", "Lineage", "Made", "read_lineage", "write_lineage"]

FILE = "lineage.json"
Kind = Literal["adapter", "full", "merged", "quantized"]


@dataclass(frozen=True)
class Made:
    """A folder of weights as it was when it was used: its name, and a digest of what is in it."""

    name: str
    digest: str


@dataclass(frozen=True)
class Lineage:
    """Where weights come from.

    Attributes:
        kind: `adapter` (LoRA), `full` (all weights trained), `merged` (adapters put into a base), `quantized`.
        base: the model that it was trained on, merged into or quantized from.
        contains: of an adapter, the adapters that it was continued from, oldest first: it holds what they learned, so merging
            them beside it would count that twice. Of a merged model, the adapters in it, in order.
        data: digests of the training files, by name.
        run: the folder of the training run, as it was named.
    """

    kind: Kind
    base: Made
    contains: tuple[Made, ...] = ()
    data: tuple[Made, ...] = ()
    run: str = ""


def write_lineage(folder: Path, lineage: Lineage) -> None:
    """Write `lineage.json` into a folder of weights."""
    text = json.dumps(asdict(lineage), ensure_ascii=False, indent=2)
    (folder / FILE).write_text(text + "\n", encoding="utf-8")


def read_lineage(folder: Path) -> Lineage | None:
    """The lineage of a folder; None if it has none (it was made elsewhere).

    Raises:
        ContentError: the file is damaged.
    """
    file = folder / FILE
    if not file.is_file():
        return None
    try:
        row = json.loads(file.read_bytes())
        contains, data = (tuple(_made(one) for one in row[name]) for name in ("contains", "data"))
        return Lineage(row["kind"], _made(row["base"]), contains, data, row["run"])
    except (ValueError, KeyError, TypeError) as error:
        raise ContentError(f"{file} 已损坏，看不出这些权重的来历。请重新训练或重新合并。") from error


def _made(row: dict[str, Any]) -> Made:
    return Made(str(row["name"]), str(row["digest"]))
