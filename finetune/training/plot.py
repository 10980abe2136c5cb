"""The curve of the losses as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["draw_losses"]

_FONTS = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "SimHei", "WenQuanYi Zen Hei",
    "Noto Sans CJK JP", "Heiti SC", "Arial Unicode MS",
)  # fmt: skip
_WIDE = 50
"""From this ratio of the highest to the lowest loss on, the axis is logarithmic."""


class _Words(NamedTuple):
    loss: str
    evaluation: str
    step: str
    axis: str


_CHINESE = _Words("训练损失", "评估损失", "步", "损失")
_ENGLISH = _Words("training loss", "evaluation loss", "step", "loss")


def draw_losses(rows: Sequence[Mapping[str, Any]], file: Path) -> None:
    """Draw training and evaluation losses of all stages, one after the other, into a PNG file.

    Args:
        rows: of metrics.jsonl.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    font = _font()
    words = _CHINESE if font else _ENGLISH
    with rc_context({"font.family": [font] if font else ["sans-serif"], "axes.unicode_minus": False}):
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        axes = figure.add_subplot()
        for name, label, style in (("loss", words.loss, "-"), ("eval_loss", words.evaluation, "o-")):
            points = [(step, row[name]) for step, row in _counted(rows) if name in row]
            if points:
                axes.plot(*zip(*points, strict=True), style, label=label, linewidth=1.2, markersize=4)
        _scale(axes, [row[name] for row in rows for name in ("loss", "eval_loss") if name in row])
        axes.set(xlabel=words.step, ylabel=words.axis)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
        axes.legend()
        FigureCanvasAgg(figure).print_png(str(file))  # type: ignore[no-untyped-call]


def _counted(rows: Sequence[Mapping[str, Any]]) -> list[tuple[int, Mapping[str, Any]]]:
    """Each row with its step counted through all stages."""
    counted, before, stage, last = [], 0, None, 0
    for row in rows:
        if row["stage"] != stage:
            stage, before = row["stage"], before + last
        last = int(row["step"])
        counted.append((before + last, row))
    return counted


def _scale(axes: Any, losses: Sequence[float]) -> None:
    low = min(losses, default=0)
    if low > 0 and max(losses) / low >= _WIDE:
        axes.set_yscale("log")
        # 0.01, not 10⁻²: to set that takes a second
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.yaxis.set_minor_formatter(lambda value, _: "")


def _font() -> str | None:
    """A font of this machine that has Chinese characters."""
    from matplotlib.font_manager import fontManager

    known = {font.name for font in fontManager.ttflist}
    return next((name for name in _FONTS if name in known), None)
