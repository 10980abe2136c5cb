from __future__ import annotations

from pathlib import Path

import pytest

from errors import UsageError
from eval.judging.systems import check_apart, judge_of, systems_of
from settings import Settings

HERE = "http://127.0.0.1:8000/v1"


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]


def key_of(one: Settings) -> str | None:
    return one.chat_api_key.get_secret_value() if one.chat_api_key else None


def test_each_form_of_a_setting_is_understood(tmp_path: Path) -> None:
    (tmp_path / "a+b").mkdir()
    told = [
        "摘录=extractive",
        f"云=openai:qwen3-8b@{HERE}",
        "甲=openai:@cf/meta/llama@https://a.example/v1?x=1",
        f"乙=local:{tmp_path}/base+{tmp_path}/lora",
        f"丙=local:{tmp_path}/a+b",
        "丁=lmdeploy:/models/awq",
    ]
    found = {one.name: one.settings for one in systems_of(told, settings(chat_adapter="/x"))}
    assert found["摘录"].chat_model == "extractive"
    assert (found["云"].chat_model, found["云"].chat_base_url) == ("openai:qwen3-8b", HERE)
    assert (found["甲"].chat_model, found["甲"].chat_base_url) == ("openai:@cf/meta/llama", "https://a.example/v1?x=1")
    assert (found["乙"].chat_model, found["乙"].chat_adapter) == (f"local:{tmp_path}/base", tmp_path / "lora")
    assert (found["丙"].chat_model, found["丙"].chat_adapter) == (f"local:{tmp_path}/a+b", None)
    assert (found["丁"].chat_model, found["丁"].chat_adapter) == ("lmdeploy:/models/awq", None)


def test_without_a_name_the_model_is_the_name_and_without_a_system_the_settings_are_one() -> None:
    assert [one.name for one in systems_of([f"openai:m@{HERE}?a=b"], settings())] == ["openai:m"]
    own = settings(chat_model="openai:m", chat_base_url=HERE, chat_adapter="/x")
    assert systems_of([], own)[0].settings is own


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("甲=gpt-4", "无法识别"),
        ("甲=openai:", "无法识别"),
        ("甲=local: ", "无法识别"),
        ("甲=", "无法识别"),
        ("甲=openai:m", "缺少接口地址"),
        ("openai:m@127.0.0.1:8000", "缺少接口地址"),
    ],
)
def test_what_is_no_model_is_refused_with_the_forms(told: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        systems_of([told], settings())


def test_two_systems_of_one_name_are_refused() -> None:
    with pytest.raises(UsageError, match="都叫“甲”"):
        systems_of(["甲=extractive", "甲=local:/m"], settings())


def test_a_judge_is_told_by_the_option_or_by_the_settings() -> None:
    own = settings(judge_model="openai:big", judge_base_url=HERE, chat_base_url="http://other/v1")
    assert judge_of(None, own).settings.chat_base_url == HERE
    assert judge_of("local:/m", own).settings.chat_model == "local:/m"
    assert judge_of("openai:b", settings(chat_base_url=HERE)).settings.chat_base_url == HERE
    with pytest.raises(UsageError, match="没有评委"):
        judge_of(None, settings())
    with pytest.raises(UsageError, match="extractive .*不能当评委"):
        judge_of("extractive", own)


@pytest.mark.parametrize(
    ("chat", "judge", "url", "for_system", "for_judge"),
    [
        # a key goes to its own server only
        (("http://a/v1", "ka"), ("http://b/v1", "kb"), "http://a/v1", "ka", "ka"),
        (("http://a/v1", "ka"), ("http://b/v1", "kb"), "http://b/v1", "kb", "kb"),
        (("http://a/v1", "ka"), ("http://b/v1", "kb"), "http://c/v1", None, None),
        # one without an address goes where its own model is
        ((None, "ka"), (None, "kb"), "http://c/v1", "ka", "kb"),
        ((None, "ka"), (None, None), "http://c/v1", "ka", None),
        # the judge of the same server
        (("http://a/v1", "ka"), (None, "kb"), "http://a/v1", "ka", "kb"),
        (("http://a/v1", "ka"), (None, None), "http://A/v2", "ka", "ka"),
    ],
)
def test_no_server_is_shown_the_key_of_another(chat, judge, url, for_system, for_judge) -> None:
    own = settings(chat_base_url=chat[0], chat_api_key=chat[1], judge_base_url=judge[0], judge_api_key=judge[1])
    assert key_of(systems_of([f"x=openai:m@{url}"], own)[0].settings) == for_system
    assert key_of(judge_of(f"openai:j@{url}", own).settings) == for_judge


@pytest.mark.parametrize(
    ("system", "judge"),
    [
        (f"openai:m@{HERE}", f"openai:m@{HERE}/"),
        (f"openai:m@{HERE}", "openai:m@http://localhost:8000/v1"),
        ("openai:m@https://a.example/v1", "openai:m@https://A.example:443/v1"),
        ("local:{folder}", "local:{folder}/"),
        ("local:{folder}", "local:{folder}/../model"),
        ("local:{folder}", "local:{link}"),
        ("local:{folder}", "lmdeploy:{folder}"),
        ("local:{folder}+{lora}", "local:{link}+{lora}/"),
    ],
)
def test_a_judge_never_judges_itself_however_it_is_spelt(system: str, judge: str, tmp_path: Path) -> None:
    for name in ("model", "lora"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "model")
    places = {"folder": tmp_path / "model", "link": tmp_path / "link", "lora": tmp_path / "lora"}
    systems = systems_of(["另=extractive", "甲=" + system.format(**places)], settings())
    with pytest.raises(UsageError, match="就是被评的系统“甲”"):
        check_apart(systems, judge_of(judge.format(**places), settings()))


@pytest.mark.parametrize(
    "judge", ["openai:n@http://127.0.0.1:8000/v1", "openai:m@http://127.0.0.1:8001/v1", "local:/m", "local:/m+/lora"]
)
def test_another_model_may_judge(judge: str) -> None:
    systems = systems_of([f"甲=openai:m@{HERE}", "乙=local:/n"], settings())
    check_apart(systems, judge_of(judge, settings()))
