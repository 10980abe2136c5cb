"""The plots of the report: what `summary.json` says, as inline SVG; small enough to be read on a phone.

Every function takes the conditions of a summary in their order, which is that of the colours and marks, and gives '' where
there is nothing to draw.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eval.reporting.plot_svg import GRID, MUTED, PAPER, SERIES, SIZE, SMALL, canvas, svg_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["CHANCE", "MARKS", "accuracy_by_difficulty", "accuracy_by_row", "accuracy_by_subject", "latencies", "letters"]

CHANCE = 0.25
"""Accuracy of guessing one of four options."""
MARKS = ("o", "s", "D", "^", "v", "P")
"""Shapes of the conditions, so that colour is never alone to tell them apart."""
WIDTH = 380
"""SVG units; a phone shows them on about 340 of its own pixels."""
_STEP, _GAP, _LINE, _ABOVE = 14, 14, 18, 10
_NAME, _TITLE = 9.0, 28.0
"""The longest name of a row that is written in full, beside it and above it, in widths of a Chinese character."""
_MOST_TICKS, _MOST_STEPS = 8, 160
"""On the axis of time, and of its distribution: more can't be told apart."""

Condition = Mapping[str, Any]


def accuracy_by_subject(conditions: Sequence[Condition], names: Mapping[str, str]) -> str:
    """Accuracy with its interval, a row a subject; `names` are the rows in their order, `all` among them."""
    rows = [(name, [c["table"].get(subject) for c in conditions]) for subject, name in names.items()]
    left = 22 + round(SIZE * min(max(map(_ems, names.values()), default=0), _NAME))
    return _forest(rows, "subjects", "各科目的正确率和 95% 区间", left)


def accuracy_by_row(rows: Sequence[tuple[str, Sequence[Mapping[str, Any] | None]]], name: str, told: str) -> str:
    """Accuracy with its interval; each row with its title above it, and a cell for each condition (None: not asked).

    Args:
        name: prefix of the ids.
        told: what a screen reader says.
    """
    return _forest(rows, name, told, _ABOVE)


def _forest(rows: Sequence[tuple[str, Sequence[Mapping[str, Any] | None]]], name: str, told: str, left: int) -> str:
    above = left == _ABOVE  # the titles stand above their rows
    if not any(cell and cell["n"] for _, cells in rows for cell in cells):
        return ""
    block = _STEP * max(len(cells) for _, cells in rows) + _GAP + (_LINE if above else 0)
    height = block * len(rows) + 46
    with canvas(WIDTH, height) as figure:
        axes = figure.add_axes((left / WIDTH, 24 / height, (WIDTH - left - 52) / WIDTH, block * len(rows) / height))
        axes.set(xlim=(0, 1), ylim=(block * len(rows), 0), yticks=[])
        _percent(axes.xaxis, axes.set_xticks)
        axes.axvline(CHANCE, color=MUTED, linestyle=(0, (4, 3)), linewidth=1.2, zorder=1)
        axes.text(CHANCE, -5, "随机 25%", ha="center", va="baseline", fontsize=SMALL, color=MUTED)
        axes.spines["left"].set_visible(False)
        for number, (title, cells) in enumerate(rows):
            top = number * block
            x, y = (0.0, top + _LINE - 2) if above else (-0.03, top + block / 2 + 4)
            axes.text(
                x, y, _short(title, _TITLE if above else _NAME), ha="left" if above else "right", va="baseline", clip_on=False
            )
            if number:
                axes.axhline(top, color=GRID, linewidth=0.6, xmin=-left / (WIDTH - left - 52), clip_on=False)
            if above:  # no line goes through a title
                axes.axhspan(top + 1, top + _LINE + 2, color=PAPER, linewidth=0, zorder=1.5)
            _dots(axes, cells, top + (block - _STEP * (len(cells) - 1) + (_LINE if above else 0)) / 2)
        return svg_of(figure, name, told)


def _dots(axes: Axes, cells: Sequence[Mapping[str, Any] | None], start: float) -> None:
    for place, cell in enumerate(cells):
        if not cell or not cell["n"]:
            continue
        y, colour = start + place * _STEP, SERIES[place % len(SERIES)]
        if known := _has_interval(cell):
            axes.plot([cell["low"], cell["high"]], [y, y], color=colour, solid_capstyle="butt", zorder=2)
        axes.plot([cell["accuracy"]], [y], **_mark(place, known), clip_on=False)
        axes.text(1.03, y + 3.5, f"{cell['accuracy']:.1%}", fontsize=SMALL, color=colour, va="baseline", clip_on=False)


def accuracy_by_difficulty(conditions: Sequence[Condition]) -> str:
    """Accuracy with its interval at difficulties 1 to 5."""
    tables = [c["by_difficulty"] for c in conditions]
    if not any(cell["n"] for table in tables for cell in table.values()):
        return ""
    with canvas(WIDTH, 250) as figure:
        axes = figure.add_axes((46 / WIDTH, 44 / 250, (WIDTH - 60) / WIDTH, 190 / 250))
        axes.set(xlim=(0.5, 5.5), ylim=(0, 1), xticks=[])
        _percent(axes.yaxis, axes.set_yticks)
        axes.axhline(CHANCE, color=MUTED, linestyle=(0, (4, 3)), linewidth=1.2, zorder=1)
        axes.text(5.48, CHANCE + 0.02, "随机", ha="right", va="baseline", fontsize=SMALL, color=MUTED)
        for level in range(1, 6):
            cells = [table.get(str(level)) for table in tables]
            axes.text(level, -0.09, f"难度 {level}", ha="center", va="baseline")
            axes.text(level, -0.17, _asked(cells), ha="center", va="baseline", fontsize=SMALL, color=MUTED)
            for place, cell in enumerate(cells):
                if cell and cell["n"]:
                    x = level + (place - (len(cells) - 1) / 2) * min(0.2, 0.7 / len(cells))
                    if known := _has_interval(cell):
                        axes.plot([x, x], [cell["low"], cell["high"]], color=SERIES[place % len(SERIES)], solid_capstyle="butt")
                    axes.plot([x], [cell["accuracy"]], **_mark(place, known), clip_on=False)
        return svg_of(figure, "difficulty", "各难度的正确率和 95% 区间")


