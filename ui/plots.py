"""Small plots as SVG: as wide as their place, with letters that keep their size, in the colours of the page, light or dark.

Everything that is drawn is also said: a screen reader reads title and description, a pointer finds the value of each mark.
Coordinates are shares of the width and pixels of the height, so that a plot fits 390 and 1440 px alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import count
from math import floor, isfinite, log10

__all__ = ["CSS", "Estimate", "bars", "interval_bars", "line"]

CSS = """
.plot { display: block; width: 100%; max-width: 860px; overflow: visible; color: var(--body-text-color); }
.plot text { fill: currentColor; font-size: 12px; font-family: inherit; }
.plot .quiet { opacity: .7; }
.plot .grid { stroke: currentColor; opacity: .18; }
.plot .mark { fill: var(--color-accent); }
.plot .track { fill: currentColor; opacity: .1; }
.plot .range { fill: var(--color-accent); opacity: .38; }
.plot .curve { fill: none; stroke: var(--color-accent); stroke-width: 2; vector-effect: non-scaling-stroke; }
.plot .curve.s1 { stroke: currentColor; stroke-dasharray: 6 4; }
.plot .curve.s2 { stroke: currentColor; stroke-dasharray: 2 3; opacity: .75; }
.plot .curve.s3 { stroke: var(--color-accent); stroke-dasharray: 8 3 2 3; }
.plot-none { opacity: .75; }
"""
_MOST_POINTS = 300
"""Of a curve: more can't be told apart on a screen."""
_MOST_SAID = 40
_NUMBERS = count()


@dataclass(frozen=True)
class Estimate:
    """A value with what it lies between, on the scale of its plot."""

    label: str
    low: float
    value: float
    high: float
    said: str = ""
    """What stands at the right end; the value if it is empty."""


def bars(values: Sequence[tuple[str, float]], title: str, described: str = "", goal: float | None = None) -> str:
    """A bar for each label (few of the labels are written out), and a line across at a goal."""
    if not values:
        return _nothing(title)
    most = _ceiling(max([value for _, value in values] + [goal or 0.0]))
    top, bottom, height = 22, 122, 146
    wide = 100 / len(values)
    parts = _grid(most, top, bottom)
    for n, (label, value) in enumerate(values):
        tall = (bottom - top) * value / most
        parts.append(
            f'<rect class="mark" x="{n * wide + wide * 0.15:.3f}%" width="{wide * 0.7:.3f}%" y="{bottom - tall:.1f}" height="{tall:.1f}" '
            f'rx="2"><title>{escape(label)}：{_told(value)}</title></rect>'
        )
    if goal:
        y = bottom - (bottom - top) * goal / most
        parts.append(
            f'<line class="goal" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor" stroke-dasharray="4 4"/>'
        )
    parts += _labels([label for label, _ in values], height - 6, lambda n: (n + 0.5) * wide)
    said = "；".join(f"{label} {_told(value)}" for label, value in values[-_MOST_SAID:])
    return _svg(title, described or said, height, parts)


def line(
    series: Mapping[str, Sequence[tuple[float, float]]],
    title: str,
    described: str = "",
    x_labels: Sequence[str] | None = None,
    low: float | None = None,
    high: float | None = None,
) -> str:
    """A curve for each name, of (x, y); at most four can be told apart.

    Args:
        x_labels: what to write below x = 0, 1, 2 …, a date each, say; without them the numbers stand there.
        low, high: the ends of the y axis; those of the values if they are None.
    """
    curves = {name: [(x, y) for x, y in points if isfinite(x) and isfinite(y)] for name, points in series.items()}
    every = [point for points in curves.values() for point in points]
    if not every:
        return _nothing(title)
    left, right = min(x for x, _ in every), max(x for x, _ in every)
    floor_y = min(y for _, y in every) if low is None else low
    ceiling_y = max(y for _, y in every) if high is None else high
    span = (ceiling_y - floor_y) or 1.0
    top, bottom, height = 26, 176, 200

    def across(x: float) -> float:
        return 3 + 94 * (x - left) / (right - left) if right > left else 50.0

    def down(y: float) -> float:
        return bottom - (bottom - top) * (y - floor_y) / span

    parts = [_level(floor_y + span * share, down(floor_y + span * share)) for share in (0.0, 0.5, 1.0)]
    for n, points in enumerate(curves.values()):
        shown = _thinned(points)
        drawn = " ".join(f"{across(x) * 10:.1f},{down(y):.1f}" for x, y in shown)
        parts.append(
            f'<svg width="100%" height="{height}" viewBox="0 0 1000 {height}" preserveAspectRatio="none">'
            f'<polyline class="curve s{n % 4}" points="{drawn}"/></svg>'
        )
        if len(points) <= _MOST_SAID:
            parts += [_dot(across(x), down(y), _at(x, x_labels), y) for x, y in points]
    if x_labels:
        parts += _labels(list(x_labels), height - 6, across)
    else:
        parts += [_text(across(x), height - 6, _told(x), _anchor(across(x))) for x in dict.fromkeys((left, right))]
    if len(curves) > 1:
        parts += _legend(list(curves))
    said = "；".join(f"{name}：{_course(points, x_labels)}" for name, points in curves.items() if points)
    return _svg(title, described or said, height, parts)


