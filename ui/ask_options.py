"""What a student chooses for the next question: mode, subject, and, folded away, retrieval, calculator and web."""

from __future__ import annotations

import gradio as gr

from knowledge.subjects import AUTO, SUBJECTS, subject_label
from rag.conversation import QA, Session, Switches
from rag.tutor import Tutor
from tutoring.modes import MODES

__all__ = ["CSS", "build_options", "choose", "shown_choice"]

CSS = """
#ask-options { display: grid !important; grid-template-columns: 1fr 1fr 1fr auto; gap: 4px 8px !important; align-items: center; }
#ask-options > .form { display: contents; }
#ask-options .block { min-width: 0 !important; padding: 0 !important; border: 0; background: none; overflow: visible; }
#mode, #subject, #retrieval { grid-row: span 2; }
#ask-options label { margin: 0; gap: 2px; }
#ask-options .wrap-inner { padding: 0 6px; min-height: 36px; border: 1px solid var(--t-line); border-radius: 8px; }
#ask-options [data-testid=block-info] { font-size: 12px; margin: 0; line-height: 1.4; }
@media (max-width: 900px) {
  #ask-options { grid-template-columns: 1fr 1fr; }
  #mode, #subject, #retrieval { grid-row: auto; }
}
"""

_RETRIEVAL: dict[str, bool | None] = {"由模式决定": None, "开": True, "关": False}


def build_options(tutor: Tutor) -> list[gr.Dropdown | gr.Checkbox]:
    """Mode, subject, retrieval, calculator and web, in the order that `choose` takes them."""
    modes = [(m.name, m.id) for m in MODES.values()]
    subjects = [(subject_label(s), s) for s in (AUTO, *SUBJECTS)]
    web = "联网" if tutor.web else "联网（未配置）"
    with gr.Row(elem_id="ask-options"):
        return [
            gr.Dropdown(modes, value=QA, label="模式", elem_id="mode", min_width=120),
            gr.Dropdown(subjects, value=AUTO, label="科目", elem_id="subject", min_width=120),
            gr.Dropdown([*_RETRIEVAL], value="由模式决定", label="检索", elem_id="retrieval", min_width=120),
            gr.Checkbox(True, label="计算器", elem_id="calculator", min_width=90),
            gr.Checkbox(False, label=web, elem_id="web", min_width=90, interactive=tutor.web is not None),
        ]


def choose(session: Session, mode: str, subject: str, retrieval: str, calculator: bool, web: bool) -> None:
    """Set in the session what the page has chosen for the next question."""
    session.subject, session.mode, session.switches = subject, mode, Switches(_RETRIEVAL[retrieval], calculator, web)


def shown_choice(session: Session) -> tuple[str | bool, ...]:
    """What the page shows as chosen, in the order of `choose`, for a conversation that goes on."""
    switches = session.switches
    retrieval = next(name for name, wanted in _RETRIEVAL.items() if wanted == switches.retrieval)
    return session.mode, session.subject, retrieval, switches.calculator, switches.web
