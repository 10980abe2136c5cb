"""The recipe of the shipped embedding model: it needs no text but this project's own.

The model is a sentence-transformers `StaticEmbedding`: a table of one vector per token, averaged over a text. It is
trained only on text that this project owns (knowledge/handouts, notes, asked and terms), in three steps:

1. Vocabulary: every word of that text and every term (jieba), and all single characters of GB 2312, so that any
   Chinese text has a segmentation; a Unigram tokenizer finds the likeliest one.
2. Initial vectors: random directions, a word's leaning to those of its characters, with a length that grows with the
   token's inverse document frequency. Untrained tokens thus still match themselves: unseen subjects work as with
   a bag of words (random indexing; Sahlgren 2005).
3. Contrastive training (MultipleNegativesRankingLoss; Henderson et al. 2017) on heading–passage, sentence–passage,
   question–passage and synonym pairs. The recipe's values were chosen on 564 of the questions, left out for that: success@5 of
   the dense leg 0.53 with batches of 64 and a character share of 0.3, 0.60 with these; 0.61 with 512 dimensions, which take twice the memory.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import log
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.subjects import SUBJECTS, terms_of
from settings import ROOT, load_settings
from vector_db.segmentation import normalize, segment

if TYPE_CHECKING:
    import numpy as np
    from langchain_core.documents import Document
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

__all__ = ["Recipe", "own_chunks", "train_shipped", "training_pairs"]

_OWN_TEXT = (ROOT / "knowledge" / "handouts", ROOT / "knowledge" / "notes")
_SAYS_NOTHING = re.compile(r"例题$|易错点$")
"""Headings that stand over a hundred different texts: as a pair they would pull them all together."""
_CHARACTER_WEIGHT = 0.5
"""A character by itself says less than a word of the same rarity."""
_LATIN = "abcdefghijklmnopqrstuvwxyz0123456789+-*/=<>%^.#&()[]{}|_~αβγδεθλμπρστφω∑√≤≥≠≈×÷∞∈∪∩→"


@dataclass(frozen=True)
class Recipe:
    """Everything that the result depends on besides the text."""

    dimension: int = 256
    character_share: float = 0.8
    epochs: int = 8
    batch_size: int = 512
    learning_rate: float = 4e-2
    seed: int = 408


def own_chunks() -> list[Document]:
    """Chunks of the project's own handouts and notes, split as ingestion splits them."""
    from rag.parsing import parse
    from rag.splitting import split_pages

    settings = load_settings()
    files = sorted(path for folder in _OWN_TEXT for path in folder.rglob("*.md"))
    return [chunk for path in files for chunk in split_pages(parse(path, settings), path.name, path.name, path.stem)]


def training_pairs(chunks: Sequence[Document], rng: random.Random) -> list[tuple[str, str]]:
    """Pairs of texts that mean the same or answer each other: (heading, passage), (sentence, rest), (question, passage),
    (term, synonym)."""
    from rag.sentences import sentences
    from vector_db.entries import embedded_text

    pairs = []
    for chunk in chunks:
        text, headings = chunk.page_content, chunk.metadata["section"].split(" > ")
        telling = [heading for heading in headings if heading and not _SAYS_NOTHING.search(heading)]
        pairs += [(heading, text) for heading in telling[-2:]]
        bounds = sentences(text)
        if len(bounds) > 1:
            start, end = rng.choice(bounds)
            pairs.append((text[start:end], f"{headings[-1]}\n{text[:start]}{text[end:]}"))
        asked = chunk.metadata["asked"]
        pairs += [(question, embedded_text(chunk)) for question in (asked.split("\n") if asked else ())]
    groups = [group for subject in SUBJECTS for group in terms_of(subject) if len(group) > 1]
    pairs += [(group[0], other) for group in groups for other in group[1:]]
    rng.shuffle(pairs)
    return pairs


def train_shipped(recipe: Recipe, out: Path) -> dict[str, float]:
    """Train the model and write it to a folder, with its card; the card's figures."""
    chunks = own_chunks()
    pairs = training_pairs(chunks, random.Random(recipe.seed))
    held_out, others = pairs[: len(pairs) // 10], pairs[len(pairs) // 10 :]
    before, after = _accuracy(_initial_model(chunks, recipe), held_out), _accuracy(_trained(chunks, others, recipe), held_out)
    model = _trained(chunks, pairs, recipe)
    figures = {
        "chunks": len(chunks),
        "characters": sum(len(c.page_content) for c in chunks),
        "pairs": len(pairs),
        "held_out_pairs": len(held_out),
        "vocabulary": model.tokenizer.get_vocab_size(),
        "accuracy_at_1_before": round(before, 3),
        "accuracy_at_1_after": round(after, 3),
    }
    model.save_pretrained(str(out), create_model_card=False, safe_serialization=True)
    (out / "README.md").write_text(_card(recipe, figures), encoding="utf-8")
    return figures


def _initial_model(chunks: Sequence[Document], recipe: Recipe) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    frequencies = Counter({token: 1 for token in _single_characters()})
    texts = [f"{chunk.metadata['section']}\n{chunk.page_content}" for chunk in chunks]
    frequencies.update(token for text in texts for token in segment(text))
    frequencies.update(normalize(t) for s in SUBJECTS for group in terms_of(s) for t in group if " " not in t)
    documents = Counter(token for text in texts for token in set(segment(text)))
    idf = {token: log(1 + len(texts) / (1 + documents[token])) for token in frequencies}
    tokens = list(frequencies)
    tokenizer = _tokenizer(tokens, frequencies)
    weights = _initial_vectors(tokens, idf, recipe)
    return SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=weights)], device="cpu")


