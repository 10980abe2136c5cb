"""The form that orders an evaluation: what is asked and how, and the command that it comes to."""

from __future__ import annotations

from typing import Any

import gradio as gr

from errors import UsageError
from eval.order import EXAM_SUBJECTS, Order, arguments_of, command_line
from knowledge.subjects import subject_label
from rag.chat_models.label import is_generative, model_label
from settings import Settings
from ui.context import PageContext

__all__ = ["build_form", "connected", "order_of", "shown_command"]

_SOURCES = [("自带题库", "bank"), ("现算的题（模型不可能见过）", "generated"), ("一套 408 试卷", "paper")]
_RAG = [("不检索", "off"), ("检索", "on"), ("都考，作对比", "both")]
_MODES = [("写出答案再读", "gen"), ("比较选项概率", "logprob"), ("两种都考", "both")]
_KB = [("我的知识库（空的时用自带的）", "own"), ("自带讲义与笔记", "shipped")]
_NO_MODEL = (
    "现在没有接入语言模型，只能测**检索基线**：按检索到的原文给选项打分。它不是任何模型的成绩，用来看检索本身找得准不准。"
    "接入模型后（页面上方的“模型设置”，或 TUTOR_CHAT_MODEL）这里可以选检索开关、作答方式和示例。"
)


def build_form() -> tuple[list[Any], gr.Row]:
    """Lay out the fields, in the order that `order_of` takes them, and the row of those that only a model has."""
    with gr.Row():
        source = gr.Radio(_SOURCES, value="bank", label="考题", elem_id="evaluation-source", min_width=260)
        subjects = gr.CheckboxGroup(
            [(subject_label(one), one) for one in EXAM_SUBJECTS], value=list(EXAM_SUBJECTS), label="科目（自带题库）",
            elem_id="evaluation-subjects", min_width=260,
        )  # fmt: skip
    with gr.Row():
        limit = gr.Number(40, label="题数（留空：题库全部，现算 100）", precision=0, elem_id="evaluation-limit", min_width=130)
        seed = gr.Number(408, label="随机种子（现算的题、试卷）", precision=0, elem_id="evaluation-seed", min_width=110)
        kb = gr.Dropdown(_KB, value="own", label="检索哪里", elem_id="evaluation-kb", min_width=200)
    with gr.Row(visible=False) as way:
        rag = gr.Dropdown(_RAG, value="off", label="资料", elem_id="evaluation-rag", min_width=130)
        mode = gr.Dropdown(_MODES, value="gen", label="作答方式", elem_id="evaluation-mode", min_width=150)
        shots = gr.Dropdown(
            [("不带示例", 0), ("带 5 道示例", 5)], value=0, label="示例题", elem_id="evaluation-shots", min_width=130
        )
    shuffle = gr.Checkbox(False, label="每题按四种选项顺序各考一次", elem_id="evaluation-shuffle")
    return [source, subjects, limit, seed, rag, mode, shots, shuffle, kb], way


def order_of(
    source: Any, subjects: Any, limit: Any, seed: Any, rag: Any, mode: Any, shots: Any, shuffle: Any, kb: Any
) -> Order:  # fmt: skip
    """What the fields say.

    Raises:
        UsageError: a number is none.
    """
    try:
        asked = None if limit in (None, "") else int(limit)
        return Order(source, tuple(subjects or ()), asked, int(seed or 0), rag, mode, int(shots), bool(shuffle), kb)
    except (TypeError, ValueError, OverflowError) as error:
        raise UsageError("题数与随机种子应是整数。请改正后再开始。") from error


def shown_command(context: PageContext, *fields: Any) -> str:
    """Markdown: who will answer, and the command that will run; or what is wrong with the fields."""
    settings = connected(context)
    try:
        line = command_line(arguments_of(order_of(*fields), settings))
    except UsageError as error:
        return f"⚠ {error}"
    told = f"作答的模型：`{model_label(settings).replace('`', '')}`" if is_generative(settings) else _NO_MODEL
    key = "（密钥经环境变量交给它，不出现在命令和记录里）" if settings.chat_api_key else ""
    return f"{told}\n\n将要运行的命令{key}：\n\n```\n{line}\n```"


def connected(context: PageContext) -> Settings:
    """The settings with the model that is connected now."""
    return context.connection.settings
