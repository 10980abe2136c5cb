import pytest
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk

from errors import EndpointUnreachableError, QuestionError, UnknownSubjectError
from rag.chat_models.extractive import ExtractiveChatModel
from rag.conversation import Switches
from rag.prompts import FREE_RULES, NEEDS_MODEL, REFUSAL
from rag.retrieval import Passage, Retrieval
from rag.speaker import Speaker
from rag.tutor import Answer, Found, Session, Token, Tutor

PASSAGE = Passage("c1", "os.pdf", "00ff", 3, "死锁", "os", "死锁是指多个进程互相等待。银行家算法避免死锁。", 0.5)


class FakeRetriever:
    def __init__(self, confidence: float = 1.0) -> None:
        self.confidence, self.queries = confidence, []

    def retrieve(self, query: str, subject: str = "auto", k: int = 6) -> Retrieval:
        self.queries.append((query, subject))
        return Retrieval(query, "os" if subject == "auto" else subject, (PASSAGE,), self.confidence)


def tutor(model, retriever=None, generative=True) -> Tutor:
    return Tutor(retriever or FakeRetriever(), Speaker(model, "测试模型", generative), max_question_chars=100)


def test_events_in_order_and_the_turn_is_kept(recording) -> None:
    session = Session()
    events = list(tutor(recording("银行家算法避免死锁。[1]")).stream(" 怎样避免死锁？ ", session))
    assert isinstance(events[0], Found) and isinstance(events[-1], Answer)
    assert "".join(e.text for e in events if isinstance(e, Token)) == "银行家算法避免死锁。[1]"
    assert events[-1].citations[0].quote == "银行家算法避免死锁。" and events[-1].model == "测试模型"
    assert [(turn.question, turn.answer.text) for turn in session.turns] == [("怎样避免死锁？", "银行家算法避免死锁。[1]")]


def test_prompt_has_subject_passages_question_and_history(recording) -> None:
    model = recording("甲。[1]", "独立的问题", "乙。[1]")
    session, teacher = Session("os"), tutor(model)
    teacher.ask("死锁是什么？", session)
    teacher.ask("那怎么避免？", session)
    condense, last = model.seen[1], model.seen[2]
    assert "追问：那怎么避免？" in str(condense[-1].content)
    assert "操作系统" in str(last[0].content) and [m.content for m in last[1:3]] == ["死锁是什么？", "甲。"]
    assert "<passage n=" in str(last[-1].content) and "独立的问题" in str(last[-1].content)


def test_without_a_model_a_follow_up_is_joined_to_its_question() -> None:
    retriever = FakeRetriever()
    teacher, session = tutor(ExtractiveChatModel(), retriever, generative=False), Session()
    teacher.ask("死锁是什么？", session)
    teacher.ask("它怎么避免？", session)
    teacher.ask("银行家算法的步骤是什么？", session)
    assert [q for q, _ in retriever.queries] == ["死锁是什么？", "死锁 它怎么避免？", "银行家算法的步骤是什么？"]


def test_refuses_without_asking_the_model_when_nothing_fits(recording) -> None:
    model = recording()
    answer = tutor(model, FakeRetriever(0.1)).ask("红烧肉怎么做？")
    assert answer.refused and answer.text == REFUSAL and not answer.citations and answer.nearest[0].source == "os.pdf"
    assert model.seen == []


def test_a_models_own_refusal_is_one(recording) -> None:
    assert tutor(recording("资料中没有找到答案。")).ask("死锁？").refused


def test_invented_numbers_never_reach_the_student(recording) -> None:
    answer = tutor(recording("死锁是指多个进程互相等待。[1] 另有一说。[9]")).ask("死锁？")
    assert "[9]" not in answer.text and len(answer.citations) == 1


def test_bad_questions(recording) -> None:
    teacher = tutor(recording())
    with pytest.raises(QuestionError, match="空"):
        teacher.ask("  \n ")
    with pytest.raises(QuestionError, match="20000 字，超过上限 100"):
        teacher.ask("死" * 20000)
    with pytest.raises(UnknownSubjectError):
        teacher.ask("死锁？", Session("math"))


