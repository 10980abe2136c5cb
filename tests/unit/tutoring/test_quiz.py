import json
import random

import pytest

from errors import EmptyStoreError, EndpointUnreachableError
from rag.chat_models.extractive import ExtractiveChatModel
from rag.conversation import Session
from rag.events import Answer, Found, Token
from rag.retrieval import Passage, Retrieval
from rag.speaker import Speaker
from rag.tutor import Tutor
from tutoring.modes import teach, teach_again
from tutoring.quiz import QuizMode
from tutoring.quiz_form import QuizForm

TEXT = "云原生是指利用云环境的弹性来构建应用的方法。\n微服务的优点包括独立部署、独立扩展和技术异构。\n银行家算法是指分配前先试探分配再检查安全性的死锁避免算法。"
PASSAGE = Passage("c1", "云.pdf", "00ff", 3, "概述", "policy", TEXT, 0.5)
GOOD = {"stem": "云原生构建应用时利用的是", "options": ["云环境的弹性", "本地磁盘", "专用机房", "人工运维"], "key": "A", "explanation": "云原生是指利用云环境的弹性来构建应用的方法。", "passage": 1}  # fmt: skip
BAD = GOOD | {"options": ["一样", "一样", "二", "三"]}


class FakeRetriever:
    def __init__(self, confidence: float = 1.0, error: Exception | None = None) -> None:
        self.confidence, self.error, self.queries = confidence, error, []

    def retrieve(self, query: str, subject: str = "auto", k: int = 6) -> Retrieval:
        self.queries.append(query)
        if self.error:
            raise self.error
        return Retrieval(query, "policy" if subject == "auto" else subject, (PASSAGE,), self.confidence)


def tutor(model=None, retriever=None) -> Tutor:
    speaker = Speaker(model, "测试模型", True) if model else Speaker(ExtractiveChatModel(), "摘录", False)
    return Tutor(retriever or FakeRetriever(), speaker)


class Classroom:
    """A conversation in the mode, with a seed of its own."""

    def __init__(self, teacher: Tutor, seed: int = 1) -> None:
        self.mode = QuizMode("quiz", "出题", "", "", rng=random.Random(seed))
        self.tutor, self.session = teacher, Session(mode="quiz")

    def say(self, text: str) -> Answer:
        from rag.conversation import Turn

        events = list(self.mode.stream(text, self.session, self.tutor))
        answer = events[-1]
        assert isinstance(answer, Answer) and QuizForm.model_validate(answer.data)
        assert json.loads(json.dumps(answer.memory)) == answer.memory
        spoken = "".join(e.text for e in events if isinstance(e, Token))
        assert spoken in ("", answer.text)
        assert self.session.turns == [] or self.session.turns[-1].answer is not answer
        self.session.turns.append(Turn(text, answer, "quiz"))
        return answer

    @property
    def keys(self) -> dict[int, str]:
        waiting = self.session.memory["waiting"]
        return {int(n): item["key"] for n, item in waiting.items()}


def test_computed_questions_are_asked_without_their_keys_and_marked_afterwards() -> None:
    room = Classroom(tutor())
    asked = room.say("出 2 道页面置换的题，难一点")
    assert asked.text.count("已验证（由程序计算）") == 2 and "难度 4" in asked.text and "解析" not in asked.text
    assert all("key" not in question and "explanation" not in question for question in asked.data["questions"])
    keys = room.keys
    wrong = "ABCD".replace(keys[2], "")[0]
    marked = room.say(f"1{keys[1]} 2{wrong}")
    assert [r["correct"] for r in marked.data["results"]] == [True, False] and "答对 1 题" in marked.text
    assert "解析：" in marked.text and marked.citations and "《云.pdf》第 3 页 [1]" in marked.text
    assert room.session.memory["waiting"] == {}


def test_more_of_the_same_is_new() -> None:
    room = Classroom(tutor())
    first = room.say("出 3 道页面置换的题").data["questions"]
    second = room.say("再来三道").data["questions"]
    third = room.say("再来一道").data["questions"]
    ids = [q["id"] for q in (*first, *second, *third)]
    assert len(ids) == len(set(ids)) == 7 and len({q["stem"] for q in (*first, *second, *third)}) == 7


def test_the_generator_makes_it_repeatable() -> None:
    assert Classroom(tutor(), 5).say("出3道死锁的题").text == Classroom(tutor(), 5).say("出3道死锁的题").text
    assert Classroom(tutor(), 5).say("出3道页面置换的题").text != Classroom(tutor(), 6).say("出3道页面置换的题").text


def test_written_questions_follow_where_nothing_can_be_computed() -> None:
    asked = Classroom(tutor()).say("来两道红黑树的题")
    assert asked.text.count("已验证（题库）") == 2


def test_written_questions_are_not_asked_twice_and_the_pages_follow() -> None:
    room = Classroom(tutor())
    first = {q["id"] for q in room.say("来两道红黑树的题").data["questions"]}
    more = room.say("再来两道").data["questions"]
    assert more and not first & {q["id"] for q in more} and {q["kind"] for q in more} == {"cloze"}
    assert not first & {q["id"] for q in room.say("再来两道").data["questions"]}


