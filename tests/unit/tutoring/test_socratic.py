"""Dialogues of impatient students with models that blurt the answer out: before the last rung it is never seen."""

import re

import pytest

from errors import EndpointUnreachableError
from knowledge.bank import BANK, read_bank
from knowledge.questions import LETTERS
from rag.chat_models.extractive import ExtractiveChatModel
from rag.conversation import Session, Turn
from rag.events import Answer, Token
from rag.retrieval import Passage, Retrieval
from rag.speaker import Speaker
from rag.tutor import Tutor
from tests.unit.rag.test_tutor import FakeRetriever, tutor
from tutoring.bank import told
from tutoring.ladder import RUNGS
from tutoring.leaks import ChoiceKey, OpenKey, SomeChoice, plain
from tutoring.modes import MODES
from tutoring.replies import Reply, chosen, reply_of
from tutoring.socratic import SocraticForm

MODE = MODES["socratic"]
QUESTIONS = [q for q in read_bank(BANK).questions if len(q.answer) >= 2][::13][:30]
BLURTED = (
    "选{k}。", "答案是{k}", "答案：{k}", "正确答案是 {k} 项", "**{k}** 正确", "{k}项对，其余都错。", "应该选 {k} 哦", "显然是{k}！",
    "选({k})", "【{k}】", "我认为「{k}」对", "Ｋey: {k}", "The answer is {k}.", "答 案 是 : {k}", "答案\n{k}", "正确的是{text}。",
    "因为{text}，所以这样选。", "{text}", "先想想……其实就是{text}啦", "排除{others}就剩一个了。", "{others}都不对。", "第{n}个选项是对的", "选项{n}",
    "小写 {low} 也行", "`{k}`", "最后答案为：\n\n# {k}", "{k}、", "首选{k}吧，你觉得呢？", "它等于{text}", "<b>{k}</b>",
)  # fmt: skip
IMPATIENT = (
    "直接告诉我答案",
    "别问了，快说选什么",
    "没时间了，答案是什么",
    "不会",
    "提示",
    "给我答案！",
    "just tell me the answer",
)
OPEN = {
    "死锁产生的四个必要条件有哪些？": "死锁的四个必要条件是互斥条件、不剥夺条件、请求并保持条件和循环等待条件。",
    "什么是抖动？": "抖动是指刚换出的页面马上又要换入，使进程把大部分时间用于页面调度的现象，又称颠簸。",
    "TCP 拥塞控制有哪些算法？": "TCP拥塞控制的算法有慢开始、拥塞避免、快重传和快恢复四种。",
    "操作系统的基本特征有哪些？": "操作系统的基本特征是并发、共享、虚拟和异步。",
    "Cache 的映射方式有哪几种？": "Cache 的映射方式分为直接映射、全相联映射和组相联映射三种。",
}  # fmt: skip


class Shelf(FakeRetriever):
    """Holds one passage: the words that answer."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def retrieve(self, query: str, subject: str = "auto", k: int = 6) -> Retrieval:
        passage = Passage("c1", "讲义.pdf", "00ff", 7, "讲义 > 第4章", "os", self.text, 0.5)
        return Retrieval(query, "os", (passage,), 1.0)


def dialogue(teacher: Tutor, *texts: str) -> list[Answer]:
    session = Session(mode="socratic")
    for text in texts:
        *tokens, answer = MODE.stream(text, session, teacher)
        assert "".join(e.text for e in tokens if isinstance(e, Token)) == answer.text
        assert isinstance(answer, Answer)
        session.turns.append(Turn(text, answer, "socratic"))
    return [turn.answer for turn in session.turns]


def names_key(text: str, letter: str, words: str, stem: str) -> bool:
    """A second opinion, apart from the code that guards: the letter alone, or the key's words where the stem does not hold them."""
    alone = re.search(rf"(?<![A-Za-z0-9]){letter}(?![A-Za-z0-9])", text.replace(stem, ""))
    held = plain(words) in plain(text) and plain(words) not in plain(stem)
    return bool(alone) or held


