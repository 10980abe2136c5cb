import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from errors import ModelLoadError
from eval.identity import fingerprint, knowledge_fingerprint, same_model
from settings import Settings
from vector_db.registry import DocumentRecord, Registry


def a(model: str, **others: object) -> Settings:
    return Settings(_env_file=None, chat_model=model, **others)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model = tmp_path / "models" / "small"
    model.mkdir(parents=True)
    (model / "config.json").write_text(json.dumps({"model_type": "qwen3"}))
    (model / "tokenizer.json").write_text("{}")
    (model / "model.safetensors").write_bytes(bytes(200_000))
    (model / "README.md").write_text("about")
    return model


def adapter(folder: Path, name: str = "lora") -> Path:
    lora = folder.parent / name
    lora.mkdir()
    (lora / "adapter_config.json").write_text('{"r": 8}')
    (lora / "adapter_model.safetensors").write_bytes(b"weights")
    return lora


def test_one_model_under_several_spellings(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder)
    monkeypatch.chdir(folder.parent)
    for name in (f"{folder}/", str(folder.parent / "x" / ".." / "small"), str(link), "./small", "small"):
        assert same_model(a(f"local:{folder}"), a(f"local:{name}")), name
    assert same_model(a(f"local:{folder}"), a(f"lmdeploy:{folder}")), "the same weights in another engine"
    assert same_model(a(f"local:{folder}"), a(f"local:{folder}", chat_quantization="4bit")), "the same weights, rounded"
    assert same_model(a("local:Qwen/Qwen3-8B"), a("local:Qwen/Qwen3-8B/"))
    assert not same_model(a("local:Qwen/Qwen3-8B"), a("local:Qwen/Qwen3-4B"))


def test_an_adapter_makes_another_model(folder: Path) -> None:
    lora = adapter(folder)
    bare, tuned = a(f"local:{folder}"), a(f"local:{folder}", chat_adapter=lora)
    assert not same_model(bare, tuned)
    assert same_model(tuned, a(f"local:{folder}", chat_adapter=Path(f"{lora.parent}/../models/lora")))
    assert same_model(a(f"lmdeploy:{folder}", chat_adapter=lora), tuned)
    assert not same_model(a(f"lmdeploy:{folder}", chat_adapter=lora), bare)
    assert fingerprint(a(f"lmdeploy:{folder}", chat_adapter=lora)) != fingerprint(a(f"lmdeploy:{folder}"))


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("http://127.0.0.1:8000/v1", "http://localhost:8000/v1/", True),
        ("https://API.example.com/v1", "https://api.example.com:443/v1", True),
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8001/v1", False),
        ("https://a.example.com/v1", "https://b.example.com/v1", False),
        ("https://a.example.com/one/v1", "https://a.example.com/two/v1", False),
    ],
)
def test_endpoints_are_told_apart_by_their_address(one: str, two: str, same: bool) -> None:
    first, second = a("openai:m", chat_base_url=one), a("openai:m", chat_base_url=two, chat_api_key=SecretStr("other"))
    assert same_model(first, second) is same
    assert (fingerprint(first) == fingerprint(second)) is same
    assert not same_model(first, a("openai:n", chat_base_url=one))


def test_kinds_differ(folder: Path) -> None:
    assert not same_model(a(f"openai:{folder}", chat_base_url="http://h/v1"), a(f"local:{folder}"))
    assert not same_model(a("extractive"), a("openai:extractive", chat_base_url="http://h/v1"))
    assert same_model(a("extractive"), a("extractive"))


def test_a_fingerprint_is_of_the_files_not_of_their_place(folder: Path, tmp_path: Path) -> None:
    before = fingerprint(a(f"local:{folder}"))
    moved = folder.rename(tmp_path / "elsewhere")
    (moved / "README.md").write_text("something else")
    assert len(before) == 16 and int(before, 16) >= 0
    assert fingerprint(a(f"local:{moved}")) == before


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_changed_files_make_another_fingerprint(folder: Path, name: str) -> None:
    before = fingerprint(a(f"local:{folder}"))
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(b' {"model_type": "qwen3"}' if name == "config.json" else data[:-1] + b"\x01")
    assert fingerprint(a(f"local:{folder}")) != before


def test_weights_are_known_by_their_bytes_and_their_size(folder: Path) -> None:
    before, weights = fingerprint(a(f"local:{folder}")), folder / "model.safetensors"
    weights.write_bytes(b"\x01" + bytes(199_999))
    first = fingerprint(a(f"local:{folder}"))
    weights.write_bytes(bytes(200_001))
    longer = fingerprint(a(f"local:{folder}"))
    weights.write_bytes(bytes(100_000) + b"\x01" + bytes(99_999))
    assert len({before, first, longer, fingerprint(a(f"local:{folder}"))}) == 4


def test_how_a_model_is_loaded_counts(folder: Path) -> None:
    lora = adapter(folder)
    ways: list[dict[str, object]] = [
        {}, {"chat_dtype": "float32"}, {"chat_quantization": "4bit"}, {"chat_adapter": lora}, {"chat_adapter": lora, "chat_merge_adapter": True},
    ]  # fmt: skip
    found = [fingerprint(a(f"local:{folder}", **way)) for way in ways]
    assert len(set(found)) == len(ways)
    (lora / "adapter_model.safetensors").write_bytes(b"trained on")
    assert fingerprint(a(f"local:{folder}", chat_adapter=lora)) != found[3]


def test_what_is_not_there_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match="不存在"):
        fingerprint(a(f"local:{tmp_path}/nothing"))
    with pytest.raises(ModelLoadError, match="适配器目录"):
        fingerprint(a(f"local:{folder}", chat_adapter=tmp_path / "nothing"))


def test_the_extractive_model_is_its_code() -> None:
    assert fingerprint(a("extractive")) == fingerprint(a("extractive"))
    assert fingerprint(a("extractive")) != fingerprint(a("openai:extractive", chat_base_url="http://h/v1"))


def test_a_knowledge_base_is_its_documents(settings: Settings) -> None:
    assert knowledge_fingerprint(settings) == "empty"
    registry = Registry(settings.vector_db_dir / "registry.sqlite3")
    one = DocumentRecord("a.pdf", "/x/a.pdf", "00ff", "os", chunks=3, embedding="e", state="indexed")
    registry.save(DocumentRecord("b.pdf", "/x/b.pdf", "11ff", "os"))
    assert knowledge_fingerprint(settings) == "empty", "nothing of it can be found yet"

    def saved(**changed: object) -> str:
        registry.save(DocumentRecord(**{**vars(one), **changed}))
        return knowledge_fingerprint(settings)

    first = saved()
    assert saved(path="/y/a.pdf") == first
    assert len({first, saved(chunks=4), saved(sha256="00fe"), saved(subject="ds"), saved(embedding="f")}) == 5
    assert saved() == first and knowledge_fingerprint(settings.model_copy(update={"reranker": "/m/bge"})) != first
