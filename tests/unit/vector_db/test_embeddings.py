import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sentence_transformers import SentenceTransformer

from errors import ModelLoadError
from settings import ROOT, SHIPPED_EMBEDDING
from vector_db.embeddings import SentenceTransformerEmbeddings, shipped_embeddings


def test_shipped_model_is_small_and_has_a_card() -> None:
    files = [f for f in SHIPPED_EMBEDDING.rglob("*") if f.is_file()]
    assert sum(f.stat().st_size for f in files) <= 20 * 10**6
    assert "只用本项目自己写的文字训练" in (SHIPPED_EMBEDDING / "README.md").read_text(encoding="utf-8")


def test_vectors_are_unit_and_near_for_near_texts(embeddings: SentenceTransformerEmbeddings) -> None:
    lock, same, other = embeddings.embed_documents(["死锁的四个必要条件", "产生死锁的必要条件有四个", "TCP 拥塞窗口的变化"])
    dot = lambda a, b: sum(x * y for x, y in zip(a, b, strict=True))  # noqa: E731
    assert dot(lock, lock) == pytest.approx(1.0, abs=1e-5)
    assert dot(lock, same) > 0.5 > dot(lock, other)
    assert embeddings.embed_documents([]) == []


def test_the_array_holds_the_same_vectors_as_the_lists(embeddings: SentenceTransformerEmbeddings) -> None:
    texts = ["死锁的四个必要条件", "TCP 拥塞窗口的变化", "死锁"]
    array = embeddings.embed_array(texts)
    assert array.dtype == "float32" and array.shape == (3, len(embeddings.embed_query("死锁")))
    assert array.tolist() == embeddings.embed_documents(texts) and array[2].tolist() == embeddings.embed_query("死锁")
    assert embeddings.embed_array([]).shape == (0, 0)


def test_the_most_alike_text_of_each_group_counts(embeddings: SentenceTransformerEmbeddings) -> None:
    near, none, far = embeddings.alike("死锁的条件", [["TCP 的窗口", "死锁的条件"], [], ["TCP 的窗口"]])
    assert near == pytest.approx(1.0, abs=1e-5) and none == 0.0 and far < 0.5
    assert embeddings.alike("死锁", [[], []]) == [0.0, 0.0]


def test_no_thread_of_blas_is_left_spinning() -> None:
    """In a process of its own, where nobody has set the threads: other tests load other libraries' BLAS."""
    code = (
        "from threadpoolctl import threadpool_info; from vector_db.embeddings import shipped_embeddings\n"
        "shipped_embeddings().embed_query('死锁')\n"
        "print({pool['num_threads'] for pool in threadpool_info() if pool['user_api'] == 'blas'})"
    )
    free = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=free, capture_output=True, text=True, check=True)
    assert done.stdout == "{1}\n"


def test_identity_changes_with_the_weights(tmp_path: Path) -> None:
    weights = tmp_path / "m" / "model.safetensors"
    weights.parent.mkdir()
    weights.write_bytes(b"one")
    before = SentenceTransformerEmbeddings(str(weights.parent)).identity
    weights.write_bytes(b"two")
    after = SentenceTransformerEmbeddings(str(weights.parent)).identity
    assert before != after and before.startswith("m-")


def test_missing_model_says_what_to_do() -> None:
    with pytest.raises(ModelLoadError, match="TUTOR_EMBEDDING_MODEL"):
        SentenceTransformerEmbeddings("nobody/no-such-model").embed_query("x")


def test_a_model_without_stated_prompts_gets_bges_instruction_by_its_name(saved: Callable[..., Path]) -> None:
    model, plain = SentenceTransformerEmbeddings(str(saved("bge-small-zh"))), shipped_embeddings()
    assert model.embed_query("死锁") == pytest.approx(plain.embed_documents(["为这个句子生成表示以用于检索相关文章：死锁"])[0])
    assert model.embed_documents(["死锁"])[0] == pytest.approx(plain.embed_documents(["死锁"])[0])


def test_prompts_that_a_models_folder_states_are_used(saved: Callable[..., Path]) -> None:
    model = SentenceTransformerEmbeddings(str(saved("bge-own-zh", query="查询：", passage="段落：")))
    plain = shipped_embeddings()
    assert model.embed_query("死锁") == pytest.approx(plain.embed_documents(["查询：死锁"])[0])
    assert model.embed_documents(["死锁"])[0] == pytest.approx(plain.embed_documents(["段落：死锁"])[0])


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Path]:
    """A maker of folders with the shipped model under another name, stating prompts of its own."""

    def make(name: str, **prompts: str) -> Path:
        model = SentenceTransformer(str(SHIPPED_EMBEDDING), device="cpu")
        model.prompts = prompts
        model.save_pretrained(str(tmp_path / name), create_model_card=False)
        return tmp_path / name

    return make


def test_words_before_a_passage_are_part_of_the_identity(tmp_path: Path) -> None:
    def identity(prompts: str) -> str:
        (tmp_path / "m").mkdir(exist_ok=True)
        (tmp_path / "m" / "config_sentence_transformers.json").write_text(prompts, encoding="utf-8")
        return SentenceTransformerEmbeddings(str(tmp_path / "m")).identity

    plain = identity("{}")
    assert identity('{"prompts": {"query": "查询：", "document": ""}}') == identity("[") == plain  # passages are the same
    assert identity('{"prompts": {"passage": "段落："}}') not in (plain, identity('{"prompts": {"passage": "文："}}'))
