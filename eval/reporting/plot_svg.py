"""A matplotlib figure as inline SVG that takes its colours and its font from the page around it.

Drawn with stand-in colours that become CSS variables here, so that one picture is right in light, in dark and in print.
No `style` attribute is left: the page's content security policy allows none.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["GRID", "INK", "MUTED", "PAPER", "SERIES", "SIZE", "SMALL", "canvas", "svg_of"]

INK, MUTED, GRID, PAPER = "#010101", "#010102", "#010103", "#010104"
SIZE, SMALL = 11.5, 10.5
"""Of the characters, in SVG units."""
SERIES = tuple(f"#0102{n:02x}" for n in range(1, 7))
"""Stand-ins for the colours of the page: `--s1` to `--s6` of its style sheet are those of the series."""
_VARIABLES = {INK: "currentColor", MUTED: "var(--muted)", GRID: "var(--grid)", PAPER: "var(--paper)"} | {
    stand_in: f"var(--s{n})" for n, stand_in in enumerate(SERIES, 1)
}
_SETTINGS = {
    "svg.fonttype": "none",  # text stays text: the reader's own fonts have the Chinese characters, ours don't
    "svg.hashsalt": "tutor408",  # the same picture has the same ids
    "text.parse_math": False,
    "font.size": SIZE,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": GRID,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "lines.linewidth": 1.6,
}


@contextmanager
def canvas(width: float, height: float) -> Iterator[Figure]:
    """A figure of that many SVG units, to be drawn on while our settings of matplotlib hold; pyplot is not touched."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_SETTINGS):  # type: ignore[arg-type]
        figure = Figure(figsize=(width / 72, height / 72))
        FigureCanvasSVG(figure)
        yield figure


def svg_of(figure: Figure, name: str, told: str) -> str:
    """The figure as an `<svg>` element; to be called inside `canvas`.

    Args:
        name: prefix of its ids, which must be unique on the page.
        told: what a screen reader says.
    """
    file = StringIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # it is the reader's font that is used
        figure.savefig(file, format="svg", metadata={"Date": None}, transparent=True)
    root = ElementTree.fromstring(file.getvalue())
    _clear(root)
    _rename(root, name)
    _adapt(root)
    for size in ("width", "height", "version"):
        del root.attrib[size]
    root.attrib |= {"class": "plot", "role": "img", "aria-label": told, "stroke-linejoin": "round"}
    return ElementTree.tostring(root, encoding="unicode")


def _clear(root: ElementTree.Element) -> None:
    """Take out metadata, style sheets, and all names of namespaces: inside HTML an `svg` has none."""
    for parent in root.iter():
        for child in [*parent]:
            if child.tag.endswith(("}metadata", "}style")):
                parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        element.attrib = {key.rpartition("}")[2]: value for key, value in element.attrib.items()}


def _rename(root: ElementTree.Element, name: str) -> None:
    """Keep the ids that something points to, each with the picture's name before it."""
    for element in root.iter():
        for key, value in [*element.attrib.items()]:
            if key == "href":
                element.set(key, f"#{name}-{value[1:]}")
            elif key == "clip-path":
                element.set(key, value.replace("#", f"#{name}-"))
    wanted = set(re.findall(rf'["(]#({re.escape(name)}-\w+)[")]', ElementTree.tostring(root, encoding="unicode")))
    for element in root.iter():
        if (old := element.attrib.pop("id", None)) and f"{name}-{old}" in wanted:
            element.set("id", f"{name}-{old}")


def _adapt(root: ElementTree.Element) -> None:
    """Styles become attributes, stand-ins variables; the font is the page's."""
    for element in root.iter():
        for rule in element.attrib.pop("style", "").split(";"):
            key, _, value = rule.partition(":")
            if key.strip() not in ("", "font-family", "font"):
                element.set(key.strip(), _VARIABLES.get(value.strip(), value.strip()))
        if element.get("transform", "").startswith("rotate(-0 "):
            del element.attrib["transform"]
