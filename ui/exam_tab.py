"""The tab 模考: choose a paper, sit it, read what it says. State lives in the database; the page only shows it."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ui.context import QUIET, PageContext
from ui.exam_events import ExamEvents
from ui.exam_reading import Reading
from ui.exam_room import ExamRoom
from ui.exam_style import CSS, SCRIPT, TO_PAGE

__all__ = ["CSS", "build_exam_tab"]


def build_exam_tab(context: PageContext, page: gr.Blocks) -> None:
    """Lay out the tab and connect it."""
    room = ExamRoom(context)
    reading = Reading(context, room)
    events = ExamEvents(reading)
    _start(room, events)
    _sit(room, events)
    _read(room, reading)
    page.load(None, None, None, js=SCRIPT)
    page.load(events.load, None, room.outputs, **_HOW)
    room.timer.tick(events.tick, [*room.desk.fields, room.report], room.outputs, **_HOW)
    room.over.click(events.tick, [*room.desk.fields, room.report], room.outputs, **_HOW)


_HOW: dict[str, Any] = QUIET | {"concurrency_limit": None}
_EACH: dict[str, Any] = _HOW | {"trigger_mode": "multiple"}
_LATEST: dict[str, Any] = _HOW | {"trigger_mode": "always_last"}
"""While one is saved the next waits; of those that come meanwhile the last counts: the saving sets the pace of the typing."""


def _start(room: ExamRoom, events: ExamEvents) -> None:
    room.full.click(events.start_full, None, room.outputs, **_HOW)
    room.short.click(events.start_short, [room.subject, room.minutes], room.outputs, **_HOW)
    room.resume.click(events.resume, room.desk.shown, room.outputs, **_HOW)
    room.finish.click(events.ask_paused, room.desk.shown, room.outputs, **_HOW)
    room.finish_yes.click(events.hand_in_paused, room.desk.shown, room.outputs, **_HOW)
    room.abandon.click(events.ask_abandon, None, room.outputs, **_HOW)
    room.abandon_yes.click(events.abandon, room.desk.shown, room.outputs, **_HOW)


def _sit(room: ExamRoom, events: ExamEvents) -> None:
    desk = room.desk
    desk.choice.input(events.choose, desk.fields[:2], room.outputs, **_LATEST)
    for n, box in enumerate(desk.boxes, 1):
        for typed in (box.input, box.blur):
            typed(events.typed(n), [desk.shown, box], room.outputs, **_LATEST)
    desk.clear.click(events.clear, desk.shown, room.outputs, **_EACH)
    desk.later.click(events.later, desk.fields, room.outputs, **_EACH)
    desk.previous.click(events.step(-1), desk.fields, room.outputs, **_EACH)
    desk.next.click(events.step(1), desk.fields, room.outputs, **_EACH)
    desk.palette.click(events.jump, desk.fields, room.outputs, **_EACH)
    desk.pause.click(events.pause, desk.fields, room.outputs, **_HOW)
    desk.hand_in.click(events.ask_hand_in, desk.fields, room.outputs, **_HOW)
    desk.no.click(events.not_yet, None, room.outputs, **_HOW)
    desk.yes.click(events.hand_in, desk.fields, room.outputs, **_HOW)


def _read(room: ExamRoom, reading: Reading) -> None:
    room.history.click(reading.pick_exam, None, room.outputs, **_EACH)
    for listed in (room.losses, room.problems):
        opened = listed.click(reading.pick_report, room.report, [*room.outputs, *room.panel.outputs], **_EACH)
        opened.then(None, None, None, js=TO_PAGE)
    room.back.click(reading.back, None, room.outputs, **_HOW)
    written = room.export.click(reading.write, room.report, [room.file, *room.outputs], **_HOW)
    written.then(None, room.file, None, js=_SAVE_JS)


_SAVE_JS = """file => {
  if (!file) return;
  const link = document.createElement('a');
  link.href = file.url; link.download = file.orig_name;
  link.click();
}"""