@pytest.mark.parametrize("number", range(len(QUESTIONS)))
def test_a_blurting_model_and_an_impatient_student(number: int, recording) -> None:
    question = QUESTIONS[number]
    others = "、".join(letter for letter in LETTERS if letter != question.key)
    place = LETTERS.index(question.key)
    said = [
        wording.format(k=question.key, low=question.key.lower(), text=question.answer, others=others, n="一二三四"[place])
        + "你明白了吗？"
        for wording in (BLURTED[(number + i) % len(BLURTED)] for i in range(2 * RUNGS))
    ]
    calls = [IMPATIENT[(number + i) % len(IMPATIENT)] for i in range(RUNGS)]
    first, *middle, last = dialogue(tutor(recording(*said), Shelf(f"{question.answer}。这是原文。")), told(question), *calls)
    for rung, answer in enumerate((first, *middle)):
        assert SocraticForm.model_validate(answer.data).rung == rung and not answer.data["solved"]
        assert not names_key(answer.text, question.key, question.answer, question.stem), answer.text
        cited = "".join(f"{c.quote}{c.context}{c.section}" for c in answer.citations)
        assert plain(question.answer) not in plain(cited)
    assert f"**答案：{question.key}**" in last.text and last.data["rung"] == RUNGS


@pytest.mark.parametrize("number", range(30))
def test_without_a_model_the_composed_hints_hold_no_key(number: int) -> None:
    question = read_bank(BANK).questions[number * 17 + 5]
    wrong = [letter for letter in LETTERS if letter != question.key]
    teacher = tutor(ExtractiveChatModel(), Shelf(f"{question.answer}。这是原文。"), generative=False)
    *before, last = dialogue(teacher, told(question), wrong[0], "快告诉我答案", "不会")
    for answer in before:
        body = "".join(answer.text.split(told(question)))
        for letter, option in zip(LETTERS, question.options, strict=True):
            body = body.replace(f"{letter} 项（{option}）", "") if letter != question.key else body
        assert not ChoiceKey(question.stem, dict(zip(LETTERS, question.options, strict=True)), question.key)._by_words(body), body
        assert f"答案：{question.key}" not in answer.text
    assert f"**答案：{question.key}**" in last.text


@pytest.mark.parametrize("question", OPEN)
def test_open_questions_are_not_answered_before_the_last_rung(question: str, recording) -> None:
    reference = OPEN[question]
    teacher = tutor(recording(*[reference, f"其实{reference[5:]}"] * RUNGS), Shelf(reference))
    *before, last = dialogue(teacher, question, "不知道", "直接说吧", "告诉我答案")
    key = OpenKey(reference, {})
    assert all(not key.in_(answer.text) and "____" in before[2].text for answer in before)
    assert all(reference not in c.quote + c.context for answer in before for c in answer.citations)
    assert reference in last.text and last.citations[0].quote == reference


def test_a_right_answer_is_confirmed_and_explained_at_any_rung() -> None:
    teacher = tutor(ExtractiveChatModel(), Shelf("这是原文。"), generative=False)
    question = QUESTIONS[0]
    _, answer = dialogue(teacher, told(question), f"我选{question.key}")
    assert answer.data["solved"] and answer.text.startswith(f"对，就是 {question.key}。") and "答案" in answer.text
    conditions = "死锁产生的四个必要条件有哪些？"
    teacher = tutor(ExtractiveChatModel(), Shelf(OPEN[conditions]), generative=False)
    *_, partly, solved = dialogue(teacher, conditions, "互斥和不剥夺", "请求并保持，循环等待")
    assert not partly.data["solved"] and "说对了一部分" in partly.text
    assert solved.data["solved"] and solved.citations


def test_a_fair_hint_of_a_model_is_shown_and_the_prompt_holds_no_key(recording) -> None:
    question, model = QUESTIONS[3], recording("题目给了哪些条件？先说第一个。")
    (answer,) = dialogue(tutor(model, Shelf("这是原文。")), told(question))
    assert answer.text.startswith("题目给了哪些条件") and answer.model == "测试模型"
    prompt = "".join(str(m.content) for m in model.seen[0])
    assert question.explanation.split("\n")[0] not in prompt and f"答案是 {question.key}" not in prompt


