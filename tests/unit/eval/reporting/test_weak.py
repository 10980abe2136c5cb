"""Weak chapters and points: nothing is called weak on the strength of a few questions."""

from typing import Any

from eval.reporting.weak import chapters, subject_names, weak_points


def cell(name: str, n: int, high: float | None) -> dict[str, Any]:
    return {"name": name, "n": n, "correct": 0, "accuracy": 0.0, "low": None if high is None else 0.0, "high": high}


def condition(points: dict[str, Any], by_chapter: dict[str, Any] | None = None, accuracy: float = 0.7) -> dict[str, Any]:
    return {"table": {"all": {"n": 50, "accuracy": accuracy}}, "by_point": points, "by_chapter": by_chapter or {}}


def test_a_point_is_weak_if_its_interval_lies_below_the_whole() -> None:
    rows = weak_points(
        [
            condition(
                {
                    "a": cell("够弱", 5, 0.6), "b": cell("题太少", 4, 0.1), "c": cell("看不出", 9, 0.7),
                    "d": cell("没有区间", 8, None), "e": cell("最弱\x1b", 12, 0.3),
                }
            )
        ],
        9,
    )  # fmt: skip
    assert [title for title, _ in rows] == ["最弱␛ · 作答 12", "够弱 · 作答 5"]


def test_each_condition_is_measured_by_itself_and_shown_with_the_others() -> None:
    first, second = condition({"a": cell("分页", 6, 0.6)}, accuracy=0.5), condition({"a": cell("分页", 6, 0.6)}, accuracy=0.9)
    assert [len(cells) for _, cells in weak_points([first, second], 9)] == [2]
    assert weak_points([first], 9) == []


def test_no_more_than_asked_for() -> None:
    rows = weak_points([condition({str(n): cell(f"第 {n} 个", 9, n / 100) for n in range(30)})], 3)
    assert [title for title, _ in rows] == [f"第 {n} 个 · 作答 9" for n in range(3)]


def test_chapters_by_subject_in_the_order_of_the_exam() -> None:
    first = {"cn.1": cell("体系结构", 3, None), "os.2": cell("进程", 4, 0.5), "ds.1": cell("绪论", 0, None)}
    found = chapters([condition({}, first), condition({}, {"os.3": cell("内存", 2, None), "ds.2": cell("线性表", 2, None)})])
    assert [*found] == ["ds", "os", "cn"]
    assert [title for title, _ in found["os"]] == ["进程 · 作答 4", "内存 · 作答 2"]
    assert [c is None for c in found["os"][1][1]] == [True, False]
    assert [title for title, _ in found["ds"]] == ["线性表 · 作答 2"]  # nobody was asked about the other


def test_subjects_of_another_exam_come_last() -> None:
    assert [*subject_names(["law", "cn", "ds", "all", "cn"]).values()] == ["全部", "数据结构", "计算机网络", "law"]
