"""A static embedding model read without torch: a table of one vector per token, averaged over a text.

What sentence-transformers' `StaticEmbedding` computes, to the last digits of float32; but importing that library takes nine seconds
and 400 MB, while the table is read in a tenth of a second. The shipped model is of this kind, so the app starts without torch.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from tokenizers import Tokenizer

__all__ = ["StaticTable", "read_table"]

_STATIC = "StaticEmbedding"
_WEIGHTS = "embedding.weight"
_BATCH = 256
"""Texts whose tokens are held at once. With 1,024 they take 15 MB more, and no less time (measured)."""
_DECLARED, _STATED = "modules.json", "config_sentence_transformers.json"


class StaticTable:
    """Encodes texts as `SentenceTransformer.encode` does.

    Args:
        weights: float32 of shape (tokens, dimension).
        prompts: as the model's folder states them, by name.
    """

    def __init__(self, tokenizer: Tokenizer, weights: np.ndarray[Any, np.dtype[np.float32]], prompts: dict[str, str]) -> None:
        self.prompts = prompts
        self._tokenizer = tokenizer
        self._weights = weights

    def encode(self, texts: list[str], prompt: str) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Vectors of unit length, of each text behind the prompt; zeros of a text that holds no token. Shape (len(texts), dimension)."""
        import numpy as np

        vectors = np.zeros((len(texts), self._weights.shape[1]), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            batch = [prompt + text for text in texts[start : start + _BATCH]]
            for row, encoding in enumerate(self._tokenizer.encode_batch_fast(batch, add_special_tokens=False), start):
                if encoding.ids:
                    vectors[row] = self._weights[encoding.ids].mean(axis=0)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: np.ndarray[Any, np.dtype[np.float32]] = vectors / np.maximum(lengths, np.float32(1e-12))
        return unit


def read_table(folder: Path) -> StaticTable | None:
    """The model in a folder, if it is nothing but such a table of float32; None if it is another kind, or not a folder of a model.

    Raises:
        OSError, ValueError, SafetensorError: its files are damaged.
    """
    if not _is_table(folder / _DECLARED):
        return None
    from safetensors import safe_open
    from tokenizers import Tokenizer

    with safe_open(folder / "model.safetensors", framework="np") as stored:
        if list(stored.keys()) != [_WEIGHTS] or stored.get_slice(_WEIGHTS).get_dtype() != "F32":
            return None
        weights = stored.get_tensor(_WEIGHTS)
    tokenizer = Tokenizer.from_buffer((folder / "tokenizer.json").read_bytes())
    tokenizer.no_padding()
    stated = json.loads((folder / _STATED).read_bytes()) if (folder / _STATED).is_file() else {}
    return StaticTable(tokenizer, weights, stated.get("prompts") or {})


def _is_table(declared: Path) -> bool:
    """Whether a model declares one module alone, and that the table."""
    if not declared.is_file():
        return False
    modules = json.loads(declared.read_bytes())
    return [(str(module["type"]).rpartition(".")[2], module["path"]) for module in modules] == [(_STATIC, "")]
