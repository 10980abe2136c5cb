"""The form of the plan on the tab 进度: the day of the exam, questions a day, how surely things are to be remembered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import gradio as gr

from errors import UsageError
from tutoring.practice.plan import GOALS, Plan

__all__ = ["PlanForm", "build_plan_form", "plan_of", "saved_html"]

_RETENTIONS = {
    "轻松：复习时约记得 80%，题量最少": 0.8,
    "标准：复习时约记得 90%（推荐）": 0.9,
    "扎实：复习时约记得 95%，题量约多一倍": 0.95,
}


@dataclass(frozen=True)
class PlanForm:
    """The fields in the order of `values`, and what saves them."""

    fields: list[Any]
    save: gr.Button
    said: gr.HTML

    @staticmethod
    def values(plan: Plan) -> list[Any]:
        """What the fields show of a plan; of the retentions the nearest one."""
        nearest = min(_RETENTIONS, key=lambda told: abs(_RETENTIONS[told] - plan.retention))
        return [plan.exam_date.isoformat() if plan.exam_date else None, plan.daily_goal, nearest]


def build_plan_form() -> PlanForm:
    """Lay out the form."""
    with gr.Accordion("学习计划", open=False, elem_id="progress-plan"):
        # made a date field by the browser (`progress_style.SCRIPT`): its calendar speaks Chinese, Gradio's only English
        day = gr.Textbox(
            label="考试日期（复习会赶在这之前排完；不填就不赶时间）",
            placeholder="2026-12-19",
            max_lines=1,
            elem_id="progress-exam-date",
        )
        goal = gr.Number(20, label="每天做几道题", precision=0, elem_id="progress-goal")
        retention = gr.Radio([*_RETENTIONS], value=[*_RETENTIONS][1], label="复习的松紧", elem_id="progress-retention")
        save = gr.Button("保存计划", variant="primary", elem_id="progress-save")
        said = gr.HTML(elem_id="progress-saved")
    return PlanForm([day, goal, retention], save, said)


def plan_of(day: str | None, goal: float | None, retention: str | None) -> Plan:
    """The plan that a form holds; what is out of bounds `Plans.save` says.

    Raises:
        UsageError: a field holds nothing usable.
    """
    if goal is None:
        raise UsageError(f"请填写每天做几道题（{GOALS[0]}–{GOALS[1]}）。")
    if retention not in _RETENTIONS:
        raise UsageError("请选择复习的松紧。")
    return Plan(_date(day), int(goal), _RETENTIONS[retention])


def saved_html(plan: Plan) -> str:
    """That a plan is kept, and which: a field may have refused what was typed into it."""
    day = f"考试日期 {plan.exam_date.isoformat()}" if plan.exam_date else "没有设考试日期"
    return f"<p role='status'>已保存：{day}，每天 {plan.daily_goal} 道。复习的日期按新计划排好了。</p>"


def _date(text: str | None) -> date | None:
    wanted = (text or "").strip().replace("/", "-").replace(".", "-")
    if not wanted:
        return None
    try:
        return date(*(int(part) for part in wanted.split(" ")[0].split("-")))
    except (ValueError, TypeError) as error:
        raise UsageError(f"“{wanted[:20]}”不是日期。请写成 2026-12-19 这样，或者清空。") from error
