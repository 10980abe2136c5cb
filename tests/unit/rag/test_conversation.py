import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from errors import ContextTooLongError, UsageError
from rag.conversation import Session, Turn, fitted, history
from rag.events import Answer


def count(messages: list[BaseMessage]) -> int:
    return sum(len(str(m.content)) for m in messages)


def turn(n: int, mode: str = "qa") -> Turn:
    return Turn(f"问题{n}", Answer(f"回答{n}", "os", "模型", memory={"rung": n}), mode)


def test_history_is_pairs_oldest_first() -> None:
    assert [m.content for m in history([turn(1), turn(2)])] == ["问题1", "回答1", "问题2", "回答2"]


def test_the_oldest_turns_go_first_and_never_the_system_prompt_or_the_question() -> None:
    messages = [SystemMessage("系统" * 5), *history([turn(n) for n in range(9)]), HumanMessage("资料与问题")]
    kept = fitted(messages, 10 + 5 + 2 * 6 + 1, count)
    assert [str(m.content) for m in kept] == ["系统" * 5, "问题7", "回答7", "问题8", "回答8", "资料与问题"]
    assert fitted(messages, 15, count) == [messages[0], messages[-1]]
    assert fitted(messages, None, count) == messages


def test_two_hundred_turns_fit_into_any_window_that_holds_the_question() -> None:
    messages = [SystemMessage("系统"), *history([turn(n) for n in range(200)]), HumanMessage("问")]
    for limit in (3, 40, 500):
        kept = fitted(messages, limit, count)
        assert count(kept) <= limit and kept[0] is messages[0] and kept[-1] is messages[-1]
        assert all(isinstance(m, AIMessage) == (i % 2 == 1) for i, m in enumerate(kept[1:-1]))


def test_a_question_that_cannot_fit_says_what_to_do() -> None:
    with pytest.raises(ContextTooLongError, match=r"12 个 token.*11 个.*TUTOR_CHAT_WINDOW_TOKENS"):
        fitted([SystemMessage("系统" * 5), HumanMessage("问题")], 11, count)


def test_memory_is_of_the_last_turn_in_the_same_mode() -> None:
    session = Session(mode="quiz", turns=[turn(1, "quiz"), turn(2, "quiz")])
    assert session.memory == {"rung": 2}
    session.mode = "qa"
    assert session.memory == {}


def test_the_conversation_before_a_turn() -> None:
    session = Session("os", "chat", turns=[turn(0), turn(1, "quiz"), turn(2)])
    before = session.before(1)
    assert before.turns == session.turns[:1] and before.mode == "quiz" and len(session.turns) == 3
    with pytest.raises(UsageError, match="没有这一轮"):
        session.before(3)
