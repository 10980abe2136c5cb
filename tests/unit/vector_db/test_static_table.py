import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from sentence_transformers import SentenceTransformer

from errors import ModelLoadError
from settings import ROOT, SHIPPED_EMBEDDING
from vector_db.embeddings import SentenceTransformerEmbeddings
from vector_db.static_table import read_table

TEXTS = ["死锁的四个必要条件", "", " ，。", "TCP 三次握手", "Cache-主存 地址映射 ① 全相联" * 40, "🙂"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped model."""
    shutil.copytree(SHIPPED_EMBEDDING, tmp_path / "model")
    return tmp_path / "model"


@pytest.mark.parametrize("prompt", ["", "查询："])
def test_vectors_are_those_of_sentence_transformers(prompt: str, monkeypatch: pytest.MonkeyPatch) -> None:
    table = read_table(SHIPPED_EMBEDDING)
    assert table is not None
    theirs = SentenceTransformer(str(SHIPPED_EMBEDDING), device="cpu").encode(TEXTS, prompt=prompt, normalize_embeddings=True)
    for batch in (2, 256):
        monkeypatch.setattr("vector_db.static_table._BATCH", batch)
        ours = table.encode(TEXTS, prompt)
        assert ours.dtype == np.float32 and ours == pytest.approx(np.asarray(theirs), abs=1e-6)


def test_a_text_without_tokens_has_no_direction() -> None:
    table = read_table(SHIPPED_EMBEDDING)
    assert table is not None and not table.encode([""], "").any()


def test_the_shipped_model_answers_without_torch() -> None:
    code = "import sys; from rag.expansion import shipped_expansion; assert shipped_expansion().terms('死锁'); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_other_models_are_left_to_sentence_transformers(folder: Path, tmp_path: Path) -> None:
    assert read_table(folder) is not None and read_table(tmp_path) is None and read_table(Path("BAAI/bge")) is None
    weights = load_file(folder / "model.safetensors")
    save_file({"embedding.weight": weights["embedding.weight"].astype(np.float16)}, folder / "model.safetensors")
    assert read_table(folder) is None
    save_file({"embeddings": weights["embedding.weight"]}, folder / "model.safetensors")  # as model2vec names them
    assert read_table(folder) is None
    assert SentenceTransformerEmbeddings(str(folder)).is_static  # which reads both
    modules = json.loads((folder / "modules.json").read_text())
    (folder / "modules.json").write_text(json.dumps([*modules, {"idx": 1, "name": "1", "path": "1_Dense", "type": "x.Dense"}]))
    assert read_table(folder) is None


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "modules.json", "config_sentence_transformers.json"])
def test_a_damaged_model_says_what_to_do(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"{]")
    with pytest.raises(ModelLoadError, match="TUTOR_EMBEDDING_MODEL"):
        SentenceTransformerEmbeddings(str(folder)).embed_query("死锁")
