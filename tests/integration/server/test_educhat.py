"""/api/chat as EduChat's clients use it, and who may ask."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import httpx
import pytest

from server.access import owner_of
from tests.integration.server.conftest import SOON, ScriptedChatModel
from tutoring.storage import LOCAL


def test_a_conversation_goes_on_by_its_uid(serve) -> None:
    served = serve()
    first = served.post("/api/chat", {"prompt": "什么是死锁？"}).json()
    assert set(first) >= {"response", "history", "status", "time", "uid"} and first["status"] == 200
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", first["time"]) and datetime.fromisoformat(first["time"])
    assert "僵局" in first["response"] and first["history"] == [["什么是死锁？", first["response"]]]
    assert first["citations"][0]["source"] == "死锁.md" and len(first["uid"]) >= 20
    second = served.post("/api/chat", {"prompt": "怎么避免它？", "uid": first["uid"]}).json()
    assert second["uid"] == first["uid"] and second["history"][0] == first["history"][0] and len(second["history"]) == 2
    assert "银行家" in second["response"], "the follow-up was understood from the turn before"
    kept = served.storage.load(LOCAL, first["uid"])
    assert kept and kept.turns[0].answer.citations[0].quote and served.storage.sessions(LOCAL)[0].title == "什么是死锁？"


def test_without_a_uid_each_prompt_begins_anew(serve) -> None:
    served = serve()
    uids = {
        served.post("/api/chat", {"prompt": "什么是死锁？", **none}).json()["uid"] for none in ({}, {"uid": None}, {"uid": ""})
    }
    assert len(uids) == 3


@pytest.mark.parametrize("uid", ["nobody", "x" * 500, "' OR 1=1 --"])
def test_an_unknown_uid_says_so(serve, uid: str) -> None:
    answer = serve().post("/api/chat", {"prompt": "什么是死锁？", "uid": uid})
    assert answer.status_code == 404 and answer.json()["status"] == 404 and "去掉 uid" in answer.json()["error"]


def test_the_demos_form_keeps_nothing(serve) -> None:
    served = serve()
    messages = [
        {"role": "user", "content": "什么是死锁？"}, {"role": "assistant", "content": "互相等待。"}, {"role": "user", "content": "怎么避免它？"}
    ]  # fmt: skip
    answer = served.post("/api/chat", {"messages": messages, "functionUsed": "General", "max_tokens": 512, "top_p": 0.7}).json()
    assert (
        "银行家" in answer["response"]
        and answer["status"] == 200
        and answer["time"]
        and "uid" not in answer
        and "history" not in answer
    )
    assert served.storage.sessions(LOCAL) == []


def test_a_function_chooses_the_mode_and_stays_chosen(serve) -> None:
    served = serve(ScriptedChatModel(words=["死锁是僵局。"]))
    first = served.post("/api/chat", {"prompt": "聊聊天", "functionUsed": "自由对话"}).json()
    second = served.post("/api/chat", {"prompt": "再聊聊", "uid": first["uid"]}).json()
    third = served.post(
        "/api/chat", {"prompt": "死锁是什么？", "uid": first["uid"], "functionUsed": "qa", "subject": "os"}
    ).json()
    assert {first["response"], second["response"], third["response"]} == {"死锁是僵局。"}
    kept = served.storage.load(LOCAL, first["uid"])
    assert kept and [turn.mode for turn in kept.turns] == ["chat", "chat", "qa"] and (kept.mode, kept.subject) == ("qa", "os")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "prompt"), ({"prompt": "a", "messages": [{"role": "user", "content": "b"}]}, "二者之一"), ({"prompt": " "}, "问题是空的"),
        ({"prompt": 5}, "prompt 应是文字"), ({"prompt": "死锁？", "functionUsed": "Wizard"}, "General".lower()), ({"messages": []}, "最后一条消息"),
        ({"prompt": "死锁？", "subject": "math"}, "math"),
    ],
)  # fmt: skip
def test_a_bad_request_says_what_is_wrong(serve, body, told: str) -> None:
    answer = serve().post("/api/chat", body)
    assert answer.status_code == 400 and answer.json()["status"] == 400 and told in answer.json()["error"]


def test_a_failed_answer_leaves_the_conversation_as_it_was(serve) -> None:
    from errors import EndpointUnreachableError

    model = ScriptedChatModel(words=["好。[1]"])
    served = serve(model)
    uid = served.post("/api/chat", {"prompt": "死锁是什么？"}).json()["uid"]
    model.error, model.fails_after = EndpointUnreachableError("连不上接口"), 0
    failed = served.post("/api/chat", {"prompt": "死锁怎么避免？", "uid": uid})
    assert failed.status_code == 502 and "连不上接口" in failed.json()["error"]
    kept = served.storage.load(LOCAL, uid)
    assert kept and len(kept.turns) == 1


def test_keys_are_asked_for_and_keep_conversations_apart(serve) -> None:
    served = serve(keys="ann-key, bob-key")
    ann, bob = ({"Authorization": f"Bearer {key}"} for key in ("ann-key", "bob-key"))
    ask = {"prompt": "什么是死锁？"}
    assert served.post("/api/chat", ask).status_code == 401
    assert served.get("/v1/models").json()["error"]["code"] == "invalid_api_key"
    uid = served.post("/api/chat", ask, headers=ann).json()["uid"]
    assert served.post("/api/chat", ask | {"uid": uid}, headers=bob).status_code == 404
    assert len(served.post("/api/chat", ask | {"uid": uid}, headers=ann).json()["history"]) == 2
    assert [s.id for s in served.storage.sessions(owner_of("ann-key"))] == [uid] and not served.storage.sessions(
        owner_of("bob-key")
    )
    assert served.get("/healthz").json() == {"status": "ready"} and served.get("/healthz", headers=ann).json()["documents"] == 2


def test_without_keys_a_foreign_name_is_refused(serve) -> None:
    served = serve()
    for path in ("/v1/models", "/healthz", "/metrics", "/"):
        assert served.get(path, headers={"Host": "evil.example"}).status_code == 403
    preflight = httpx.options(
        served.url + "/v1/chat/completions",
        headers={"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"},
        trust_env=False,
    )
    assert "access-control-allow-origin" not in preflight.headers


def test_health_and_metrics(serve) -> None:
    served = serve()
    assert served.get("/healthz").json() == {"status": "ready", "model": "测试模型", "doing": "", "documents": 2}
    served.post("/api/chat", {"prompt": "什么是死锁？"})
    served.post("/api/chat", {"prompt": "红烧肉应该怎么做？"})
    served.get("/v1/secret-path")
    text = served.get("/metrics").text
    assert (
        'tutor_requests_total{route="/api/chat",status="200"} 2.0' in text
        and 'tutor_requests_total{route="other",status="404"} 1.0' in text
    )
    assert (
        'tutor_answers_total{mode="qa",refused="false"} 1.0' in text
        and 'tutor_answers_total{mode="qa",refused="true"} 1.0' in text
    )
    assert 'tutor_request_seconds_count{route="/api/chat"} 2.0' in text and 'tutor_tokens_total{kind="answer"}' in text


def test_unknown_paths_and_the_docs_that_load_scripts_from_elsewhere(serve) -> None:
    served = serve()
    assert served.post("/v1/completions", {}).json()["error"]["code"] == "not_found"
    assert served.get("/api/chat").json()["status"] == 404
    assert {served.get(path).status_code for path in ("/docs", "/redoc", "/openapi.json")} == {404}


def test_one_conversation_from_many_clients_loses_no_turn(serve) -> None:
    served = serve()
    uid = served.post("/api/chat", {"prompt": "什么是死锁？"}).json()["uid"]
    together = threading.Barrier(8)

    def ask() -> int:
        together.wait(SOON)
        return served.post("/api/chat", {"prompt": "什么是死锁？", "uid": uid}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert {one.result() for one in [pool.submit(ask) for _ in range(8)]} == {200}
    kept = served.storage.load(LOCAL, uid)
    assert kept and len(kept.turns) == 9
