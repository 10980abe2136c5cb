from rag.run import Step


def test_progress_says_pages_pace_and_what_is_left() -> None:
    assert Step(0, 3, "a.pdf").told() == "" and Step(0, 3, "a.pdf", seconds=2.0).told() == ""
    assert Step(1, 3, "a.pdf", None, 50, 200, 10.0).told() == "50/200 页，每秒 5.0 页，约剩 30 秒"
    assert Step(1, 3, "a.pdf", None, 50, 2050, 10.0).told() == "50/2050 页，每秒 5.0 页，约剩 7 分钟"
