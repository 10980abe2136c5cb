from knowledge.asked import AskedQuestion
from knowledge.syllabus import points
from tutoring.follow_ups import beside, follow_ups

DEADLOCK = points()["os.3.9"]


def asked_of(point: str) -> list[AskedQuestion]:
    return [AskedQuestion(point, f"{points()[point].name} {n}？", "") for n in "一二"]


def test_what_builds_on_a_point_and_what_it_builds_on_come_before_the_rest_of_its_chapter() -> None:
    near = [point.id for point in beside(DEADLOCK, points())]
    related = {p.id for p in points().values() if DEADLOCK.id in p.requires} | set(DEADLOCK.requires)
    assert set(near[: len(related)]) == related and DEADLOCK.id not in near and len(near) == len(set(near))
    assert {p.id for p in points().values() if p.chapter == DEADLOCK.chapter} - {DEADLOCK.id} <= set(near)


def test_one_question_of_the_point_and_two_of_its_neighbours() -> None:
    found = follow_ups("死锁？", topics=lambda *_: [DEADLOCK], questions=asked_of)
    assert found[0] == f"{DEADLOCK.name} 一？" and len(found) == 3 and len({text.split()[0] for text in found}) == 3


def test_nothing_that_was_asked_before_comes_again() -> None:
    one, two, told = f"{DEADLOCK.name} 一？", f"{DEADLOCK.name} 二？", f"讲一讲{DEADLOCK.name}"
    assert follow_ups(one, [two], topics=lambda *_: [DEADLOCK], questions=asked_of)[0] == told
    found = follow_ups(one, [two, told], topics=lambda *_: [DEADLOCK], questions=asked_of)
    assert len(found) == 3 and not any(DEADLOCK.name in text for text in found)


def test_what_does_not_name_its_point_or_is_no_question_is_not_offered() -> None:
    riddles = [
        "占着不放还要别的，是哪个条件",
        "死锁的四个条件是",
        "下列属于死锁的是（　）",
        "死锁____",
        "抱着一个等另一个，这种死锁叫什么",
    ]
    found = follow_ups("？", topics=lambda *_: [DEADLOCK], questions=lambda point: [AskedQuestion(point, q, "") for q in riddles])
    assert found[0] == f"讲一讲{DEADLOCK.name}"


def test_a_question_about_no_point_is_followed_by_none() -> None:
    assert follow_ups("红烧肉怎么做？", topics=lambda *_: []) == []


def test_real_questions_lead_to_real_ones() -> None:
    found = follow_ups("死锁产生的四个必要条件是什么？")
    assert len(found) == 3 and all(len(text) <= 28 for text in found)
