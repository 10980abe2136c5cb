"""The plots: SVG that is the page's own, the same every time, with what it should show."""

import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from eval.metrics import Proportion
from eval.reporting import plots


def cell(right: int, n: int) -> dict[str, float]:
    share = Proportion(right, n)
    return {"n": n, "correct": right, "accuracy": share.value, "low": share.interval.low, "high": share.interval.high}


def condition(right: int) -> dict[str, object]:
    return {
        "table": {"all": cell(right, 40), "os": cell(right // 2, 20), "$x$<b>": cell(3, 20)},
        "by_difficulty": {"1": cell(3, 4), "5": cell(0, 0)},
        "letters": {"chosen": {"A": 7, "B": 11, "C": 13, "D": 8, "none": 1}, "key": {"A": 10, "B": 10, "C": 10, "D": 10}},
    }


TWO = [condition(20), condition(30)]
NAMES = {"all": "全部", "os": "操作系统", "$x$<b>": "$x$<b>"}
DRAWN: dict[str, Callable[[], str]] = {
    "subjects": lambda: plots.accuracy_by_subject(TWO, NAMES),
    "difficulty": lambda: plots.accuracy_by_difficulty(TWO),
    "letters": lambda: plots.letters(TWO),
    "latency": lambda: plots.latencies([[0.2, 1.5, 3.0], [0.0]]),
    "points": lambda: plots.accuracy_by_row([("分页 · 作答 3 次", [cell(1, 3), None])], "points", "各考点"),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_plot_takes_colours_and_font_from_the_page(name: str) -> None:
    svg = DRAWN[name]()
    root = ElementTree.fromstring(svg)
    assert root.get("viewBox", "").startswith("0 0 380 ") and root.get("role") == "img" and root.get("aria-label")
    colours = {e.get(key) for e in root.iter() for key in ("fill", "stroke")} - {None}
    assert colours <= {"none", "currentColor", "var(--muted)", "var(--grid)", "var(--paper)", "var(--s1)", "var(--s2)"}
    assert "var(--s1)" in colours and "currentColor" in colours
    assert "style" not in svg and "font-family" not in svg and "metadata" not in svg
    assert svg == DRAWN[name]()


def test_pictures_on_one_page_share_no_id() -> None:
    ids = [found for draw in DRAWN.values() for found in re.findall(r' id="([^"]+)"', draw())]
    assert ids and len(ids) == len(set(ids))


def test_accuracy_is_drawn_where_it_is() -> None:
    root = ElementTree.fromstring(plots.accuracy_by_row([("甲", [cell(1, 4)])], "points", "各考点"))
    place = {text.text: float(text.get("x", "0")) for text in root.iter("text")}
    assert list(place) >= ["0%"] and "随机 25%" in place and "25.0%" in place
    marks = [float(use.get("x", "0")) for use in root.iter("use") if use.get("fill") == "var(--s1)"]
    assert marks == [pytest.approx(place["25%"])] == [pytest.approx(place["随机 25%"])]


def test_too_few_questions_make_a_hollow_mark_without_a_line() -> None:
    def drawn(asked: dict[str, object]) -> list[tuple[int, list[str | None]]]:
        whole = {"table": {"all": asked}, "by_difficulty": {"2": asked}}
        svgs = (
            plots.accuracy_by_row([("甲", [asked])], "points", "各考点"),
            plots.accuracy_by_subject([whole], {"all": "全部"}),
            plots.accuracy_by_difficulty([whole]),
        )
        roots = [ElementTree.fromstring(svg) for svg in svgs]
        lines = [sum(p.get("stroke") == "var(--s1)" and p.get("fill") == "none" for p in root.iter("path")) for root in roots]
        marks = [[use.get("fill") for use in root.iter("use") if "var(--s1)" in use.attrib.values()] for root in roots]
        return [*zip(lines, marks, strict=True)]

    assert drawn({**cell(1, 4)}) == [(1, ["var(--s1)"])] * 3
    assert drawn(cell(1, 4) | {"low": None, "high": None}) == [(0, ["var(--paper)"])] * 3


def test_text_from_elsewhere_is_text() -> None:
    svg = plots.accuracy_by_subject(TWO, NAMES)
    assert "$x$&lt;b&gt;" in svg and "操作系统" in svg


def test_a_long_name_is_shortened() -> None:
    svg = plots.accuracy_by_subject(TWO, {"os": "一个长得写不下的科目名称"})
    assert "一个长得写不下的…" in svg and "科目名称" not in svg


def test_nothing_to_draw() -> None:
    none = {"table": {"all": cell(0, 0)}, "by_difficulty": {}, "letters": {"chosen": {}, "key": {}}}
    assert plots.accuracy_by_subject([none], {"all": "全部"}) == plots.accuracy_by_difficulty([none]) == ""
    assert plots.letters([none]) == plots.latencies([[]]) == plots.accuracy_by_row([], "points", "各考点") == ""


def test_thousands_of_times_make_a_small_picture() -> None:
    assert len(plots.latencies([[0.1 * n for n in range(1, 20_000)]])) < 25_000
