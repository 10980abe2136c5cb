"""A cross-encoder that reads question and passage together and says how well they match, loaded at its first use."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from errors import ModelLoadError
from settings import Settings

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

__all__ = ["CrossEncoderReranker", "load_reranker"]

_BATCH = 32
_MAX_LENGTH = 512
"""Tokens of question and passage together; what does not fit is cut. bge-reranker-base, an XLM-RoBERTa, has no more positions."""


class CrossEncoderReranker:
    """A sequence classifier with one output behind sentence-transformers' `CrossEncoder`.

    Meant for BAAI/bge-reranker-v2-m3 (568 million parameters, Chen et al. 2024, arXiv:2402.03216) and the smaller
    BAAI/bge-reranker-base (278 million, Xiao et al. 2023, arXiv:2309.07597): both read Chinese, and their model cards map
    the output to [0, 1] by a sigmoid. Cross-encoding itself: Nogueira and Cho 2019, arXiv:1901.04085.

    Args:
        model: a folder, or a Hugging Face name (downloaded at first use unless HF_HUB_OFFLINE=1).
    """

    def __init__(self, model: str) -> None:
        self.model = model
        self._lock = threading.Lock()

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the query: one number in [0, 1] a text, in the order of `texts`; [] of none.

        Raises:
            ModelLoadError: the model can't be loaded, or is no reranker.
        """
        if not texts:
            return []
        from torch.nn import Sigmoid

        model, pairs = self._loaded(), [(query, text) for text in texts]
        scores = model.predict(pairs, batch_size=_BATCH, activation_fn=Sigmoid(), show_progress_bar=False)
        return [float(score) for score in scores]

    def _loaded(self) -> CrossEncoder:
        with self._lock:
            return self._cross_encoder

    @cached_property
    def _cross_encoder(self) -> CrossEncoder:
        from safetensors import SafetensorError
        from sentence_transformers import CrossEncoder  # late: importing it takes five seconds

        try:
            model: CrossEncoder = CrossEncoder(
                self.model, max_length=_MAX_LENGTH, trust_remote_code=False, model_kwargs={"use_safetensors": True}
            )
            _check(model)
            return model
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            raise ModelLoadError(
                f"无法加载重排模型“{self.model}”。请检查 TUTOR_RERANKER：它应是一个重排模型（safetensors 权重，只有一个输出）的目录，"
                "或能联网下载的 Hugging Face 名称，如 BAAI/bge-reranker-v2-m3；去掉该设置即不用重排模型。"
            ) from error


def _check(model: CrossEncoder) -> None:
    """Refuse what loads but can't rank: an embedding model gets a random head, a classifier has several outputs."""
    transformer: Any = model[0]
    config = transformer.model.config
    if not any(name.endswith("ForSequenceClassification") for name in config.architectures or []) or config.num_labels != 1:
        raise ValueError(f"no reranker: {config.architectures}, {config.num_labels} outputs")


def load_reranker(settings: Settings) -> CrossEncoderReranker | None:
    """The reranker that `settings` names, None if they name none; nothing is read until it is used."""
    return CrossEncoderReranker(settings.reranker) if settings.reranker else None
