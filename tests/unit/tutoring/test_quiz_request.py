import pytest

from knowledge.subjects import SUBJECTS
from tutoring.quiz_request import QuizRequest, number_in, read_request, subject_named, wants_questions

LAST = QuizRequest("页面置换", 3, 4).to_json()


@pytest.mark.parametrize(
    ("text", "topic", "count", "difficulty", "pages"),
    [
        ("出 3 道页面置换的题，难一点", "页面置换", 3, 4, False),
        ("死锁", "死锁", 3, 3, False),
        ("从我的讲义里出题：死锁", "死锁", 3, 3, True),
        ("根据我上传的课件出两道关于虚拟内存的填空题", "虚拟内存", 2, 3, True),
        ("从资料里出题", "", 3, 3, True),
        ("用操作系统讲义出 3 道题", "操作系统讲义", 3, 3, True),
        ("从课程建设指南里出 2 道题：一流课程", "一流课程", 2, 3, True),
        ("来两道红黑树的题", "红黑树", 2, 3, False),
        ("给我出5道关于TCP拥塞控制的选择题", "TCP拥塞控制", 5, 3, False),
        ("难度5 银行家算法 2题", "银行家算法", 2, 5, False),
        ("出十二道题", "", 10, 3, False),
        ("栈和队列的练习题，简单点", "栈和队列", 3, 2, False),
        ("给我两道不要太难的哈夫曼树", "哈夫曼树", 2, 2, False),
        ("来一道最难的图的题", "图", 1, 5, False),
        ("出栈序列", "出栈序列", 3, 3, False),
        ("出度和入度的题", "出度和入度", 3, 3, False),
        ("随便来一道", "", 1, 3, False),
        ("出0道题", "", 3, 3, False),
    ],
)
def test_how_students_ask(text: str, topic: str, count: int, difficulty: int, pages: bool) -> None:
    request = read_request(text)
    assert (request.topic, request.count, request.difficulty, request.pages) == (topic, count, difficulty, pages)


@pytest.mark.parametrize(
    ("text", "topic", "count", "difficulty", "again"),
    [
        ("再来一道", "页面置换", 1, 4, True),
        ("再来三道，难一点", "页面置换", 3, 5, True),
        ("再来两道，简单一点", "页面置换", 2, 3, True),
        ("再来一道死锁的", "死锁", 1, 4, True),
        ("再难一点", "页面置换", 3, 5, False),
        ("出题", "页面置换", 3, 4, False),
        ("死锁，难一点", "死锁", 3, 4, False),
    ],
)
def test_what_is_left_out_is_as_before(text: str, topic: str, count: int, difficulty: int, again: bool) -> None:
    request = read_request(text, LAST)
    assert (request.topic, request.count, request.difficulty, request.again) == (topic, count, difficulty, again)


def test_more_than_so_many_is_remembered_as_wanted() -> None:
    assert read_request("出100道题").count == 10 and read_request("出100道题").wanted == 100


def test_numbers_and_subjects() -> None:
    assert [number_in(t) for t in ("十二道", "二十道", "两道", "几道", "死锁")] == [12, 20, 2, 3, 0]
    assert subject_named("计网") == "cn" and subject_named(" OS ") == "os" and subject_named("死锁") is None
    assert {subject_named(s.name) for s in SUBJECTS.values() if s.points} == {"ds", "co", "os", "cn"}


def test_a_wish_is_told_from_an_answer() -> None:
    assert all(map(wants_questions, ["再来一道", "出3道题", "考考我", "换一题", "来几道"]))
    assert not any(map(wants_questions, ["银行家算法", "1A 2C", "第1题选B"[3:], "时间片"]))
