import json
from datetime import UTC, datetime

import pytest

import errors
from server.faults import ApiError, as_api_error, fault_json, response_of

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        (errors.QuestionError, 400, "invalid_value"),
        (errors.UnknownSubjectError, 400, "invalid_value"),
        (errors.ContextTooLongError, 413, "context_length_exceeded"),
        (errors.ChatModelError, 502, "chat_model_failed"),
        (errors.EndpointRefusedError, 502, "chat_model_failed"),
        (errors.WebSearchError, 502, "web_search_failed"),
        (errors.EmptyStoreError, 503, "store_empty"),
        (errors.StoreBusyError, 503, "store_busy"),
        (errors.StoreUnreachableError, 503, "store_unavailable"),
        (errors.StorageError, 503, "storage_unavailable"),
        (errors.ModelLoadError, 503, "model_unavailable"),
        (errors.ContentError, 500, "internal_error"),
    ],
)
def test_each_of_our_errors_has_a_status_and_keeps_its_message(kind: type[errors.TutorError], status: int, code: str) -> None:
    told = as_api_error(kind("发生了什么，怎么办"))
    assert (told.status, told.code, str(told)) == (status, code, "发生了什么，怎么办")


def test_openais_form() -> None:
    body = fault_json(ApiError(404, "没有", "model_not_found", "model"))
    assert body == {"error": {"message": "没有", "type": "invalid_request_error", "param": "model", "code": "model_not_found"}}
    kinds = [fault_json(ApiError(status, ""))["error"]["type"] for status in (400, 401, 403, 413, 429, 502)]
    assert (
        kinds[1:5] == ["authentication_error", "permission_error", "invalid_request_error", "rate_limit_error"]
        and kinds[5] == "server_error"
    )


def test_educhats_form_and_when_to_come_again() -> None:
    response = response_of(ApiError(429, "太多"), "/api/chat", lambda: NOON)
    assert json.loads(bytes(response.body)) == {
        "status": 429,
        "error": "太多",
        "time": NOON.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
    }
    assert response.headers["retry-after"] == "5"
    assert response_of(ApiError(401, ""), "/v1/models", lambda: NOON).headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("status", "sent"), [(503, 500), (403, 403), (401, 401)])
def test_the_page_is_told_in_the_words_that_its_script_shows(status: int, sent: int) -> None:
    response = response_of(ApiError(status, "数据库用不了"), "/gradio_api/queue/join", lambda: NOON)
    assert response.status_code == sent and json.loads(bytes(response.body)) == {"detail": "数据库用不了"}
