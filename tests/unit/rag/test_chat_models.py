import pytest

from errors import SettingsError
from rag.chat_models import is_generative, load_chat_model, model_label
from rag.chat_models.extractive import ExtractiveChatModel
from rag.fence import FencedPassage, fence
from rag.prompts import ANSWER_PROMPT, OTHER_WORDS, REFUSAL
from settings import Settings


def make(**values) -> Settings:
    return Settings(_env_file=None, **values)


def test_default_needs_nothing_and_says_so() -> None:
    settings = make()
    assert isinstance(load_chat_model(settings), ExtractiveChatModel)
    assert not is_generative(settings) and "不用语言模型" in model_label(settings)


@pytest.mark.parametrize("name", ["gpt", "openai:", "extractive:", "lmdeploy:"])
def test_unknown_model_lists_what_may_be_set(name: str) -> None:
    with pytest.raises(SettingsError, match="extractive"):
        load_chat_model(make(chat_model=name))


@pytest.mark.parametrize("url", [None, "localhost:8000", "file:///etc/passwd", "http://", "http://127.0.0.1:abc/v1"])
def test_openai_needs_an_address(url: str | None) -> None:
    with pytest.raises(SettingsError, match="TUTOR_CHAT_BASE_URL"):
        load_chat_model(make(chat_model="openai:qwen", chat_base_url=url))


def test_extractive_streams_quotes_with_their_numbers() -> None:
    passages = fence([FencedPassage(1, "天气", "今天下雨。"), FencedPassage(2, "死锁", "银行家算法用来避免死锁。")])
    messages = ANSWER_PROMPT.format_messages(role="", rules="", history=[], passages=passages, question="怎样避免死锁？")
    model = ExtractiveChatModel()
    assert (
        "".join(str(c.content) for c in model.stream(messages)) == model.invoke(messages).content == "银行家算法用来避免死锁。[2]"
    )
    nothing = ANSWER_PROMPT.format_messages(role="", rules="", history=[], passages=passages, question="红烧肉")
    assert model.invoke(nothing).content == REFUSAL


def test_a_question_in_quite_other_words_gets_the_first_statement_of_the_best_passage() -> None:
    passages = [
        FencedPassage(1, "死锁", "如下：\n死锁是指多个进程因竞争资源而互相等待。"),
        FencedPassage(2, "分页", "分页把内存分成页框。"),
    ]
    inputs = {"role": "", "rules": "", "history": [], "passages": fence(passages), "question": "大伙儿全卡着不动了"}
    answer = str(ExtractiveChatModel().invoke(ANSWER_PROMPT.format_messages(**inputs)).content)
    assert answer == f"{OTHER_WORDS}死锁是指多个进程因竞争资源而互相等待。[1]"
