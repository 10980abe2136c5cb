"""Finding passages by the vectors of a sentence-transformers model, as the tutor does, and by words."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from finetune.embedding_training.corpus import Passage
from finetune.embedding_training.shortage import shortage
from knowledge.subjects import SUBJECTS

if TYPE_CHECKING:
    import numpy as np
    from sentence_transformers import SentenceTransformer

    from vector_db.lexical import LexicalIndex

__all__ = ["Vectors", "is_static", "lexical_index", "lexical_places", "vectors_of"]

Vectors: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"
"""float32 of unit length, shape (texts, dimension)."""

_BATCH, _STATIC_BATCH = 64, 1024
_SUBJECT = next(iter(SUBJECTS))


def is_static(model: SentenceTransformer) -> bool:
    """Whether the model is a table of vectors, without attention."""
    return type(model[0]).__name__ == "StaticEmbedding"


def vectors_of(model: SentenceTransformer, texts: Sequence[str], prompt: str) -> Vectors:
    """The vectors of texts, each after a prompt.

    Raises:
        UsageError: memory ran out.
    """
    import numpy as np

    try:
        found = _encoded(model, texts, prompt)
    except (RuntimeError, MemoryError) as error:
        if told := shortage(error):
            raise told from error
        raise
    return np.asarray(found, dtype=np.float32)


def _encoded(model: SentenceTransformer, texts: Sequence[str], prompt: str) -> Any:
    batch = _STATIC_BATCH if is_static(model) else _BATCH
    return model.encode(
        list(texts), prompt=prompt, batch_size=batch, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
    )


@contextmanager
def lexical_index(passages: Sequence[Passage]) -> Iterator[LexicalIndex]:
    """An index of the passages' words, as the knowledge base has one, in a temporary folder; ids are places."""
    from vector_db.lexical import LexicalIndex

    with tempfile.TemporaryDirectory() as folder:
        index = LexicalIndex(Path(folder) / "lexical")
        rows = ((str(i), passage.text, "", "") for i, passage in enumerate(passages))
        index.rebuild([("", _SUBJECT, rows)])
        yield index


def lexical_places(index: LexicalIndex, question: str, k: int) -> list[int]:
    """The places of the best `k` passages by BM25, best first."""
    return [int(found) for found, _ in index.search(question, list(SUBJECTS), k)]
