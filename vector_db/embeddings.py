"""The embedding model as a LangChain `Embeddings`, loaded when the first text is embedded."""

from __future__ import annotations

import gc
import hashlib
import json
import logging
import re
import threading
from collections.abc import Sequence
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.embeddings import Embeddings

from errors import ModelLoadError
from settings import SHIPPED_EMBEDDING, Settings
from vector_db.embedding_prompts import Prompts, prompts_of
from vector_db.static_table import StaticTable, read_table

if TYPE_CHECKING:
    import numpy as np
    from sentence_transformers import SentenceTransformer
    from threadpoolctl import ThreadpoolController

__all__ = ["SentenceTransformerEmbeddings", "load_embeddings", "shipped_embeddings"]

_BATCH, _STATIC_BATCH = 64, 1024
"""Texts at a time, in sentence-transformers. A model without attention needs little memory for each, and is a third faster with many
(measured); the shipped one is read by static_table.py, which has its own number."""
_SAMPLE = 4 << 20
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
"""What Chroma's collection names may not hold."""
_PROMPTS = "config_sentence_transformers.json"


class SentenceTransformerEmbeddings(Embeddings):
    """A sentence-transformers model behind LangChain's interface. Vectors are float32 of unit length.

    Args:
        model: a folder, or a Hugging Face name (downloaded at first use unless HF_HUB_OFFLINE=1).
    """

    def __init__(self, model: str) -> None:
        self.model = model
        self._lock = threading.Lock()
        self._short: dict[str, Any] = {}
        self._recent = lru_cache(maxsize=64)(self._embedded)

    @cached_property
    def identity(self) -> str:
        """Name and fingerprint of the model. All that a passage's vector depends on is part of it where the model is a folder: the
        weights, and the words that it states are to stand before a passage; so retraining changes it."""
        folder = Path(self.model)
        digest = hashlib.sha256(self.model.encode() if not folder.is_dir() else b"")
        for file in sorted(folder.rglob("*")) if folder.is_dir() else []:
            if file.suffix in {".safetensors", ".bin"} or file.name in {"tokenizer.json", "modules.json"}:
                digest.update(_fingerprint(file))
        digest.update(_before_passages(folder / _PROMPTS))
        return f"{_UNSAFE.sub('', folder.name)[:60] or 'model'}-{digest.hexdigest()[:8]}"

    def embed_array(self, texts: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        """Embed passages; float32 array of shape (len(texts), dimension), (0, 0) of none. For the store, which takes arrays."""
        import numpy as np

        return np.asarray(self._encode(texts, self._prompts.document) if texts else np.empty((0, 0)), dtype=np.float32)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed passages; shape (len(texts), dimension)."""
        return self.embed_array(texts).tolist()

    def embed_query(self, text: str) -> list[float]:
        """Embed one query; shape (dimension,). One search asks for the same vector several times: the last ones are kept."""
        return list(self._recent(text))

    def _embedded(self, query: str) -> tuple[float, ...]:
        import numpy as np

        vectors = self._encode([query], self._prompts.query)
        return tuple(np.asarray(vectors, dtype=np.float32)[0].tolist())

    @property
    def _prompts(self) -> Prompts:
        return prompts_of(self._loaded().prompts or {}, self.model)

    def alike(self, query: str, texts: Sequence[Sequence[str]]) -> list[float]:
        """For each list of short texts, the greatest cosine similarity of one of them to the query; 0 of none.

        Their vectors are kept. With a model that is slow on many texts all are 0.
        """
        import numpy as np

        if not any(texts) or not self.is_static:
            return [0.0] * len(texts)
        new = list(dict.fromkeys(text for group in texts for text in group if text not in self._short))
        if new:
            self._short |= dict(zip(new, self.embed_array(new), strict=True))
        vector = np.asarray(self.embed_query(query), dtype=np.float32)
        return [float(max(np.stack([self._short[t] for t in group]) @ vector)) if group else 0.0 for group in texts]

    @property
    def is_shipped(self) -> bool:
        """Whether it is the model that comes with the project."""
        return Path(self.model) == SHIPPED_EMBEDDING

    @property
    def is_static(self) -> bool:
        """Whether it is a table of vectors, without attention: ten thousand texts a second, one thread."""
        model = self._loaded()
        return isinstance(model, StaticTable) or type(model[0]).__name__ == "StaticEmbedding"

    def _encode(self, texts: list[str], prompt: str) -> Any:
        """The vectors as the model gives them, of each text behind the prompt: what `numpy.asarray` takes."""
        model = self._loaded()
        if isinstance(model, StaticTable):
            return model.encode(texts, prompt)
        options: Any = {"normalize_embeddings": True, "convert_to_numpy": True, "show_progress_bar": False, "prompt": prompt}
        if not self.is_static:
            return model.encode(texts, batch_size=_BATCH, **options)
        with self._threads.limit(limits=1, user_api="openmp"):
            return model.encode(texts, batch_size=_STATIC_BATCH, **options)

    @cached_property
    def _threads(self) -> ThreadpoolController:
        """A model without attention gains nothing from a second thread, which waits in vain while other processes are busy."""
        from threadpoolctl import ThreadpoolController

        return ThreadpoolController()  # after torch is loaded: it looks for the libraries that are there

    def _loaded(self) -> StaticTable | SentenceTransformer:
        with self._lock:
            return self._read

    @cached_property
    def _read(self) -> StaticTable | SentenceTransformer:
        from safetensors import SafetensorError

        try:
            model = read_table(Path(self.model)) or _sentence_transformer(self.model)
            gc.freeze()  # a collection that looks through all the libraries' objects stops every thread for 0.2 s
            _let_blas_be()
            return model
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            raise ModelLoadError(
                f"无法加载向量模型“{self.model}”。请检查 TUTOR_EMBEDDING_MODEL：它应是一个模型目录，"
                "或能联网下载的 Hugging Face 名称；去掉该设置即使用自带模型。"
            ) from error


def _sentence_transformer(model: str) -> SentenceTransformer:
    """Any other model than a table."""
    # peft imports bitsandbytes where it is installed, which then misses a kernel that nothing here needs
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    from sentence_transformers import SentenceTransformer  # late: importing it takes five to ten seconds

    return SentenceTransformer(model, device=None, trust_remote_code=False)


def _let_blas_be() -> None:
    """Keep numpy's BLAS to one thread in this process; torch has a library of its own and is not concerned.

    Its products here take less than 1 ms, but each leaves the second thread looking for more work for 35 ms. On two cores that are
    also wanted by others, a search took 56 ms instead of 24 for it (p95 105 instead of 34).
    """
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1, user_api="blas")


def _fingerprint(file: Path) -> bytes:
    """Digest of a file's size and of 4 MiB each at its head, middle and tail: quick on any model, changed by training."""
    size = file.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with file.open("rb") as stream:
        for start in (0, size // 2, max(0, size - _SAMPLE)):
            stream.seek(start)
            digest.update(stream.read(_SAMPLE))
    return digest.digest()


def _before_passages(file: Path) -> bytes:
    """What a model's folder states is to stand before a passage; nothing if it states nothing, or can't be read."""
    try:
        stated = json.loads(file.read_bytes()).get("prompts") or {}
        return prompts_of(stated, "").document.encode()
    except (OSError, ValueError, AttributeError):
        return b""  # loading it will say what is wrong


@cache
def shipped_embeddings() -> SentenceTransformerEmbeddings:
    """The model that comes with the project, loaded once in a process; nothing is read until it is used."""
    return SentenceTransformerEmbeddings(str(SHIPPED_EMBEDDING))


def load_embeddings(settings: Settings) -> SentenceTransformerEmbeddings:
    """The embedding model that `settings` names; nothing is read until it is used."""
    named = SentenceTransformerEmbeddings(settings.embedding_model)
    return shipped_embeddings() if named.is_shipped else named