def interval_bars(rows: Sequence[Estimate], title: str, full: float = 1.0, described: str = "", percent: bool = True) -> str:
    """A row for each estimate: its name, the band that it lies in, and a mark at the value; 0 at the left, `full` at the right."""
    if not rows:
        return _nothing(title)
    step, parts = 40, list[str]()
    for n, row in enumerate(rows):
        low, value, high = (100 * min(max(end / full, 0.0), 1.0) for end in (row.low, row.value, row.high))
        told = (
            f"{row.value:.0%}（{row.low:.0%}–{row.high:.0%}）"
            if percent
            else f"{_told(row.value)}（{_told(row.low)}–{_told(row.high)}）"
        )
        y = n * step
        parts.append(_text(0, y + 14, row.label, "start"))
        parts.append(_text(100, y + 14, row.said or told, "end"))
        parts.append(f'<rect class="track" x="0" width="100%" y="{y + 20}" height="10" rx="5"/>')
        parts.append(
            f'<rect class="range" x="{low:.2f}%" width="{max(high - low, 0.3):.2f}%" y="{y + 20}" height="10" rx="5">'
            f"<title>{escape(row.label)}：{told}</title></rect>"
        )
        parts.append(
            f'<circle class="mark" cx="{value:.2f}%" cy="{y + 25}" r="6"><title>{escape(row.label)}：{told}</title></circle>'
        )
    said = "；".join(
        f"{row.label} {row.value / full:.0%}，可能在 {row.low / full:.0%} 到 {row.high / full:.0%} 之间"
        for row in rows[:_MOST_SAID]
    )
    return _svg(title, described or said, len(rows) * step, parts)


def _svg(title: str, described: str, height: int, parts: Sequence[str]) -> str:
    number = next(_NUMBERS)
    return (
        f'<svg class="plot" role="img" height="{height}" aria-labelledby="plot-{number}-title plot-{number}-desc" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="plot-{number}-title">{escape(title)}</title>'
        f'<desc id="plot-{number}-desc">{escape(described)}</desc>{"".join(parts)}</svg>'
    )


def _nothing(title: str) -> str:
    return f'<p class="plot-none">{escape(title)}：还没有数据。</p>'


def _grid(most: float, top: float, bottom: float) -> list[str]:
    return [_level(most * share, bottom - (bottom - top) * share) for share in (0.0, 0.5, 1.0)]


def _level(value: float, y: float) -> str:
    """A line across with its value above it."""
    across = f'<line class="grid" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'
    return across + (_text(0, y - 4, _told(value), "start") if value else "")


def _labels(labels: Sequence[str], y: float, across: Callable[[float], float]) -> list[str]:
    """The first, the middle and the last label: more would run into each other on a telephone."""
    last = len(labels) - 1
    wanted = dict.fromkeys((0, last // 2, last)) if last > 1 else dict.fromkeys((0, last))
    return [_text(across(n), y, labels[n], _anchor(across(n))) for n in wanted]


def _legend(names: Sequence[str]) -> list[str]:
    wide = 100 / len(names)
    return [
        f'<line class="curve s{n % 4}" x1="{n * wide:.1f}%" x2="{n * wide + 6:.1f}%" y1="8" y2="8"/>'
        + _text(n * wide + 7, 12, name, "start")
        for n, name in enumerate(names)
    ]  # fmt: skip


def _dot(x: float, y: float, where: str, value: float) -> str:
    return f'<circle class="mark" cx="{x:.2f}%" cy="{y:.1f}" r="4"><title>{escape(where)}：{_told(value)}</title></circle>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.2f}%" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _anchor(x: float) -> str:
    return "start" if x < 12 else "end" if x > 88 else "middle"


def _at(x: float, labels: Sequence[str] | None) -> str:
    return labels[int(x)] if labels and 0 <= int(x) < len(labels) else _told(x)


def _course(points: Sequence[tuple[float, float]], labels: Sequence[str] | None) -> str:
    """A curve in words: all of a short one, the ends and extremes of a long one."""
    if len(points) <= 12:
        return "，".join(f"{_at(x, labels)} {_told(y)}" for x, y in points)
    ys = [y for _, y in points]
    return f"从 {_told(ys[0])} 到 {_told(ys[-1])}，最低 {_told(min(ys))}，最高 {_told(max(ys))}，共 {len(points)} 个点"


def _thinned(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    if len(points) <= _MOST_POINTS:
        return points
    step = (len(points) - 1) / (_MOST_POINTS - 1)
    return [points[round(n * step)] for n in range(_MOST_POINTS)]


def _ceiling(value: float) -> float:
    """The next round number: 1, 2, 5, 10, 20 …"""
    if not isfinite(value) or value <= 0:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)


def _told(value: float) -> str:
    return f"{value:.0f}" if abs(value - round(value)) < 1e-9 else f"{value:.3g}"
