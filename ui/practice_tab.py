"""The tab 练习: what to practise, and one question after the other."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import gradio as gr
from gradio.events import api

from knowledge.subjects import SUBJECTS
from knowledge.syllabus import points
from tutoring.practice.choosing import Nothing
from tutoring.practice.desk import Asked, Desk
from tutoring.practice.filters import COMPUTED, MARKED, UNSEEN, WRITTEN, WRONG, Filters
from tutoring.practice.history import History
from tutoring.practice.plan import Plans
from tutoring.practice.today import done_today
from ui.context import PageContext, owner_of
from ui.practice_panel import AT_ONCE, DRILL, QuestionPanel, build_question_panel, connect_page, told_of
from ui.practice_style import CSS, KEYS_JS
from ui.practice_view import nothing_html, today_html

__all__ = ["CSS", "build_practice_tab"]

_ALL = ""
_WELCOME = (
    "<div class='q-nothing'><b>从哪里开始都行。</b><span>点“开始练习”，系统按考纲的分量和你的掌握情况选题；"
    "答错的题自动进错题本，到日子再来。键盘：1–4 或 A–D 选，Enter 下一题。</span></div>"
)
_EXAM_SUBJECTS = [(s.name, s.id) for s in SUBJECTS.values() if s.points]
_KINDS = [("全部题型", _ALL), ("只要书面题", WRITTEN), ("只要计算题", COMPUTED)]
_ONLY = [("全部", _ALL), ("错题本里的", WRONG), ("标记过的", MARKED), ("没做过的", UNSEEN)]


def build_practice_tab(context: PageContext, page: gr.Blocks) -> None:
    """Lay out the tab and connect it."""
    history = History(context.database, context.clock)
    desk = Desk(context.database, "practice", context.clock, history=history)
    with gr.Column(elem_id="practice", elem_classes="q-panel") as tab:
        today = gr.HTML(elem_id="practice-today", padding=False, apply_default_css=False)
        chosen, cleared = _filters()
        panel = build_question_panel(context, "practice", desk, history, page)
    _connect(context, page, tab, panel, today, chosen, cleared)
    _api(desk)


def _filters() -> tuple[list[gr.Dropdown], gr.Button]:
    """The filters in the order of `Filters`."""
    with gr.Accordion(_told_filters(), open=False, elem_id="practice-filters") as box, gr.Row(elem_classes="q-filters"):
        chosen = [
            gr.Dropdown([("全部科目", _ALL), *_EXAM_SUBJECTS], value=_ALL, label="科目", elem_id="practice-subject", min_width=140),
            gr.Dropdown([("全部章", _ALL), *_chapters("")], value=_ALL, label="章", elem_id="practice-chapter", min_width=140),
            gr.Dropdown([("全部考点", _ALL), *_points("", "")], value=_ALL, label="考点", elem_id="practice-point", min_width=140),
            gr.Dropdown(
                [("按掌握情况", 0), *((f"{n} 级", n) for n in range(1, 6))], value=0, label="难度", elem_id="practice-difficulty", min_width=110
            ),
            gr.Dropdown(_KINDS, value=_ALL, label="题型", elem_id="practice-kind", min_width=130),
            gr.Dropdown(_ONLY, value=_ALL, label="只看", elem_id="practice-only", min_width=120),
        ]  # fmt: skip
        cleared = gr.Button("清除条件", elem_id="practice-clear", min_width=100, scale=0)
    gr.on([one.change for one in chosen], lambda *wanted: gr.update(label=_told_filters(*wanted)), chosen, box, **DRILL)
    return chosen, cleared


def _connect(
    context: PageContext, page: gr.Blocks, tab: gr.Column, panel: QuestionPanel, today: gr.HTML, chosen: list[gr.Dropdown], cleared: gr.Button
) -> None:  # fmt: skip
    same = [gr.skip()] * len(panel.outputs)

    def counted(request: gr.Request) -> Any:
        return told_of(lambda: _today(context, owner_of(request)), gr.skip())

    def following(token: str, note: str, request: gr.Request, *wanted: Any) -> list[Any]:
        owner = owner_of(request)

        def ask() -> list[Any]:
            panel.keep_note(owner, token, note)
            asked = panel.desk.next(owner, _wanted(*wanted))
            return (
                panel.values(owner, None, nothing_html(asked), "再试一次")
                if isinstance(asked, Nothing)
                else panel.values(owner, asked)
            )

        return told_of(ask, same)

    def lies(request: gr.Request) -> list[Any]:
        owner = owner_of(request)
        asked = told_of(lambda: panel.desk.open(owner), None)
        filters = _shown(asked.filters) if asked else [gr.skip()] * len(chosen)  # what was chosen while the page loaded stays
        return [*told_of(lambda: panel.values(owner, asked, _WELCOME, "开始练习"), same), *filters]

    def straight(wanted: str, token: str, note: str, request: gr.Request) -> list[Any]:
        point = points().get(wanted.partition("@")[0])
        if point is None:
            return ["", *same, *[gr.skip()] * len(chosen)]
        filters = Filters(point.subject, point.chapter, point.id)
        return ["", *following(token, note, request, point.subject, point.chapter, point.id, 0, _ALL, _ALL), *_shown(filters)]

    connect_page(panel, panel.on.click(following, [panel.token, panel.note, *chosen], panel.outputs, **DRILL))
    connect_page(panel, page.load(lies, None, [*panel.outputs, *chosen], **DRILL))
    panel.outputs[4].change(counted, None, today, **DRILL)
    page.load(counted, None, today, **DRILL)
    page.load(None, None, None, js=KEYS_JS)
    if isinstance(tab.parent, gr.Tab):
        tab.parent.select(counted, None, today, **DRILL)
    wanted = gr.Textbox(visible="hidden", elem_id="practice-goto")  # from other tabs: the id of a point
    connect_page(panel, wanted.change(straight, [wanted, panel.token, panel.note], [wanted, *panel.outputs, *chosen], **DRILL))
    subject, chapter, point = chosen[:3]
    subject.input(
        lambda s: [gr.update(choices=[("全部章", _ALL), *_chapters(s)], value=_ALL), _point_choices(s, "")],
        subject,
        [chapter, point],
        **DRILL,
    )
    chapter.input(lambda s, c: _point_choices(s, c), [subject, chapter], point, **DRILL)
    cleared.click(lambda: _shown(Filters()), None, chosen, **DRILL)


def _wanted(subject: Any, chapter: Any, point: Any, difficulty: Any, kind: Any, only: Any) -> Filters:
    """What was chosen; what is none of the choices, whatever it is, counts as nothing chosen."""
    chapters = {p.chapter for p in points().values()}

    def one_of(value: Any, choices: Container[str]) -> str:
        return value if isinstance(value, str) and value in choices else ""

    return Filters(
        one_of(subject, SUBJECTS), one_of(chapter, chapters), one_of(point, points()),
        int(difficulty) if isinstance(difficulty, int | float) and difficulty in range(1, 6) else 0,
        one_of(kind, (WRITTEN, COMPUTED)), one_of(only, (WRONG, MARKED, UNSEEN)),
    )  # fmt: skip


def _told_filters(*wanted: Any) -> str:
    """What stands on the closed box."""
    filters = _wanted(*wanted) if wanted else Filters()
    chapter = next((p.chapter_name for p in points().values() if p.chapter == filters.chapter), "")
    level = f"难度 {filters.difficulty} 级" if filters.difficulty else ""
    named = {value: name for name, value in (*_EXAM_SUBJECTS, *_KINDS, *_ONLY) if value}
    point = points()[filters.point].name if filters.point else ""
    parts = [named.get(filters.subject, ""), chapter, point, level, named.get(filters.kind, ""), named.get(filters.only, "")]
    return f"选题条件：{' · '.join(filter(None, parts)) or '不选就由系统安排'}"


def _shown(filters: Filters) -> list[Any]:
    """The dropdowns as these filters have them."""
    chapters = [("全部章", _ALL), *_chapters(filters.subject)]
    return [
        filters.subject, gr.update(choices=chapters, value=filters.chapter),
        gr.update(choices=[("全部考点", _ALL), *_points(filters.subject, filters.chapter)], value=filters.point),
        filters.difficulty, filters.kind, filters.only,
    ]  # fmt: skip


def _point_choices(subject: str, chapter: str) -> Any:
    return gr.update(choices=[("全部考点", _ALL), *_points(subject, chapter)], value=_ALL)


def _chapters(subject: str | None) -> list[tuple[str, str]]:
    within = (p for p in points().values() if subject in ("", None, p.subject))
    return list(dict.fromkeys((f"{p.chapter.rsplit('.', 1)[-1]} {p.chapter_name}", p.chapter) for p in within))


def _points(subject: str | None, chapter: str | None) -> list[tuple[str, str]]:
    within = (p for p in points().values() if subject in ("", None, p.subject) and chapter in ("", None, p.chapter))
    return [(p.name, p.id) for p in within]


def _today(context: PageContext, owner: str) -> str:
    done, right = done_today(context.database, owner, context.clock)
    return today_html(done, right, Plans(context.database, context.clock).of(owner), context.clock())


def _api(desk: Desk) -> None:
    """The same without the page, for programs: the next question, and an answer to it. A program may send anything."""

    def practice_next(subject: str, difficulty: int, only: str, request: gr.Request) -> dict[str, Any]:
        asked = desk.next(owner_of(request), _wanted(subject, "", "", difficulty, "", only))
        return {"token": ""} if isinstance(asked, Nothing) else _told(asked)

    def practice_answer(token: str, letter: str, request: gr.Request) -> dict[str, Any]:
        asked = desk.answer(owner_of(request), str(token), str(letter))
        return _told(asked) if asked else {"token": ""}

    api(practice_next, api_name="practice_next", concurrency_limit=AT_ONCE)
    api(practice_answer, api_name="practice_answer", concurrency_limit=AT_ONCE)


def _told(asked: Asked) -> dict[str, Any]:
    told: dict[str, Any] = {
        "token": asked.token,
        "question": asked.question.id,
        "stem": asked.question.stem,
        "options": asked.listed.options,
    }
    return told if asked.chosen is None else told | {"chosen": asked.chosen, "key": asked.listed.key, "right": asked.right}
