import pytest

from knowledge.bank import BANK, read_bank
from knowledge.syllabus import points
from tutoring.topics import points_of


@pytest.mark.parametrize(
    ("text", "point"),
    [("平衡二叉树旋转", "ds.7.4"), ("三次握手", "cn.5.4"), ("页面置换", "os.5.4"), ("刚换出的页又要换进来", "os.5.7"), ("快排", "ds.8.4")],
)  # fmt: skip
def test_a_topic_in_few_words(text: str, point: str) -> None:
    found = [p.id for p in points_of(text)]
    assert point in found or points()[point].chapter in {points()[i].chapter for i in found}, found


@pytest.mark.parametrize(
    "text",
    [
        "红烧肉怎么做",
        "不会",
        "排除法",
        "好的",
        "你是谁",
        "再来一道",
        "给我一道题",
        "简单一点的",
        "今天天气怎么样",
        "你好",
        "帮我安排一周的 408 复习计划",
        "",
    ],
)
def test_what_no_point_speaks_of(text: str) -> None:
    assert points_of(text) == []


def test_most_questions_of_the_bank_are_put_to_their_points() -> None:
    questions = read_bank(BANK).questions[::3]
    right = sum(any(p.id in q.points for p in points_of(q.stem)) for q in questions)
    assert right / len(questions) >= 0.9


def test_only_the_subject_asked_for() -> None:
    assert {p.subject for p in points_of("流水线", "co", k=5)} == {"co"}
