"""Lists whose entries are chosen with a click: HTML of our own, of which each button tells the server what it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import gradio as gr

__all__ = ["button_html", "pick_list", "picked"]

_PICK_JS = """
element.addEventListener('click', event => {
  const chosen = event.target.closest('[data-pick]');
  if (chosen && !chosen.disabled) trigger('click', {pick: chosen.dataset.pick, act: chosen.dataset.act || ''});
});
"""


def pick_list(value: str = "", elem_id: str | None = None, **others: Any) -> gr.HTML:
    """A place for HTML whose `button_html`s are chosen; `picked` reads the click."""
    return gr.HTML(value, elem_id=elem_id, js_on_load=_PICK_JS, **others)


def picked(event: gr.EventData) -> tuple[str, str]:
    """What was chosen, and what is to be done with it; both are from the browser and may be anything."""
    told = event._data if isinstance(event._data, Mapping) else {}
    return str(told.get("pick", "")), str(told.get("act", ""))


def button_html(text: str, pick: str, act: str = "", label: str = "", css: str = "") -> str:
    """A button of a list. `text` is shown, `label` is what a screen reader and a tooltip say, if it is something else."""
    told = f' title="{escape(label)}" aria-label="{escape(label)}"' if label else ""
    return (
        f'<button type="button" class="{css}" data-pick="{escape(pick)}" data-act="{escape(act)}"{told}>{escape(text)}</button>'
    )
