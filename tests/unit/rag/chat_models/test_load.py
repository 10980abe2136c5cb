import pytest
from pydantic import ValidationError

from errors import ModelLoadError, SettingsError
from rag.chat_models import load_chat_model, model_label
from rag.chat_models.extractive import ExtractiveChatModel
from settings import Settings


@pytest.mark.parametrize("name", ["gpt", "openai:", "local:", "lmdeploy:", "extractive:"])
def test_what_is_no_back_end_lists_all_four(name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_chat_model(Settings(_env_file=None, chat_model=name))
    assert all(known in str(caught.value) for known in ("extractive", "openai:", "local:", "lmdeploy:"))


def test_each_scheme_has_its_back_end() -> None:
    settings = Settings(_env_file=None, chat_model="openai:m", chat_base_url="http://127.0.0.1/v1", chat_retries=5)
    model = load_chat_model(settings)
    assert model._llm_type == "openai-chat" and model.max_retries == 5 and model.name_told == model_label(settings)
    for scheme in ("local", "lmdeploy"):
        with pytest.raises(ModelLoadError):
            load_chat_model(Settings(_env_file=None, chat_model=f"{scheme}:/nowhere"))
    default = load_chat_model(Settings(_env_file=None))
    assert isinstance(default, ExtractiveChatModel) and default.name_told == model_label(Settings(_env_file=None))


@pytest.mark.parametrize(
    "values",
    [{"chat_dtype": "int4"}, {"chat_quantization": "2bit"}, {"chat_engine": "vllm"}, {"chat_tp": 0}, {"chat_window_tokens": 0}],
)
def test_settings_that_cannot_be(values: dict) -> None:
    with pytest.raises(ValidationError):
        Settings(_env_file=None, **values)
