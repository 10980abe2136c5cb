import pytest

from errors import EndpointUnreachableError
from knowledge.bank import BANK, read_bank
from knowledge.questions import LETTERS
from rag.chat_models.extractive import ExtractiveChatModel
from rag.conversation import Session, Turn
from rag.events import Answer, Found
from rag.marks import find_marks
from rag.speaker import Speaker
from tests.unit.rag.test_tutor import FakeRetriever, tutor
from tests.unit.tutoring.test_socratic import Shelf
from tutoring.bank import told
from tutoring.explain import ExplainForm, told_letter
from tutoring.explanation import explained, steps_of
from tutoring.modes import MODES

MODE = MODES["explain"]
QUESTION = next(q for q in read_bank(BANK).questions if q.id == "os.1.1-2")
FOREIGN = "下列关于死锁的说法，错误的是\nA. 银行家算法避免死锁\nB. 死锁是多个进程互相等待\nC. 死锁只涉及一个进程"


def explanation(teacher, text: str) -> Answer:
    found, *_, answer = MODE.stream(text, Session(), teacher)
    assert isinstance(found, Found) and isinstance(answer, Answer)
    ExplainForm.model_validate(answer.data)
    assert len(find_marks(answer.text)) == len(answer.marks)
    return answer


def test_a_question_of_the_bank_step_by_step_with_points_options_and_page() -> None:
    shelf = Shelf("并发是指多个事件在同一时间间隔内发生，三个程序在宏观上同时推进，在微观上轮流占用处理机。")
    answer = explanation(tutor(ExtractiveChatModel(), shelf, generative=False), told(QUESTION))
    data = answer.data
    assert data["answer"] == QUESTION.key == "A" and data["source"] == "题库" and data["points"][0]["id"] == "os.1.1"
    assert [o["verdict"] for o in data["options"]] == ["对", "错", "错", "错"] and all(o["reason"] for o in data["options"][1:])
    assert "操作系统的特征与发展（os.1.1）" in answer.text and "答案：A" in answer.text
    assert answer.citations[0].page == 7 and answer.citations[0].literal


def test_letters_are_those_of_the_student() -> None:
    text = QUESTION.stem + "\n" + "\n".join(f"{a}. {b}" for a, b in zip(LETTERS, reversed(QUESTION.options), strict=True))
    solved = explained(QUESTION, text)
    assert solved.key == "D" and solved.options["D"] == QUESTION.answer and "A" in solved.wrong and "D" not in solved.wrong
    assert solved.wrong["A"] == explained(QUESTION, told(QUESTION)).wrong["D"]


def asked(teacher, *texts: str) -> list[Answer]:
    session = Session(mode="explain")
    for text in texts:
        *_, answer = MODE.stream(text, session, teacher)
        session.turns.append(Turn(text, answer, "explain"))
    return [turn.answer for turn in session.turns]


def test_what_is_asked_about_the_question_is_answered_from_its_explanation() -> None:
    solved = explained(QUESTION, told(QUESTION))
    first, on_b, on_a, all_of_it = asked(
        tutor(ExtractiveChatModel(), generative=False), told(QUESTION), "那B项为什么不对？", "为什么选A", "没看懂，再讲一遍"
    )
    assert solved.wrong["B"] in on_b.text and "B 项不对" in on_b.text and "不在题库" not in on_b.notice
    assert (
        "A 项正确" in on_a.text and "关键在这几步" in all_of_it.text and first.data["answer"] == all_of_it.data["answer"] == "A"
    )


def test_a_model_answers_it_beside_our_key(recording) -> None:
    teacher = tutor(recording("因为。[1]\n答案：A", "B 项为什么不对？", "因为它说反了。[1]"), Shelf("单核轮流执行。"))
    *_, more = asked(teacher, told(QUESTION), "B为什么不对")
    assert "它说反了" in more.text and "题库核对过的答案是 A" in more.notice and "不在题库" not in more.notice


@pytest.mark.parametrize("text", ["为什么会发生死锁？", "什么是页表", FOREIGN])
def test_another_question_is_another_question(text: str) -> None:
    assert asked(tutor(ExtractiveChatModel(), generative=False), told(QUESTION), text)[1].data["answer"] == ""


