import pytest

from tutoring.bank import find_problem
from tutoring.submission import read_submission, split_parts, wants_problem


def test_a_problem_with_its_own_scheme() -> None:
    handed_in = read_submission(
        "题目：什么是死锁？产生的必要条件有哪些？\n评分标准：(2分) 说明互相等待；(4分) 写出四个必要条件，各1分\n参考答案：略\n我的答案：多个进程互相等待。\n条件有互斥。"
    )
    problem = handed_in.problem
    assert problem and handed_in.pasted and problem.stem.startswith("什么是死锁") and problem.score == 6
    assert [(c.score, c.text) for c in problem.parts[0].marking] == [(2, "说明互相等待"), (4, "写出四个必要条件，各1分")]
    assert problem.parts[0].answer == "略" and handed_in.answer == "多个进程互相等待。\n条件有互斥。"


@pytest.mark.parametrize(
    "scheme",
    [
        "说明互斥（2分）；说明占有并等待（1分）",
        "1. 说明互斥 (2分)\n2. 说明占有并等待 (1分)",
        "【2分】说明互斥\n【1分】说明占有并等待",
    ],
)
def test_scores_before_or_behind(scheme: str) -> None:
    problem = read_submission(f"题目：死锁\n评分标准：{scheme}\n我的答案：不会").problem
    assert problem and [c.score for c in problem.parts[0].marking] == [2, 1]
    assert ["互斥" in problem.parts[0].marking[0].text, "占有" in problem.parts[0].marking[1].text] == [True, True]


def test_a_problem_of_the_bank_by_id_or_stem() -> None:
    known = find_problem("os-problem-05")
    assert known
    by_id = read_submission("os-problem-05\n(1) read 共 5 次")
    assert by_id.problem == known and by_id.answer == "(1) read 共 5 次"
    by_stem = read_submission(f"题目：{known.stem}\n我的答案：(1) 5 次")
    assert by_stem.problem == known and by_stem.answer == "(1) 5 次"
    assert read_submission("os-problem-05").answer == ""


def test_neither_problem_nor_answer() -> None:
    assert read_submission("你好") == read_submission("帮我批改") and read_submission("你好").problem is None
    scheme_without_points = read_submission("题目：死锁\n评分标准：看着给\n我的答案：不会")
    assert scheme_without_points.problem is None and scheme_without_points.answer == "不会"


def test_wishes() -> None:
    assert all(map(wants_problem, ["给我一道死锁的大题", "再来一道", "出一道题", "换一道综合题"]))
    assert not any(
        map(wants_problem, ["(1) 5 次，7 次", "访问 4 时出现一次缺页", "选出 1 个", "系统安全，安全序列为 P1、P0", "A" * 80])
    )


@pytest.mark.parametrize(
    "answer",
    [
        "(1) 甲\n(2) 乙\n(3) 丙",
        "（1）甲\n（2）乙\n（3）丙",
        "1. 甲\n2. 乙\n3. 丙",
        "第一问：甲\n第二问：乙\n第三问：丙",
        "①甲\n②乙\n③丙",
    ],
)
def test_parts_by_their_numbers(answer: str) -> None:
    assert split_parts(answer, 3) == ["甲", "乙", "丙"]


def test_parts_that_lack_and_answers_without_numbers() -> None:
    assert split_parts("(1) 甲\n(2) 乙", 3) == ["甲", "乙", ""]
    assert split_parts("全部写在一起", 2) == ["全部写在一起"] * 2
    assert split_parts("由(1)得 3.5 ms，1.5 倍", 2) == ["由(1)得 3.5 ms，1.5 倍"] * 2