def _single_characters() -> Iterator[str]:
    yield from _LATIN
    for high in range(0xB0, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                yield bytes((high, low)).decode("gb2312")
            except UnicodeDecodeError:
                continue


def _tokenizer(tokens: Sequence[str], frequencies: Counter[str]) -> Tokenizer:
    """A Unigram tokenizer with the words' log-frequencies, over runs of non-space characters without punctuation."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    total = sum(frequencies.values())
    vocabulary = [("[UNK]", -30.0)] + [(token, log(frequencies[token] / total)) for token in tokens]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    punctuation = Regex(r"[\s，。；：、！？“”‘’（）《》【】…—·\"'`,;:!?()\[\]{}|_]+")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(punctuation, behavior="removed")
    return tokenizer


def _initial_vectors(tokens: Sequence[str], idf: dict[str, float], recipe: Recipe) -> np.ndarray:
    """Matrix (1 + len(tokens), dimension), float32; row 0 is the unknown token and zero."""
    import numpy as np

    rng = np.random.default_rng(recipe.seed)
    own = rng.standard_normal((len(tokens), recipe.dimension)).astype("float32") / recipe.dimension**0.5
    index = {token: i for i, token in enumerate(tokens)}
    matrix = np.zeros((len(tokens) + 1, recipe.dimension), dtype="float32")
    for token, i in index.items():
        parts = [index[c] for c in token if c in index and len(token) > 1]
        shared = own[parts].sum(axis=0) / len(parts) ** 0.5 if parts else 0.0
        vector = own[i] + recipe.character_share * shared
        matrix[i + 1] = vector / np.linalg.norm(vector) * idf[token] * (1.0 if len(token) > 1 else _CHARACTER_WEIGHT)
    return matrix


def _trained(chunks: Sequence[Document], pairs: Sequence[tuple[str, str]], recipe: Recipe) -> SentenceTransformer:
    """A new model, trained on these pairs."""
    model = _initial_model(chunks, recipe)
    if recipe.epochs:
        _train(model, pairs, recipe)
    return model


def _train(model: SentenceTransformer, pairs: Sequence[tuple[str, str]], recipe: Recipe) -> None:
    import tempfile

    from datasets import Dataset
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
    from sentence_transformers.sentence_transformer.training_args import BatchSamplers

    with tempfile.TemporaryDirectory() as folder:
        arguments = SentenceTransformerTrainingArguments(
            output_dir=folder,
            num_train_epochs=recipe.epochs,
            per_device_train_batch_size=recipe.batch_size,
            learning_rate=recipe.learning_rate,
            lr_scheduler_type="cosine",
            warmup_steps=0.1,
            batch_sampler=BatchSamplers.NO_DUPLICATES,
            use_cpu=True,
            seed=recipe.seed,
            save_strategy="no",
            report_to=[],
            logging_steps=50,
            disable_tqdm=True,
        )
        data = Dataset.from_dict({"anchor": [a for a, _ in pairs], "positive": [b for _, b in pairs]})
        trainer = SentenceTransformerTrainer(model, arguments, data, loss=MultipleNegativesRankingLoss(model))
        trainer.train()


def _accuracy(model: SentenceTransformer, pairs: Sequence[tuple[str, str]]) -> float:
    """Share of held-out pairs whose second text is nearest to the first among all second texts."""
    if not pairs:
        return 0.0
    left, right = (model.encode([p[i] for p in pairs], normalize_embeddings=True) for i in (0, 1))
    return float((left @ right.T).argmax(axis=1).__eq__(range(len(pairs))).mean())


def _card(recipe: Recipe, figures: dict[str, float]) -> str:
    return f"""---
language: zh
license: apache-2.0
library_name: sentence-transformers
pipeline_tag: sentence-similarity
---

# tutor408-static-zh

随 Tutor408 发布的中文静态向量模型（sentence-transformers `StaticEmbedding`）：不用下载、不用密钥，在 CPU 上每秒可编码上万个片段。
它只用本项目自己写的文字训练（`knowledge/handouts`、`notes`、`asked`、`terms`），不含任何第三方语料或预训练权重。

- 重新训练：`pip install -r requirements-train.txt && python -m finetune.embedding`
- 配方：`{json.dumps(asdict(recipe))}`
- 数据与效果：`{json.dumps(figures)}`
  （`accuracy_at_1`：留出十分之一的成对文本，第二段在全部第二段里与第一段最近的比例，用其余训练之前 → 之后；发布的模型用全部文本训练）
- 用途：与词法检索（BM25）一起为 408 与课程资料找段落。它不是通用语义模型；对没见过的词，它近似词袋匹配。
- 换成更强的模型：`TUTOR_EMBEDDING_MODEL=BAAI/bge-small-zh-v1.5`（或任何目录），然后 `python -m rag.ingest --reindex`。
"""
