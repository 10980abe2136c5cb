import pytest

from rag.chat_models.extractive import ExtractiveChatModel
from rag.conversation import Session
from rag.events import Token
from tests.unit.rag.test_tutor import FakeRetriever, tutor
from tutoring.admissions import without_promises
from tutoring.modes import MODES

MODE = MODES["admissions"]


def answered(teacher, text="一流课程怎么申报？"):
    return list(MODE.stream(text, Session(), teacher))


def test_looks_only_into_policy_documents_with_its_own_rules(recording) -> None:
    model, retriever = recording("银行家算法避免死锁。[1]"), FakeRetriever()
    *_, answer = answered(tutor(model, retriever))
    assert retriever.queries[0][1] == "policy" and "资料未说明" in str(model.seen[0][0].content)
    assert answer.citations and "当年的通知为准" in answer.notice


def test_an_answer_without_a_source_is_not_said_to_rest_on_the_documents(recording) -> None:
    *_, answer = answered(tutor(recording("我不太清楚。")))
    assert not answer.citations and "以上依据库中的文件" not in answer.notice and "当年的通知为准" in answer.notice


def test_without_a_model_it_quotes(recording) -> None:
    *_, answer = answered(tutor(ExtractiveChatModel(), generative=False), "银行家算法避免死锁吗")
    assert answer.citations and not answer.refused


def test_a_promise_is_left_out_before_anybody_sees_it(recording) -> None:
    events = answered(tutor(recording("你一定能考上。银行家算法避免死锁。[1]录取概率约为八成。")))
    assert "".join(e.text for e in events if isinstance(e, Token)) == events[-1].text == "银行家算法避免死锁。[1]"
    assert "没有依据" in events[-1].notice and events[-1].marks == (0,)
    assert "不能预测" in answered(tutor(recording("你肯定会被录取！")))[-1].text


@pytest.mark.parametrize("text", ["保证你上岸。", "你大概率能录取。", "考上的可能性很大。", "我承诺让你通过。", "稳能考上！"])
def test_wordings_of_a_promise(text: str) -> None:
    assert without_promises(f"文件规定了条件。{text}") == "文件规定了条件。"


def test_refuses_what_the_documents_do_not_hold(recording) -> None:
    assert answered(tutor(recording(), FakeRetriever(0.1)))[-1].refused
