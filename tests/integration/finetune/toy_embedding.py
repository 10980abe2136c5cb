"""A toy language for embedding models: questions are in one vocabulary, passages in another, word for word.

A model that has not learned which word stands for which finds nothing, not by words either; one that has learned it on some
documents finds the passages of others. So what a training gains on held-out documents is known to be learned.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

_WORDS = 24
_SYLLABLES = "ba ce di fo gu ha je ki lo mu".split()


def passage_word(n: int) -> str:
    return "k" + _SYLLABLES[n // 10] + _SYLLABLES[n % 10]


def question_word(n: int) -> str:
    return "z" + _SYLLABLES[n % 10] + _SYLLABLES[n // 10]


def toy_pairs(documents: int, pages: int, seed: int = 1) -> list[dict[str, object]]:
    """Rows of question, passage, document and page: a passage a page."""
    rng = random.Random(seed)
    rows = list[dict[str, object]]()
    for document in range(documents):
        for page in range(1, pages + 1):
            words = rng.sample(range(_WORDS), 6)
            told = " ".join(map(passage_word, words))
            asked = " ".join(map(question_word, rng.sample(words, 4)))
            rows.append({"question": asked, "passage": told, "document": f"{document}.pdf", "page": page})
    return rows


def write_pairs(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def build_static(folder: Path, seed: int = 1, dimension: int = 32) -> Path:
    """A table of random vectors."""
    import numpy as np
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    tokenizer = _tokenizer()
    weights = np.random.default_rng(seed).standard_normal((tokenizer.get_vocab_size(), dimension)).astype("float32")
    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=weights)], device="cpu")
    model.save_pretrained(str(folder), create_model_card=False)
    return folder


def build_bert(folder: Path, seed: int = 1, prompts: dict[str, str] | None = None) -> Path:
    """A BERT of one layer with random weights, its vectors averaged."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(seed)
    inner = folder / "inner"
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=_tokenizer(), unk_token="[UNK]", pad_token="[PAD]")
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=64, initializer_range=0.2, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    BertModel(config).save_pretrained(inner)
    tokenizer.save_pretrained(inner)
    transformer = Transformer(str(inner))
    pooling = Pooling(32, "mean")
    model = SentenceTransformer(modules=[transformer, pooling], device="cpu", prompts=prompts)
    model.save_pretrained(str(folder / "model"), create_model_card=False)
    return folder / "model"


def _tokenizer():  # type: ignore[no-untyped-def]
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = ["[PAD]", "[UNK]", *map(passage_word, range(_WORDS)), *map(question_word, range(_WORDS))]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer
