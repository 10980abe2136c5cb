import pytest
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk

from errors import EndpointUnreachableError, QuestionError, UsageError
from rag.conversation import Session, Switches
from rag.events import Answer, Token
from rag.retrieval import Passage, Retrieval
from rag.speaker import Speaker
from rag.tutor import Tutor
from tests.conftest import RecordingChatModel
from tutoring.answering import CALCULATOR
from tutoring.mode_names import MODE_NAMES
from tutoring.modes import MODES, mode_named, teach, teach_again

PASSAGE = Passage("c1", "os.pdf", "00ff", 3, "死锁", "os", "死锁是指多个进程互相等待。银行家算法避免死锁。", 0.5)


class FakeRetriever:
    def retrieve(self, query: str, subject: str = "auto", k: int = 6) -> Retrieval:
        return Retrieval(query, "os", (PASSAGE,), 1.0)

    def chunks(self, subjects: object):
        return iter(())


def tutor(model) -> Tutor:
    return Tutor(FakeRetriever(), Speaker(model, "测试模型", True), max_question_chars=100)


def last(events) -> Answer:
    *_, answer = events
    assert isinstance(answer, Answer)
    return answer


def test_the_names_that_commands_list_are_those_of_the_modes() -> None:
    assert {mode.id: mode.name for mode in MODES.values()} == MODE_NAMES
    assert all(mode.about and mode.example for mode in MODES.values())


def test_a_mode_by_id_or_by_name() -> None:
    assert mode_named("chat") is mode_named("自由对话") is MODES["chat"]
    with pytest.raises(UsageError, match="答疑"):
        mode_named("算命")


def test_the_turn_is_kept_with_its_mode(recording) -> None:
    session = Session(mode="chat")
    assert last(teach(tutor(recording("好的。")), " 你好 ", session)).text == "好的。"
    assert [(t.question, t.mode) for t in session.turns] == [("你好", "chat")]


def test_bad_input_leaves_the_session_as_it_was(recording) -> None:
    session = Session(mode="chat")
    for text, error in (("", QuestionError), ("长" * 101, QuestionError)):
        with pytest.raises(error):
            last(teach(tutor(recording()), text, session))
    session.mode = "算命"
    with pytest.raises(UsageError):
        last(teach(tutor(recording()), "你好", session))
    assert session.turns == []


def test_again_replaces_the_turn_in_its_own_mode(recording) -> None:
    session = Session(mode="chat")
    teacher = tutor(recording("一。", "二。", "三。[1]", "独立的问题", "四。"))
    last(teach(teacher, "你好", session))
    assert last(teach_again(teacher, session)).text == "二。" and len(session.turns) == 1
    session.mode = "qa"
    assert last(teach_again(teacher, session, 0, "改了")).text == "三。" and session.turns[0].mode == "chat"


def test_again_fails_and_the_turn_stays(recording) -> None:
    session = Session(mode="chat")
    last(teach(tutor(recording("一。")), "你好", session))
    with pytest.raises(EndpointUnreachableError):
        last(teach_again(tutor(recording(error=EndpointUnreachableError("连不上。"))), session))
    assert session.turns[0].answer.text == "一。"
    with pytest.raises(UsageError, match="没有这一轮"):
        last(teach_again(tutor(recording()), Session()))


def test_a_calculation_is_done_by_the_calculator_unless_it_is_switched_off(recording) -> None:
    model = recording("不知道。[1]")
    answer = last(teach(tutor(model), "2^13 * 4 KB 等于多少？", Session()))
    assert "32 MB" in answer.text and answer.model == CALCULATOR and model.seen == [] and not answer.refused
    assert last(teach(tutor(model), "2^13 * 4 KB 等于多少？", Session(switches=Switches(calculator=False)))).text.startswith(
        "不知道"
    )
    with pytest.raises(UsageError):
        last(teach(tutor(model), "计算 1/0", Session()))


def test_a_models_calculation_is_done_for_it(recording) -> None:
    model = recording("容量是 <calc>2^13 * 4 KB</calc>", "，即 32 MB。[1]")
    answer = last(teach(tutor(model), "容量多大？", Session()))
    assert answer.text.startswith("容量是 ") and "32 MB" in answer.text and "<calc>" not in answer.text and answer.citations
    assert "<calc>" in str(model.seen[0][0].content) and "32 MB" in str(model.seen[1][-1].content)


def test_a_student_in_danger_gets_the_help_lines_in_any_mode(recording) -> None:
    for mode in MODES:
        session, model = Session(mode=mode), recording()
        answer = last(teach(tutor(model), "我不想活了", session))
        assert "12356" in answer.text and "120" in answer.text and model.seen == [], mode
    assert (
        "12356" in last(teach(tutor(recording("独立。", "死锁是互相等待。[1]")), "死锁？", Session(turns=session.turns))).notice
    )


LONG = "考研备考期间我每天早上六点起床，先背单词，再做一套数据结构的题，晚上复盘错题并整理笔记。" * 3
SAID = {
    "explain": "下列关于死锁的叙述中，正确的是（ ）。A. 死锁是互相等待 B. 死锁是饥饿 C. 死锁会自己解除 D. 死锁只有一个进程",
    "quiz": "从我的讲义里出题：死锁",
    "homework": "题目：求平均周转时间。评分标准：(2分)平均周转时间为 12 ms。我的答案：平均周转时间是 12 ms。",
    "essay": f"题目：我的一天 作文：{LONG}",
    "summary": "总结 死锁",
}


class Silent(RecordingChatModel):
    """Works and never says a word."""

    left: list[bool]

    def _stream(self, *args: object, **kwargs: object):
        try:
            while True:
                yield ChatGenerationChunk(message=AIMessageChunk(content=""))
        finally:
            self.left.append(True)


@pytest.mark.parametrize("mode", MODES)
def test_in_every_mode_the_reader_can_leave_while_the_model_has_not_said_a_word(mode: str) -> None:
    model = Silent(answers=[], left=[])
    teacher = Tutor(FakeRetriever(), Speaker(model, "测试模型", True), max_question_chars=1000)
    events = teach(teacher, SAID.get(mode, "什么是死锁？"), Session(mode=mode))
    assert next(event for event in events if isinstance(event, Token)).text == ""
    events.close()
    assert model.left == [True]
