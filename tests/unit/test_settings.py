import re

import pytest

from errors import SettingsError
from settings import ROOT, Settings, load_settings


def test_defaults_need_no_key_and_no_download(settings: Settings) -> None:
    assert settings.chat_model == "extractive"
    assert (ROOT / "vector_db" / "models") in __import__("pathlib").Path(settings.embedding_model).parents


def test_one_variable_moves_all_data(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("TUTOR_DATA_DIR", str(tmp_path))
    assert load_settings().vector_db_dir == tmp_path / "vector_db"


def test_a_copy_with_another_data_folder_is_elsewhere(tmp_path) -> None:
    first = Settings(data_dir=tmp_path / "a")
    assert first.vector_db_dir != first.model_copy(update={"data_dir": tmp_path / "b"}).vector_db_dir


def test_bad_value_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTOR_MAX_FILE_MB", "many")
    with pytest.raises(SettingsError, match="TUTOR_MAX_FILE_MB：值“many”不是数字"):
        load_settings()


def test_an_empty_variable_is_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTOR_DATA_DIR", "")
    assert load_settings().data_dir is None


def test_frozen_and_secret_not_shown() -> None:
    settings = Settings(_env_file=None, chat_api_key="sk-very-secret")
    with pytest.raises(ValueError):
        settings.chat_model = "other"
    assert "very-secret" not in repr(settings)


def test_every_setting_is_described_and_stands_in_the_readme() -> None:
    table = re.findall(r"^\| (`TUTOR_.*?) \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    told = {name.lower() for row in table for name in re.findall(r"`TUTOR_(\w+)`", row)}
    assert told == set(Settings.model_fields)
    assert all(re.search("[\u4e00-\u9fff]|extractive", field.description or "") for field in Settings.model_fields.values())


@pytest.mark.parametrize(
    "name", [n for n in Settings.model_fields if n.startswith("max_") or n in ("page_timeout_seconds", "ingest_workers")]
)
def test_a_limit_of_nothing_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"TUTOR_{name.upper()}", "0")
    with pytest.raises(SettingsError, match=f"TUTOR_{name.upper()}：值“0”超出范围"):
        load_settings()
