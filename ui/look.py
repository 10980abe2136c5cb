"""How the page looks: a theme of its own, with the fonts of the system, light and dark; and the styles of all tabs, joined."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import gradio as gr

__all__ = ["COLOURS", "contrast", "look", "theme"]

_ASSETS = Path(__file__).parent / "assets"
_FONTS = [
    "system-ui",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "sans-serif",
]
_MONO = ["ui-monospace", "SFMono-Regular", "Consolas", "Noto Sans Mono CJK SC", "monospace"]

COLOURS: dict[str, tuple[str, str]] = {
    "page": ("#f6f7f8", "#12161b"),
    "card": ("#ffffff", "#1a2027"),
    "soft": ("#eef1f3", "#232b34"),
    "line": ("#d9dee3", "#343f4b"),
    "text": ("#1c2430", "#e6eaee"),
    "quiet": ("#566172", "#a3aebb"),
    "accent": ("#0b6b62", "#5fd3c4"),
    "accent_strong": ("#095650", "#7fe0d3"),
    "accent_soft": ("#e0f2ef", "#17383a"),
    "on_accent": ("#ffffff", "#06231f"),
    "good": ("#17683a", "#7fd6a0"),
    "warn": ("#8a4b08", "#f0bd74"),
    "bad": ("#b3261e", "#ff9c94"),
}
"""Name → light and dark. Text on its ground has a contrast of 4.5 : 1 at least (WCAG AA); a test computes it."""


def contrast(one: str, other: str) -> float:
    """Contrast of two colours `#rrggbb`, 1 to 21 (WCAG 2.2, relative luminance)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _both(variable: str, colour: str) -> dict[str, str]:
    light, dark = COLOURS[colour]
    return {variable: light, f"{variable}_dark": dark}


_SET = {
    "body_background_fill": "page", "body_text_color": "text", "body_text_color_subdued": "quiet",
    "background_fill_primary": "card", "background_fill_secondary": "soft",
    "border_color_primary": "line", "border_color_accent": "accent", "border_color_accent_subdued": "line", "color_accent_soft": "accent_soft",
    "link_text_color": "accent", "link_text_color_hover": "accent_strong", "link_text_color_active": "accent_strong",
    "link_text_color_visited": "accent", "code_background_fill": "soft",
    "block_background_fill": "card", "block_border_color": "line", "block_label_background_fill": "card",
    "block_label_text_color": "quiet", "block_title_text_color": "quiet", "block_info_text_color": "quiet", "panel_background_fill": "card",
    "input_background_fill": "card", "input_border_color": "line", "input_border_color_focus": "accent", "input_placeholder_color": "quiet",
    "checkbox_background_color_selected": "accent", "checkbox_border_color_selected": "accent", "checkbox_label_background_fill": "card",
    "checkbox_label_background_fill_selected": "accent_soft", "checkbox_label_text_color_selected": "text",
    "button_primary_background_fill": "accent", "button_primary_background_fill_hover": "accent_strong",
    "button_primary_text_color": "on_accent", "button_primary_border_color": "accent",
    "button_secondary_background_fill": "card", "button_secondary_background_fill_hover": "soft",
    "button_secondary_text_color": "text", "button_secondary_border_color": "line",
    "button_cancel_background_fill": "card", "button_cancel_background_fill_hover": "soft", "button_cancel_text_color": "bad",
    "button_cancel_border_color": "line", "table_even_background_fill": "card", "table_odd_background_fill": "card",
    "table_border_color": "line", "table_text_color": "text", "slider_color": "accent", "loader_color": "accent",
}  # fmt: skip
"""Variable of the theme → colour."""


def theme() -> gr.themes.Base:
    """The theme; it names no font that would have to be fetched."""
    made = gr.themes.Base(
        primary_hue="teal", neutral_hue="slate", radius_size="md", font=_FONTS, font_mono=_MONO, spacing_size="md", text_size="md"
    )
    chosen = {name: value for variable, colour in _SET.items() for name, value in _both(variable, colour).items()}
    return made.set(
        block_border_width="1px", block_shadow="none", block_shadow_dark="none", button_primary_shadow="none",
        button_secondary_shadow="none", block_label_shadow="none", input_shadow="none", input_border_width="1px", input_border_width_dark="1px", layout_gap="12px", button_border_width="1px", button_border_width_dark="1px",
        button_large_text_weight="500", button_medium_text_weight="500", button_small_text_weight="500", color_accent="*primary_600",
        **chosen,
    )  # fmt: skip


def _variables() -> str:
    """The colours for our own styles: `var(--t-accent)` and so on."""
    light, dark = ("".join(f"--t-{name.replace('_', '-')}:{pair[i]};" for name, pair in COLOURS.items()) for i in (0, 1))
    return f":root{{{light}color-scheme:light}}\n.dark{{{dark}color-scheme:dark}}\n"


def look(tab_styles: Iterable[str] = ()) -> dict[str, Any]:
    """Arguments of `mount_gradio_app`. The styles stand in the head as they are: Gradio's `css` would rewrite their selectors."""
    styles = "\n".join((_variables(), (_ASSETS / "page.css").read_text("utf-8"), *tab_styles))
    script = (_ASSETS / "page.js").read_text("utf-8")
    return {"theme": theme(), "head": f"<style>\n{styles}\n</style>\n<script>\n{script}\n</script>"}