def test_answers_one_by_one_and_passes() -> None:
    room = Classroom(tutor())
    room.say("出 3 道计网的题")
    assert "第 2、3 题没有答" in room.say("1A").text
    assert "看答案" in room.say("3不会").text
    assert room.say("答案").data["results"][0]["n"] == 2


def test_a_bank_question_needs_no_documents() -> None:
    room = Classroom(tutor(retriever=FakeRetriever(error=EmptyStoreError("空"))))
    room.say("出1道死锁的题")
    assert "解析" in room.say("答案").text


def test_blanks_from_the_pages_without_a_model() -> None:
    room = Classroom(tutor())
    asked = room.say("从我的资料里出 2 道题：云计算")
    assert asked.data["questions"][0]["kind"] == "cloze" and "未经独立验证" in asked.text and "《云.pdf》第 3 页" in asked.text
    assert "没有接入语言模型" in asked.notice and not asked.citations
    keys = room.keys
    marked = room.say(f"1 {keys[1]} 2 别的词")
    assert [r["correct"] for r in marked.data["results"]] == [True, None] and "请自己对照" in marked.text
    assert len(marked.citations) == 2 and marked.citations[0].quote in TEXT


def test_a_topic_that_nobody_speaks_of() -> None:
    answer = Classroom(tutor(retriever=FakeRetriever(0.1))).say("出2道红烧肉的题")
    assert answer.refused and "红烧肉" in answer.text and "换一个主题" in answer.text


def test_a_question_is_no_topic() -> None:
    room = Classroom(tutor())
    assert "讲题" in room.say("为什么选 B？").text
    room.say("出 2 道死锁的题")
    before = room.keys
    assert "还没有答" in room.say("为什么选 B？").text and room.keys == before


def test_what_is_no_answer_is_asked_for_again_and_nothing_is_forgotten() -> None:
    room = Classroom(tutor())
    room.say("出 2 道死锁的题")
    before = room.keys
    answer = room.say("嗯嗯好的呀")
    assert "1A 2C" in answer.text and room.keys == before


def test_questions_of_a_model_are_solved_again(recording) -> None:
    replies = [json.dumps({"questions": [GOOD, BAD]}, ensure_ascii=False), '{"letter": "A"}']
    model = recording(*replies)
    room = Classroom(tutor(model))
    events = list(room.mode.stream("从我的资料里出 1 道题：云计算", room.session, room.tutor))
    assert isinstance(events[0], Found)
    asked = events[-1]
    assert "已验证（独立复算一致）" in asked.text and "A. 云环境的弹性" in asked.text and len(model.seen) == 2


def test_a_disagreement_is_shown_and_nobody_is_marked_by_it(recording) -> None:
    model = recording(json.dumps({"questions": [BAD, GOOD]}, ensure_ascii=False), '{"letter": "C"}')
    room = Classroom(tutor(model))
    asked = room.say("从我的资料里出 1 道题：云计算")
    assert "未验证（独立复算与所给答案不一致）" in asked.text and asked.data["dropped"] == 1 and "1 道不合格" in asked.notice
    marked = room.say("选A")
    assert "复算得 C，与所给答案 A 不一致" in marked.text and marked.data["results"][0]["correct"] is None


def test_a_model_that_writes_rubbish_leaves_blanks(recording) -> None:
    asked = Classroom(tutor(recording("死锁！", "死锁死锁！"))).say("从我的资料里出 2 道题：云计算")
    assert {q["kind"] for q in asked.data["questions"]} == {"cloze"} and "无法使用" in asked.notice


def test_a_failing_model_without_a_spare_is_an_error(recording) -> None:
    room = Classroom(tutor(recording(error=EndpointUnreachableError("连不上。"))))
    with pytest.raises(EndpointUnreachableError):
        room.say("从我的资料里出 2 道题：云计算")
    assert room.session.turns == []


def test_the_mode_stands_in_the_list_and_an_answer_can_be_given_again() -> None:
    session = Session(mode="quiz")
    list(teach(tutor(), "出1道死锁的题", session))
    list(teach(tutor(), "A", session))
    assert len(session.turns) == 2 and session.turns[1].answer.data["results"][0]["given"] == "A"
    list(teach_again(tutor(), session, -1, "B"))
    assert len(session.turns) == 2 and session.turns[1].answer.data["results"][0]["given"] == "B"


@pytest.mark.parametrize("text", ["A", "A,B", "1A 2C", "不会", "全部不会", "答案"])
def test_an_answer_is_never_a_topic(text: str) -> None:
    answer = Classroom(tutor()).say(text)
    assert "没有等你回答的题" in answer.text and answer.data["questions"] == []


def test_too_few_letters_are_asked_for_again() -> None:
    room = Classroom(tutor())
    room.say("出 3 道死锁的题")
    again = room.say("A,B")
    assert "没有看懂" in again.text and len(again.data["questions"]) == 3 and again.data["results"] == []