@pytest.mark.parametrize(
    "said", ["我不太清楚。", "x", "Think about the first step. What is it?", "！！！", "<think>想一想？</think>"]
)
def test_what_asks_nothing_in_chinese_is_no_hint(said: str, recording) -> None:
    (answer,) = dialogue(tutor(recording(said, said), Shelf("这是原文。")), told(QUESTIONS[3]))
    assert answer.text.startswith("这道题和") and answer.model != "测试模型"


TREE = "一棵完全二叉树有1001个结点，其叶子结点个数是\nA. 250\nB. 500\nC. 501\nD. 505"


@pytest.mark.parametrize("said", ["叶子=⌈n/2⌉=501，对吗？", "501个，你算出来了吗？", "为什么是 501？"])
def test_the_result_of_a_question_that_nobody_has_solved_is_not_blurted_either(said: str, recording) -> None:
    (answer,) = dialogue(tutor(recording(said, said), Shelf("完全二叉树的性质。")), TREE)
    assert "501" not in answer.text
    fair = "n 是 1001 时，最后一个分支结点的编号是多少？"
    assert dialogue(tutor(recording(fair), Shelf("完全二叉树的性质。")), TREE)[0].text.startswith(fair)


def test_options_in_another_order() -> None:
    question = QUESTIONS[1]
    order = [3, 2, 1, 0]
    text = question.stem + "\n" + "\n".join(f"{LETTERS[i]}. {question.options[j]}" for i, j in enumerate(order))
    letter = LETTERS[order.index(LETTERS.index(question.key))]
    teacher = tutor(ExtractiveChatModel(), Shelf("这是原文。"), generative=False)
    assert dialogue(teacher, text, letter)[-1].data["solved"]


def test_a_topic_brings_a_question_and_the_next_one_is_another() -> None:
    teacher = tutor(ExtractiveChatModel(), Shelf("这是原文。"), generative=False)
    first, _, second = dialogue(teacher, "银行家算法", "下一题", "下一题")
    assert "A. " in first.text and "A. " in second.text and first.memory["text"] != second.memory["text"]


@pytest.mark.parametrize("text", ["谢谢", "懂了，谢谢老师", "A", "选B"])
def test_after_the_solution_thanks_and_letters_lose_nothing(text: str) -> None:
    teacher = tutor(ExtractiveChatModel(), Shelf("这是原文。"), generative=False)
    *_, solved, closed, another = dialogue(teacher, "银行家算法", *["不会"] * 3, text, "再来一道")
    assert solved.data["rung"] == RUNGS and "下一题" in closed.text and "没有找到" not in closed.text
    assert "A. " in another.text and another.memory["text"] != solved.memory["text"]


def test_all_clear_before_the_answer_asks_for_it_and_costs_no_rung() -> None:
    teacher = tutor(ExtractiveChatModel(), Shelf("这是原文。"), generative=False)
    first, clear = dialogue(teacher, "银行家算法", "我懂了")
    assert "你的答案是什么" in clear.text and clear.memory == first.memory and clear.data["rung"] == 0


def test_after_the_solution_why_shows_it_again() -> None:
    teacher = tutor(ExtractiveChatModel(), Shelf("这是原文。"), generative=False)
    *_, solved, why, any_other = dialogue(teacher, "银行家算法", *["不会"] * 3, "为什么？", "给我一道题")
    assert "**答案：" in why.text and why.text.split("**答案：")[1] == solved.text.split("**答案：")[1]
    assert "A. " in any_other.text and any_other.memory["text"] != solved.memory["text"]


@pytest.mark.parametrize("text", ["你好", "给我一道题", "随便来一道题吧", "不会", "太难了", "C", "谢谢老师"])
def test_what_names_no_question_is_asked_for_one(text: str) -> None:
    (answer,) = dialogue(tutor(ExtractiveChatModel(), Shelf("这是原文。"), generative=False), text)
    assert "发给我" in answer.text and not answer.memory


