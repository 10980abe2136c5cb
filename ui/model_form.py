"""Which model answers, in the page's head, and the form that connects an OpenAI-compatible endpoint and tries it."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from errors import EndpointRefusedError, EndpointUnreachableError, TutorError
from rag.connection import Connection, Endpoint, Trial, try_endpoint
from ui.citation_panel import CLOSE
from ui.context import QUIET, PageContext, may_manage, owner_of

__all__ = ["CSS", "build_model_form", "build_model_state", "state_html"]

_NOT_YOURS = "更换模型由教师或管理员来做。"
_SHOWN_MODELS = 8

CSS = """
#model-state { flex: 0 1 auto; min-width: 0; }
#model-state .model { display: inline-flex; align-items: center; gap: 8px; min-height: 40px; max-width: 46vw; color: var(--t-quiet); }
#model-state .model span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
#model-state .dot { flex: none; width: 9px; height: 9px; border-radius: 50%; background: var(--t-good); }
#model-state .loading .dot { background: var(--t-warn); }
#model-state .unreachable .dot { background: var(--t-bad); }
#model-state .unreachable span { color: var(--t-bad); }
@media (max-width: 900px) { #model-state .model { max-width: 34vw; } }
#model-toggle { flex: 0 0 auto; }
#model-form { display: none; }
body.model-open #model-form { display: flex; position: fixed; inset: 62px 18px auto auto; z-index: 900; width: min(860px, calc(100vw - 36px));
  max-height: calc(100dvh - 80px); overflow-y: auto; box-shadow: 0 12px 36px #0004; }
#model-said { min-height: 28px; }
"""


def build_model_state(context: PageContext, page: gr.Blocks) -> None:
    """The name and state of the model, always in sight, and the button that opens the form."""
    state = gr.HTML(elem_id="model-state")  # filled when a page is opened: the state of now would stand in every page at first
    toggle = gr.HTML(
        "<button type='button' class='quiet-button' data-toggle='model-open'>模型设置</button>", elem_id="model-toggle"
    )
    fresh = gr.Button("刷新模型状态", elem_id="model-refresh", visible="hidden")
    timer = gr.Timer(2.0)

    def look() -> tuple[str, Any]:
        return state_html(context), gr.Timer(active=not context.startup.done.is_set())

    def opened(request: gr.Request) -> tuple[str, Any]:
        return state_html(context), gr.update(visible=_may(context, request))

    timer.tick(look, None, [state, timer], **QUIET)
    page.load(opened, None, [state, toggle], **QUIET)
    fresh.click(lambda: state_html(context), None, state, **QUIET)


def state_html(context: PageContext) -> str:
    """The model's name, and whether it is ready, being loaded, or failed the last time."""
    name, fault = escape(context.tutor.label), context.connection.fault
    if not context.startup.done.is_set():
        kind, told = "loading", "正在准备，准备好后自动可用"
    elif fault is not None:
        kind, told = "unreachable", f"上一次没有答上来：{fault}"
    else:
        kind, told = "ready", "可以提问"
    words = {
        "loading": "准备中",
        "unreachable": "连不上" if isinstance(fault, EndpointUnreachableError) else "出错",
        "ready": "就绪",
    }[kind]
    return f"<div class='model {kind}' title='{escape(told)}'><i class='dot'></i><span>{words} · {name}</span></div>"


def build_model_form(context: PageContext, page: gr.Blocks) -> None:
    """Lay out the form that opens under the head and connect it. Every event asks the server whether the one who sent it may."""
    connection = context.connection
    with gr.Column(elem_id="model-form", elem_classes="card") as form:
        gr.HTML(CLOSE.format(name="model-open"))
        gr.Markdown(
            "### 由哪个模型回答\n不接模型也能用（摘录式，只引用资料原句）。要用语言模型，填一个 OpenAI 兼容的接口："
            "本机的 Ollama、vLLM、lmdeploy，或云服务都可以。提问时，问题和检索到的资料片段会发给这个接口。"
        )
        with gr.Row():
            url = gr.Textbox(
                label="接口地址", placeholder="http://127.0.0.1:8000/v1", elem_id="model-url", scale=3, min_width=240
            )
            name = gr.Textbox(label="模型名", placeholder="qwen3-8b", elem_id="model-name", scale=2, min_width=160)
            key = gr.Textbox(
                label="密钥（可不填）",
                type="password",
                elem_id="model-key",
                scale=2,
                min_width=160,
                placeholder="不会显示，也不会写进日志",
            )
        remember = gr.Checkbox(
            False, label="记住：下次启动继续用（密钥存进数据目录里只有本机用户能读的文件）", elem_id="model-remember"
        )
        with gr.Row():
            test = gr.Button("测试", elem_id="model-test", min_width=90)
            use = gr.Button("启用", variant="primary", elem_id="model-use", min_width=90)
            back = gr.Button("恢复原来的模型", elem_id="model-back", min_width=140)
        said = gr.Markdown(elem_id="model-said")

    def shown(request: gr.Request) -> tuple[Any, ...]:
        may = _may(context, request)
        known = connection.endpoint if may else None
        return (
            gr.update(visible=may),
            known.shown if known else "",
            known.name if known else "",
            "",
            bool(known) and connection.remembered,
        )

    def tried(address: str, model: str, typed: str, request: gr.Request) -> str:
        return _tried(context, _endpoint(connection, address, model, typed))[1] if _may(context, request) else _NOT_YOURS

    def used(address: str, model: str, typed: str, keep: bool, request: gr.Request) -> tuple[str, Any]:
        if not _may(context, request):
            return _NOT_YOURS, gr.skip()
        return _used(context, _endpoint(connection, address, model, typed), keep)

    def undone(request: gr.Request) -> str:
        return _undone(context) if _may(context, request) else _NOT_YOURS

    page.load(shown, None, [form, url, name, key, remember], **QUIET)
    test.click(lambda: "正在测试……", None, said, **QUIET).then(tried, [url, name, key], said, **QUIET)
    refresh = "() => document.querySelector('#model-refresh').click()"
    use.click(lambda: "正在连接……", None, said, **QUIET).then(used, [url, name, key, remember], [said, key], **QUIET).then(
        None, js=refresh
    )
    back.click(undone, None, said, **QUIET).then(None, js=refresh)


def _may(context: PageContext, request: gr.Request) -> bool:
    try:
        return may_manage(context, owner_of(request))
    except TutorError:
        return False


def _endpoint(connection: Connection, url: str, name: str, key: str) -> Endpoint:
    """What was typed. The address that is shown of the known endpoint lacks what may be secret in it: it stands for the whole one."""
    known = connection.endpoint
    whole = known.url if known and url.strip() == known.shown else url
    return Endpoint(whole, name, connection.key_for(whole, key))


def _tried(context: PageContext, endpoint: Endpoint) -> tuple[bool, str]:
    """Whether a small real request was answered, and what came of it, in Chinese."""
    try:
        return True, _told(try_endpoint(endpoint, context.settings), endpoint)
    except EndpointUnreachableError:
        return False, f"✗ **连不上** {_code(endpoint.shown)}。请看地址和端口对不对（多数以 /v1 结尾），模型服务是否已经启动。"
    except EndpointRefusedError:
        return False, "✗ **密钥不对**，或它没有使用这个模型的权限。请重新粘贴密钥。"
    except TutorError as error:
        return False, f"✗ {escape(str(error))}"


def _told(trial: Trial, endpoint: Endpoint) -> str:
    lines = [f"✓ **可以用**：{_code(endpoint.name)} 在 {trial.seconds:.1f} 秒内回答了一句话。点“启用”就由它回答。"]
    if trial.models:
        others = "" if len(trial.models) <= _SHOWN_MODELS else f" 等 {len(trial.models)} 个"
        lines.append(f"接口提供的模型：{'、'.join(map(_code, trial.models[:_SHOWN_MODELS]))}{others}")
        if endpoint.name.strip() not in trial.models:
            lines.append("填写的模型名不在这个列表里，但接口接受了它。")
    return "\n\n".join(lines)


def _code(text: str) -> str:
    return f"`{escape(text).replace('`', '')}`"


def _used(context: PageContext, endpoint: Endpoint, remember: bool) -> tuple[str, Any]:
    """What is said, and what stays of the key: an endpoint that answers is used, another leaves all as it was."""
    answers, told = _tried(context, endpoint)
    if not answers:
        return f"{told}\n\n没有启用，仍由“{escape(context.tutor.label)}”回答。", gr.skip()
    try:
        context.connection.connect(endpoint, remember)
    except TutorError as error:
        return f"✗ {escape(str(error))}", gr.skip()
    return f"✓ 已启用 {_code(endpoint.name.strip())}，从下一个问题起由它回答。", ""


def _undone(context: PageContext) -> str:
    try:
        context.connection.disconnect()
    except TutorError as error:
        return f"✗ {escape(str(error))}"
    return f"✓ 现在由“{escape(context.tutor.label)}”回答。"
