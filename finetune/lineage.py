"""What an adapter or a model was made from: written beside its weights, read before anything is merged.

The digests are sampled (see `rag.chat_models.model_folder.folder_digest`): they tell weights apart, wherever they lie.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from errors import ContentError
from rag.chat_models.model_folder import folder_digest

__all__ = ["FILE", "Kind", "Lineage", "Made", "made_of", "read_lineage", "under_of", "write_lineage"]

FILE = "lineage.json"
Kind = Literal["adapter", "full", "merged", "quantized"]
_GENERIC = ("adapter", "model", "merged")
"""Names of folders inside a run's folder: alone they would say nothing."""


@dataclass(frozen=True)
class Made:
    """A folder of weights as it was when it was used.

    Attributes:
        name: of the folder, to be recognised by.
        digest: of what is in it.
        weight: of an adapter in a merged model: the factor that it was merged with.
        known: whether it had a lineage itself; without one, nothing is known of what an adapter was trained on.
    """

    name: str
    digest: str
    weight: float = 1.0
    known: bool = True


@dataclass(frozen=True)
class Lineage:
    """Where weights come from.

    Attributes:
        kind: `adapter` (LoRA), `full` (all weights trained), `merged` (adapters put into a base), `quantized`.
        base: the model that it was trained on, merged into or quantized from. Of a merged model never a merged one: that
            one's base, and its adapters are in `contains`.
        contains: of an adapter, the adapters that it was continued from, oldest first: it holds what they learned, so merging
            them beside it would count that twice. Of a merged model, the adapters in it, in order.
        data: digests of the training files, by name.
        run: the folder of the training run, as it was named.
        under: of an adapter trained on a merged model, what that was made of: its base, then the adapters in it, in order;
            with it the adapter can also be merged into that base, after those adapters. See `under_of`.
        earlier: of a merged model, the adapters that those in `contains` were continued from; what they learned is in it too.
        difference: of a merged model, the largest difference of logits between base + adapters and the saved model.
    """

    kind: Kind
    base: Made
    contains: tuple[Made, ...] = ()
    data: tuple[Made, ...] = ()
    run: str = ""
    under: tuple[Made, ...] = ()
    earlier: tuple[Made, ...] = ()
    difference: float | None = None


def made_of(folder: Path) -> Made:
    """A folder of weights as it is now."""
    whole = folder.expanduser().resolve()
    name = f"{whole.parent.name}/{whole.name}" if whole.name in _GENERIC else whole.name
    return Made(name, folder_digest(whole))


def under_of(base: Path) -> tuple[Made, ...]:
    """What to write as `under` of an adapter that is trained on the model in `base`; empty if that is no merged model."""
    lineage = read_lineage(base)
    return (lineage.base, *lineage.contains) if lineage and lineage.kind == "merged" else ()


def write_lineage(folder: Path, lineage: Lineage) -> None:
    """Write `lineage.json` into a folder of weights, whole or not at all."""
    draft = folder / f".{FILE}.draft"
    draft.write_text(json.dumps(asdict(lineage), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    draft.replace(folder / FILE)


def read_lineage(folder: Path) -> Lineage | None:
    """The lineage of a folder; None if it has none (it was made elsewhere).

    Raises:
        ContentError: the file is damaged.
    """
    file = folder / FILE
    if not file.is_file():
        return None
    try:
        return _lineage(json.loads(file.read_bytes()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ContentError(f"{file} 已损坏，看不出这些权重的来历。请重新训练或重新合并。") from error


def _lineage(row: dict[str, Any]) -> Lineage:
    if row["kind"] not in get_args(Kind):
        raise ValueError(row["kind"])
    contains, data = (_all(row[name]) for name in ("contains", "data"))
    under, earlier = (_all(row.get(name, [])) for name in ("under", "earlier"))
    return Lineage(row["kind"], _made(row["base"]), contains, data, str(row["run"]), under, earlier, row.get("difference"))


def _all(rows: list[dict[str, Any]]) -> tuple[Made, ...]:
    return tuple(_made(row) for row in rows)


def _made(row: dict[str, Any]) -> Made:
    return Made(str(row["name"]), str(row["digest"]), float(row.get("weight", 1.0)), bool(row.get("known", True)))
