"""Plots: what is drawn is also said, nothing that is written into them is markup, and odd numbers break nothing."""

from xml.etree import ElementTree

import pytest

from ui.plots import Estimate, bars, interval_bars, line

NAME = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(1)</script>\"'&"


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


@pytest.mark.parametrize(
    "svg",
    [
        bars([("周一", 3.0), (HOSTILE, 12.0)], HOSTILE, goal=10),
        line({"甲": [(0, 1.0), (1, 2.5)], HOSTILE: [(0, 3.0)]}, "曲线", x_labels=["一", HOSTILE]),
        interval_bars([Estimate(HOSTILE, 0.1, 0.4, 0.8), Estimate("乙", -1, 2, 3)], "区间"),
    ],
)
def test_a_plot_is_well_formed_and_has_a_title_and_a_description(svg: str) -> None:
    root = parsed(svg)
    ids = root.attrib["aria-labelledby"].split()
    named = {child.attrib["id"]: child.text for child in root if "id" in child.attrib}
    assert root.attrib["role"] == "img" and set(ids) == set(named) and all(named.values())
    assert "<script" not in svg
    assert not {element.tag for element in root.iter()} & {f"{NAME}script", f"{NAME}image", f"{NAME}a"}


def test_the_values_are_in_the_description_and_at_the_marks() -> None:
    root = parsed(bars([("05-01", 3), ("05-02", 12)], "每天"))
    assert root[1].text == "05-01 3；05-02 12"
    marks = [mark for mark in root.iter(f"{NAME}rect")]
    assert [mark[0].text for mark in marks] == ["05-01：3", "05-02：12"]
    heights = [float(mark.attrib["height"]) for mark in marks]
    assert heights[1] == pytest.approx(4 * heights[0])


def test_two_plots_on_one_page_have_ids_of_their_own() -> None:
    one, other = (parsed(bars([("a", 1)], "t")).attrib["aria-labelledby"] for _ in range(2))
    assert one != other


def test_an_interval_stands_where_its_ends_are_and_stays_inside() -> None:
    root = parsed(interval_bars([Estimate("a", 0.2, 0.5, 0.6), Estimate("b", -3, 7, 9)], "t"))
    ranges = [r for r in root.iter(f"{NAME}rect") if r.attrib["class"] == "range"]
    assert (ranges[0].attrib["x"], ranges[0].attrib["width"]) == ("20.00%", "40.00%")
    assert [c.attrib["cx"] for c in root.iter(f"{NAME}circle")] == ["50.00%", "100.00%"]


def test_a_long_curve_is_thinned_and_its_course_is_told_in_words() -> None:
    svg = line({"损失": [(float(n), 10 / (n + 1)) for n in range(5000)]}, "训练损失")
    root = parsed(svg)
    (curve,) = root.iter(f"{NAME}polyline")
    assert len(curve.attrib["points"].split()) == 300 and len(svg) < 8000
    assert root[1].text == "损失：从 10 到 0.002，最低 0.002，最高 10，共 5000 个点"
    assert not list(root.iter(f"{NAME}circle"))


@pytest.mark.parametrize(
    "svg",
    [
        bars([("a", 0), ("b", 0)], "t"),
        bars([("a", 5)], "t"),
        line({"a": [(0, float("nan")), (1, 2.0)]}, "t"),
        line({"a": [(3, 2.0)]}, "t", x_labels=["x"]),
        line({"a": [(0, 5.0), (1, 5.0)]}, "t"),
    ],
)
def test_zeros_one_point_a_flat_line_and_what_is_no_number(svg: str) -> None:
    assert "nan" not in svg and "inf" not in svg
    parsed(svg)


@pytest.mark.parametrize(
    "svg", [bars([], "每天"), line({}, "每天"), line({"a": [(0, float("nan"))]}, "每天"), interval_bars([], "每天")]
)
def test_nothing_to_draw_is_said(svg: str) -> None:
    assert svg == '<p class="plot-none">每天：还没有数据。</p>'
