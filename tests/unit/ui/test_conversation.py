from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from errors import EndpointUnreachableError, UsageError
from rag.conversation import Session
from rag.retrieval import Passage, Retrieval
from rag.speaker import Speaker
from rag.tutor import Tutor
from ui.conversation import Conversation

PASSAGE = Passage("c1", "os.pdf", "00ff", 3, "死锁", "os", "死锁是指多个进程互相等待。银行家算法避免死锁。", 0.5)


class FakeRetriever:
    def retrieve(self, query: str, subject: str = "auto", k: int = 6) -> Retrieval:
        return Retrieval(query, "os", (PASSAGE,), 1.0)


def tutor(model) -> Tutor:
    return Tutor(FakeRetriever(), Speaker(model, "测试模型", True), max_question_chars=100)


def run(steps) -> int:
    return len(list(steps))


def contents(state: Conversation) -> list[str]:
    return [message["content"] for message in state.messages]


def test_an_answer_grows_and_its_citations_open(recording) -> None:
    state = Conversation()
    assert run(state.ask(tutor(recording("银行家算法避免死锁。[1]")), "怎样避免<b>死锁</b>？")) > 5
    question, answer = contents(state)
    assert question == "怎样避免&lt;b>死锁&lt;/b>？" and "](#cite-0-0)" in answer and "测试模型" in answer
    assert state.citation("0-0").quote == "银行家算法避免死锁。"
    assert state.citation("0-9") is None and state.citation("7-0") is None and state.citation("x") is None


def test_a_failure_is_shown_and_the_question_can_be_asked_again(recording) -> None:
    state = Conversation()
    run(state.ask(tutor(recording(error=EndpointUnreachableError("连不上接口。"))), "死锁？"))
    assert "没能回答**：连不上接口。" in contents(state)[1] and state.session.turns == []
    run(state.ask_again(tutor(recording("银行家算法避免死锁。[1]")), 0))
    assert len(state.messages) == 2 and "银行家算法" in contents(state)[1] and len(state.session.turns) == 1


def test_an_edited_question_takes_the_place_of_its_turn_and_what_followed_goes(recording) -> None:
    state, teacher = Conversation(), tutor(recording("甲。[1]", "独立。", "乙。[1]", "丙。[1]"))
    run(state.ask(teacher, "一？"))
    run(state.ask(teacher, "二？"))
    run(state.ask_again(teacher, 0, "改了？"))
    assert contents(state)[0] == "改了？" and contents(state)[1].startswith("丙。") and len(state.messages) == 2
    assert [turn.question for turn in state.session.turns] == ["改了？"]


def test_a_failed_new_attempt_keeps_the_session_of_before(recording) -> None:
    state = Conversation()
    run(state.ask(tutor(recording("甲。[1]")), "一？"))
    run(state.ask(tutor(recording("独立。", "乙。[1]")), "二？"))
    before = contents(state)
    with pytest.raises(UsageError, match="连不上接口。 原来的回答还在"):
        run(state.ask_again(tutor(recording(error=EndpointUnreachableError("连不上接口。"))), 0))
    assert contents(state) == before and [turn.question for turn in state.session.turns] == ["一？", "二？"]
    run(state.ask(tutor(recording("独立。", "丙。[1]")), "三？"))
    assert "丙。" in contents(state)[-1] and len(state.messages) == 6


def test_a_new_attempt_that_is_stopped_leaves_what_was_there(recording) -> None:
    state = Conversation()
    run(state.ask(tutor(recording("甲。[1]")), "一？"))
    before, attempt = contents(state), state.ask_again(tutor(recording("乙乙乙乙。[1]")), 0)
    for _ in range(4):
        next(attempt)
    assert contents(state) != before
    attempt.close()
    assert contents(state) == before and state.session.turns[0].answer.text.startswith("甲")


def broken_off(*_: object) -> Iterator[str]:
    yield from ("银行家", "", "算法")
    raise EndpointUnreachableError("中断了。")


def test_half_an_answer_stays_in_sight_with_what_went_wrong(recording) -> None:
    state, events = Conversation(), tutor(recording("银行家算法避免死锁。[1]"))
    events.speaker.stream = broken_off  # type: ignore[method-assign]
    run(state.ask(events, "死锁？"))
    assert contents(state)[1] == "银行家算法\n\n**没能回答**：中断了。"


def test_the_question_is_shown_before_anything_is_looked_up(recording) -> None:
    state = Conversation()
    next(state.ask(tutor(recording("甲。[1]")), "死锁？"))
    assert contents(state) == ["死锁？"]


def test_nothing_to_ask_again_after_clearing(recording) -> None:
    with pytest.raises(UsageError, match="已经清空"):
        run(Conversation().ask_again(tutor(recording()), 0))


def test_a_question_before_the_app_is_ready_waits_in_sight() -> None:
    state = Conversation()
    assert [m["content"] for m in state.waiting("死锁？", "正在准备")] == ["死锁？", "正在准备"] and state.messages == []


class Kept:
    """A storage of one owner's conversations."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Session] = {}

    def create(self, owner: str, session: Session) -> str:
        self.rows[owner, "k"] = session
        return "k"

    def load(self, owner: str, key: str) -> Session | None:
        return self.rows.get((owner, key))

    def sessions(self, owner: str, limit: int) -> list[SimpleNamespace]:
        return [SimpleNamespace(id=key) for whose, key in self.rows if whose == owner][:limit]


def test_the_latest_conversation_comes_back_to_its_owner_alone(recording) -> None:
    state, storage = Conversation(), Kept()
    run(state.ask(tutor(recording("甲。[1]")), "一？"))
    state.keep(storage, "user:1")
    assert contents(Conversation.latest(storage, "user:1")) == contents(state)
    assert Conversation.latest(storage, "user:2").messages == []
    with pytest.raises(UsageError, match="已经删除"):
        Conversation.kept(storage, "user:2", state.key)


def test_why_there_is_no_answer_is_known(recording) -> None:
    state = Conversation()
    run(state.ask(tutor(recording(error=EndpointUnreachableError("连不上接口。"))), "死锁？"))
    assert isinstance(state.fault, EndpointUnreachableError)
    run(state.ask(tutor(recording("甲。[1]")), "死锁？"))
    assert state.fault is None
