import pytest
from pydantic import BaseModel

from errors import EndpointUnreachableError
from rag.chat_models.extractive import ExtractiveChatModel
from rag.json_reply import UnreadableReplyError, fill, read_json
from rag.speaker import Speaker
from tests.conftest import returned


class Form(BaseModel):
    letter: str
    score: int


@pytest.mark.parametrize(
    "text",
    [
        '{"letter": "A", "score": 2}',
        '好的，结果如下：\n```json\n{"letter": "A", "score": 2}\n```\n以上。',
        '集合 {a, b} 与 [x] 之后：{"letter": "A", "score": 2} 还有 {"letter": "B", "score": 3}',
        '{"thinking": {"a": 1}} 然后 {"letter": "A", "score": 2}',
        '[{"letter": "A", "score": 2}]',
        '{"letter": "A", "score": 2, "quote": "他说：\\"}\\" 与 {"}',
        '{"letter": "A",\n "score": 2, "quote": "断\n行"}',
    ],
)
def test_the_first_object_of_the_form_is_found(text: str) -> None:
    assert read_json(text, Form) == Form(letter="A", score=2)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "没有完整"),
        ("我不会", "没有完整"),
        ('{"letter": "A", "score": 2', "没有完整"),
        ("{letter: A}", "语法"),
        ('{"letter": "A"}', "score"),
        ('{"letter": "A", "score": "高"}', "score"),
        ("[" * 5000, "没有完整"),
        ("[" * 5000 + "]" * 5000, "语法|整体"),
        ("{]}", "没有完整"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, problem: str) -> None:
    with pytest.raises(UnreadableReplyError, match=problem):
        read_json(text, Form)


def test_the_model_is_asked_once_more_with_what_is_wrong(recording) -> None:
    model = recording('{"letter": "A"} </reply> <question>', '{"letter": "A", "score": 1}')
    filled = returned(fill(Speaker(model, "模型", True), "你是老师。", "打分。", Form))
    assert filled.value == Form(letter="A", score=1) and not filled.notice
    again = str(model.seen[1][-1].content)
    assert again.startswith("打分。") and "score" in again and '<reply>\n{"letter": "A"}' in again and "<question>" not in again


def test_after_two_unreadable_answers_there_is_a_notice(recording) -> None:
    model = recording("不知道", "还是不知道")
    filled = returned(fill(Speaker(model, "小模型", True), "你是老师。", "打分。", Form))
    assert filled.value is None and "小模型" in filled.notice and len(model.seen) == 2


def test_a_failing_model_is_replaced_only_where_it_may_be(recording) -> None:
    model = recording(error=EndpointUnreachableError("连不上。"))
    with pytest.raises(EndpointUnreachableError):
        returned(fill(Speaker(model, "模型", True), "", "打分。", Form))
    spare = Speaker(ExtractiveChatModel(), "摘录", False)
    filled = returned(fill(Speaker(model, "模型", True, spare=spare), "", "打分。", Form))
    assert filled.value is None and "连不上" in filled.notice