def test_retrieval_can_be_switched_off_and_a_model_then_answers_freely(recording) -> None:
    model, retriever = recording("死锁是互相等待。"), FakeRetriever()
    answer = tutor(model, retriever).ask("死锁？", Session("os", switches=Switches(retrieval=False)))
    assert answer.text == "死锁是互相等待。" and "没有标明出处" in answer.notice and retriever.queries == []
    system, question = model.seen[0]
    assert FREE_RULES in str(system.content) and "操作系统" in str(system.content)
    assert question.content == "<question>\n死锁？\n</question>"


def test_without_retrieval_a_follow_up_is_asked_as_it_was_typed(recording) -> None:
    model, session = recording("一。", "二。"), Session("os", switches=Switches(retrieval=False))
    teacher = tutor(model)
    teacher.ask("死锁？", session)
    assert teacher.ask("谢谢", session).text == "二。" and len(model.seen) == 2
    assert [str(m.content) for m in model.seen[1][1:]] == ["死锁？", "一。", "<question>\n谢谢\n</question>"]


def test_without_a_model_and_without_retrieval_it_says_what_to_switch_on() -> None:
    answer = tutor(ExtractiveChatModel(), generative=False).ask("死锁？", Session(switches=Switches(retrieval=False)))
    assert answer.refused and answer.text == NEEDS_MODEL


def test_a_failing_model_is_stood_in_for_only_where_that_is_wanted_and_it_is_said(recording) -> None:
    broken = recording(error=EndpointUnreachableError("连不上接口。"))
    spare = Speaker(ExtractiveChatModel(), "摘录式", False)
    answer = Tutor(FakeRetriever(), Speaker(broken, "模型甲", True, spare=spare)).ask("怎样避免死锁？")
    assert answer.model == "摘录式" and answer.citations and "模型甲 没有答完（连不上接口。）" in answer.notice
    with pytest.raises(EndpointUnreachableError):
        tutor(broken).ask("怎样避免死锁？")


def test_a_follow_up_is_understood_by_rules_when_the_model_fails(recording) -> None:
    retriever, session = FakeRetriever(), Session()
    spare = Speaker(ExtractiveChatModel(), "摘录式", False)
    teacher = Tutor(retriever, Speaker(recording(error=EndpointUnreachableError("连不上。")), "模型甲", True, spare=spare))
    teacher.ask("死锁是什么？", session)
    teacher.ask("它怎么避免？", session)
    assert [q for q, _ in retriever.queries] == ["死锁是什么？", "死锁 它怎么避免？"]


def test_leaving_the_answer_early_stops_the_model(recording) -> None:
    closed = []

    class Stopped(type(recording())):
        def _stream(self, *args, **kwargs):
            try:
                yield from super()._stream(*args, **kwargs)
            finally:
                closed.append(True)

    events = tutor(Stopped(answers=["很长" * 500], seen=[])).stream("死锁？", Session())
    while not isinstance(next(events), Token):
        pass
    events.close()
    assert closed == [True]


def test_the_reader_can_leave_while_the_model_has_not_said_a_word(recording) -> None:
    closed = []

    class Silent(type(recording())):
        def _stream(self, *args, **kwargs):
            try:
                while True:
                    yield ChatGenerationChunk(message=AIMessageChunk(content=""))
            finally:
                closed.append(True)

    events = tutor(Silent(answers=[], seen=[])).stream("死锁？", Session())
    next(event for event in events if isinstance(event, Token))
    events.close()
    assert closed == [True]


def test_the_reader_can_leave_while_the_question_is_made_to_stand_alone(recording) -> None:
    retriever, session = FakeRetriever(), Session()
    teacher = tutor(recording("甲。[1]", "独立的问题", "乙。[1]"), retriever)
    teacher.ask("死锁？", session)
    events = teacher.stream("它呢？", session)
    assert next(events) == Token("") and len(retriever.queries) == 1, "the model has begun, nothing is looked up yet"
    events.close()
    assert len(session.turns) == 1 and len(retriever.queries) == 1


def test_a_failing_model_leaves_the_session_as_it_was(recording) -> None:
    session = Session()
    with pytest.raises(EndpointUnreachableError):
        tutor(recording(error=EndpointUnreachableError("连不上"))).ask("死锁？", session)
    assert session.turns == []


def test_an_answer_without_citations_is_marked_and_broken_bytes_are_dropped(recording) -> None:
    answer = tutor(recording("月亮是奶酪做的。")).ask("死锁\udcff是什么？")
    assert not answer.refused and "没有标明出处" in answer.notice