def letters(conditions: Sequence[Condition]) -> str:
    """How often each letter was chosen (marks) against how often it is the key (bars)."""
    most = max((n for c in conditions for n in (*c["letters"]["chosen"].values(), *c["letters"]["key"].values())), default=0)
    if not most:
        return ""
    from matplotlib.ticker import MaxNLocator

    key = conditions[0]["letters"]["key"]
    with canvas(WIDTH, 250) as figure:
        axes = figure.add_axes((46 / WIDTH, 30 / 250, (WIDTH - 60) / WIDTH, 204 / 250))
        axes.set(xlim=(-0.5, 4.5), ylim=(0, most * 1.1))
        axes.set_xticks(range(5), [*"ABCD", "未读出"])
        axes.tick_params(length=0, pad=8)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=7, integer=True))
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        axes.bar(range(4), [key.get(letter, 0) for letter in "ABCD"], width=0.72, color=GRID, edgecolor=MUTED, linewidth=0.8)
        for place, condition in enumerate(conditions):
            chosen = condition["letters"]["chosen"]
            across = (place - (len(conditions) - 1) / 2) * min(0.2, 0.7 / len(conditions))
            for at, letter in enumerate((*"ABCD", "none")):
                axes.plot([at + across], [chosen.get(letter, 0)], **_mark(place), clip_on=False)
        return svg_of(figure, "letters", "所选字母与正确答案字母的次数")


def latencies(series: Sequence[Sequence[float]]) -> str:
    """Share of the questions that were answered within a time; a series of seconds for each condition."""
    told = [sorted(max(s, 1e-4) for s in seconds) for seconds in series]
    if not any(told):
        return ""
    least, most = min(s[0] for s in told if s), max(s[-1] for s in told if s)
    with canvas(WIDTH, 250) as figure:
        axes = figure.add_axes((46 / WIDTH, 44 / 250, (WIDTH - 60) / WIDTH, 190 / 250))
        axes.set_xscale("log")
        axes.set(xlim=(least / 1.3, most * 1.3), ylim=(0, 1.02))
        _percent(axes.yaxis, axes.set_yticks)
        axes.set_xticks((ticks := _ticks(least / 1.3, most * 1.3)), [f"{tick:g}" for tick in ticks])
        axes.set_xticks([], minor=True)
        axes.set_xlabel("秒（对数刻度）", fontsize=SMALL)
        for place, seconds in enumerate(told):
            if seconds:
                xs, ys = _steps(seconds)
                axes.step(xs, ys, where="post", color=SERIES[place % len(SERIES)])
                for share in (0.5, 0.95):
                    axes.plot([seconds[math.ceil(share * len(seconds)) - 1]], [share], **_mark(place))
        return svg_of(figure, "latency", "多少题在多少秒之内答完")


def _steps(seconds: Sequence[float]) -> tuple[list[float], list[float]]:
    n = len(seconds)
    ranks = sorted({round(i * (n - 1) / (_MOST_STEPS - 1)) for i in range(_MOST_STEPS)}) if n > _MOST_STEPS else range(n)
    return [seconds[0], *(seconds[r] for r in ranks)], [0.0, *((r + 1) / n for r in ranks)]


def _ticks(low: float, high: float) -> list[float]:
    """1, 2, 5 in each power of ten, or the powers alone where that were too many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    fine = [step * 10.0**power for power in powers for step in (1, 2, 5) if low <= step * 10.0**power <= high]
    return fine if len(fine) <= _MOST_TICKS else [10.0**power for power in powers if low <= 10.0**power <= high]


def _percent(axis: Any, set_ticks: Any) -> None:
    ticks = [0, 0.25, 0.5, 0.75, 1]
    set_ticks(ticks, [f"{tick:.0%}" for tick in ticks])
    axis.set_tick_params(length=0)
    axis.grid(True)


def _has_interval(cell: Mapping[str, Any]) -> bool:
    """None is told of too few questions."""
    return cell["low"] is not None and cell["high"] is not None


def _mark(place: int, full: bool = True) -> dict[str, Any]:
    """A mark of the condition's colour; hollow where there is no interval."""
    colour = SERIES[place % len(SERIES)]
    look = {"color": colour if full else PAPER, "marker": MARKS[place % len(MARKS)], "linestyle": "none", "zorder": 3}
    return look | {
        "markersize": 7 if full else 6,
        "markeredgecolor": PAPER if full else colour,
        "markeredgewidth": 1 if full else 1.3,
    }


def _asked(cells: Sequence[Mapping[str, Any] | None]) -> str:
    counts = [cell["n"] for cell in cells if cell]
    if not counts:
        return ""
    return f"{max(counts)}" if min(counts) == max(counts) else f"{min(counts)}–{max(counts)}"


def _ems(text: str) -> float:
    """About how wide a text is, in widths of a Chinese character."""
    return sum(1.0 if ord(character) > 0x2E7F else 0.56 for character in text)


def _short(text: str, most: float) -> str:
    if _ems(text) <= most:
        return text
    while _ems(text) > most - 1:
        text = text[:-1]
    return f"{text}…"