def test_a_question_that_nobody_has_solved_is_told_so() -> None:
    text = "下列关于进程的说法正确的是\nA. 进程就是程序\nB. 进程有生命周期\nC. 进程不占内存\nD. 进程是静态的"
    teacher = tutor(ExtractiveChatModel(), Shelf("进程有生命周期。"), generative=False)
    _, judged, *_, last = dialogue(teacher, text, "B", "提示", "提示")
    assert "没有核对过的答案" in judged.text and "不能猜一个字母" in last.text and not last.data["solved"]


def test_nothing_known_and_nothing_said(recording) -> None:
    teacher = tutor(recording(), FakeRetriever(0.1))
    unknown, empty = dialogue(teacher, "红烧肉怎么做才好吃？", "下一题")
    assert "没法一步步引导" in unknown.text and "发给我" in empty.text


def test_a_failing_model_is_replaced_only_where_that_is_allowed(recording) -> None:
    failing = recording(error=EndpointUnreachableError("连不上"))
    with pytest.raises(EndpointUnreachableError):
        dialogue(tutor(failing), told(QUESTIONS[0]))
    spare = Speaker(ExtractiveChatModel(), "摘录", False)
    teacher = Tutor(FakeRetriever(), Speaker(failing, "远端", True, spare=spare), 4000)
    assert "没有答完" in dialogue(teacher, told(QUESTIONS[0]))[0].notice


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("B", "B"),
        ("选b", "B"),
        ("我觉得是 C 吧", "C"),
        ("答案Ｄ", "D"),
        ("不是A，是B", "B"),
        ("A还是B", ""),
        ("排除A", ""),
        ("环", "A"),
        ("不会", ""),
        ("答案是不是A", "A"),
    ],
)
def test_the_letter_that_a_student_decides_for(text: str, letter: str) -> None:
    assert chosen(text, {"A": "环", "B": "树", "C": "图", "D": "森林"}) == letter


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("提示", Reply.STUCK), ("没思路", Reply.STUCK), ("直接告诉我答案", Reply.DEMAND), ("到底选什么", Reply.DEMAND), ("下一题", Reply.NEW),
        ("什么是银行家算法？", Reply.NEW), ("是不是要检查安全状态？", Reply.ANSWER), ("安全状态", Reply.ANSWER), ("？？", Reply.STUCK),
        ("排除法怎么做", Reply.STUCK), ("怎么算？", Reply.STUCK), ("Cache 的命中率怎么算？", Reply.NEW),
    ],
)  # fmt: skip
def test_what_a_message_is(text: str, reply: Reply) -> None:
    assert reply_of(text, "死锁怎么避免", {}) is reply


def test_guards_leave_fair_questions_alone() -> None:
    key = ChoiceKey("下列关于栈的说法正确的是", {"A": "先进先出", "B": "后进先出", "C": "随机存取", "D": "两端进出"}, "B")
    assert not key.in_("栈的插入和删除在哪一端进行？B树不在此列。") and not key.in_("想想 A 项和队列有什么关系？")
    assert key.in_("栈是 后进 先出 的") and key.in_("A、C、D 都错")
    assert SomeChoice().in_("应该选C") and not SomeChoice().in_("把每个选项读一遍")


@pytest.mark.parametrize("reply", ["叶子=⌈n/2⌉=501，对吗？", "n/2 = 501 吗？", "是五百零一还是 501？", "501 个"])
def test_a_number_behind_a_sign_is_a_number(reply: str) -> None:
    options = {"A": "250", "B": "500", "C": "501", "D": "505"}
    stem = "一棵完全二叉树有1001个结点，其叶子结点个数是"
    assert ChoiceKey(stem, options, "C").in_(reply) and SomeChoice(options, stem).in_(reply)


@pytest.mark.parametrize(
    "reply", ["n 是 1001 时，最后一个分支结点的编号是多少？", "第 5010 个结点在哪一层？", "250、500、501、505 里哪个是奇数？"]
)
def test_other_numbers_or_all_options_tell_nothing(reply: str) -> None:
    options = {"A": "250", "B": "500", "C": "501", "D": "505"}
    assert not SomeChoice(options, "一棵完全二叉树有1001个结点，其叶子结点个数是").in_(reply)
