"""The reranker on a tiny BERT that is built and trained here: real files, real loading, real scores."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from errors import ModelLoadError
from rag.cross_encoder import CrossEncoderReranker, load_reranker
from settings import SHIPPED_EMBEDDING, Settings, load_settings

TEXTS = ["死锁", "分页", "拥塞", "缓存"]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]


def save_tokenizer(folder: Path) -> None:
    """A token a character, with BERT's `[CLS] query [SEP] text [SEP]`; it sets no greatest length."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = {token: number for number, token in enumerate([*SPECIAL, *"".join(TEXTS)])}
    raw = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    raw.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    raw.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=raw, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(folder)


def bert(labels: int = 1):
    """Settings of a BERT with two small layers."""
    from transformers import BertConfig

    return BertConfig(
        vocab_size=len(SPECIAL) + 8, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=600, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        initializer_range=0.2, num_labels=labels,
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reranker that has learned which texts equal the query and which have no character in common with it."""
    import torch
    from transformers import AutoTokenizer, BertForSequenceClassification

    torch.manual_seed(408)
    path = tmp_path_factory.mktemp("reranker")
    save_tokenizer(path)
    pairs = [(query, text) for query in TEXTS for text in TEXTS]
    batch = AutoTokenizer.from_pretrained(path)(*map(list, zip(*pairs, strict=True)), return_tensors="pt")
    equal = torch.tensor([[float(query == text)] for query, text in pairs])
    model = BertForSequenceClassification(bert())
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(150):
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(model(**batch).logits, equal).backward()
        optimizer.step()
    model.save_pretrained(path)
    assert (path / "model.safetensors").is_file()
    return path


@pytest.fixture(scope="module")
def reranker(folder: Path) -> CrossEncoderReranker:
    return CrossEncoderReranker(str(folder))


@pytest.mark.parametrize("query", TEXTS)
def test_the_text_that_equals_the_query_scores_highest(reranker: CrossEncoderReranker, query: str) -> None:
    scores = dict(zip(TEXTS, reranker.scores(query, TEXTS), strict=True))
    assert scores.pop(query) > 0.8 and max(scores.values()) < 0.2


def test_one_number_a_text_in_the_order_of_the_texts(reranker: CrossEncoderReranker) -> None:
    texts = [text * (1 + number % 3) for number, text in enumerate(TEXTS * 20)]  # several batches, several lengths
    scores = reranker.scores("死锁", texts)
    assert all(type(score) is float and 0 <= score <= 1 for score in scores)
    assert scores == pytest.approx([reranker.scores("死锁", [text])[0] for text in texts], abs=1e-5)
    assert CrossEncoderReranker("nothing to load").scores("死锁", ()) == []


def test_a_long_text_is_cut_to_512_tokens_in_all(reranker: CrossEncoderReranker) -> None:
    """`[CLS]`, the query's two tokens and two `[SEP]` leave 507 of them to the text; the model here could read 600."""
    whole, other = "死锁" * 253 + "死", "死锁" * 150 + "分页" * 103 + "分"  # 507 tokens each, alike up to the 300th
    scores = reranker.scores("死锁", [whole, whole + "分页" * 999, other])
    assert scores[1] == pytest.approx(scores[0], rel=1e-4) and scores[2] != pytest.approx(scores[0], rel=1e-3)


def test_scores_pass_a_sigmoid_whatever_the_model_says(folder: Path, reranker: CrossEncoderReranker, tmp_path: Path) -> None:
    raw = shutil.copytree(folder, tmp_path / "raw")
    config = json.loads((raw / "config.json").read_text(encoding="utf-8"))
    config["sentence_transformers"] = {"activation_fn": "torch.nn.modules.linear.Identity"}
    (raw / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert CrossEncoderReranker(str(raw)).scores("死锁", TEXTS) == pytest.approx(reranker.scores("死锁", TEXTS), abs=1e-6)


def test_threads_share_one_model(folder: Path, reranker: CrossEncoderReranker) -> None:
    fresh = CrossEncoderReranker(str(folder))
    start = Barrier(4)
    with ThreadPoolExecutor(4) as threads:
        models = list(threads.map(lambda _: start.wait() >= 0 and fresh._loaded(), range(4)))
        answers = list(threads.map(lambda query: fresh.scores(query, TEXTS), TEXTS * 5))
    assert all(model is models[0] for model in models)
    assert answers == [pytest.approx(reranker.scores(query, TEXTS), abs=1e-5) for query in TEXTS * 5]


def test_the_setting_names_the_model(folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_reranker(settings) is None
    monkeypatch.setenv("TUTOR_RERANKER", str(folder))
    loaded = load_reranker(load_settings())
    assert loaded is not None and loaded.scores("分页", ["分页"])[0] > 0.8


def test_a_missing_model_says_what_to_do(tmp_path: Path) -> None:
    for model in (str(tmp_path / "nothing"), "nobody/no-such-model"):
        with pytest.raises(ModelLoadError, match="无法加载重排模型.*TUTOR_RERANKER"):
            CrossEncoderReranker(model).scores("死锁", TEXTS)


def test_what_loads_but_is_no_reranker_is_refused(folder: Path, tmp_path: Path) -> None:
    """An embedding model would score at random, a classifier with two outputs gives two numbers a text; pickled weights are never read."""
    import torch
    from safetensors.torch import load_file
    from transformers import BertForSequenceClassification, BertModel

    BertModel(bert()).save_pretrained(tmp_path / "embedding")
    BertForSequenceClassification(bert(labels=2)).save_pretrained(tmp_path / "classifier")
    for name in ("embedding", "classifier"):
        save_tokenizer(tmp_path / name)
    broken, pickled = (shutil.copytree(folder, tmp_path / name) for name in ("broken", "pickled"))
    (broken / "model.safetensors").write_bytes(b"no weights")
    torch.save(load_file(folder / "model.safetensors"), pickled / "pytorch_model.bin")
    (pickled / "model.safetensors").unlink()
    for path in (tmp_path / "embedding", tmp_path / "classifier", broken, pickled, SHIPPED_EMBEDDING):
        with pytest.raises(ModelLoadError, match="TUTOR_RERANKER"):
            CrossEncoderReranker(str(path)).scores("死锁", TEXTS)