def test_a_model_that_names_no_option_has_given_no_answer(recording) -> None:
    *_, answer = MODE.stream(FOREIGN, Session(), tutor(recording("asdkjh")))
    assert "没有给出答案" in answer.notice and answer.data["answer"] == ""


def test_a_refusal_is_not_called_words_of_the_documents() -> None:
    (answer,) = asked(tutor(ExtractiveChatModel(), FakeRetriever(0.1), generative=False), "求不定积分")
    assert answer.refused and "以上是资料里的相关原文" not in answer.notice and "不在题库" in answer.notice


def test_steps_end_at_sentences_and_semicolons() -> None:
    assert steps_of("先求和；再平均。\n得 3。") == ["先求和；", "再平均。", "得 3。"]


def test_without_a_model_a_foreign_question_gets_words_on_each_option_and_no_letter() -> None:
    answer = explanation(tutor(ExtractiveChatModel(), generative=False), FOREIGN)
    assert answer.data["answer"] == "" and {o["verdict"] for o in answer.data["options"]} == {"未判"}
    assert "没有人替你解过这道题" in answer.text and "不成立" in answer.text and told_letter(answer.text) == ""
    assert "A. 银行家算法避免死锁" in answer.text and {c.quote for c in answer.citations} <= {
        "银行家算法避免死锁。",
        "死锁是指多个进程互相等待。",
    }
    assert answer.citations


def test_options_that_are_numbers_are_not_compared_with_sentences() -> None:
    text = "某银行家算法的安全序列个数是\nA. 1\nB. 2\nC. 4\nD. 8"
    *_, answer = MODE.stream(text, Session(), tutor(ExtractiveChatModel(), generative=False))
    assert "**B. 2**" not in answer.text and "不是解题过程" in answer.notice and len(answer.data["options"]) == 4


def test_nothing_in_the_documents_is_told() -> None:
    answer = explanation(tutor(ExtractiveChatModel(), FakeRetriever(0.1), generative=False), FOREIGN)
    assert "也没有找到" in answer.text and not answer.citations


def test_without_options_the_passages_and_that_it_is_not_solved() -> None:
    answer = explanation(tutor(ExtractiveChatModel(), generative=False), "死锁与银行家算法有什么关系？")
    assert answer.citations and "不是解题过程" in answer.notice


def test_a_model_that_comes_to_our_key_explains(recording) -> None:
    answer = explanation(tutor(recording("1. 单核轮流执行。[1]\n答案：A"), Shelf("单核轮流执行。")), told(QUESTION))
    assert (
        "单核轮流执行。[1]" in answer.text and answer.model == "测试模型" and not answer.notice and answer.data["answer"] == "A"
    )


@pytest.mark.parametrize("reply", ["1. 因为。[1]\n答案：C", "1. 因为。[1]\n所以答案是（Ｃ）", "1. 我不确定。[1]"])
def test_a_model_that_comes_to_another_letter_is_overruled(reply: str, recording) -> None:
    answer = explanation(tutor(recording(reply), Shelf("单核轮流执行。")), told(QUESTION))
    assert "答案：A" in answer.text and "以上采用题库的解析" in answer.notice and answer.data["answer"] == "A"


def test_a_models_answer_to_a_foreign_question_is_marked_as_unchecked(recording) -> None:
    answer = explanation(tutor(recording("1. 死锁涉及多个进程。[1]\n答案：C")), FOREIGN)
    assert answer.data["answer"] == "C" and answer.data["source"] == "模型" and "没有经过核对" in answer.notice


def test_a_failing_model_leaves_our_explanation(recording) -> None:
    failing = recording(error=EndpointUnreachableError("连不上"))
    with pytest.raises(EndpointUnreachableError):
        explanation(tutor(failing), told(QUESTION))
    teacher = tutor(failing, FakeRetriever(0.1))
    teacher.speaker = Speaker(failing, "远端", True, spare=Speaker(failing, "也坏了", False))
    with pytest.raises(EndpointUnreachableError):
        explanation(teacher, FOREIGN)
